#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# filter-nixie answers each recipient that smtpd asks about, whatever comes from
# smtpd or the daemon, and ends with smtpd alone.

load helper.bash

teardown() {
	unlisten
	[ -z "${SMTPD_PID-}" ] || kill "$SMTPD_PID" 2>/dev/null || true
}

# listen: a daemon that answers what the local part says.
listen() {
	rm -f listening
	"$BATS_TEST_DIRNAME/socketmap_server" socket asked >listening 3>&- &
	SERVER=$!
	until_true "$SERVER" test -s listening
}

unlisten() {
	[ -n "${SERVER-}" ] || return 0
	kill "$SERVER" 2>/dev/null || true
	wait "$SERVER" || true
	SERVER=
}

# smtpd OPTION...: starts the filter as smtpd does, up to its registration.
smtpd() {
	coproc SMTPD {
		exec "$FILTER_NIXIE" --socket socket "$@" 2>>log 3>&-
	}
	# a coproc's own are closed in the background
	local end=${SMTPD[1]}
	exec {TO}>&"$end" {end}>&-
	says 'config|smtpd-version|6.8.0p2' 'config|subsystem|smtp-in' \
		'config|ready'
	hears 'register|filter|smtp-in|rcpt-to'
	hears 'register|ready'
}

says() {
	printf '%s\n' "$@" >&"$TO"
}

hears() {
	local line
	IFS= read -r -t 10 line <&"${SMTPD[0]}"
	[ "$line" = "$1" ] || {
		echo "wanted: $1, got: $line" >&2
		return 1
	}
}

# asks SESSION ADDRESS
asks() {
	says "filter|0.6|1576146008.006099|smtp-in|rcpt-to|$1|1ef1|$2"
}

passes() {
	asks "${2:-a1}" "$1"
	hears "filter-result|${2:-a1}|1ef1|proceed"
}

REFUSED='reject|550 5.7.1 suppressed (hard)'
LATER='reject|451 4.3.0 it cannot be told now whether the recipient is suppressed'

refused() {
	asks a1 "$1"
	hears "filter-result|a1|1ef1|${2:-$REFUSED}"
}

# ends: smtpd goes, and so does the filter.
ends() {
	local pid=$SMTPD_PID
	exec {TO}>&-
	wait "$pid"
}

@test "filter-nixie refuses who is suppressed and lets others pass" {
	listen
	smtpd
	passes free@example.org
	refused gone@example.org
	refused coded@example.org 'reject|554 5.7.1 no longer'
	refused split@example.org 'reject|550 5.7.1 split'
	passes '"gone|a b"@example.org'
	[ "$(head -n 2 asked)" = 'access free@example.org
access gone@example.org' ]
	ends
	[ ! -s log ]
}

@test "filter-nixie asks for the mail of a stream" {
	listen
	smtpd --stream orders
	refused gone@example.org
	grep -qx 'access:orders gone@example.org' asked
}

@test "filter-nixie answers sessions that ask beside each other in order" {
	listen
	smtpd
	local i
	for i in {1..150}; do
		echo "filter|0.7|1.1|smtp-in|rcpt-to|$i|1|gone@example.org"
		echo "filter|0.7|1.1|smtp-in|rcpt-to|$i|2|$i@example.org"
	done >&"$TO" &
	for i in {1..150}; do
		hears "filter-result|$i|1|$REFUSED"
		hears "filter-result|$i|2|proceed"
	done
}

@test "filter-nixie: while the daemon is away nobody waits" {
	smtpd --timeout 60
	refused free@example.org "$LATER"
	refused gone@example.org "$LATER"
	[ "$(cat log)" = 'socket: No such file or directory: recipients are answered 451' ]
	listen
	passes free@example.org
	refused gone@example.org
	tail -n 1 log | grep -qx 'socket: answers again'
	unlisten
	refused gone@example.org "$LATER"
	grep -q 'socket: Connection refused' log
	# and a daemon that was started anew is asked without delay
	listen
	refused gone@example.org
	unlisten
	listen
	refused gone@example.org
	[ "$(grep -c again log)" -eq 2 ]
}

@test "filter-nixie --on-trouble open lets all pass while the daemon is away" {
	smtpd --on-trouble open
	passes gone@example.org
	grep -q 'recipients pass' log
	listen
	refused gone@example.org
	passes trouble@example.org
	refused gone@example.org
}

@test "filter-nixie: a daemon that does not answer holds nobody up for longer" {
	listen
	smtpd --timeout 1
	local i begun=$EPOCHREALTIME
	for i in 1 2 3 4 5 6 7 8; do
		asks "$i" silent@example.org
	done
	for i in 1 2 3 4 5 6 7 8; do
		hears "filter-result|$i|1ef1|$LATER"
	done
	grep -q 'took too long' log
	[ $((${EPOCHREALTIME/./} - ${begun/./})) -lt 3000000 ]
	refused gone@example.org
}

@test "filter-nixie: trouble, and answers that are none, are no verdict" {
	listen
	smtpd
	local what
	for what in trouble denied no broken close; do
		refused "$what@example.org" "$LATER"
		refused gone@example.org
	done
	grep -q 'cannot tell now' log
	grep -q 'its answer is unknown' log
	grep -q 'speaks no socketmap' log
	grep -q 'closed the connection' log
	smtpd_lives
}

smtpd_lives() {
	kill -0 "$SMTPD_PID"
}

@test "filter-nixie goes on whatever smtpd says" {
	listen
	smtpd
	head -c 100000 /dev/urandom >&"$TO"
	says '' 'filter|0.6|1.1|smtp-in|rcpt-to|a1' 'config|ready' \
		"filter|0.6|1.1|smtp-in|rcpt-to|a1|1ef1|$(printf '%70000s' x)"
	hears 'filter-result|a1|1ef1|proceed'
	kill -HUP "$SMTPD_PID"
	refused gone@example.org
	ends
}

@test "filter-nixie refuses what it is not told how to do" {
	run -2 "$FILTER_NIXIE" --timeout 0
	[ "$output" = 'filter-nixie: --timeout: a number from 1 to 60 is wanted' ]
	run -2 "$FILTER_NIXIE" --on-trouble maybe
	[ "$output" = 'filter-nixie: --on-trouble: open or closed' ]
	run -2 "$FILTER_NIXIE" --stream 'a b'
	[ "$output" = 'filter-nixie: --stream: not the name of a stream' ]
	run -2 "$FILTER_NIXIE" --socket "$(printf '/%200s' x)"
	[[ $output == *'longer than a socket'* ]]
	run -2 "$FILTER_NIXIE" --nonesuch
	[ "$output" = 'filter-nixie: --nonesuch: unknown option' ]
	run -2 "$FILTER_NIXIE" word
	[ "$output" = 'filter-nixie: word: unknown operand' ]
	run -0 "$FILTER_NIXIE" --help
	[[ $output == 'usage: filter-nixie'* ]]
	run -0 "$FILTER_NIXIE" --version
	[ "$output" = "filter-nixie $("$NIXIE" --version | cut -d ' ' -f 2)" ]
}
