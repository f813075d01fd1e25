#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Exim comes back to `nixie serve`, by LMTP and through
# nixie-pipe, and it asks whom it must not write to. The configuration is that of
# contrib/exim.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load root.bash
	load exim.bash
	make_place
	root_make exim4-daemon-light Debian-exim
	adapt exim/nixie.yaml -e "s|/run|$ROOT/run|" \
		-e "s|Debian-exim|$FIRST_USER|" >"$T/listen.yaml"
}

teardown() {
	tell_why
	exim_stop
	daemon_stop
	remove_place
}

# comes_back: a refused recipient is suppressed.
comes_back() {
	exim_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$T/answer"
	grep -q unknown-user "$T/answer"
	eventually queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
	grep -q 'from=<> to=b\*\*\*@bounces.test' "$T/log/nixie.log"
}

@test "LMTP" {
	daemon_start "$FIRST_USER"
	exim_start exim/lmtp.transport.conf
	comes_back
}

@test "LMTP: while the daemon is away Exim keeps it" {
	daemon_start "$FIRST_USER"
	daemon_stop
	exim_start exim/lmtp.transport.conf
	exim_send away@refused.test
	eventually logged 'bounces+news@bounces.test R=nixie T=nixie defer'
	run ! suppressed away@refused.test
	daemon_start "$FIRST_USER"
	eventually suppressed away@refused.test
	eventually queue_is_empty
}

@test "nixie-pipe" {
	daemon_start "$FIRST_USER"
	exim_start exim/pipe.transport.conf
	comes_back
	# queue id and recipient came in the environment
	grep -q 'queue_id=1' "$T/log/nixie.log"
}

@test "nixie-pipe keeps it while the daemon is away" {
	daemon_start "$FIRST_USER"
	daemon_stop
	exim_start exim/pipe.transport.conf
	exim_send away@refused.test
	eventually spooled
	eventually queue_is_empty
	run ! suppressed away@refused.test
	daemon_start "$FIRST_USER"
	eventually suppressed away@refused.test
	eventually spool_is_empty
}

@test "nixie-pipe leaves it to Exim when it cannot keep it" {
	daemon_start "$FIRST_USER"
	daemon_stop
	exim_start exim/pipe.transport.conf
	chmod 500 "$SPOOL/tmp"
	exim_send away@refused.test
	eventually logged 'bounces+news@bounces.test R=nixie T=nixie defer'
	chmod 700 "$SPOOL/tmp"
	daemon_start "$FIRST_USER"
	eventually suppressed away@refused.test
	eventually queue_is_empty
}

# filed: the report of our own refusal came back.
filed() {
	nixie show "$1" >"$T/answer"
	grep -q 'event  none own-refusal' "$T/answer"
}

@test "mail to a suppressed address is refused at the blocked door" {
	adapt exim/blocked.nixie.yaml -e "s|/run|$ROOT/run|" \
		-e "s|Debian-exim|$FIRST_USER|" \
		-e "s|mail.example.com|mta.example.test|" >>"$T/listen.yaml"
	daemon_start "$FIRST_USER"
	nixie suppress never@refused.test
	exim_start exim/lmtp.transport.conf blocked
	exim_send never@refused.test
	eventually logged 'never@refused.test .*550 5.7.1 suppressed by nixie (manual)'
	eventually filed never@refused.test
	run -0 nixie report blocked
	[[ ${lines[1]} == *'"never@refused.test"'*'"bounces+news@bounces.test","'*-*'","door"'* ]]
	[ "${#lines[@]}" -eq 2 ]
	# the others are sent: here to a host that does not know them
	exim_send gone@refused.test
	eventually suppressed gone@refused.test
	eventually queue_is_empty
}

@test "a suppression stops mail that waits in Exim's queue" {
	adapt exim/blocked.nixie.yaml -e "s|/run|$ROOT/run|" \
		-e "s|Debian-exim|$FIRST_USER|" \
		-e "s|answer: .*|answer: swallow|" >>"$T/listen.yaml"
	daemon_start "$FIRST_USER"
	exim_start exim/lmtp.transport.conf blocked
	refuse_no_more
	exim_send slow@refused.test
	eventually logged 'slow@refused.test .*defer'
	nixie suppress slow@refused.test
	eventually logged '=> slow.*C="250 2.0.0 suppressed, goes nowhere"'
	eventually queue_is_empty
	# and while nixie cannot say, mail waits
	daemon_stop
	exim_send slow@refused.test
	eventually logged 'slow@refused.test.*condition check lookup defer'
	daemon_start "$FIRST_USER"
	eventually queue_is_empty
	[ "$(nixie report blocked | wc -l)" -eq 3 ]
}

codes_of() {
	exim_rcpt "$@" | codes
}

@test "a suppressed recipient is refused at RCPT, and no other" {
	adapt exim/ask.nixie.yaml -e "s|/run|$ROOT/run|" \
		-e "s|Debian-exim|$FIRST_USER|" >>"$T/listen.yaml"
	daemon_start "$FIRST_USER"
	nixie suppress gone@refused.test
	exim_start exim/lmtp.transport.conf "" exim/ask.acl.conf
	run -0 exim_rcpt free@refused.test gone@refused.test \
		GONE@REFUSED.TEST '"two words"@refused.test'
	[ "${lines[0]}" = '250 Accepted' ]
	[[ ${lines[1]} == '550 5.7.1 suppressed by nixie '* ]]
	[ "${lines[2]}" = "${lines[1]}" ]
	[ "${lines[3]}" = '250 Accepted' ]
	eventually attempted gone@refused.test
	run ! attempted free@refused.test
	# while the daemon is away recipients have to wait
	daemon_stop
	[ "$(codes_of gone@refused.test free@refused.test)" = '451 451' ]
	daemon_start "$FIRST_USER"
	[ "$(codes_of gone@refused.test free@refused.test)" = '550 250' ]
}
