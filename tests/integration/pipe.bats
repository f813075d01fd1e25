#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Postfix comes back through pipe(8) to
# `nixie deliver`.

bats_require_minimum_version 1.5.0

setup() {
	load postfix.bash
	postfix_start "$NIXIE" "$RULES"
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED-}" ] || cat "$PF/log/mail.log"
	postfix_stop
}

nixie() {
	"$PF/bin/nixie" "$@" --rules "$PF/rules" --store "$PF/store"
}

suppressed() {
	local status=0
	nixie check "$1" >"$PF/answer" 2>&1 || status=$?
	[ "$status" -eq 1 ]
}

@test "a refused recipient is suppressed when the bounce comes back" {
	run nixie check gone@refused.test
	[ "$status" -ne 1 ]
	postfix_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$PF/answer"
	grep -q unknown-user "$PF/answer"
	eventually queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
}

@test "an unwritable store keeps the bounce in the queue, not lost" {
	chmod 555 "$PF/store"
	chown root "$PF/store"
	postfix_send gone@refused.test
	eventually log_says 'dsn=4.3.0, status=deferred (nixie: '
	queue_holds_bounce
	chown "$PF_USER" "$PF/store"
	chmod 700 "$PF/store"
	postqueue -c "$PF/etc" -f
	eventually suppressed gone@refused.test
	eventually queue_is_empty
}
