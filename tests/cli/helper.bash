#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For the bats files here to load: a store of the test's own, and mail.
# NIXIE is the program under test.

bats_require_minimum_version 1.5.0
load ../missing.bash

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${NIXIE:=$TOP/build/dev/nixie}"
: "${NIXIE_PIPE:=$TOP/build/dev/nixie-pipe}"
: "${FILTER_NIXIE:=$TOP/build/dev/filter-nixie}"
: "${RULES:=$TOP/rules}"
# shellcheck disable=SC2034 # for those who load it
T0=2026-01-01T00:00:00Z # a Thursday

setup() {
	unset SENDER RECIPIENT ORIGINAL_RECIPIENT EXTENSION MESSAGE_ID
	STORE=$BATS_TEST_TMPDIR/store
	mkdir -m 700 "$STORE"
	cd "$BATS_TEST_TMPDIR" || return
}

# nixie COMMAND WORD...: with the shipped rules, and with the test's store
# where the command takes one.
nixie() {
	local command=$1
	shift
	case $command in
	classify | rules | explain | policy)
		"$NIXIE" "$command" --rules "$RULES" "$@"
		;;
	*)
		"$NIXIE" "$command" --rules "$RULES" --store "$STORE" "$@"
		;;
	esac
}

# bounce ADDRESS [STATUS [REPLY [ID]]]: an RFC 3464 report on stdout.
bounce() {
	local address=$1 status=${2:-5.1.1} id=${4:-1}
	local reply=${3:-550 5.1.1 User unknown}
	cat <<-MAIL
		From: MAILER-DAEMON@mx.example.net
		To: bounces@example.org
		Subject: Undelivered Mail Returned to Sender
		Message-ID: <report-$id@mx.example.net>
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=delivery-status;
		 boundary="=_b"

		--=_b
		Content-Type: text/plain

		Your message could not be delivered.

		<$address>: $reply

		--=_b
		Content-Type: message/delivery-status

		Reporting-MTA: dns; mx.example.net

		Final-Recipient: rfc822; $address
		Action: $([ "${status%%.*}" = 4 ] && echo delayed || echo failed)
		Status: $status
		Remote-MTA: dns; mail.example.com
		Diagnostic-Code: smtp; $reply

		--=_b
		Content-Type: text/rfc822-headers

		From: News <news@example.org>
		To: $address
		Subject: The news of today
		Message-ID: <news-$id@example.org>

		--=_b--
	MAIL
}

# soft ADDRESS ID: a report of a full mailbox.
soft() {
	bounce "$1" 5.2.2 "552 5.2.2 Mailbox full" "$2"
}

# complaint ADDRESS [ID]: an RFC 5965 report on stdout.
complaint() {
	cat <<-MAIL
		From: feedback@example.net
		To: abuse@example.org
		Subject: FW: The news of today
		Message-ID: <complaint-${2:-1}@example.net>
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=feedback-report;
		 boundary="=_c"

		--=_c
		Content-Type: text/plain

		This is an email abuse report.

		--=_c
		Content-Type: message/feedback-report

		Feedback-Type: abuse
		User-Agent: Example/1.0
		Version: 1
		Original-Rcpt-To: <$1>

		--=_c
		Content-Type: message/rfc822

		From: News <news@example.org>
		To: $1
		Subject: The news of today
		Message-ID: <news-${2:-1}@example.org>

		Nothing new.

		--=_c--
	MAIL
}

# ordinary: mail between people.
ordinary() {
	printf '%s\n' 'From: ann@example.com' 'To: ben@example.org' \
		'Subject: Lunch' 'Message-ID: <lunch@example.com>' '' 'At one?'
}

# quarantined: the ids of the messages in quarantine, a line each, sorted.
quarantined() {
	nixie quarantine list --json |
		sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | sort
}

# shown ID: that message of the quarantine, with the headers of its envelope.
shown() {
	nixie quarantine show "$1" | sed '1,/^$/d'
}

# member NAME: that member of the JSON object in $output, as it is written.
# shellcheck disable=SC2154 # output is set by run
member() {
	sed -n "s/.*\"$1\": *\(\"[^\"]*\"\|[^,}]*\).*/\1/p" <<<"$output"
}

# until_true PID COMMAND...: waits for the command to be true; false when the
# process has gone instead.
until_true() {
	local pid=$1
	shift
	until "$@"; do
		[ -e "/proc/$pid/exe" ] || return 1
	done
}

# catches PROGRAM PID NUMBER: it has a handler for that signal.
catches() {
	local mask
	mask=$(sed -n 's/^SigCgt:[[:space:]]*/0x/p' "/proc/$2/status")
	[ "$(readlink "/proc/$2/exe")" = "$(readlink -f "$1")" ] &&
		((mask >> ($3 - 1) & 1))
}

# has_child PID: prints the children of the process; false while there are none.
has_child() {
	local children
	children=$(cat "/proc/$1/task/$1/children")
	[ -n "$children" ] && echo "$children"
}

# without_workers PID: ends its worker host and the workers.
without_workers() {
	local host workers
	until_true "$1" has_child "$1" >children
	read -r host _ <children
	until_true "$host" has_child "$host" >children
	read -ra workers <children
	kill -9 "$host" "${workers[@]}"
}

# signalled NUMBER PROGRAM [WORD...]: that signal in the middle of a message is
# a 75, and a line that says so.
signalled() {
	local number=$1 status=0
	shift
	rm -f fifo
	mkfifo fifo
	exec 7<>fifo
	printf 'From: half a message\n' >&7
	"$@" <fifo >out 2>err 3>&- &
	local pid=$!
	# the last to get its handler; a sanitizer has some of its own before
	until_true $pid catches "$1" $pid "$(kill -l RTMAX)"
	kill -"$number" $pid
	wait $pid || status=$?
	exec 7>&-
	[ "$status" -eq 75 ] || {
		echo "signal $number: $status" >&2
		return 1
	}
	if [ "$number" -eq "$(kill -l ALRM)" ]; then
		grep -qx '4\.3\.0 nixie: it took too long' out
	else
		grep -qx '4\.3\.0 nixie: stopped by a signal' out
	fi
}

# all_signalled PROGRAM [WORD...]: the same with each signal that ends a program.
all_signalled() {
	local name
	for name in HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 ALRM \
		TERM STKFLT XCPU VTALRM PROF IO PWR SYS; do
		signalled "$(kill -l $name)" "$@"
	done
	signalled 34 "$@"
	signalled 64 "$@"
}

# mail: a file of that name with a message, unless there is one.
mail() {
	[ -e mail ] || bounce gone@example.com >mail
}

# again COMMAND...: it ends with 75 and a line, the message comes on stdin.
again() {
	mail
	local status=0 out
	out=$("$@" <mail 2>err 3>&- 4>&-) || status=$?
	[ "$status" -eq 75 ] || {
		echo "$* ended with $status" >&2
		echo "$out" | cat - err >&2
		return 1
	}
	[[ $out =~ ^4\.3\.0\ nixie:\ [^0-9] ]]
	[[ $out != *$'\n'* ]]
	[ ! -s err ]
}

# taken COMMAND...: it ends with 0 and says nothing.
taken() {
	local status=0
	"$@" >out 2>err || status=$?
	[ "$status" -eq 0 ] || {
		echo "$* ended with $status" >&2
		cat out err >&2
		return 1
	}
	[ ! -s out ]
}
