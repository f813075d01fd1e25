#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Postfix comes back through pipe(8) to
# `nixie deliver`, without a daemon.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load postfix.bash
	make_place
	adapt postfix/pipe.main.cf >"$T/more.main.cf"
	adapt postfix/deliver.master.cf \
		-e "s|/usr/local|$T|; s|deliver|& --rules $T/rules --store $T/store|" \
		>"$T/more.master.cf"
	postfix_start
}

teardown() {
	tell_why
	postfix_stop
	remove_place
}

@test "a refused recipient is suppressed when the bounce comes back" {
	run nixie check gone@refused.test
	[ "$status" -ne 1 ]
	postfix_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$T/answer"
	grep -q unknown-user "$T/answer"
	eventually queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
}

@test "an unwritable store keeps the bounce in the queue, not lost" {
	chmod 555 "$T/store"
	chown root "$T/store"
	postfix_send gone@refused.test
	eventually queue_holds_bounce
	eventually logged 'dsn=4.3.0, status=deferred (nixie: '
	chown "$NIXIE_USER" "$T/store"
	chmod 700 "$T/store"
	postfix_flush
	eventually suppressed gone@refused.test
	eventually queue_is_empty
}
