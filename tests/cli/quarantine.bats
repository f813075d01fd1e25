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

# learnt: site rules that know the puzzle.
learnt() {
	mkdir -p site/formats
	cat >site/formats/puzzle.yaml <<-'RULE'
		format: puzzle
		rank: 30
		when:
		  - first: '^Hallo,$'
		recipient:
		  - '^--- nothing a machine would understand about (?<address>\S+@\S+) ---$'
		samples:
		  - from: MAILER-DAEMON@mx.example.net
		    subject: Zustellung nicht erfolgt
		    body: |
		      Hallo,
		      --- nothing a machine would understand about edda@example.net ---
		    expect:
		      - { address: edda@example.net, action: failed }
		  - from: MAILER-DAEMON@mx.example.net
		    subject: Zustellung nicht erfolgt
		    body: |
		      Hallo,
		      --- nothing a machine would understand about falk@example.net ---
		    expect:
		      - { address: falk@example.net, action: failed }
	RULE
}

@test "a store that is not there fails as elsewhere" {
	for words in list 'show a' 'retry --all' 'drop --all' 'export out'; do
		# shellcheck disable=SC2086 # words
		run -3 nixie quarantine --store missing $words
		[[ $output == *missing*'No such file or directory'* ]]
	done
	[ ! -e out/new ]
}

@test "list: oldest first with the reason, made visible" {
	nixie deliver --now 2026-01-01 < <(printf 'Subject: a\033[31m\n\nx\n')
	ordinary | nixie deliver --now 2026-01-02 -f '' -r b@example.org
	bounce 'jan smits@@example' | nixie deliver --now 2026-01-03
	run -0 nixie quarantine list
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == *' 2026-01-01T00:00:00Z '*' ordinary '*' a\x1B[31m' ]]
	[[ ${lines[1]} == *' 2026-01-02T00:00:00Z '*' ordinary '*' Lunch' ]]
	[[ ${lines[2]} == *' 2026-01-03T00:00:00Z '*' no-address '* ]]
	[ "$(cut -c1-12 <<<"$output" | sort)" = "$(quarantined | cut -c1-12)" ]
	run -0 nixie quarantine list --json
	[[ ${lines[0]} == *'"sender":null'* ]]
	[[ ${lines[1]} == *'"why":"ordinary"'*'"sender":""'* ]]
	[[ ${lines[1]} == *'"recipient":"b@example.org"'*'"subject":"Lunch"'* ]]
}

@test "show: the message and its envelope, made visible" {
	{
		ordinary
		printf 'a\x1b\xff\n'
	} >mail
	nixie deliver -f 's@example.com' -r b@example.org \
		--original-recipient a@example.org <mail
	run -0 nixie quarantine show "$(quarantined | cut -c1-8)"
	[ "${lines[0]}" = "id         $(quarantined)" ]
	[ "${lines[2]}" = 'why        ordinary' ]
	[ "${lines[3]}" = "size       $(wc -c <mail)" ]
	[ "${lines[4]}" = 'sender     s@example.com' ]
	[ "${lines[5]}" = 'recipient  b@example.org' ]
	[ "${lines[6]}" = 'original   a@example.org' ]
	[[ $output == *'At one?'* ]]
	[[ $output == *'a\x1B'* ]]
	run ! grep -q $'\x1b' <<<"$output"
}

@test "of a large message the beginning is kept, and the size" {
	{
		ordinary
		yes 'and so on and so on and so on' | head -c 3000000
	} >mail
	nixie deliver <mail
	run -0 nixie quarantine list
	[[ $output == *" $(wc -c <mail)  ordinary "* ]]
	run -0 nixie quarantine show "$(quarantined)"
	[[ $output == *$'\nkept       1048576\n'* ]]
	# the same from a file
	cp mail large.eml
	run -0 nixie ingest large.eml
	[[ $output =~ already\ known\ +1 ]]
	run -0 nixie db verify
}

@test "ingest keeps what it does not understand, as deliver does" {
	mkdir -p box/cur box/new box/tmp
	ordinary >box/new/1
	puzzle gone@example.com >box/new/2
	bounce gone@example.com >box/new/3
	run -0 nixie ingest box
	[[ $output =~ quarantined\ +2 ]]
	[ "$(quarantined | wc -l)" -eq 2 ]
	run -0 nixie ingest box
	[[ $output =~ already\ known\ +3 ]]
	[[ $output =~ quarantined\ +0 ]]
	[ "$(quarantined | wc -l)" -eq 2 ]
}

@test "drop: for good, by id or all" {
	ordinary | nixie deliver
	puzzle gone@example.com | nixie deliver
	id=$(quarantined | head -n 1)
	run -0 nixie quarantine drop "${id:0:10}"
	[ "$output" = "${id:0:12}  dropped" ]
	[ "$(quarantined | wc -l)" -eq 1 ]
	ordinary | nixie deliver # it is known, and not kept again
	[ "$(quarantined | wc -l)" -eq 1 ]
	run -0 nixie quarantine drop --all
	[ -z "$(quarantined)" ]
	run -0 nixie db verify
}

@test "drop: nothing is left of it, though another process has the store open" {
	nixie suppress a@example.com
	mkfifo words
	sqlite3 "$STORE/nixie.db" <words >out 3>&- &
	local holder=$!
	exec 7>words
	echo 'SELECT count(*) FROM message;' >&7
	until_true $holder test -s out
	ordinary | nixie deliver
	grep -q 'At one?' "$STORE"/nixie.db*
	run -0 nixie quarantine drop --all
	run ! grep -q 'At one?' "$STORE"/nixie.db*
	exec 7>&-
	wait $holder
}

@test "export: a Maildir that other tools read, and ingest" {
	ordinary >mail
	nixie deliver --now 2026-01-02 -f s@example.com -r b@example.org <mail
	puzzle gone@example.com | nixie deliver --now 2026-01-03
	run -0 nixie quarantine export box
	run -0 nixie quarantine export box # again
	[ "$(find box/new -type f | wc -l)" -eq 2 ]
	[ -z "$(ls -A box/tmp)" ]
	file=$(grep -l '^Subject: Lunch' box/new/*)
	[ "$(date -u -r "$file" +%F)" = 2026-01-02 ]
	{
		printf 'Return-Path: <s@example.com>\n'
		printf 'Delivered-To: <b@example.org>\n'
		cat mail
	} | cmp - "$file"
	[ "$(stat -c %a "$file")" = 600 ]
	run -0 nixie ingest box
	[[ $output =~ already\ known\ +2 ]]
}

@test "export: without the line that separates mails in an mbox" {
	{
		echo 'From s@example.com Thu Jan  1 00:00:00 2026'
		ordinary
	} >mail
	nixie deliver -f s@example.com -r b@example.org <mail
	run -0 nixie quarantine export box
	{
		printf 'Return-Path: <s@example.com>\n'
		printf 'Delivered-To: <b@example.org>\n'
		ordinary
	} | cmp - box/new/*
	run -0 nixie ingest box
	[[ $output =~ already\ known\ +1 ]]
}

@test "export: a place that cannot be used" {
	ordinary | nixie deliver
	: >file
	run -3 nixie quarantine export file
	[[ $output == *file* ]]
}

@test "retry: what is still not recognised stays" {
	puzzle gone@example.com | nixie deliver
	before=$(quarantined)
	run -0 nixie quarantine retry --all
	[[ $output == *other*kept ]]
	[ "$(quarantined)" = "$before" ]
}

@test "retry: what is recognised now is recorded, once, and goes" {
	ordinary | nixie deliver
	puzzle gone@example.com >mail
	nixie deliver -r bounces@example.org <mail
	[ "$(quarantined | wc -l)" -eq 2 ]
	learnt
	run -0 nixie quarantine retry --all --rules-site site
	[ "$(grep -c recorded <<<"$output")" -eq 1 ]
	[ "$(grep -c kept <<<"$output")" -eq 1 ]
	run -0 nixie show gone@example.com
	[[ $output == *'event  soft'* ]]
	[ "$(quarantined | wc -l)" -eq 1 ]
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
	[ "$(member events)" = 1 ]
	# and the MTA offers it again
	nixie deliver --rules-site site -r bounces@example.org <mail
	run -0 nixie db status --json
	[ "$(member events)" = 1 ]
	[ "$(quarantined | wc -l)" -eq 1 ]
}

@test "retry: a report that says now of whom" {
	bounce jan@mailhub >mail
	nixie deliver <mail
	run -0 nixie quarantine retry --all
	[[ $output == *delivery-report*kept ]]
	printf '%s\n' "store: $STORE" "rules: $RULES" \
		'local_domains: [mailhub]' >nixie.yaml
	run -0 "$NIXIE" quarantine retry --config nixie.yaml --all
	[[ $output == *delivery-report*recorded ]]
	run -1 "$NIXIE" check --config nixie.yaml jan@mailhub
	[ "$(quarantined | wc -l)" -eq 0 ]
	run -0 nixie db status --json
	[ "$(member messages)" = 1 ]
	[ "$(member events)" = 1 ]
}

@test "retry: what was cut off is still not there" {
	{
		bounce gone@example.com | sed '/message\/delivery-status/,$d'
		printf 'Content-Type: application/octet-stream\n\n'
		yes 'and so on and so on and so on' | head -c 1100000
		printf '\n\n--=_b--\n'
	} >mail
	nixie deliver <mail
	run -0 nixie quarantine list
	[[ $output == *' truncated '* ]]
	run -0 nixie quarantine retry --all
	[[ $output == *' kept' ]]
	[ "$(quarantined | wc -l)" -eq 1 ]
}

@test "retry: one by its id" {
	ordinary | nixie deliver
	puzzle gone@example.com | nixie deliver
	learnt
	output=$(nixie quarantine list --json | grep -v Lunch)
	id=$(member id | tr -d '"')
	run -0 nixie quarantine retry --rules-site site "${id:0:9}"
	[[ $output == "${id:0:12}"*recorded ]]
	[ "$(quarantined | wc -l)" -eq 1 ]
}

# store-2 was made by nixie 0.1.0 of schema 2, killed with messages that were
# acknowledged and not yet put in order.
@test "a store with the quarantine of an older nixie" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" --strip-components 1
	[ -n "$(ls "$STORE/quarantine/wait")" ]
	run -3 nixie quarantine list # whoever only reads changes nothing
	[ -d "$STORE/quarantine" ]
	before=$(sqlite3 "$STORE/nixie.db" 'select count(*) from event')
	ordinary | nixie deliver --now 2026-01-02
	[ ! -e "$STORE/quarantine" ]
	run -0 nixie quarantine list
	[ "$(grep -c ' ordinary .* old letter' <<<"$output")" -eq 3 ]
	[ "$(grep -c ' no-address ' <<<"$output")" -eq 1 ]
	[ "$(grep -c ' unparsed ' <<<"$output")" -eq 0 ]
	run -0 nixie db verify
	# what was recorded then is known now
	bounce gone@example.com | nixie deliver -r bounces@example.org
	[ "$(sqlite3 "$STORE/nixie.db" 'select count(*) from event')" = "$before" ]
	run -1 nixie check gone@example.com --now 2026-01-01T01:00:00Z
	run -0 nixie quarantine retry --all
	[ "$(grep -c kept <<<"$output")" -eq 5 ]
}

@test "a quarantine of an older nixie with what is not its own in it" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" --strip-components 1
	mkdir elsewhere "$STORE/quarantine/new/folder"
	ordinary >elsewhere/letter
	mkfifo "$STORE/quarantine/new/fifo"
	ln -s ../../../elsewhere/letter "$STORE/quarantine/new/link"
	rmdir "$STORE/quarantine/cur"
	ln -s ../../elsewhere "$STORE/quarantine/cur"
	nixie suppress a@example.com
	[ "$(quarantined | wc -l)" -eq 4 ]
	[ -e elsewhere/letter ]
	[ "$(find "$STORE/quarantine/new" -mindepth 1 | wc -l)" -eq 3 ]
	nixie suppress b@example.com
	[ "$(quarantined | wc -l)" -eq 4 ]
}

@test "a quarantine that belongs to somebody else stays" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" --strip-components 1
	[ "$(id -u)" -ne 0 ] || chown 12345 "$STORE/quarantine"
	nixie suppress a@example.com
	[ "$(id -u)" -eq 0 ] || return 0
	[ "$(find "$STORE/quarantine/new" -type f | wc -l)" -eq 2 ]
	chown 0 "$STORE/quarantine"
	nixie suppress b@example.com
	[ "$(quarantined | wc -l)" -eq 4 ]
}

@test "a quarantine of an older nixie is taken over in the order of time" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" --strip-components 1
	files=("$STORE"/quarantine/new/*)
	touch -d 2026-01-03 "${files[0]}"
	touch -d 2026-01-02 "${files[1]}"
	mv "${files[1]}" "$STORE/quarantine/cur/${files[1]##*/}:2,S"
	nixie suppress a@example.com
	run -0 nixie quarantine list
	[[ ${lines[0]} == *' 2026-01-02T00:00:00Z '*' no-address '* ]]
	[[ ${lines[1]} == *' 2026-01-03T00:00:00Z '*'old letter 0' ]]
	[[ ${lines[2]} == *'old letter 1' ]]
	[[ ${lines[3]} == *'old letter 2' ]]
}

@test "a quarantine of an older nixie is not touched while that one writes" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" --strip-components 1
	mkfifo go
	python3 - "$STORE/quarantine/wait.lock" >go <<-'LOCK' &
		import fcntl, signal, struct, sys
		lock = open(sys.argv[1], 'r+')
		fcntl.fcntl(lock, 37, struct.pack('hhqqi4x', 1, 0, 0, 0, 0))
		print('locked', flush=True)
		signal.pause()
	LOCK
	local holder=$!
	read -r _ <go
	run -124 timeout 1 "$NIXIE" suppress --store "$STORE" --rules "$RULES" \
		a@example.com
	kill "$holder"
	[ -n "$(ls "$STORE/quarantine/wait")" ]
	nixie suppress a@example.com
	[ ! -e "$STORE/quarantine" ]
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
	run -2 nixie quarantine drop
	run -2 nixie quarantine drop none
	run -2 nixie quarantine export
	puzzle a@example.com | nixie deliver
	run -2 nixie quarantine show ''
	[[ $output == *several* ]]
}
