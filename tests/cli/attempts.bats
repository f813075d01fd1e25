#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# When attempts are on the disk that mail servers make by asking.

load helper.bash

# serve SPAN: the daemon, which may leave attempts unwritten for so long.
serve() {
	cat >nixie.yaml <<-YAML
		store: $STORE
		rules: $RULES
		status: $BATS_TEST_TMPDIR/status.sock
		workers: 1
		lmtp: [{ listen: 'unix:$BATS_TEST_TMPDIR/lmtp.sock' }]
		ask:
		  - { listen: 'unix:$BATS_TEST_TMPDIR/ask.sock', protocol: socketmap }
		  - { listen: 'unix:$BATS_TEST_TMPDIR/policy.sock', protocol: policy }
		attempts: { within: $1 }
	YAML
	: >log
	"$NIXIE" serve --config nixie.yaml 2>>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=start result=ready' log
}

# finish [SIGNAL]
finish() {
	kill "-${1:-TERM}" "$SERVE"
	wait "$SERVE" || :
	SERVE=
}

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
}

asked() {
	postmap -q "$1" "socketmap:unix:$PWD/ask.sock:access"
}

attempts() {
	nixie report blocked | tail -n +2 | wc -l
}

are_two() {
	[ "$(attempts)" -eq 2 ]
}

@test "within 0: what was answered is on the disk" {
	nixie suppress a@example.com b@example.com
	serve 0
	run -0 asked a@example.com
	[[ $output == "REJECT 5.7.1 suppressed by nixie (manual"* ]]
	run -0 python3 "$TOP/tests/cli/asking" policy "$PWD/policy.sock" \
		recipient=b@example.com instance=7 queue_id=4F2A
	[[ $output == "REJECT 5.7.1 suppressed by nixie (manual"* ]]
	finish KILL
	[ "$(attempts)" -eq 2 ]
}

@test "within 0: many questions of one client are answered in order" {
	nixie suppress {1..50}@example.com
	serve 0
	run -0 python3 "$TOP/tests/cli/asking" map "$PWD/ask.sock" access \
		< <(printf '%s@example.com\n' {1..50} free)
	[ "$(grep -c 'REJECT 5.7.1' <<<"$output")" -eq 50 ]
	[[ ${lines[50]} == DUNNO ]]
	finish KILL
	[ "$(attempts)" -eq 50 ]
}

@test "a span: written together, when the daemon ends too; a crash loses the last" {
	nixie suppress a@example.com b@example.com
	serve 60s
	asked a@example.com
	run -0 nixie status --config nixie.yaml
	[ "$(attempts)" -eq 0 ]
	finish
	[ "$(attempts)" -eq 1 ]
	serve 60s
	asked b@example.com
	finish KILL
	[ "$(attempts)" -eq 1 ]
	serve 1s
	asked b@example.com
	until_true "$SERVE" are_two
	finish
}
