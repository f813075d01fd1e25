#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

boxed() { # an mbox of bounces for user1 to userN
	for ((i = 1; i <= $1; i++)); do
		echo 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026'
		bounce "user$i@example.com" 5.1.1 "550 5.1.1 User unknown" "$i"
		echo
	done
}

@test "everything is recorded, and summed up by class and reason" {
	boxed 3 >box
	complaint cross@example.com >abuse
	ordinary >lunch
	run -0 nixie ingest box abuse lunch
	[[ ${lines[0]} =~ ^messages\ +5$ ]]
	[[ $output =~ "already known"\ +0 ]]
	[[ $output =~ "newly suppressed"\ +4 ]]
	[[ $output =~ hard\ +unknown-user\ +3 ]]
	[[ $output =~ complaint\ +[a-z-]+\ +1 ]]
	run -1 nixie check user1@example.com user2@example.com
	run -1 nixie check cross@example.com
}

@test "reports that do not say of whom are counted" {
	boxed 1 >box
	bounce 'jan smits@example.com' >broken
	bounce 'jan@mail..example' >worse
	run -0 nixie ingest box broken worse
	[[ $output =~ hard\ +unknown-user\ +3 ]]
	[[ $output =~ "newly suppressed"\ +1 ]]
	[[ $output =~ "no recipient named"\ +2 ]]
}

@test "a second run changes nothing" {
	boxed 10 >box
	nixie ingest --now "$T0" box
	nixie list --now "$T0" --json >before
	run -0 nixie ingest --now 2026-01-01T12:00:00Z box
	[[ $output =~ "already known"\ +10 ]]
	[[ $output =~ "newly suppressed"\ +0 ]]
	[[ $output != *hard* ]]
	nixie list --now "$T0" --json | cmp - before
}

@test "the store's directory is made when it is missing" {
	boxed 1 >box
	run -0 "$NIXIE" ingest --rules "$RULES" --store new/ box
	[ "$(stat -c %a new)" = 700 ]
}

@test "more than one group of messages" {
	boxed 300 | sed 's/\(user[0-9]*[02468]\)@example.com/\1@example.org/
		/^Remote-MTA:/d' >box
	run -0 nixie ingest box
	[[ $output =~ messages\ +300 ]]
	run -0 nixie db status --json
	[ "$(member messages)" = 300 ]
	[ "$(member suppressed)" = 300 ]
}

@test "what cannot be read is named, the rest is recorded, the end is 1" {
	boxed 2 >box
	run -1 --separate-stderr nixie ingest missing box
	[[ $stderr == *missing* ]]
	[[ $output =~ messages\ +2 ]]
	[[ $output =~ unreadable\ +1 ]]
}

@test "delivered and ingested it is the same message" {
	{
		echo 'Delivered-To: bounces@example.org'
		bounce gone@example.com
	} >mail
	nixie deliver -f '' -r bounces@example.org <mail
	run -0 nixie ingest mail
	[[ $output =~ "already known"\ +1 ]]
}

@test "no progress and no escapes where no terminal is" {
	boxed 2 >box
	run -0 --separate-stderr nixie ingest box
	[ -z "$stderr" ]
}

reads_fifo() { # PID: it has come to the pipe
	readlink "/proc/$1/fd/"* | grep -q '/fifo$'
}

@test "an interrupt finishes what is under way, and it can go on" {
	mkdir mail
	boxed 20 >mail/1
	mkfifo fifo
	"$NIXIE" ingest --rules "$RULES" --store "$STORE" mail/1 fifo mail/1 \
		>out 2>err 3>&- &
	local pid=$! status=0
	exec 7<>fifo
	until_true $pid reads_fifo $pid
	kill -INT $pid
	exec 7>&-
	wait $pid || status=$?
	[ "$status" -eq 3 ]
	grep -q 'run it again' err
	run -0 nixie ingest mail/1
	run -0 nixie db status --json
	[ "$(member events)" = 20 ]
}

@test "while it waits for mail, others write" {
	boxed 200 >box
	mkfifo fifo
	"$NIXIE" ingest --rules "$RULES" --store "$STORE" box fifo >out 2>err \
		3>&- &
	local pid=$! status=0
	exec 7<>fifo
	boxed 200 | sed 's/gone/late/' >&7
	until_true $pid reads_fifo $pid
	nixie suppress one@example.com
	bounce two@example.com 5.1.1 '550 5.1.1 User unknown' two |
		nixie deliver
	kill -STOP $pid
	nixie suppress three@example.com
	bounce four@example.com 5.1.1 '550 5.1.1 User unknown' four |
		nixie deliver
	kill -CONT $pid
	exec 7>&-
	wait $pid || status=$?
	[ "$status" -eq 0 ]
	run -1 nixie check one@example.com two@example.com three@example.com \
		four@example.com
	[ "$(grep -c suppressed <<<"$output")" -eq 4 ]
}

@test "a store that cannot be used ends with 3" {
	boxed 1 >box
	: >file
	run -3 --separate-stderr "$NIXIE" ingest --rules "$RULES" \
		--store file box
	[ -z "$output" ]
	[ -n "$stderr" ]
}

@test "a disk that fills up ends with 3, and nothing is half there" {
	boxed 300 >box
	nixie ingest --now "$T0" /dev/null
	run -3 --separate-stderr bash -c "trap '' XFSZ; prlimit --fsize=65536 \
		'$NIXIE' ingest --rules '$RULES' --store '$STORE' box"
	run -0 nixie db verify
	run -0 nixie ingest box
	run -0 nixie db status --json
	[ "$(member events)" = 300 ]
}

@test "workers that are gone: what was not read is not recorded" {
	mkdir box
	for i in {1..2000}; do
		printf 'Subject: %s\n\nx\n' "$i" >"box/$i.eml"
	done
	"$NIXIE" ingest --rules "$RULES" --store "$STORE" box >out 2>err 3>&- &
	local pid=$! status=0 host
	until_true $pid has_child $pid >children
	read -r host _ <children
	until_true $pid has_child "$host"
	kill -STOP $pid
	without_workers $pid
	kill -CONT $pid
	wait $pid || status=$?
	[ "$status" -eq 3 ]
	grep -q 'no worker answered' err
	run -0 nixie ingest box
	run -0 nixie db status --json
	[ "$(member messages)" = 2000 ]
	run -0 nixie quarantine list
	[[ $output != *unparsed* ]]
}
