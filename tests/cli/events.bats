#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Who refuses us: block events.

load helper.bash

LISTED='554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1'

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
}

# from SERVER ADDRESS REPLY ID: a bounce in which that server says so.
from() {
	bounce "$2" 5.7.1 "$3" "$4" | sed "s/^Remote-MTA: .*/Remote-MTA: dns; $1/"
}

# refused TIME SERVER ADDRESS REPLY: it is handed in at that time, as another
# mail each time.
refused() {
	from "$2" "$3" "$4" "$1" | nixie deliver --now "$1"
}

@test "a blocklist refuses us: found, delisted, acknowledged" {
	refused 2026-01-05T10:00:00Z mx1.example.com a@example.com "$LISTED"
	refused 2026-01-05T12:00:00Z mx2.example.com b@example.com "$LISTED"
	run -0 nixie events list --now 2026-01-05T13:00:00Z
	[ "${#lines[@]}" = 2 ]
	[ "${lines[0]}" = "1  example.com  blocklisted  192.0.2.1  on zen.spamhaus.org  2 since 2026-01-05T10:00:00Z last 2026-01-05T12:00:00Z  closes 2026-01-06T12:00:00Z (in 23 h)" ]
	[ "${lines[1]}" = "  delist: https://check.spamhaus.org/" ]
	run -0 nixie events show --now 2026-01-05T13:00:00Z 1
	[[ $output == *"
  reason: The sending address or domain is on a blocklist.
"*"
  last report about: b@example.com
  server: mx2.example.com
  said: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked"* ]]
	run -0 nixie events ack --now 2026-01-05T13:30:00Z 1 --note 'asked them'
	[ "$output" = "1  closed" ]
	run -0 nixie events list --now 2026-01-05T14:00:00Z
	[ -z "$output" ]
	run -0 nixie events list --all --now 2026-01-05T14:00:00Z
	[[ ${lines[0]} == "1  example.com  "*"  closed 2026-01-05T13:30:00Z by hand" ]]
	run -0 nixie events show 1 --json
	[ "$(member closed_by)" = '"hand"' ]
	[ "$(member note)" = '"asked them"' ]
	[ "$(member who)" = "\"$(id -un)\"" ]
	run -0 nixie events ack 1
	[[ $output == "1  was closed 2026-01-05T13:30:00Z by hand" ]]
	# they had not, and it is still so
	refused 2026-01-05T15:00:00Z mx1.example.com c@example.com "$LISTED"
	run -0 nixie events list --now 2026-01-05T15:00:00Z
	[[ ${lines[0]} == "2  example.com  "* || ${lines[0]} == "3  example.com  "* ]]
}

@test "nobody is suppressed by what is said of us" {
	for day in 1 2 3 4 5 6 7; do
		local hour=$((20 - day))
		refused "2026-01-0${day}T$hour:00:00Z" mx.example.com \
			a@example.com "$LISTED"
		run -0 nixie check --now "2026-01-0${day}T$hour:30:00Z" a@example.com
	done
	run -0 nixie list --all
	[ -z "$output" ]
	run -0 nixie events list --json --now 2026-01-07T14:00:00Z
	[ "$(member reports)" = 7 ]
}

@test "it closes by itself, and when mail is delivered there" {
	refused 2026-01-05T10:00:00Z mx.example.com a@example.net "$LISTED"
	run -0 nixie events list --now 2026-01-06T09:59:59Z
	[[ ${lines[0]} == *"closes 2026-01-06T10:00:00Z"* ]]
	run -0 nixie events list --now 2026-01-06T10:00:00Z
	[ -z "$output" ]
	run -0 nixie events list --all --json --now 2026-01-06T11:00:00Z
	[ "$(member closed_by)" = '"time"' ]
	[ "$(member closed)" = '"2026-01-06T10:00:00Z"' ]
	refused 2026-01-06T12:00:00Z mx.example.com a@example.net "$LISTED"
	run -0 nixie db status --now 2026-01-06T12:30:00Z
	[[ $output == *"block events 1"* ]]
	nixie delivered --now 2026-01-06T13:00:00Z b@example.org
	run -0 nixie db status --json --now 2026-01-06T13:00:00Z
	[ "$(member blocks)" = 1 ]
	nixie delivered --now 2026-01-06T13:00:00Z b@example.net
	run -0 nixie db status --json --now 2026-01-06T13:00:00Z
	[ "$(member blocks)" = 0 ]
	run -0 nixie events list --all --now 2026-01-06T14:00:00Z
	[[ ${lines[0]} == *"closed 2026-01-06T13:00:00Z by a delivery" ]]
}

@test "Orange, La Poste and SFR share filters: one warns of the others" {
	refused 2026-01-05T10:00:00Z smtp-in.orange.fr a@wanadoo.fr \
		'550 5.7.1 Service refuse. Mail from 192.0.2.1. OFR006_103 [103]'
	run -0 nixie events list --now 2026-01-05T11:00:00Z
	[[ $output == *"
  warning: expect the same of laposte, sfr: "* ]]
	run -0 nixie events list --json --now 2026-01-05T11:00:00Z
	[ "$(member provider)" = '"orange.fr"' ]
	[ "$(member warns)" = '"laposte, sfr"' ]
	refused 2026-01-05T10:00:00Z smtp.laposte.net a@laposte.net "$LISTED"
	refused 2026-01-05T10:00:00Z '' b@sfr.fr "$LISTED"
	run -0 nixie events list --json --now 2026-01-05T11:00:00Z
	[[ $output == *'"provider":"laposte.net"'*'"warns":"orange, sfr"'* ]]
	[[ $output == *'"provider":"sfr.fr"'*'"warns":"orange, laposte"'* ]]
	[ "${#lines[@]}" = 3 ]
}

@test "what is not named is empty; each reason is an event, with its own time" {
	refused 2026-01-05T10:00:00Z mx.example.com a@example.com \
		'421 4.7.0 Too many connections from your host'
	refused 2026-01-05T10:00:01Z mx.example.com b@example.com \
		"550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy"
	run -0 nixie events list --json --now 2026-01-05T10:10:00Z
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} == *'"reason":"auth-dmarc","ours":"example.org","list":"","delist":""'*'"until":"2026-01-07T10:00:01Z"'* ]]
	[[ ${lines[1]} == *'"ours":"","list":"","delist":""'*'"until":"2026-01-05T11:00:00Z"'* ]]
}

@test "old mail that is read now opens nothing that is over" {
	from mx.example.com a@example.com "$LISTED" 1 |
		sed 's/^Subject: Undel/Date: Mon, 05 Jan 2026 10:00:00 +0000\n&/' >old
	run -0 nixie ingest --now 2026-01-07T10:00:00Z old
	run -0 nixie events list --all --now 2026-01-07T10:00:00Z
	[ -z "$output" ]
	run -0 nixie show --now 2026-01-07T10:00:00Z a@example.com
	[[ $output == *blocklisted* ]]
	sed 's/report-1/report-2/; s/news-1/news-2/' old >new
	run -0 nixie ingest --now 2026-01-06T09:00:00Z new
	run -0 nixie events list --now 2026-01-06T09:00:00Z
	[[ ${lines[0]} == *" since 2026-01-05T10:00:00Z  closes 2026-01-06T10:00:00Z"* ]]
}

@test "a late report, a full mailbox and spam are no events" {
	bounce a@example.com 4.7.1 "${LISTED/554 5/450 4}" 1 | nixie deliver
	bounce b@example.com 5.2.2 '552 5.2.2 Mailbox full' 2 | nixie deliver
	bounce c@example.com 5.7.1 '554 5.7.1 This message looks like spam' 3 |
		nixie deliver
	run -0 nixie events list --all
	[ -z "$output" ]
}

@test "the site says which reasons open one, and for how long" {
	mkdir site
	cat >site/reasons.yaml <<-'YAML'
		reasons:
		  - id: blocklisted
		    class: soft
		    fault: sender
		    advice: delist
		    block: 7d
		    says: On a list.
		  - id: reputation
		    class: soft
		    fault: sender
		    advice: none
		    says: Not our concern.
	YAML
	printf '%s\n' 'zones:' '  - lists.example.org' >site/zones.yaml
	from mx.example.com a@example.com \
		'554 5.7.1 192.0.2.1 is blacklisted (ip.lists.example.org)' 1 |
		nixie deliver --rules-site site --now 2026-01-05T10:00:00Z
	from mx.example.com b@example.com '554 5.7.1 poor reputation' 2 |
		nixie deliver --rules-site site --now 2026-01-05T10:00:00Z
	run -0 nixie events list --now 2026-01-05T10:00:00Z
	[[ $output == "1  example.com  blocklisted  192.0.2.1  on ip.lists.example.org  1 since "*"closes 2026-01-12T10:00:00Z (in 7 d)" ]]
	sed -i 's/block: 7d/block: 7/' site/reasons.yaml
	run -4 nixie rules check --rules-site site
	[[ $output == *"site/reasons.yaml:6:12: block: must be a span"* ]]
}

@test "without rules there are no warnings, and the events all the same" {
	refused 2026-01-05T10:00:00Z smtp-in.orange.fr a@orange.fr "$LISTED"
	rm "$STORE/rules.image"
	run -0 --separate-stderr "$NIXIE" events list --store "$STORE" \
		--rules nowhere --now 2026-01-05T11:00:00Z
	[[ ${lines[0]} == "1  orange.fr  blocklisted  192.0.2.1  on "* ]]
	[[ $output != *warning* ]]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *nowhere* ]]
}

@test "an id that is not there is an error, and nothing is closed" {
	refused 2026-01-05T10:00:00Z mx.example.com a@example.com "$LISTED"
	run -2 nixie events show 7
	[ "$output" = "nixie events: 7: no block event has this id" ]
	run -2 nixie events ack 1 7
	[ "$output" = "nixie events: 7: no block event has this id" ]
	run -0 nixie events list --now 2026-01-05T11:00:00Z
	[[ $output == "1  "* ]]
	run -2 nixie events show one
	[ "$output" = "nixie events: one: not the id of a block event" ]
	run -2 nixie events show 99999999999999999999
	run -2 nixie events ack
	run -2 nixie events list 1
	run -2 nixie events close 1
	[[ $output == *"unknown subcommand 'close' (there are: list, show, ack)" ]]
	run -2 nixie events ack --all 1
	[[ $output == *"--all goes with list" ]]
	run -2 nixie events list --note x
	[[ $output == *"--note goes with ack" ]]
	run -3 "$NIXIE" events list --store "$BATS_TEST_TMPDIR/nowhere"
}

@test "what a message says reaches no terminal as it is" {
	refused 2026-01-05T10:00:00Z mx.example.com a@example.com \
		"554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org"$'\e[31m'
	run -0 nixie events show --now 2026-01-05T11:00:00Z 1
	[[ $output != *$'\e'* ]]
	[[ $output == *"on zen.spamhaus.org"* || $output == *"said: 554"* ]]
}

# hand_in FILE: over LMTP, to the daemon.
hand_in() {
	python3 - "$1" "$PWD/lmtp.sock" 3>&- <<-'PYTHON'
		import smtplib, sys
		with smtplib.LMTP(sys.argv[2]) as lmtp:
		    lmtp.sendmail("", ["bounces@example.org"], open(sys.argv[1], "rb").read())
	PYTHON
}

@test "the daemon tells what opens and what closes, whoever did it" {
	printf '%s\n' "store: $STORE" "rules: $RULES" "status: $PWD/status.sock" \
		'workers: 1' 'lmtp:' "  - listen: unix:$PWD/lmtp.sock" >nixie.yaml
	"$NIXIE" serve --config nixie.yaml 2>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=start result=ready' log
	from smtp-in.orange.fr a@orange.fr "$LISTED" 1 >first
	from mx.example.com b@example.com '421 4.7.0 Too many connections' 2 >second
	hand_in first
	until_true "$SERVE" grep -q 'event=block' log
	grep -q 'event=block result=opened id=1 provider=orange.fr reason=blocklisted ours=192.0.2.1 list=zen.spamhaus.org delist=https://check.spamhaus.org/ reports=1 warns="laposte, sfr"$' log
	run -0 "$NIXIE" status --config nixie.yaml --json
	[ "$(member blocks)" = 1 ]
	run -0 nixie events ack 1
	hand_in second
	until_true "$SERVE" grep -q 'event=block result=opened .*provider=example.com' log
	grep -q 'event=block result=closed id=1 provider=orange.fr .*by=hand$' log
	[ "$(grep -c event=block log)" = 3 ]
	kill "$SERVE"
	wait "$SERVE"
}
