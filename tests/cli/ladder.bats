#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

# lease TIME UNTIL: at that time it is suppressed until then.
lease() {
	run -1 nixie check --json --now "$1" gone@example.com
	[ "$(member until)" = "\"$2\"" ]
}

# climb TIME UNTIL: an attempt at that time makes it suppressed until then.
climb() {
	run -1 nixie check --attempt --now "$1" gone@example.com
	lease "$1" "$2"
}

climb_all() {
	bounce gone@example.com | nixie deliver --now "$T0"
	lease "$T0" 2026-01-02T00:00:00Z
	climb 2026-01-01T01:00:00Z 2026-01-03T01:00:00Z # at 1 h: 48 h
	climb 2026-01-03T00:00:00Z 2026-01-07T00:00:00Z # at 48 h: 96 h
	climb 2026-01-06T00:00:00Z 2026-01-13T00:00:00Z # at 120 h: 7 d
	climb 2026-01-12T00:00:00Z 2026-01-26T00:00:00Z # at 264 h: 14 d
}

@test "every attempt climbs: 24 h, 48 h, 96 h, 7 d, 14 d" {
	climb_all
}

@test "the last rung repeats" {
	climb_all
	climb 2026-01-20T00:00:00Z 2026-02-03T00:00:00Z
}

# bounces_again TIME: a bounce of another mail at that time.
bounces_again() {
	bounce gone@example.com 5.1.1 "550 5.1.1 User unknown" 2 |
		nixie deliver --now "$1"
}

@test "silent for 15 days it is free, and the next bounce is 30 days" {
	climb_all
	run -0 nixie check --now 2026-01-27T00:00:00Z gone@example.com
	bounces_again 2026-01-27T01:00:00Z
	lease 2026-01-27T01:00:00Z 2026-02-26T01:00:00Z
}

@test "silent for a year and 15 days the next bounce is 24 h again" {
	climb_all
	bounces_again 2027-01-26T00:00:00Z
	lease 2027-01-26T01:00:00Z 2027-01-27T00:00:00Z
}

@test "preset azure: the next bounce is 24 h again, whenever it comes" {
	echo 'policy: azure' >nixie.yaml
	bounce gone@example.com | nixie deliver --config nixie.yaml --now "$T0"
	lease "$T0" 2026-01-02T00:00:00Z
	# every attempt climbs, however soon after the one before
	for end in 2026-01-03T01:00:00Z 2026-01-05T01:00:00Z \
		2026-01-08T01:00:00Z 2026-01-15T01:00:00Z 2026-01-15T01:00:00Z; do
		run -1 nixie check --config nixie.yaml --attempt \
			--now 2026-01-01T01:00:00Z gone@example.com
		lease 2026-01-01T01:00:00Z "$end"
	done
	bounce gone@example.com 5.1.1 "550 5.1.1 User unknown" 2 |
		nixie deliver --config nixie.yaml --now 2026-01-15T02:00:00Z
	lease 2026-01-15T02:00:00Z 2026-01-16T02:00:00Z
}

@test "the same message three times is one event and one rung" {
	for time in "$T0" 2026-01-01T06:00:00Z 2026-01-01T12:00:00Z; do
		bounce gone@example.com | nixie deliver --now "$time"
	done
	lease 2026-01-01T13:00:00Z 2026-01-02T00:00:00Z
	run -0 nixie db status --json
	[ "$(member messages)" = 1 ]
	[ "$(member events)" = 1 ]
}

@test "one soft bounce does not suppress, three on three days do" {
	soft full@example.com 1 | nixie deliver --now 2026-01-01T08:00:00Z
	run -0 nixie check --now 2026-01-01T09:00:00Z full@example.com
	soft full@example.com 2 | nixie deliver --now 2026-01-02T08:00:00Z
	run -0 nixie check --now 2026-01-02T09:00:00Z full@example.com
	soft full@example.com 3 | nixie deliver --now 2026-01-03T08:00:00Z
	run -1 nixie check --now 2026-01-03T09:00:00Z full@example.com
}

@test "many soft bounces on one day do not suppress" {
	for id in 1 2 3 4 5; do
		soft full@example.com "$id" | nixie deliver --now "$T0"
	done
	run -0 nixie check --now "$T0" full@example.com
}

@test "a bare 550 is soft until a second day confirms it" {
	bounce odd@example.com 5.0.0 '550 x' 1 >1.eml
	bounce odd@example.com 5.0.0 '550 x' 2 >2.eml
	bounce odd@example.com 5.0.0 '550 x' 3 >3.eml
	run -0 nixie classify --json 1.eml
	[ "$(member class)" = '"soft"' ]
	[ "$(member confirm)" = 2 ]
	nixie deliver --now 2026-01-01T08:00:00Z <1.eml
	nixie deliver --now 2026-01-01T20:00:00Z <2.eml
	run -0 nixie check --now 2026-01-01T21:00:00Z odd@example.com
	run -0 nixie explain --store "$STORE" --now 2026-01-01T21:00:00Z 3.eml
	[[ $output == *"said on 1 of 2 different days"* ]]
	nixie deliver --now 2026-01-02T08:00:00Z <3.eml
	run -1 nixie check --json --now 2026-01-02T09:00:00Z odd@example.com
	[ "$(member class)" = '"hard"' ]
	run -0 nixie db verify
}

# year [--attempt]: on 52 Mondays a newsletter goes to a dead mailbox unless it
# is suppressed, and bounces a minute later; prints the weeks.
year() {
	local monday week
	ordinary | nixie deliver --now "$T0" # a store is wanted for looking
	for week in $(seq 0 51); do
		monday=$(date -u -d "2026-01-05 + $week weeks" +%F)
		nixie check "$@" --now "$monday" gone@example.com >&2 || continue
		echo "$week"
		bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' "$week" |
			nixie deliver --now "${monday}T00:01:00Z"
	done | paste -sd ' '
}

@test "a year of Mondays: who peeks mails a dead mailbox 8 times" {
	run -0 --separate-stderr year
	[ "$output" = "0 1 2 3 5 8 13 26" ]
}

@test "a year of Mondays: who asks mails a dead mailbox 7 times" {
	run -0 --separate-stderr year --attempt
	[ "$output" = "0 1 2 3 13 26 48" ]
}

@test "a delivery forgets the rung, and nobody's wish" {
	climb_all
	run -0 nixie delivered --now 2026-01-13T00:00:00Z gone@example.com
	run -0 nixie check --now 2026-01-13T00:00:00Z gone@example.com
	bounces_again 2026-01-13T01:00:00Z
	lease 2026-01-13T01:00:00Z 2026-01-14T01:00:00Z
	nixie suppress --now "$T0" other@example.com
	run nixie delivered --now "$T0" other@example.com
	run -1 nixie check --now "$T0" other@example.com
}
