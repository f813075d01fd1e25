#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# One report counts once, however it comes, and from its own date on.

load helper.bash

T1=2026-01-01T02:00:00Z # when the same comes again: a second bounce would climb

# counted MESSAGES EVENTS: what the store has.
counted() {
	run -0 nixie db status --json
	[ "$(member messages)" = "$1" ]
	[ "$(member events)" = "$2" ]
}

# leased END [ADDRESS]: it is suppressed until then, by a bounce.
leased() {
	nixie check --json --now "$T1" "${2-gone@example.com}" >said || :
	grep -q "\"class\":\"hard\".*\"until\":\"$1\"" said || {
		cat said >&2
		return 1
	}
}

# as_it_may_come: the message on stdin is mail, and mail.* are the same.
as_it_may_come() {
	cat >mail
	{
		printf 'Return-Path: <>\nDelivered-To: b@example.org\n'
		printf 'X-Original-To: c@example.org\n'
		printf 'Received: by b.example.org;\n\tThu, 1 Jan 2026 00:00 +0000\n'
		cat mail
	} >mail.headers
	sed 's/$/\r/' mail >mail.crlf
	head -c -1 mail >mail.no_line_end
	{
		printf 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026\nStatus: RO\n'
		cat mail.headers
		echo
	} >mail.mbox
	mkdir -p Maildir/cur Maildir/new Maildir/tmp
	cp mail.headers Maildir/cur/1:2,S
	cp mail Maildir/new/2
}

@test "the same report to two of our addresses is one event" {
	bounce gone@example.com >mail
	nixie deliver --now "$T0" -f '' -r b1@example.org <mail
	nixie deliver --now "$T1" -f '' -r b2@example.org <mail
	counted 1 1
	leased 2026-01-02T00:00:00Z
}

@test "the same report is one event by any way" {
	bounce gone@example.com | as_it_may_come
	nixie deliver --now "$T0" -r b@example.org <mail
	for copy in mail.*; do
		nixie deliver --now "$T1" -r b@example.org <"$copy"
		nixie deliver --now "$T1" <"$copy"
	done
	run -0 nixie ingest --now "$T1" Maildir mail.mbox mail.crlf
	[[ $output =~ "already known"\ +4 ]]
	counted 1 1
	leased 2026-01-02T00:00:00Z
}

@test "nor do copies count that a filter or an attacker changed" {
	bounce gone@example.com >mail
	nixie deliver --now "$T0" <mail
	for copy in 2 3 4; do
		sed "s/<report-1@/<report-$copy@/; s/User unknown/& ($copy)/" \
			mail >copy.$copy
	done
	nixie deliver --now "$T1" <copy.2
	nixie deliver --now "$T1" < <(printf 'X-Spam-Level: *\n'; cat mail)
	run -0 nixie ingest --now "$T1" copy.*
	[[ $output =~ "already known"\ +1 ]]
	[[ $output =~ "told before"\ +2 ]]
	[[ $output != *unknown-user* ]]
	counted 5 1
	leased 2026-01-02T00:00:00Z
}

@test "another mail that bounces counts, and one for somebody else" {
	bounce gone@example.com | nixie deliver --now "$T0"
	bounce gone@example.com 5.1.1 "550 User unknown" 2 |
		nixie deliver --now "$T1"
	bounce other@example.com | nixie deliver --now "$T1"
	counted 3 3
	leased 2026-01-03T02:00:00Z
	leased 2026-01-02T02:00:00Z other@example.com
}

@test "an envelope id names the mail where no Message-ID does" {
	bounce gone@example.com | sed -e '/^Message-ID: <news/d' \
		-e 's/^Reporting-MTA.*/&\nOriginal-Envelope-Id: QQ1/' >mail
	nixie deliver --now "$T0" <mail
	sed 's/User unknown/no such user/' mail | nixie deliver --now "$T1"
	counted 2 1
	sed 's/QQ1/QQ2/' mail | nixie deliver --now "$T1"
	counted 3 2
}

@test "a failure counts after a delay" {
	bounce gone@example.com 4.4.1 "451 4.4.1 no answer" | nixie deliver
	run -0 nixie check gone@example.com
	bounce gone@example.com | nixie deliver
	counted 2 2
	run -1 nixie check gone@example.com
}

@test "a complaint counts after a bounce" {
	bounce gone@example.com | nixie deliver --now "$T0"
	complaint gone@example.com | nixie deliver --now "$T0"
	counted 2 2
	run -1 nixie check --now 2036-01-01 gone@example.com
	[[ $output == *complaint* ]]
}

@test "an unsubscribe request is of the address that it came to" {
	printf '%s\n' 'From: ann@example.com' 'To: news@example.org' \
		'Subject: unsubscribe' 'Message-ID: <u@example.com>' '' >mail
	nixie deliver -f ann@example.com -r news@example.org <mail
	nixie deliver -f ann@example.com -r news@example.org <mail
	counted 1 1
	nixie deliver -f ann@example.com -r offers@example.org <mail
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
}

@test "an old bounce is history, and does not count as today's" {
	{
		echo 'Date: Tue, 1 Jan 2019 10:00:00 +0000'
		bounce gone@example.com
	} >mail
	run -0 nixie ingest --now "$T0" mail
	[[ $output =~ "newly suppressed"\ +0 ]]
	run -0 nixie check --now "$T0" gone@example.com
	run -0 nixie show --now "$T0" gone@example.com
	[[ $output == *"2019-01-01T10:00:00Z  event  hard unknown-user"* ]]
	bounce gone@example.com 5.1.1 "550 User unknown" 2 |
		nixie deliver --now "$T0"
	leased 2026-01-02T00:00:00Z
}

@test "a bounce of today holds as long as if it had come at its time" {
	{
		echo 'Date: Wed, 31 Dec 2025 14:00:00 +0000'
		bounce gone@example.com
	} >mail
	run -0 nixie ingest --now "$T0" mail
	[[ $output =~ "newly suppressed"\ +1 ]]
	leased 2026-01-01T14:00:00Z
}

@test "a bounce from before the lease neither lengthens nor ends it" {
	bounce gone@example.com | nixie deliver --now "$T0"
	{
		echo 'Date: Mon, 1 Dec 2025 10:00:00 +0000'
		bounce gone@example.com 5.1.1 "550 User unknown" 2
	} >mail
	nixie ingest --now "$T1" mail
	counted 2 2
	leased 2026-01-02T00:00:00Z
	bounce gone@example.com 5.1.1 "550 User unknown" 3 |
		nixie deliver --now "$T1"
	leased 2026-01-03T02:00:00Z # the second rung
}

@test "an old complaint holds" {
	{
		echo 'Date: Tue, 1 Jan 2019 10:00:00 +0000'
		complaint cross@example.com
	} >mail
	nixie ingest --now "$T0" mail
	run -1 nixie check --now "$T0" cross@example.com
}

@test "a date that lies behind the last hop yields to it" {
	{
		echo 'Received: by b.example.org; Tue, 1 Jan 2019 10:00:00 +0000'
		echo 'Date: Wed, 31 Dec 2025 14:00:00 +0000'
		bounce gone@example.com
	} >mail
	nixie ingest --now "$T0" mail
	run -0 nixie check --now "$T0" gone@example.com
	[[ $output == *"may be mailed"* ]]
	{
		echo 'Date: Wed, 1 Jan 2031 10:00:00 +0000'
		bounce ahead@example.com
	} >mail
	nixie ingest --now "$T0" mail
	leased 2026-01-02T00:00:00Z ahead@example.com
}

@test "--received now: it counts as if it had come now" {
	{
		echo 'Date: Tue, 1 Jan 2019 10:00:00 +0000'
		bounce gone@example.com
	} >mail
	run -2 --separate-stderr nixie ingest --received later mail
	[[ $stderr == *later* ]]
	run -0 nixie ingest --now "$T0" --received now mail
	[[ $output =~ "newly suppressed"\ +1 ]]
	leased 2026-01-02T00:00:00Z
}

@test "what is delivered counts from when it came" {
	{
		echo 'Date: Tue, 1 Jan 2019 10:00:00 +0000'
		bounce gone@example.com
	} | nixie deliver --now "$T0"
	leased 2026-01-02T00:00:00Z
}
