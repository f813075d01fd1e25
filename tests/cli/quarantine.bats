#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

# puzzle ADDRESS: a report in words that no rule knows yet.
puzzle() {
	cat <<-MAIL
		From: MAILER-DAEMON@mx.example.net
		To: bounces@example.org
		Subject: Zustellung nicht erfolgt
		Message-ID: <puzzle-$1>

		Hallo,
		--- nothing a machine would understand about $1 ---
	MAIL
}

names() {
	find "$STORE/quarantine/new" -type f -printf '%f\n' | sort
}

@test "an empty quarantine is listed" {
	run -0 nixie quarantine list
	[ -z "$output" ]
	run -0 nixie quarantine list --json
	[ -z "$output" ]
}

@test "list: oldest first, nothing reaches the terminal as it is" {
	ordinary | nixie deliver --now 2026-01-02
	printf 'Subject: a\033[31m\n\nx\n' | nixie deliver --now 2026-01-01
	run -0 nixie quarantine list
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *' 2026-01-01T00:00:00Z '*' a\x1B[31m' ]]
	[[ ${lines[1]} == *' 2026-01-02T00:00:00Z '*' Lunch' ]]
	[ "$(cut -c1-12 <<<"$output" | sort)" = "$(names | cut -c1-12)" ]
	run -0 nixie quarantine list --json
	[[ ${lines[1]} == *'"subject": "Lunch"'* ||
		${lines[1]} == *'"subject":"Lunch"'* ]]
	[[ ${lines[1]} == *"$STORE/quarantine/new/"* ]]
}

@test "show: the message with its envelope, made visible" {
	{
		ordinary
		printf 'a\x1b\xff\n'
	} | nixie deliver -f 's@example.com' -r b@example.org
	run -0 nixie quarantine show "$(names | cut -c1-8)"
	[ "${lines[0]}" = "id     $(names)" ]
	[[ $output == *'Return-Path: <s@example.com>'* ]]
	[[ $output == *'Delivered-To: <b@example.org>'* ]]
	[[ $output == *'At one?'* ]]
	[[ $output == *'a\x1B'* ]]
	run ! grep -q $'\x1b' <<<"$output"
}

@test "retry: what is still not recognised stays" {
	puzzle gone@example.com | nixie deliver
	before=$(names)
	run -0 nixie quarantine retry --all
	[[ $output == *other*kept ]]
	[ "$(names)" = "$before" ]
}

@test "retry: what is recognised now is recorded, once, and goes" {
	ordinary | nixie deliver
	bounce gone@example.com >mail
	# recorded as unparsed, as when a worker died of it
	nixie deliver -r bounces@example.org <mail
	python3 - "$STORE" <<-'PY'
		import pathlib, sqlite3, sys
		store = pathlib.Path(sys.argv[1])
		db = sqlite3.connect(store / "nixie.db")
		digest, = db.execute("select digest from message "
		                     "where kind <> 'other'").fetchone()
		for table in "event", "standing", "recipient":
		    db.execute(f"delete from {table}")
		db.execute("update message set kind = 'unparsed', cause = 'killed' "
		           "where digest = ?", [digest])
		db.commit()
		(store / "quarantine/new" / digest.hex()).write_bytes(
		    b"Return-Path: <>\nDelivered-To: <bounces@example.org>\n"
		    + open("mail", "rb").read())
	PY
	run -0 nixie check gone@example.com
	[ "$(names | wc -l)" -eq 2 ]
	run -0 nixie quarantine retry --all
	[ "$(grep -c recorded <<<"$output")" -eq 1 ]
	[ "$(grep -c kept <<<"$output")" -eq 1 ]
	run -1 nixie check gone@example.com
	[ "$(names | wc -l)" -eq 1 ]
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
	[ "$(member events)" = 1 ]
	# and the MTA offers it again
	nixie deliver -r bounces@example.org <mail
	run -0 nixie db status --json
	[ "$(member events)" = 1 ]
}

@test "retry: a report that says now of whom" {
	bounce 'jan smits@@example' >mail
	nixie deliver <mail
	run -0 nixie quarantine retry --all
	[[ $output == *delivery-report*kept ]]
	# as if its format had been learnt
	sed -i 's/jan smits@@example/jan@example.com/' "$STORE"/quarantine/new/*
	run -0 nixie quarantine retry --all
	[[ $output == *delivery-report*recorded ]]
	run -1 nixie check jan@example.com
	[ "$(names | wc -l)" -eq 0 ]
	run -0 nixie db status --json
	[ "$(member messages)" = 1 ]
	[ "$(member events)" = 1 ]
}

@test "retry: one by its id, and a file that a hand put there" {
	ordinary | nixie deliver
	bounce gone@example.com >"$STORE/quarantine/new/by-hand"
	run -0 nixie quarantine retry by-h
	[[ $output == by-hand*recorded ]]
	run -1 nixie check gone@example.com
	[ "$(names | wc -l)" -eq 1 ]
}

@test "wrong words" {
	ordinary | nixie deliver
	run -2 nixie quarantine
	run -2 nixie quarantine look
	run -2 nixie quarantine list more
	run -2 nixie quarantine show
	run -2 nixie quarantine show none
	[[ $output == *'no such message'* ]]
	run -2 nixie quarantine retry
	run -2 nixie quarantine retry --all 0
	run -2 nixie quarantine retry none
	puzzle a@example.com | nixie deliver
	run -2 nixie quarantine show ''
	[[ $output == *several* ]]
}
