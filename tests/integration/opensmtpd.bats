#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real OpenSMTPD comes back to `nixie serve`, by LMTP and
# through nixie-pipe, and it refuses whom filter-nixie says it must not write to.
# The configuration is that of contrib/opensmtpd.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load root.bash
	load opensmtpd.bash
	make_place
	root_make opensmtpd opensmtpd opensmtpq
	adapt opensmtpd/nixie.yaml -e "s|/run|$ROOT/run|" >"$T/listen.yaml"
}

teardown() {
	tell_why
	opensmtpd_stop
	daemon_stop
	remove_place
}

# comes_back: a refused recipient is suppressed.
comes_back() {
	opensmtpd_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$T/answer"
	grep -q unknown-user "$T/answer"
	eventually queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
	grep -q 'from=<> to=b\*\*\*@bounces.test' "$T/log/nixie.log"
}

deferred() {
	logged 'from=<> to=<bounces+news@bounces.test>.*result="\?TempFail'
}

@test "LMTP" {
	daemon_start
	opensmtpd_start opensmtpd/lmtp.conf
	comes_back
}

@test "LMTP: while the daemon is away OpenSMTPD keeps it" {
	daemon_start
	daemon_stop
	opensmtpd_start opensmtpd/lmtp.conf
	opensmtpd_send away@refused.test
	eventually deferred
	run ! suppressed away@refused.test
	daemon_start
	retry
	eventually suppressed away@refused.test
	eventually queue_is_empty
}

@test "nixie-pipe" {
	daemon_start
	opensmtpd_start opensmtpd/pipe.conf
	comes_back
}

@test "nixie-pipe keeps it while the daemon is away" {
	daemon_start
	daemon_stop
	opensmtpd_start opensmtpd/pipe.conf
	opensmtpd_send away@refused.test
	eventually spooled
	eventually queue_is_empty
	run ! suppressed away@refused.test
	daemon_start
	eventually suppressed away@refused.test
	eventually spool_is_empty
}

@test "nixie-pipe leaves it to OpenSMTPD when it cannot keep it" {
	daemon_start
	daemon_stop
	opensmtpd_start opensmtpd/pipe.conf
	chmod 500 "$SPOOL/tmp"
	opensmtpd_send away@refused.test
	eventually deferred
	chmod 700 "$SPOOL/tmp"
	daemon_start
	retry
	eventually suppressed away@refused.test
	eventually queue_is_empty
}

# --- filter-nixie ---------------------------------------------------------

asked_start() {
	adapt opensmtpd/ask.nixie.yaml -e "s|/run|$ROOT/run|" \
		-e "s/nixie-ask/$ASK_GROUP/" >>"$T/listen.yaml"
	daemon_start "$ASK_GROUP"
	nixie suppress gone@refused.test
}

codes_of() {
	opensmtpd_rcpt "$@" | codes
}

@test "filter-nixie: a suppressed recipient is refused at RCPT, and no other" {
	asked_start
	opensmtpd_asks
	run -0 opensmtpd_rcpt free@refused.test gone@refused.test \
		GONE@REFUSED.TEST
	[ "${lines[0]}" = '250 2.1.5 Destination address valid: Recipient ok' ]
	[[ ${lines[1]} == '550 5.7.1 suppressed by nixie '* ]]
	[ "${lines[2]}" = "${lines[1]}" ]
	opensmtpd_mail free@refused.test
	run ! opensmtpd_mail gone@refused.test
	[[ $output == *'550 5.7.1 suppressed by nixie'* ]]
	eventually attempted gone@refused.test
	run ! attempted free@refused.test
}

@test "filter-nixie: while the daemon is away recipients have to wait" {
	asked_start
	opensmtpd_asks
	daemon_stop
	[ "$(codes_of gone@refused.test free@refused.test)" = '451 451' ]
	daemon_start "$ASK_GROUP"
	[ "$(codes_of gone@refused.test free@refused.test)" = '550 250' ]
	# also one that ended without a word
	kill -KILL "$DAEMON"
	wait "$DAEMON" || [ $? -eq 137 ]
	[ "$(codes_of gone@refused.test)" = 451 ]
	daemon_start "$ASK_GROUP"
	[ "$(codes_of gone@refused.test free@refused.test)" = '550 250' ]
}

@test "filter-nixie --on-trouble open: while the daemon is away all pass" {
	asked_start
	opensmtpd_asks --on-trouble open --timeout 1
	daemon_stop
	[ "$(codes_of gone@refused.test)" = 250 ]
	daemon_start "$ASK_GROUP"
	[ "$(codes_of gone@refused.test)" = 550 ]
	# one that hangs holds nobody up for longer
	kill -STOP "$DAEMON"
	[ "$(codes_of gone@refused.test)" = 250 ]
	kill -CONT "$DAEMON"
	[ "$(codes_of gone@refused.test)" = 550 ]
	logged 'took too long: recipients pass'
	logged 'answers again'
}
