#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is old goes, and nothing that a suppression needs.

load helper.bash

LATER=2026-06-01T00:00:00Z # 151 days

# kept QUERY: what SQL says of the store.
kept() {
	sqlite3 "$STORE/nixie.db" "$1"
}

# configured LINE...: the configuration that nixie is called with.
configured() {
	printf '%s\n' "$@" >nixie.yaml
}

# pruned NAME: that number of $output.
pruned() {
	sed -n "s/^$1  *//p" <<<"$output"
}

# gone ADDRESS TIME [NUMBER]: a bounce that suppresses for a day.
gone() {
	bounce "$1" 5.1.1 "550 5.1.1 User unknown" "$1$2" |
		nixie deliver --now "$2"
}

@test "an event is kept for 90 days, and its words for 30" {
	gone a@example.com "$T0"
	nixie delivered --now 2026-01-10T00:00:00Z a@example.com
	[ "$(kept "SELECT diagnostic <> '' FROM event")" -eq 1 ]
	run -0 nixie db prune --now 2026-01-30T00:00:00Z
	[ "$(pruned texts)" -eq 0 ]
	run -0 nixie db prune --now 2026-02-10T00:00:00Z
	[ "$(pruned texts)" -eq 1 ]
	[ "$(pruned events)" -eq 0 ]
	[ "$(kept "SELECT diagnostic = '' AND status = '5.1.1' FROM event")" -eq 1 ]
	[ "$(kept "SELECT count(*) FROM message")" -eq 1 ]
	run -0 nixie db prune --now "$LATER"
	[ "$(pruned events)" -eq 1 ]
	[ "$(pruned messages)" -eq 1 ]
	[ "$(pruned addresses)" -eq 1 ]
	[ "$(kept "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM message) + (SELECT count(*) FROM recipient)")" -eq 0 ]
	run -0 nixie db verify
}

@test "what suppresses keeps what led to it" {
	complaint a@example.com | nixie deliver --now "$T0" # for ever
	gone b@example.com "$T0"                            # for a day
	soft c@example.com 1 | nixie deliver --now "$T0"    # a strike
	run -0 nixie db prune --now "$LATER"
	# b: its rung counts for a year, its events do not
	[ "$(pruned events)" -eq 2 ]
	[ "$(pruned leases)" -eq 1 ]
	[ "$(kept "SELECT address FROM recipient ORDER BY 1")" = $'a@example.com\nb@example.com' ]
	[ "$(kept "SELECT diagnostic IS NOT NULL FROM event")" -eq 1 ]
	run -1 nixie check --now "$LATER" a@example.com
	run -0 nixie show --now "$LATER" a@example.com
	[[ $output == *"complaint-1"* || $output == *complaint* ]]
	run -0 nixie db prune --now 2027-06-01T00:00:00Z
	[ "$(pruned leases)" -eq 1 ]
	[ "$(pruned addresses)" -eq 1 ]
	run -0 nixie db verify
}

@test "strikes that count are kept" {
	soft a@example.com 1 | nixie deliver --now "$T0"
	run -0 nixie db prune --now 2026-01-10T00:00:00Z
	[ "$(pruned leases)" -eq 0 ]
	soft a@example.com 2 | nixie deliver --now 2026-01-10T00:00:00Z
	soft a@example.com 3 | nixie deliver --now 2026-01-11T00:00:00Z
	run -1 nixie check --now 2026-01-11T01:00:00Z a@example.com
}

@test "an attempt, an act and a message without an event have their time" {
	ordinary | nixie deliver --now "$T0"
	nixie suppress --now "$T0" --note "she asked" a@example.com
	nixie check --attempt --now "$T0" a@example.com || [ $? -eq 1 ]
	run -0 nixie db prune --now "$LATER"
	[ "$(pruned attempts)" -eq 1 ]
	[ "$(pruned messages)" -eq 1 ]
	[ "$(pruned quarantined)" -eq 1 ]
	[ "$(pruned acts)" -eq 0 ]
	# the entry stands, and who made it stays known
	run -0 nixie db prune --now 2027-06-01T00:00:00Z
	[ "$(pruned acts)" -eq 0 ]
	nixie release --class manual --now 2027-06-01T00:00:00Z a@example.com
	run -0 nixie db prune --now 2027-06-02T00:00:00Z
	[ "$(pruned acts)" -eq 1 ]
	[ "$(kept "SELECT what FROM act")" = release ]
	run -0 nixie db verify
}

@test "an act for many stays as long as one of its entries" {
	nixie suppress --now "$T0" a@example.com b@example.com
	nixie release --class manual --now "$T0" a@example.com
	run -0 nixie db prune --now 2027-06-01T00:00:00Z
	[ "$(kept "SELECT what FROM act")" = suppress ]
	nixie release --class manual --now "$T0" b@example.com
	run -0 nixie db prune --now 2027-06-01T00:00:00Z
	[ "$(kept "SELECT count(*) FROM act")" -eq 0 ]
}

@test "--dry-run says it and does nothing" {
	gone a@example.com "$T0"
	ordinary | nixie deliver --now "$T0"
	nixie delivered --now "$T0" a@example.com
	run -0 nixie db prune --dry-run --now "$LATER"
	[ "$(pruned events)" -eq 1 ]
	[ "$(pruned messages)" -eq 2 ]
	[ "$(pruned quarantined)" -eq 1 ]
	[ "$(pruned originals)" -eq 1 ]
	[ "$(kept "SELECT count(*) FROM event")" -eq 1 ]
	run -0 nixie db prune --dry-run --json --now "$LATER"
	[[ $output == '{"leases":0,"texts":'*',"originals":1,"sent":0}' ]]
	run -2 nixie db status --dry-run
}

@test "nixie.yaml says how long, and 0 is for ever" {
	gone a@example.com "$T0"
	nixie delivered --now "$T0" a@example.com
	configured 'retention: { events: 0, texts: 0 }' 'originals: { days: 0 }'
	run -0 nixie db prune --config nixie.yaml --now "$LATER"
	[ "$(pruned events)" -eq 0 ]
	[ "$(pruned texts)" -eq 0 ]
	[ "$(pruned originals)" -eq 1 ]
	configured 'retention: { events: 200d, texts: 20w }'
	run -0 nixie db prune --config nixie.yaml --now "$LATER"
	[ "$(pruned events)" -eq 0 ]
	[ "$(pruned texts)" -eq 1 ]
	configured 'retention: { events: 10d }'
	run -4 nixie db prune --config nixie.yaml
	[[ $output == *"nixie.yaml:1:22: events: not less than 60d, or 0 for ever"* ]]
	configured 'retention: { texts: soon }'
	run -4 nixie db prune --config nixie.yaml
	[[ $output == *"texts: a span is wanted, as 90d, or 0 for ever"* ]]
	configured 'retention: { evens: 90d }'
	run -4 nixie db prune --config nixie.yaml
	[[ $output == *evens* ]]
}

@test "what was removed is in no file of the store" {
	gone a@example.com "$T0"
	nixie delivered --now "$T0" a@example.com
	grep -aq a@example.com "$STORE/nixie.db"
	run -0 nixie db prune --now "$LATER"
	run ! grep -aq a@example.com "$STORE/nixie.db" "$STORE/nixie.db-wal"
}

@test "a killed prune is as if it had not begun, or half done, and goes on" {
	for i in 1 2 3 4 5 6; do
		gone a$i@example.com "$T0"
		nixie delivered --now "$T0" a$i@example.com
	done
	local turn
	for turn in 1 2 3 4 5 6 7 8; do
		status=0
		timeout -s KILL 0.0$turn "$NIXIE" db prune --rules "$RULES" \
			--store "$STORE" --now "$LATER" >out || status=$?
		run -0 nixie db verify
	done
	run -0 nixie db prune --now "$LATER"
	[ "$(kept "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM recipient)")" -eq 0 ]
}

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
}

@test "the daemon does it when it starts" {
	gone a@example.com "$T0"
	nixie delivered --now "$T0" a@example.com
	configured "store: $STORE" "rules: $RULES" 'workers: 1' \
		"status: $PWD/status.sock" 'lmtp:' \
		"  - listen: unix:$PWD/lmtp.sock"
	: >log
	"$NIXIE" serve --config nixie.yaml --now "$LATER" 2>>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=prune' log
	grep -q ' event=prune leases=0 .* events=1 .* addresses=1 ' log
	[ "$(kept "SELECT count(*) FROM event")" -eq 0 ]
	kill "$SERVE"
	wait "$SERVE"
}

@test "what was done to many can be taken back for 400 days" {
	printf '%s\n' a@example.com b@example.com | nixie suppress --now "$T0" -
	gone c@example.com "$T0"
	gone d@example.com "$T0"
	run -0 nixie release --now 2026-01-01T01:00:00Z \
		--where 'domain=example.com since=1d'
	[[ ${lines[-1]} == "2 freed, "* ]]
	run -0 nixie db prune --now "$LATER"
	run -0 nixie undo --now "$LATER"
	[[ $output == *release* ]]
	run -0 nixie db verify
	run -0 nixie db prune --now 2027-03-01T00:00:00Z
	[ "$(kept "SELECT (SELECT count(*) FROM act_standing) + (SELECT count(*) FROM tombstone)")" -eq 0 ]
	[ "$(kept "SELECT group_concat(address) FROM (SELECT address FROM recipient ORDER BY 1)")" = "a@example.com,b@example.com" ]
	run -0 nixie db verify
}

# many TABLE SELECTION: rows of it, as if a site had long had them.
many() {
	sqlite3 "$STORE/nixie.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO $1 SELECT $2"
}

@test "counts are removed however many there are" {
	gone a@example.com "$T0"
	many failure_hour "i / 100, 'd' || i, 1, 0 FROM n"
	many sent_hour "i / 100, 'd' || i, 1 FROM n"
	many held "NULL, r, 0, 'd', 'd', 0, i, 0, 'hard', '', 0, 0 FROM recipient, n"
	run -0 nixie db prune --now "$LATER"
	[ "$(pruned counts)" -ge 3600 ]
	[ "$(kept "SELECT (SELECT count(*) FROM failure_hour) + (SELECT count(*) FROM sent_hour) + (SELECT count(*) FROM held)")" -eq 0 ]
}
