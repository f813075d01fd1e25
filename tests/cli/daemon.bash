#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For the bats files here to load behind helper.bash: a daemon of the test's own,
# by nixie.yaml in its directory; its log is there, too.

# start [COMMAND WORD...]: until it is ready; its number is SERVE.
start() {
	: >log
	"$@" "$NIXIE" serve --config nixie.yaml 2>>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=start result=ready' log
}

# reload RESULT: SIGHUP, and what came of it.
reload() {
	: >log
	kill -HUP "$SERVE"
	until_true "$SERVE" grep -q 'event=reload' log
	grep -q "event=reload result=$1" log
}

finish() {
	kill "$SERVE"
	wait "$SERVE"
	SERVE=
}

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
}
