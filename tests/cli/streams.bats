#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# For which mail something holds: streams, whole domains, and what release
# leaves.

load helper.bash

nixie() {
	local command=$1
	shift
	"$NIXIE" "$command" --rules "$RULES" --store "$STORE" \
		${CONFIG:+--config "$CONFIG"} "$@"
}

configure() {
	CONFIG=$BATS_TEST_TMPDIR/nixie.yaml
	cat >"$CONFIG"
}

# unsubscribe FROM TO: is delivered.
unsubscribe() {
	printf 'From: %s\nTo: %s\nSubject: unsubscribe\n\nunsubscribe\n' \
		"$1" "$2" | nixie deliver -f "$1" -r "$2"
}

streams() {
	configure <<-'YAML'
		streams:
		  newsletter:
		    kind: bulk
		    tags: [news]
		    domains: [news.example.org]
		  offers: { kind: bulk, list_ids: offers.example.org }
		  orders: { kind: transactional, recipients: orders@example.org }
	YAML
}

@test "an unsubscribe of one stream stops that stream alone" {
	streams
	unsubscribe tired@example.com bounces+news@example.org
	run -1 nixie check --stream newsletter tired@example.com
	[[ $output == *"[newsletter]  suppressed  unsubscribe"* ]]
	run -0 nixie check --stream offers tired@example.com
	run -0 nixie check --stream orders tired@example.com
	[[ $output == *"note: "*"[newsletter]"* ]]
}

@test "an unsubscribe of no known stream stops all bulk mail, and no receipts" {
	streams
	unsubscribe tired@example.com bounces@example.org
	run -1 nixie check --stream newsletter tired@example.com
	run -1 nixie check --stream offers tired@example.com
	[[ $output == *"[bulk mail]"* ]]
	run -0 nixie check --stream orders tired@example.com
}

@test "without streams all mail is bulk" {
	unsubscribe tired@example.com bounces@example.org
	run -1 nixie check tired@example.com
}

@test "a hard bounce holds for all mail" {
	streams
	bounce gone@example.com | nixie deliver
	for stream in newsletter offers orders; do
		run -1 nixie check --stream $stream gone@example.com
	done
	run -1 nixie check gone@example.com
}

@test "a question without a stream is about the default stream" {
	streams
	unsubscribe tired@example.com bounces+news@example.org
	run -0 nixie check tired@example.com
	[[ ${lines[0]} == "tired@example.com  may be mailed" ]]
	[[ ${lines[1]} == *"note: "*"[newsletter]  suppressed  unsubscribe"* ]]
	echo 'default_stream: newsletter' >>nixie.yaml
	run -1 nixie check tired@example.com
}

@test "check names every stream that blocks, and JSON the old name too" {
	streams
	nixie suppress --stream offers --note one a@example.com
	nixie suppress --note two a@example.com
	run -1 nixie check --stream offers a@example.com
	[ "${#lines[@]}" -eq 2 ]
	run -1 nixie check --stream offers --json a@example.com
	python3 - "$output" <<-'PY'
		import json, sys
		answer = json.loads(sys.argv[1])
		by = {one["holds_for"]: one for one in answer["blocked_by"]}
		assert by["stream"]["stream"] == by["stream"]["scope"] == "offers"
		assert by["stream"]["note"] == "one"
		assert by["all"]["note"] == "two"
		assert by["all"]["who"]
	PY
	run -1 nixie check --scope offers a@example.com
}

@test "what is configured wrongly is said with its place" {
	configure <<-'YAML'
		streams:
		  news: { kind: bulky }
	YAML
	run -4 --separate-stderr nixie check a@example.com
	[[ $stderr == *"nixie.yaml:2:17: kind: must be bulk or transactional"* ]]
	configure <<-'YAML'
		default_stream: news
	YAML
	run -4 --separate-stderr nixie check a@example.com
	[[ $stderr == *"nixie.yaml:1:"*"none of the streams"* ]]
	for key in stream scope; do
		configure <<-YAML
			streams: { news: { kind: bulk } }
			$key: gnus
		YAML
		run -4 --separate-stderr nixie check a@example.com
		[[ $stderr == *"nixie.yaml:2:"*"none of the streams"* ]]
	done
	configure <<<'{ stream: news, scope: offers }'
	run -4 --separate-stderr nixie check a@example.com
	[[ $stderr == *"nixie.yaml:1:"*"scope: is stream, too"* ]]
}

@test "a stream that is not configured is an error where some are" {
	run -0 nixie suppress --stream offerz a@example.com
	streams
	run -2 --separate-stderr nixie suppress --stream offerz b@example.com
	[[ $stderr == *'stream "offerz": none of those in'* ]]
	run -75 nixie deliver --stream offerz </dev/null
}

@test "a whole domain is suppressed, and every face honours it" {
	nixie suppress --domain Example.com --note "asked by its postmaster"
	run -1 nixie check anybody@example.com
	[[ $output == *"with all of example.com" ]]
	run -0 nixie check anybody@sub.example.com
	run -1 nixie check --attempt one@example.com
	run -0 nixie report blocked
	[[ $output == *one@example.com* ]]
	run -0 nixie list
	[[ $output == "@example.com  suppressed"* ]]
	run -0 nixie report suppressions
	[[ $output == *@example.com* ]]
	run -0 nixie show one@example.com
	[[ $output == *"with all of example.com"* ]]
	run -1 nixie release --class manual one@example.com
	run -0 nixie release --class manual --domain example.com
	run -0 nixie check anybody@example.com
}

@test "a wildcard is refused, with what to say instead" {
	run -2 --separate-stderr nixie suppress '*@example.com'
	[[ $stderr == *"--domain example.com"* ]]
	run -0 nixie check a@example.com
}

@test "release wants the class of what was not a bounce, and says what stays" {
	streams
	bounce a@example.com | nixie deliver --now "$T0"
	nixie suppress --stream offers --now "$T0" a@example.com
	run -1 --separate-stderr nixie release -v --now "$T0" \
		a@example.com
	[[ ${lines[0]} == "a@example.com  released" ]]
	[[ ${lines[1]} == *"[offers]  suppressed  manual"*stays ]]
	[[ ${lines[2]} == "1 released, 1 still held" ]]
	[[ $stderr == *"--class manual"* ]]
	run -0 nixie check --now "$T0" a@example.com
	run -1 nixie check --now "$T0" --stream offers a@example.com
	run -0 nixie release --class manual --now "$T0" a@example.com
	run -0 nixie check --now "$T0" --stream offers a@example.com
}

@test "an entry by hand and a wish stand apart, and so does their release" {
	streams
	unsubscribe tired@example.com bounces+news@example.org
	nixie suppress --stream newsletter --note "and by phone" tired@example.com
	run -1 nixie check --stream newsletter tired@example.com
	[ "${#lines[@]}" -eq 2 ]
	run -1 --separate-stderr nixie release --class manual \
		tired@example.com
	[[ ${lines[0]} == *"[newsletter]  suppressed  unsubscribe"*stays ]]
	run -1 nixie check --stream newsletter tired@example.com
	run -0 nixie db verify
}

@test "an act for many addresses is in the history of each" {
	printf '%s\n' {a,b,c}@example.com | nixie suppress --note "from 2019" -
	for name in a b c; do
		run -0 nixie show $name@example.com
		[[ $output == *"suppress"*"from 2019"* ]]
	done
	nixie release --class manual b@example.com
	run -0 nixie show b@example.com
	[[ $output == *"release"*"from 2019"* ]]
	run -0 nixie db verify
}

# complaint_of DOMAIN TO: one about news@DOMAIN, which came to that address.
complaint_of() {
	complaint angry@example.com "$1" |
		sed "s/news@example.org>\$/news@$1>/" | nixie deliver -r "$2"
}

@test "a complaint stops the newsletter that it is about, wherever it is sent from" {
	configure <<-'YAML'
		streams:
		  digest: { kind: bulk, domains: [example.org] }
		  offers: { kind: bulk, tags: [offers], domains: [shop.example] }
		  orders: { kind: transactional, tags: [orders], domains: [example.org] }
	YAML
	complaint_of mail.example.org fbl@example.org
	run -1 nixie check --stream digest angry@example.com
	[[ $output == *"[bulk mail of mail.example.org]"* ]]
	run -0 nixie check --stream offers angry@example.com
	complaint_of sender.example fbl+offers@example.org
	run -1 nixie check --stream offers angry@example.com
	[[ $output == *"[bulk mail]"* ]]
	run -0 nixie check --stream orders angry@example.com
}

@test "a tag is known in any case, and what could not be one is an error" {
	configure <<<'streams: { news: { kind: bulk, tags: News } }'
	unsubscribe tired@example.com Leave+NEWS@example.org
	run -0 nixie list
	[[ $output == *"[news]"* ]]
	local wrong
	for wrong in tags:\ +news tags:\ news@example.org \
		recipients:\ '"*@example.org"'; do
		configure <<<"streams: { news: { kind: bulk, $wrong } }"
		run -4 nixie list
		[[ $output == *"nixie.yaml:1:"*"must be "* ]]
	done
}

@test "release says what releases what stays" {
	bounce a@example.com | nixie deliver
	nixie suppress --stream offers a@example.com
	run -1 --separate-stderr nixie release --stream news --class manual \
		a@example.com
	[[ ${stderr_lines[0]} == *": --stream '' releases it" ]]
	[[ ${stderr_lines[1]} == *": --stream '' releases it" ]]
	run -1 --separate-stderr nixie release --stream news a@example.com
	[[ $stderr == *"--class manual --stream '' releases it" ]]
	run -1 --separate-stderr nixie release --stream offers a@example.com
	[[ $stderr == *"--class manual releases it" ]]
	configure <<<'stream: news'
	run -1 --separate-stderr nixie release a@example.com
	run -0 nixie release --class manual --stream '' a@example.com
}

@test "JSON says of a suppression whether it is for the whole domain" {
	nixie suppress --domain example.com
	nixie suppress --note own a@example.com
	run -1 nixie check --json a@example.com
	python3 - "$output" <<-'PY'
		import json, sys
		by = json.loads(sys.argv[1])["blocked_by"]
		assert {one["address"]: one["note"] for one in by} == {
		    "a@example.com": "own", "@example.com": ""}
	PY
}

@test "an entry by hand stays as it is when it is made again" {
	nixie suppress --reason unknown-user --note "from 2019" a@example.com
	printf '%s@example.com\n' a b | nixie suppress --note "all of them" -
	run -0 nixie list --json
	[[ ${lines[0]} == *'"reason":"unknown-user"'*'"note":"from 2019"'* ]]
	[[ ${lines[1]} == *'"reason":"manual"'*'"note":"all of them"'* ]]
}

@test "an address with a star in it is one, but for suppress" {
	bounce 'a*b@example.com' | nixie deliver
	run -1 nixie check 'a*b@example.com'
	run -0 nixie delivered 'a*b@example.com'
	[[ $output == *cleared ]]
	run -0 nixie release 'a*b@example.com'
	run -2 nixie suppress 'a*b@example.com'
}

@test "domains are suppressed one at a time, and none is passed over" {
	run -2 --separate-stderr nixie suppress --domain example.com \
		--domain example.net
	[[ $stderr == *"--domain: one at a time" ]]
	run -0 nixie suppress @example.com @example.net
	run -1 nixie check a@example.com
	run -1 nixie check a@example.net
}
