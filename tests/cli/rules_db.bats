#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

@test "the shipped rules are all right" {
	run -0 nixie rules check
	[[ $output =~ ^[0-9]+\ rules.*"all right"$ ]]
}

@test "a rule that is wrong is named with its place, and ends with 4" {
	cp -r "$RULES" broken
	printf 'rules:\n  - id: x\n    frobnicate: 1\n' >broken/site.yaml
	echo '  - site.yaml' >>broken/order.yaml
	run -4 --separate-stderr "$NIXIE" rules check --rules broken
	[ -z "$output" ]
	[[ $stderr == *site.yaml:3:* ]]
	[[ $stderr == *frobnicate* ]]
}

@test "what rules say and do not need is told with its place, all of it" {
	cp -r "$RULES" broken
	cat >>broken/concepts.yaml <<-'END'
		  - { id: nobody, says: what no rule asks for }
	END
	cat >broken/providers/extra.yaml <<-'END'
		provider: { name: extra, mta: '\.extra\.example$' }
		rules:
		  - id: extra/missing
		    when: { text: '\buser unknown\b' }
		    reason: unknown-user
		    examples:
		      - '550 5.1.1 User unknown'
	END
	sed -i 's/^order:$/&\n  - providers\/extra.yaml/' broken/order.yaml
	run -4 --separate-stderr "$NIXIE" rules check --rules broken
	[ -z "$output" ]
	[[ $stderr == *concepts.yaml:*": no sentence asks for \"nobody\""* ]]
	[[ $stderr == *"providers/extra.yaml:3:5: rule \"extra/missing\" is redundant: "* ]]
}

@test "a directory without rules ends with 4" {
	run -4 "$NIXIE" rules check --rules missing
	mkdir empty
	run -4 "$NIXIE" rules check --rules empty
}

@test "rules list shows every rule with its place" {
	run -0 nixie rules list
	[[ $output == *text/*text.yaml:* ]]
	[ "${#lines[@]}" -gt 100 ]
	local count=${#lines[@]}
	run -0 nixie rules list --json
	[ "${#lines[@]}" -eq "$count" ]
	[[ ${lines[0]} == '{"id":"'* ]]
}

@test "rules wants a verb" {
	run -2 nixie rules
	run -2 nixie rules frobnicate
}

@test "db status counts" {
	bounce gone@example.com | nixie deliver --now "$T0"
	ordinary | nixie deliver --now "$T0"
	run -0 nixie db status --now "$T0"
	[[ $output =~ messages\ +2 ]]
	[[ $output =~ suppressed\ +1 ]]
	[[ $output =~ quarantined\ +1 ]]
	[[ $output == *2026-01-01T00:00:00Z* ]]
	run -0 nixie db status --json --now "$T0"
	[ "$(member events)" = 1 ]
	[ "$(member last_event)" = '"2026-01-01T00:00:00Z"' ]
}

@test "db verify finds nothing in a sound store" {
	bounce gone@example.com | nixie deliver
	run -0 nixie db verify
	[ "$output" = "all right" ]
}

@test "db verify finds damage" {
	for id in 1 2 3 4 5 6 7 8 9; do
		bounce "user$id@example.com" 5.1.1 "550 x" "$id" | nixie deliver
	done
	python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("pragma wal_checkpoint(truncate)")
f = open(sys.argv[1], "r+b")
f.seek(0, 2)
f.seek(f.tell() // 2 // 4096 * 4096)
f.write(b"\xff" * 8192)' "$STORE/nixie.db"
	run nixie db verify
	[ "$status" -ne 0 ]
}

@test "db wants a store and a verb" {
	run -3 "$NIXIE" db status --store missing
	run -2 nixie db
	run -2 nixie db frobnicate
}
