#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2030,SC2031,SC2154 # run sets output and stderr
# What is remembered of an address, who said so, and what they said.

load helper.bash

# dated DATE: the message on stdin, written then.
dated() {
	echo "Date: $1"
	cat
}

# told NAME VALUE...: $output has that member with that value.
told() {
	local name=$1
	shift
	grep -Eq "^    $name +$*\$" <<<"$output" || {
		echo "no '$name $*' in" "$output" >&2
		return 1
	}
}

# week: of a dead mailbox that is mailed every day.
week() {
	local day
	for day in 1 2 3 4 5 6 7; do
		nixie check --attempt --now "2026-01-0${day}T06:00:00Z" \
			gone@example.com >out || [ $? -eq 1 ]
		bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' $day |
			nixie deliver --now "2026-01-0${day}T06:10:00Z"
	done
}

@test "somebody's mail stopped: show says who said so, when, and by which mail" {
	bounce gone@example.com | dated 'Wed, 31 Dec 2025 14:00:00 +0000' |
		nixie deliver --now "$T0" -f '' -r bounces@example.org \
			--queue-id 4XYZ
	run -0 nixie show --now 2026-01-01T03:00:00Z gone@example.com
	[ "${lines[0]}" = "gone@example.com  suppressed  hard unknown-user  \
since 2026-01-01T00:00:00Z until 2026-01-02T00:00:00Z (in 21 h)" ]
	told ends 'by itself; step 1 of its ladder'
	told 'said by' mx.example.net
	told evidence unverified
	told reported 2026-01-01T00:00:00Z
	told dated 2025-12-31T14:00:00Z
	told 'queue id' 4XYZ
	told rule text/user/missing
	told said '550 5.1.1 User unknown'
	run -0 nixie show --json --now 2026-01-01T03:00:00Z gone@example.com
	python3 - "$output" <<-'PYTHON'
		import json, sys
		shown = json.loads(sys.argv[1])
		(standing,) = shown["standings"]
		assert standing["rung"] == 1 and not standing["prolonged"]
		assert standing["evidence"] == "claimed"
		(event,) = shown["history"]
		for said in standing["said"], event:
		    assert said["reporting_mta"] == "mx.example.net", said
		    assert said["queue_id"] == "4XYZ"
		    assert said["dated"] == "2025-12-31T14:00:00Z"
		    assert said["reported"] == "2026-01-01T00:00:00Z"
		    assert said["rule"] == "text/user/missing"
		    assert len(said["message"]) == 64
	PYTHON
}

@test "who complained is named by the sender of the report, who wrote by name" {
	complaint angry@example.com |
		nixie deliver --now "$T0" -f fbl@isp.example --queue-id 5ABC
	nixie suppress --note 'asked by phone' --now "$T0" angry@example.com
	soft angry@example.com 9 | nixie deliver --now "$T0"
	run -0 nixie show --now "$T0" angry@example.com
	[[ $output == *"angry@example.com  suppressed  manual  since "* ]]
	told by "$(id -un)"
	told note 'asked by phone'
	told ends 'by hand only: release --class manual'
	[[ $output == *"  [bulk mail of example.org]  suppressed  complaint-abuse  "* ]]
	told 'said by' fbl@isp.example
	told 'queue id' 5ABC
	told ends 'by hand only: release --class complaint'
	told bounces '1, the last 2026-01-01T00:00:00Z'
	[[ $output != *'manual manual'* && $output != *'complaint complaint'* ]]
}

@test "what attempts prolonged says so, and what has ended that it was" {
	bounce gone@example.com | nixie deliver --now "$T0"
	nixie check --attempt --now 2026-01-01T23:00:00Z gone@example.com ||
		[ $? -eq 1 ]
	run -0 nixie show --now 2026-01-02T01:00:00Z gone@example.com
	told ends 'by itself; step 2 of its ladder, prolonged by attempts'
	run -0 nixie show --now 2027-01-01T00:00:00Z gone@example.com
	[[ ${lines[0]} == "gone@example.com  may be mailed; was suppressed \
(hard unknown-user) until 2026-01-0"*" d ago)" ]]
	[[ $output != *'    ends '* ]]
}

@test "the history begins with the newest, and is folded when long" {
	week
	run -0 nixie show --now 2026-01-08 gone@example.com
	[[ $output == *"
history, newest first:
  2026-01-07T06:10:00Z  event  hard unknown-user
    "*"
    and 6 more like this, from 2026-01-01T06:10:00Z to 2026-01-06T06:10:00Z
  2026-01-07T06:00:00Z  attempt  hard unknown-user
    and 5 more like this, from 2026-01-02T06:00:00Z to 2026-01-06T06:00:00Z
  --all shows each by itself" ]]
	run -0 nixie show --all --now 2026-01-08 gone@example.com
	[ "$(grep -c '  event  hard' <<<"$output")" -eq 7 ]
	[ "$(grep -c '  attempt  hard' <<<"$output")" -eq 6 ]
	[[ $output != *'like this'* ]]
	run -0 nixie show --json --now 2026-01-08 gone@example.com
	[ "$(grep -o '"what":' <<<"$output" | wc -l)" -eq 13 ]
}

@test "what was before a release is folded apart, and another stays another" {
	week
	nixie release --now 2026-01-07T12:00:00Z gone@example.com
	bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' 8 |
		nixie deliver --now 2026-01-08T06:00:00Z
	bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' 9 |
		sed 's/mx.example.net/other.example.net/' |
		nixie deliver --now 2026-01-09T06:00:00Z
	run -0 nixie show --now 2026-01-10 gone@example.com
	[ "$(grep -c '^  2026.*  event  hard' <<<"$output")" -eq 3 ]
	[[ $output == *'other.example.net'*'2026-01-08T06'*'  release'*'and 6 more'* ]]
}

@test "a history of many kinds is shown in part, and says so" {
	local i
	for i in {1..45}; do
		nixie suppress --note "$i" --now "$T0" odd@example.com
	done
	run -0 nixie show odd@example.com
	[ "$(grep -c '  suppress  manual' <<<"$output")" -eq 40 ]
	[[ $output == *'
  and 5 more
  --all shows each by itself' ]]
	run -0 nixie show --all odd@example.com
	[ "$(grep -c '  suppress  manual' <<<"$output")" -eq 45 ]
}

@test "--message prints what was reported, byte for byte" {
	{
		bounce gone@example.com | sed 's/$/\r/'
		printf 'a NUL \0, an escape \033[31m, \xff\r\n'
	} >mail
	nixie deliver <mail --now "$T0" --queue-id 4XYZ
	run -0 --separate-stderr nixie show --message --now "$T0" gone@example.com
	nixie show --message --now "$T0" gone@example.com 2>/dev/null | cmp mail
	[ "$stderr" = "nixie show: came 2026-01-01T00:00:00Z, queue id 4XYZ" ]
}

# On a terminal NIXIE show ADDRESS --message.
on_terminal() {
	python3 - "$NIXIE" show --store "$STORE" "$@" <<-'PYTHON'
		import pty, sys
		status = pty.spawn(sys.argv[1:])
		sys.exit(status != 0)
	PYTHON
}

@test "a terminal gets it escaped" {
	{
		bounce gone@example.com
		printf 'an escape \033[31m\n'
	} | nixie deliver
	run -0 on_terminal --message gone@example.com
	[[ $output == *'an escape \x1B[31m'* ]]
	[[ $output != *$'\033'* ]]
}

@test "of many the newest is printed, and --all makes a mailbox of them" {
	local i
	for i in 1 2 3; do
		{
			bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' $i
			printf 'From here on\n>From there\nno line end'
		} >"mail$i"
		nixie deliver <"mail$i" --now "2026-01-0$i"
	done
	run -0 --separate-stderr nixie show --message gone@example.com
	[[ $stderr == *'2 more are kept: --all prints them too' ]]
	nixie show --message gone@example.com 2>/dev/null | cmp mail3
	nixie show --message --all gone@example.com >box
	[ "$(grep -c '^From MAILER-DAEMON Fri Jan  2 00:00:00 2026$' box)" -eq 1 ]
	[ "$(grep -c '^>From here on$' box)" -eq 3 ]
	[ "$(grep -c '^>>From there$' box)" -eq 3 ]
	# any program that reads mailboxes reads it
	python3 - <<-'PYTHON'
		import mailbox
		ids = [mail["Message-ID"] for mail in mailbox.mbox("box")]
		assert ids == [f"<report-{i}@mx.example.net>" for i in (3, 2, 1)], ids
	PYTHON
}

@test "a report about two is kept once, and printed for either" {
	bounce one@example.com | sed 's/^Final-Recipient: .*/&\
Action: failed\
Status: 5.1.1\
\
Final-Recipient: rfc822; two@example.com/' >mail
	nixie deliver <mail
	for name in one two; do
		nixie show --message $name@example.com 2>/dev/null | cmp mail
	done
}

@test "what was ingested is kept, too" {
	bounce gone@example.com >mail
	nixie ingest mail >/dev/null
	nixie show --message gone@example.com 2>/dev/null | cmp mail
}

@test "of a large one the beginning is kept, and show says so" {
	{
		bounce gone@example.com
		yes 'and so on' | head -c 2000000
	} >mail
	nixie deliver <mail
	run -0 --separate-stderr nixie show --message gone@example.com
	[[ $stderr == *"the first 1048576 of $(wc -c <mail) bytes"* ]]
	nixie show --message gone@example.com 2>/dev/null >beginning
	head -c 1048576 mail | cmp - beginning
}

# none WORDS [OPTION...]: no original of gone@example.com, and why.
none() {
	local words=$1
	shift
	run -1 --separate-stderr nixie show --message "$@" gone@example.com
	[ -z "$output" ]
	[[ $stderr == "nixie show: gone@example.com: no original is kept: "*"$words"* ]]
}

@test "when none is kept, show says why and ends with 1" {
	nixie suppress other@example.com
	none 'nothing was ever reported'
	bounce gone@example.com >mail
	printf 'originals: 0\n' >off.yaml
	nixie deliver <mail --now "$T0" --config off.yaml
	none 'off in nixie.yaml' --config off.yaml
	# on since then
	none 'an older nixie' --now "$T0"
	none '30 days' --now 2026-02-01
	run -2 nixie show --message --json gone@example.com
}

@test "what a flood limit cut has no texts and no original, and says so" {
	printf 'limits: { rows: 1 }\n' >few.yaml
	bounce first@example.com | nixie deliver --config few.yaml --now "$T0"
	bounce gone@example.com 5.1.1 '550 User unknown' 2 |
		nixie deliver --config few.yaml --now "$T0" --queue-id 4XYZ
	run -0 nixie show --now "$T0" gone@example.com
	told texts 'not kept: too many reports came'
	told 'queue id' 4XYZ
	told 'said by' unknown
	none 'too many reports came that day' --now "$T0" --config few.yaml
	nixie show --json --now "$T0" gone@example.com | grep -q '"cut":true'
	nixie show --json --now "$T0" first@example.com | grep -q '"cut":false'
}

@test "newer ones take the room of older ones" {
	printf 'originals: { mebibytes: 1 }\n' >small.yaml
	local name
	for name in gone new; do
		{
			bounce $name@example.com
			head -c 600000 /dev/urandom | base64 -w 70
		} | nixie deliver --config small.yaml --now "$T0"
	done
	none 'newer reports took its room' --now "$T0"
	nixie show --message new@example.com --now "$T0" 2>/dev/null |
		grep -q 'Final-Recipient: rfc822; new@example.com'
	run -0 nixie db verify
}
