#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

@test "success says nothing" {
	bounce gone@example.com >mail
	run -0 nixie deliver <mail
	[ -z "$output" ]
}

@test "the store is made in its directory, for the owner only" {
	umask 000
	bounce gone@example.com | nixie deliver
	[ "$(stat -c %a "$STORE/nixie.db")" = 600 ]
}

@test "ordinary mail is taken and kept in quarantine, once" {
	ordinary >mail
	nixie deliver <mail
	nixie deliver <mail
	[ "$(quarantined | wc -l)" -eq 1 ]
	shown "$(quarantined)" | cmp mail
}

@test "a report that does not say of whom is kept in quarantine" {
	bounce 'jan smits@@example' >mail
	nixie deliver <mail
	shown "$(quarantined)" | cmp mail
	complaint '[redacted]' 2 >mail
	sed -i 's/To: .redacted.*/To: undisclosed/' mail
	nixie deliver <mail
	[ "$(quarantined | wc -l)" -eq 2 ]
	bounce 'jan@mail..example' | nixie deliver
	bounce "$(printf '%0300d' 0)@example.com" | nixie deliver
	[ "$(quarantined | wc -l)" -eq 4 ]
}

@test "a report is not kept in quarantine" {
	bounce gone@example.com | nixie deliver
	[ "$(quarantined | wc -l)" -eq 0 ]
}

@test "the envelope comes from the options" {
	ordinary | nixie deliver -f '' -r bounces@example.org \
		--original-recipient bounces+1@example.org --queue-id 4ABC
	ordinary | nixie deliver --sender '' --recipient other@example.org
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ] # the recipient makes them two
}

@test "the envelope comes from the environment" {
	ordinary >mail
	SENDER='' RECIPIENT=a@example.org nixie deliver <mail
	SENDER='' RECIPIENT=b@example.org EXTENSION=x \
		ORIGINAL_RECIPIENT=c@example.org nixie deliver <mail
	RECIPIENT=b@example.org nixie deliver --recipient a@example.org <mail
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
}

@test "MAILER-DAEMON, in any domain, is the null sender" {
	for sender in '<>' MAILER-DAEMON mailer-daemon@mta.example.org; do
		ordinary | nixie deliver -f "$sender" -r "$sender.example.org"
	done
	[ "$(quarantined | wc -l)" -eq 3 ]
	for id in $(quarantined); do
		nixie quarantine show "$id" | grep -qx 'sender     <>'
	done
	for sender in MAILER-DAEMONS m@example.org MAILER; do
		ordinary | nixie deliver -f "$sender" -r "$sender.example.org"
		for id in $(quarantined); do
			nixie quarantine show "$id"
		done >all
		grep -qx "sender     $sender" all
	done
}

@test "it is the same message when a hop wrote other headers" {
	bounce gone@example.com >mail
	nixie deliver -r b@example.org <mail
	{
		printf 'Return-Path: <>\nDelivered-To: b@example.org\n'
		cat mail
	} | nixie deliver -r b@example.org
	{
		printf 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n'
		cat mail
	} | nixie deliver -r b@example.org
	run -0 nixie db status --json
	[ "$(member messages)" = 1 ]
}

@test "a complaint suppresses for ever" {
	complaint cross@example.com | nixie deliver --now 2020-01-01
	run -1 nixie check cross@example.com
	[[ $output == *complaint* ]]
}

@test "--help takes no message" {
	run -0 "$NIXIE" deliver --help </dev/null
	ordinary >mail
	run -75 "$NIXIE" deliver --help <mail
}
