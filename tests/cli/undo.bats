#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# A rule that went wrong: finding what it did, and taking it back.

load helper.bash

REFUSED="550 5.7.1 Refused today, come again"

# mistaken_rule: it takes what a provider says of us for a missing mailbox.
mistaken_rule() {
	mkdir -p site
	printf '%s\n' 'rules:' '  - id: site/hasty' \
		"    when: { text: 'refused today' }" \
		'    reason: unknown-user' \
		"    examples: ['$REFUSED']" >site/hasty.yaml
}

# refused ADDRESS ID TIME: a bounce that the rule is wrong about.
refused() {
	bounce "$1" 5.7.1 "$REFUSED" "$2" |
		nixie deliver --now "$3" --rules-site site
}

# a_bad_night: a rule of the evening suppresses four people.
a_bad_night() {
	mistaken_rule
	bounce bob@example.com 5.1.1 "550 5.1.1 No such user" 1 |
		nixie deliver --now 2026-01-01T20:00:00Z
	local name id=10
	for name in ann bob carl dora; do
		refused $name@example.com $((id += 1)) 2026-01-01T22:00:00Z
	done
	complaint dora@example.com 20 | nixie deliver --now 2026-01-01T23:00:00Z
	rm site/hasty.yaml # in the morning
}

WHERE='rule=site/hasty since=2026-01-01T18:00:00Z until=2026-01-02T06:00:00Z'
MORNING=2026-01-02T08:00:00Z

@test "a mistaken rule suppressed people last night: find and undo them" {
	a_bad_night
	run -1 nixie check --now $MORNING ann@example.com carl@example.com
	# look first
	run -1 nixie release --where "$WHERE" --dry-run --now $MORNING
	[[ $output == *"ann@example.com  hard unknown-user  since 2026-01-01T22:00:00Z  would be freed: site/hasty"* ]]
	[[ ${lines[-1]} == "3 would be freed, 1 stays; nothing was done (--dry-run)" ]]
	run -1 nixie check --now $MORNING ann@example.com
	# then do it
	run -1 nixie release --where "$WHERE" --now $MORNING --note "bad rule"
	[[ $output == *"carl@example.com  hard unknown-user "*" freed: site/hasty"* ]]
	# who is really gone stays, and the answer says why
	[[ $output == *"bob@example.com  hard unknown-user  "*"  stays: "*" led to it too"* ]]
	[[ ${lines[-1]} =~ ^3\ freed,\ 1\ stays\;\ nixie\ undo\ ([0-9]+)\ takes\ it\ back$ ]]
	run -0 nixie check --now $MORNING ann@example.com carl@example.com
	run -1 nixie check --now $MORNING bob@example.com
	# what others asked for is no matter of that rule
	run -1 nixie check --now $MORNING dora@example.com
	[[ $output == *complaint* ]]
	# it is in the history, and happens only once
	run -0 nixie show --now $MORNING ann@example.com
	[[ $output == *release*"bad rule"* ]]
	run -1 nixie release --where "$WHERE" --now $MORNING
	[[ ${lines[-1]} == "0 freed, 1 stays" ]]
}

@test "older evidence counts for nothing after it, newer does" {
	a_bad_night
	run -1 nixie release --where "$WHERE" --now $MORNING # bob stays
	# the same report again, and another of that night, come late
	mistaken_rule
	refused ann@example.com 11 2026-01-02T09:00:00Z
	bounce ann@example.com 5.1.1 "550 5.1.1 No such user" 30 |
		sed '1i Date: Thu, 01 Jan 2026 23:30:00 +0000' >late.eml
	nixie ingest --now 2026-01-02T09:00:00Z late.eml >out
	run -0 nixie check --now 2026-01-02T09:00:01Z ann@example.com
	# the same after a release of one
	nixie release --now $MORNING bob@example.com >out
	bounce bob@example.com 5.1.1 "550 5.1.1 No such user" 31 |
		sed '1i Date: Thu, 01 Jan 2026 23:30:00 +0000' >late.eml
	nixie ingest --now 2026-01-02T09:00:00Z late.eml >out
	run -0 nixie check --now 2026-01-02T09:00:01Z bob@example.com
	# today's bounce is news
	bounce ann@example.com 5.1.1 "550 5.1.1 No such user" 32 |
		nixie deliver --now 2026-01-02T09:00:00Z
	run -1 nixie check --now 2026-01-02T09:00:01Z ann@example.com
}

@test "an undo takes a release back, except what was changed since" {
	a_bad_night
	run -1 nixie release --where "$WHERE" --now $MORNING # bob stays
	bounce carl@example.com 5.1.1 "550 5.1.1 No such user" 33 |
		nixie deliver --now 2026-01-02T08:30:00Z
	run -0 nixie undo --now 2026-01-02T08:40:00Z
	[[ ${lines[0]} == *"release 'rule=site/hasty "*"  3  by "* ]]
	local id=${lines[0]%% *}
	run -1 nixie undo "$id" --now 2026-01-02T09:00:00Z --note "it was right"
	[[ ${lines[0]} == "carl@example.com  hard "*"stays: it was changed since" ]]
	[[ ${lines[1]} == "2 are as before, 1 changed since and stays" ]]
	run -1 nixie check --now 2026-01-02T09:00:00Z ann@example.com
	[[ $output == *"hard unknown-user  since 2026-01-01T22:00:00Z"* ]]
	run -1 nixie check --now 2026-01-02T09:00:00Z carl@example.com
	[[ $output == *"since 2026-01-02T08:30:00Z"* ]]
	run -0 nixie undo
	[[ ${lines[0]} == *" undo of $id  2 "*"(it was right)" ]]
	[[ ${lines[1]} == "$id "*" undone by "* ]]
	run -2 --separate-stderr nixie undo "$id"
	[[ $stderr == *"$id: was undone already, by "* ]]
	run -2 --separate-stderr nixie undo 99
	[[ $stderr == *"99: no such act"* ]]
	run -2 --separate-stderr nixie undo $((id + 1))
	[[ $stderr == *"is itself an undo"* ]]
	run -2 --separate-stderr nixie undo x
	[[ $stderr == *"x: not the number of an act"* ]]
	# the evidence counts again, and the release can be done again
	run -1 nixie release --where "$WHERE" --now 2026-01-02T09:30:00Z
	[[ ${lines[-1]} == "2 freed, "* ]]
}

@test "an undo takes back a list of addresses that was suppressed" {
	nixie suppress --now "$T0" --note older --reason unknown-user c@example.com
	printf '%s\n' a@example.com b@example.com c@example.com d@example.com >list
	nixie suppress --note "wrong list" - <list
	nixie release --class manual d@example.com >out
	run -0 nixie undo --json
	[[ $output == *'"what":"suppress"'*'"note":"wrong list"'*'"entries":4'* ]]
	local id
	id=$(member act)
	run -1 nixie undo "$id"
	[[ ${lines[0]} == "d@example.com  stays: it was changed since" ]]
	[[ ${lines[1]} == "2 are as before, 1 changed since and stays" ]]
	run -0 nixie check a@example.com b@example.com d@example.com
	run -1 nixie check c@example.com
	run -0 nixie show c@example.com
	[[ $output == *older* && $output != *"wrong list"* ]]
	run -0 nixie show a@example.com
	[[ $output == *"wrong list"* && $output == *undo* ]]
	# of a single one there is no undo
	run -2 --separate-stderr nixie undo 1
	[[ $stderr == *"1: not an act on many addresses"*"nixie release"* ]]
}

@test "what events led to is found by domain, reporter, time and class" {
	bounce a@example.com 5.1.1 "550 5.1.1 x" 1 | nixie deliver --now "$T0"
	bounce b@example.org 5.1.1 "550 5.1.1 x" 2 | nixie deliver --now "$T0"
	complaint c@example.com | nixie deliver --now "$T0"
	nixie suppress --now "$T0" d@example.com
	local now=2026-01-01T06:00:00Z
	run -0 nixie release --where domain=example.org --now $now --dry-run --json
	[[ ${lines[0]} == *'"address":"b@example.org"'*'"what":"freed"'* ]]
	[[ ${lines[1]} == '{"act":null,"dry_run":true,"dropped":0,"freed":1,"stays":0}' ]]
	run -0 nixie release --where reporter=example.net --now $now --dry-run
	[[ ${lines[-1]} == "2 would be freed"* ]]
	run -0 nixie release --where reporter=example.ne --now $now --dry-run
	[[ $output == "0 would be freed"* ]]
	run -0 nixie release --where 'since=5h' --now $now --dry-run
	[[ $output == "0 would be freed"* ]]
	run -1 nixie release --where 'since=7h' --now $now --dry-run
	[[ $output == *"c@example.com  "*"stays: --class complaint frees it"* ]]
	[[ ${lines[-1]} == "2 would be freed, 1 stays"* ]]
	run -0 nixie release --where 'since=7h' --class complaint --now $now --dry-run
	[[ ${lines[-1]} == "3 would be freed"* ]]
	run -1 nixie release --where 'since=7h domain=example.com' \
		--class manual --now $now
	[[ $output == *"d@example.com  manual "*freed* ]]
	run -0 nixie check --now $now a@example.com d@example.com
	run -1 nixie check --now $now b@example.org
}

@test "what is held because of such events is dropped" {
	mkdir few
	cp -r "$RULES/." few
	sed -i 's/^mass_failure: .*/mass_failure: { at_least: 1 }/' few/policy.yaml
	RULES=$PWD/few
	a_bad_night
	run -0 nixie held list --now $MORNING
	[[ $output == *"held since"* ]]
	run -1 nixie release --where "$WHERE" --now $MORNING --dry-run
	[[ ${lines[-1]} == "1 would be freed, 1 stays, 2 held dropped; nothing"* ]]
	run -1 nixie release --where "$WHERE" --now $MORNING
	[[ $output == *"carl@example.com  dropped: a bounce that was held"* ]]
	nixie held apply --all --now $MORNING >out
	run -0 nixie check --now $MORNING ann@example.com carl@example.com
}

@test "conditions that are wrong are named" {
	local where
	for where in 'rule=x colour=red' 'since=later' 'domain=..' 'rule' ' '; do
		run -2 --separate-stderr nixie release --where "$where"
		[[ $stderr == "nixie release: --where"* ]]
	done
	run -2 --separate-stderr nixie release --where 'since=later'
	[[ $stderr == *"since=later: neither a time nor a span" ]]
	run -2 --separate-stderr nixie release --where rule=x a@example.com
	[[ $stderr == *"--where and addresses"* ]]
	run -2 --separate-stderr nixie release --dry-run a@example.com
	[[ $stderr == *"--dry-run: only with --where"* ]]
	run -2 --separate-stderr nixie release --where rule=x --class manual
	[[ $stderr == *"has no rule"* ]]
}
