#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# The rules got better: what would they have said of last year?

load helper.bash

REFUSED="550 5.7.1 Refused today, come again"
MORNING=2026-01-02T08:00:00Z

# rule REASON: a site rule for that text.
rule() {
	mkdir -p site
	printf '%s\n' 'rules:' '  - id: site/own' \
		"    when: { text: 'refused today' }" \
		"    reason: $1" "    examples: ['$REFUSED']" >site/own.yaml
}

# by TIME [OPTION...]: a bounce on stdin comes.
by() {
	nixie deliver --rules-site site --now "$@"
}

# a_year: of what an older rule said, and what others did.
a_year() {
	rule unknown-user
	local name id=10
	for name in ann bob carl dora; do
		bounce $name@example.com 5.7.1 "$REFUSED" $((id += 1)) |
			by 2026-01-01T22:00:00Z "$@"
	done
	# really gone, too; asked for no more; and one by hand
	bounce bob@example.com 5.1.1 "550 5.1.1 No such user" 20 |
		by 2026-01-01T23:00:00Z "$@"
	complaint dora@example.com 21 | by 2026-01-01T23:00:00Z "$@"
	nixie suppress --now 2026-01-01T23:00:00Z erik@example.com
	rule spam-content
}

# replay [OPTION...]: with the rules of today.
replay() {
	nixie replay --now $MORNING --rules-site site "$@"
}

# judged: they are judged again.
judged() {
	run -0 replay --dry-run
	[[ ${lines[0]} == "would be freed: 3  site/own  ann@example.com, carl@example.com, dora@example.com" ]]
	[[ ${lines[1]} == "would be changed: 1  site/own  bob@example.com" ]]
	[[ ${lines[2]} == "6 events judged again, 4 with another verdict: 3 freed, 0 newly suppressed, 1 changed, 0 stay; nothing was done (--dry-run)" ]]
	run -1 nixie check --now $MORNING ann@example.com
	run -0 replay --apply
	[[ ${lines[-1]} == *"; nixie undo "*" takes it back" ]]
	local id=${lines[-1]#*nixie undo }
	id=${id%% *}
	run -0 nixie check --now $MORNING ann@example.com carl@example.com
	run -1 nixie check --now $MORNING bob@example.com
	[[ $output == *"since 2026-01-01T23:00:00Z"* ]]
	# what people asked for, and what was done by hand, stays
	run -1 nixie check --now $MORNING dora@example.com erik@example.com
	[[ ${lines[0]} == *complaint* && ${lines[1]} == *manual* ]]
	run -0 nixie show --now $MORNING ann@example.com
	[[ $output == *spam-content* && $output == *replay* ]]
	# it is done
	run -0 replay --dry-run
	[[ $output == "6 events judged again, 0 with another verdict: 0 freed,"* ]]
	run -0 nixie undo --now $MORNING "$id"
	[[ $output == "4 are as before" ]]
	run -1 nixie check --now $MORNING ann@example.com
	[[ $output == *"hard unknown-user  since 2026-01-01T22:00:00Z"* ]]
	run -0 replay --dry-run
	[[ $output == *"4 with another verdict: 3 freed,"* ]]
}

@test "a better rule frees whom the old one suppressed, by what was kept" {
	a_year
	judged
	run -0 replay --dry-run --json
	[[ ${lines[-1]} == *'"originals":6'* ]]
}

@test "the same by the fields, where no originals are kept" {
	echo 'originals: 0' >fields.yaml
	a_year --config fields.yaml
	judged
	run -0 replay --dry-run --json
	[[ ${lines[-1]} == *'"originals":0'* ]]
	[[ ${lines[0]} == *'"what":"freed"'*'"rule":"site/own"'*'"before":{"class":"hard"'* ]]
}

@test "from fields alone the same rules say the same of every fixture" {
	echo 'originals: 0' >fields.yaml
	nixie ingest --config fields.yaml --received now "$TOP/tests/fixtures" >out
	run -0 nixie replay --dry-run
	[[ $output =~ ^[5-9][0-9][0-9]\ events\ judged\ again,\ 0\ with\ another\ verdict ]]
}

@test "a stricter rule suppresses newly, but nobody who was freed since" {
	rule spam-content
	local name id=10
	for name in ann bob carl; do
		bounce $name@example.com 5.7.1 "$REFUSED" $((id += 1)) |
			by 2026-01-01T22:00:00Z
	done
	# a lease that a delivery ended, and one that a human ended
	bounce dora@example.com 5.1.1 "550 5.1.1 No such user" 20 |
		by 2026-01-01T22:00:00Z
	nixie delivered --now 2026-01-01T23:00:00Z dora@example.com >out
	bounce erik@example.com 5.1.1 "550 5.1.1 No such user" 21 |
		by 2026-01-01T22:00:00Z
	nixie release --now 2026-01-01T23:00:00Z erik@example.com >out
	rule unknown-user
	run -0 replay --apply
	[[ ${lines[0]} == "suppressed: 3  site/own  "* ]]
	run -1 nixie check --now $MORNING ann@example.com bob@example.com carl@example.com
	run -0 nixie check --now $MORNING dora@example.com erik@example.com
	# what came before a time keeps its verdict
	rule spam-content
	run -0 replay --dry-run --since 2026-01-02
	[[ $output == "0 events judged again"* ]]
	run -0 replay --dry-run --since 12h
	[[ $output == *"3 freed"* ]]
}

@test "another policy is compared with the one in force" {
	mkdir site
	bounce ann@example.com 5.1.1 "550 5.1.1 No such user" 11 | by "$T0"
	complaint bob@example.com | by "$T0"
	sed 's/\[24h, 48h, 96h/[1h, 48h, 96h/
		/^complaint:/,/ladder/s/forever/1h/' "$RULES/policy.yaml" >short.yaml
	run -0 nixie replay --now 2026-01-01T06:00:00Z --policy ./short.yaml --dry-run
	[[ ${lines[0]} == "would be freed: 1  "*"  ann@example.com" ]]
	[[ ${lines[1]} == "stays: 1  "*"  bob@example.com" ]]
	run -0 nixie replay --now 2026-01-01T06:00:00Z --policy ./short.yaml --apply
	run -0 nixie check --now 2026-01-01T06:00:00Z ann@example.com
	run -1 nixie check --now 2026-01-01T06:00:00Z bob@example.com
	run -4 nixie replay --policy ./none.yaml --dry-run
}

@test "replays are undone the last first; and it must be said which" {
	a_year
	replay --apply >out
	rule unknown-user
	replay --apply >out
	run -2 --separate-stderr nixie undo 2
	[[ $stderr == *": undo "*" first, a replay that came after it" ]]
	run -2 --separate-stderr nixie replay
	[[ $stderr == *"--dry-run or --apply"* ]]
	run -2 nixie replay --dry-run --apply
	run -2 nixie replay --dry-run --since yesterday
	run -3 --separate-stderr nixie replay --dry-run --store "$PWD/none"
}
