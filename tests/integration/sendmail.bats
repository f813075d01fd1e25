#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Sendmail comes back to `nixie serve`, by LMTP and
# through nixie-pipe. The configuration is that of contrib/sendmail.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load root.bash
	load sendmail.bash
	make_place
	root_make sendmail-bin smmta smmsp
	adapt sendmail/nixie.yaml -e "s|/run|$ROOT/run|" >"$T/listen.yaml"
}

teardown() {
	tell_why
	refuse_no_more
	daemon_stop
	remove_place
}

# comes_back: a refused recipient is suppressed.
comes_back() {
	sendmail_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$T/answer"
	grep -q unknown-user "$T/answer"
	queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
	grep -q 'from=<> to=b\*\*\*@bounces.test' "$T/log/nixie.log"
}

@test "LMTP" {
	sendmail_make sendmail/lmtp.mc
	daemon_start
	comes_back
}

@test "LMTP: while the daemon is away Sendmail keeps it" {
	sendmail_make sendmail/lmtp.mc
	daemon_start
	daemon_stop
	sendmail_send away@refused.test
	run ! queue_is_empty
	run ! suppressed away@refused.test
	daemon_start
	retry
	eventually suppressed away@refused.test
	queue_is_empty
}

@test "nixie-pipe" {
	sendmail_make sendmail/pipe.mc
	daemon_start
	comes_back
}

@test "nixie-pipe keeps it while the daemon is away" {
	sendmail_make sendmail/pipe.mc
	daemon_start
	daemon_stop
	sendmail_send away@refused.test
	spooled
	queue_is_empty
	run ! suppressed away@refused.test
	daemon_start
	eventually suppressed away@refused.test
	eventually spool_is_empty
}

@test "nixie-pipe leaves it to Sendmail when it cannot keep it" {
	sendmail_make sendmail/pipe.mc
	daemon_start
	daemon_stop
	chmod 500 "$SPOOL/tmp"
	sendmail_send away@refused.test
	run ! queue_is_empty
	chmod 700 "$SPOOL/tmp"
	daemon_start
	retry
	eventually suppressed away@refused.test
	queue_is_empty
}
