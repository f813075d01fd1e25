#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

@test "rules test tells the verdict, the rule and the losers" {
	run -0 nixie rules test '550 5.1.1 <a@example.com>: User unknown'
	[[ $output =~ class\ +hard ]]
	[[ $output =~ reason\ +unknown-user ]]
	[[ $output =~ fault\ +recipient ]]
	[[ $output =~ advice\ +never ]]
	[[ $output =~ rule\ +text/user/missing ]]
	[[ $output == *decides*overruled*status/5.1.1* ]]
}

@test "rules test as JSON has all that a program wants" {
	run -0 nixie rules test --json '452 4.2.2 Mailbox full'
	[ "${#lines[@]}" -eq 1 ]
	[ "$(member class)" = '"soft"' ]
	[ "$(member reason)" = '"mailbox-full"' ]
	[ "$(member fault)" = '"recipient"' ]
	[[ $(member rule) == '"text/full'* ]]
	[[ $(member advice) == '"retry'* ]]
	[[ $(member file) == *text.yaml* ]]
}

@test "rules test takes server, domain, status and profile" {
	local text='550 5.2.0 Unknown user'
	run -0 nixie rules test --json --mta mx.docomo.ne.jp "$text"
	[ "$(member provider)" = '"docomo"' ]
	run -0 nixie rules test --json --domain docomo.ne.jp "$text"
	[ "$(member provider)" = '"docomo"' ]
	run -0 nixie rules test --json "$text"
	[ "$(member provider)" = '""' ]
	run -0 nixie rules test --json --status 5.2.2 'x'
	[ "$(member reason)" = '"mailbox-full"' ]
	run -0 nixie rules test --json --profile azure-acs '550 5.1.1 x'
	[ "$(member rule)" = '"profile/azure-acs/5.1.1"' ]
	run -2 nixie rules test --status 9.9 x
	run -2 nixie rules test
	run -2 nixie rules check x
}

@test "a text of hostile bytes does no harm" {
	run -0 nixie rules test $'550 \e]0;x\a \xff User unknown'
	[[ $output != *$'\e'* ]]
	run -0 nixie rules test ''
}

@test "rules list by provider and reason" {
	run -0 nixie rules list --provider google --reason rate-limited
	[ "${#lines[@]}" -gt 0 ]
	for line in "${lines[@]}"; do
		[[ $line == *google/*rate-limited* ]]
	done
	run -0 nixie rules list --json --provider google
	[ "$(grep -c '"provider":"google"' <<<"$output")" -eq "${#lines[@]}" ]
	run -2 nixie rules list --provider nobody
	run -2 nixie rules list --reason nothing
}

@test "a pattern that runs long is found by the check" {
	mkdir site
	cat >site/slow.yaml <<-'YAML'
		rules:
		  - id: site/slow
		    when: { text: '(?:\w+ ?)+(?:\W|\w)*[~^]' }
		    reason: policy
		    examples: ['550 a ~']
	YAML
	run -4 --separate-stderr nixie rules check --rules-site site
	[[ $stderr == *site/slow.yaml:2:5:*site/slow*ms* ]]
}

# One format whose recipient is what the pattern takes, on a line of its own.
format_of() {
	mkdir -p site/formats
	cat >site/formats/careless.yaml <<-END
		format: careless
		rank: 1
		when: [{ from: 'careless@' }]
		recipient: '$1'
		diagnostic: '^(?<diagnostic>\d.*)\$'
		samples:
		  - from: careless@example.net
		    subject: failed
		    body: "It did not reach anna@example.com today.\n550 unknown"
		    expect: [{ address: anna@example.com }]
		  - from: careless@example.net
		    subject: failed
		    body: "It did not reach bo@example.com today.\n550 unknown"
		    expect: [{ address: bo@example.com }]
	END
}

@test "a pattern that takes a part of an address is found by the check" {
	format_of '^It did not reach (?<address>[^\s<>]+@[^\s<>]+) today'
	run -0 nixie rules check --rules-site site
	format_of ' (?<address>[^\s<>]+@[^\s<>]+) today'
	run -4 --separate-stderr nixie rules check --rules-site site
	[[ $stderr == *careless.yaml:7:* ]]
	[[ $stderr == *'takes "anna@example.com" out of "jan anna@example.com"'* ]]
}

@test "coverage names the rules that decided nothing" {
	bounce a@example.com | nixie deliver --now "$T0"
	soft b@example.com 2 | nixie deliver --now 2026-02-01T00:00:00Z
	run -0 nixie rules coverage --store "$STORE"
	[[ $output == *text/relay* ]]
	[[ $output != *text/user/missing\ * ]]
	[[ ${lines[-1]} =~ ^[0-9]+\ of\ [0-9]+\ rules\ decided\ none\ of\ 2 ]]
	run -0 nixie rules coverage --json --since 2026-01-15 \
		--store "$STORE" --now 2026-03-01
	grep -q '"id":"text/user/missing","events":0,' <<<"$output"
	grep -q '"id":"text/full","events":1,' <<<"$output"
	run -3 nixie rules coverage --store missing
}

@test "coverage tells of rules that are gone" {
	bounce a@example.com | nixie deliver
	mkdir site
	echo 'disable: [text/user/missing]' >site/off.yaml
	run -0 --separate-stderr nixie rules coverage --store "$STORE" \
		--rules-site site
	[[ $stderr == *"1 events were decided by rules"* ]]
}

@test "candidates are rules that load, the most frequent first" {
	bounce a@example.com 5.1.1 \
		'550 5.1.1 <a@example.com>: Wobble burbled uffishly (q1w2)' 1 |
		nixie deliver --now "$T0"
	for id in 2 3; do
		bounce "b$id@example.com" 5.7.1 "554 5.7.1 mx$id.example.net \
it's a frumious thing" "$id" | nixie deliver --now "$T0"
	done
	bounce c@example.com 5.0.0 '550 17' 4 | nixie deliver --now "$T0"
	run -0 nixie rules candidates --store "$STORE"
	[[ $output == *"1 events without words"* ]]
	[[ $output == *"2 events, the last on 2026-01-01"*status/5.7.1*frumious*Wobble* ]]
	[[ $output != *a@example.com* ]]
	[[ $output == *'# or a word for {missing}'*' in words/: "wobble burbled uffishly"'* ]]
	[ "$(grep -c '# or a word for' <<<"$output")" -eq 1 ]
	mkdir site
	echo "$output" >site/candidates.yaml
	run -0 nixie rules check --rules-site site
	run -0 nixie rules test --json --rules-site site \
		'554 5.7.1 other.example.org it'\''s a frumious thing'
	[ "$(member rule)" = '"site/candidate-1"' ]
	run -0 nixie rules candidates --json --store "$STORE"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == '{"events":2,"last":"2026-01-01T00:00:00Z",'* ]]
	[[ ${lines[0]} == *'"words":"","concepts":[]}' ]]
	[[ ${lines[1]} == *'"words":"wobble burbled uffishly","concepts":["missing",'* ]]
}

# lacking STATUS REPLY: the concepts and words that candidates name for it.
lacking() {
	bounce a@example.com "$1" "$2" | nixie deliver --now "$T0"
	nixie rules candidates --store "$STORE" |
		sed -n 's/^  # or a word for \(.*\) in words\/: /\1 /p'
	rm -rf "${STORE:?}"/*
}

@test "candidates name the concept that a sentence lacks, and words for it" {
	[ "$(lacking 5.1.1 '550 Mailbox is not uffishly galumphed')" = \
		'{known} "uffishly galumphed"' ]
	[[ $(lacking 5.1.1 '550 Borogoves: account k17') == \
		'{missing}'*' "borogoves"' ]]
	[[ $(lacking 5.1.1 '550 пользователь брыллигнул, мюмзики.') == \
		'{missing}'*' "брыллигнул"' ]]
	[ -z "$(lacking 5.1.1 '550 Mailbox. Mimsy borogoves outgrabe')" ]
	[ -z "$(lacking 5.7.1 '550 Mimsy borogoves outgrabe')" ]
}

@test "no candidates is an empty list" {
	bounce a@example.com | nixie deliver
	run -0 nixie rules candidates --store "$STORE"
	[[ $output == *"rules: []"* ]]
}
