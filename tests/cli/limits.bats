#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Messages that say very much: nothing of it is lost without a word.

load helper.bash

# report COUNT [SIZE]: a delivery report on so many recipients, with so many
# bytes said of each.
report() {
	bounce user@example.com >one
	awk -v count="$1" -v size="${2:-0}" '
		/^Final-Recipient/ { first = NR }
		first && !fields_end {
			if ($0 != "") {
				if (/^Diagnostic/)
					while (length($0) < size)
						$0 = $0 "\n it is not known here"
				block = block $0 "\n"
				next
			}
			for (i = 1; i <= count; i++) {
				copy = block
				gsub(/user@/, "user" i "@", copy)
				printf "%s\n", copy
			}
			fields_end = 1
			next
		}
		{ print }' one
}

# qmail COUNT: the same without a part for machines.
qmail() {
	cat <<-MAIL
		From: MAILER-DAEMON@mx.example.net
		To: bounces@example.org
		Subject: failure notice

		Hi. This is the qmail-send program at mx.example.net.
		I'm afraid I wasn't able to deliver your message to the following addresses.
		This is a permanent error; I've given up. Sorry it didn't work out.

	MAIL
	for ((i = 1; i <= $1; i++)); do
		printf '%s\n' "<user$i@example.com>:" \
			'192.0.2.1 does not like recipient.' \
			'Remote host said: 550 5.1.1 this user is not known here' \
			'Giving up on 192.0.2.1.' ''
	done
	printf '%s\n' '--- Below this line is a copy of the message.' '' \
		'From: news@example.org' 'Subject: The news of today' '' 'News.'
}

# long LINES: lines of 70 bytes.
long() {
	yes "$(printf '%070d' 0)" | head -n "$1"
}

# recorded EVENTS KEPT: so many events are in the store, so many messages in
# quarantine.
recorded() {
	local kept
	run -0 nixie db status --json
	kept=$(quarantined | wc -l)
	[ "$(member events) $kept" = "$1 $2" ] || {
		echo "events $(member events), kept $kept" >&2
		return 1
	}
}

@test "a thousand recipients are a thousand events" {
	report 1000 | nixie deliver
	recorded 1000 0
	run -0 nixie check user1000@example.com
	[[ $output == *"held: 800 hard bounces of example.com"* ]]
}

@test "of one more it is known, and the message kept" {
	report 1001 >mail
	nixie deliver <mail
	recorded 1000 1
	shown "$(quarantined)" | cmp mail
	run -0 nixie explain mail
	[[ $output =~ truncated ]]
}

@test "900 KB of diagnostics are read, and kept where they have no room" {
	report 1000 800 >mail
	[ "$(wc -c <mail)" -gt 850000 ]
	nixie deliver <mail
	recorded 1000 1
}

@test "a thousand recipients in a text for people" {
	qmail 1000 >mail
	[ "$(wc -c <mail)" -gt 131072 ]
	nixie deliver <mail
	recorded 1000 0
	qmail 1001 | sed 's/user/other/g' | nixie deliver
	recorded 2000 1
}

@test "a returned message that is cut is no loss" {
	bounce a@example.com >mail
	sed '/^--=_b--$/d; s#text/rfc822-headers#message/rfc822#' mail >top
	{ cat top; long 20000; echo '--=_b--'; } | nixie deliver
	recorded 1 0
	{ qmail 1; long 20000; } | nixie deliver
	recorded 2 0
}

@test "where a part for machines may be cut off, the message is kept" {
	{
		bounce a@example.com | sed '/message\/delivery-status/,$d'
		printf '%s\n' '' 'The log:' ''
		long 20000
	} >mail
	nixie deliver <mail
	quarantined | grep -q .
	run -0 nixie classify --json mail
	[ "$(member truncated)" = true ]
}

@test "ingest counts what it did not read to the end" {
	report 1001 >mail
	run -0 nixie ingest mail
	[[ $output =~ truncated\ +1 ]]
}

@test "what is said of a recipient in a long text is read" {
	report 1000 | sed '/^Diagnostic/d' >fields
	{
		sed '/^<user@/,$d' fields
		for i in {1..1000}; do
			printf '%s\n' "<user$i@example.com>: host mx.example.com" \
				'said: 550 5.1.1 this user is not known here' ''
		done
		sed '1,/^<user@/d' fields
	} >mail
	run -0 nixie classify --json mail
	[[ $output =~ \"user1000@example.com\"[^}]*\"diagnostic\":\"[^\"]*not\ known ]]
	[[ $output != *truncated* ]]
}

@test "a line as long as the text, and everybody is in it" {
	report 1000 | sed '/^Diagnostic/d' >fields
	{
		sed '/^<user@/,$d' fields
		for _ in {1..26}; do
			printf 'user%d@example.com ' {1..1000}
		done
		sed '1,/^<user@/d' fields
	} >mail
	run -0 nixie classify --json mail
	[[ $output != *unparsed* ]]
	[[ $output == *'"user1000@example.com"'* ]]
}

@test "one line of a mebibyte that repeats an address is read" {
	{
		printf 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\n'
		printf 'To: b@example.org\nSubject: Undelivered Mail\n\n'
		printf 'a@b.example %.0s' {1..85000}
		printf '\n550 user unknown\n'
	} >a.eml
	run -0 nixie classify --json a.eml
	[[ $output != *unparsed* ]]
}
