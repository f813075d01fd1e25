#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Sendmail comes back to `nixie serve`, by LMTP and
# through nixie-pipe, and it asks whom it must not write to. The configuration is
# that of contrib/sendmail.

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

codes_of() {
	sendmail_rcpt "$@" | codes
}

# asked FILE...: the daemon has those listeners of contrib/sendmail too.
asked() {
	local file
	for file; do
		adapt "$file" -e "s|/run|$ROOT/run|" \
			-e "s/nixie-ask/$ASK_GROUP/" \
			-e "s/mail.example.com/mta.example.test/"
	done >>"$T/listen.yaml"
	daemon_start "$ASK_GROUP"
}

@test "a suppressed recipient is refused at RCPT, and no other" {
	sendmail_make sendmail/ask.mc
	asked sendmail/ask.nixie.yaml
	nixie suppress gone@refused.test
	run -0 sendmail_rcpt free@refused.test gone@refused.test \
		GONE@REFUSED.TEST
	[[ ${lines[0]} == '250 2.1.5 '* ]]
	[ "${lines[1]}" = \
		'550 5.7.1 <gone@refused.test>... suppressed by nixie' ]
	[[ ${lines[2]} == '550 5.7.1 '* ]]
	eventually attempted gone@refused.test
	run ! attempted free@refused.test
	# while the daemon is away recipients have to wait
	daemon_stop
	[ "$(codes_of gone@refused.test free@refused.test)" = '451 451' ]
	daemon_start "$ASK_GROUP"
	[ "$(codes_of gone@refused.test free@refused.test)" = '550 250' ]
}

@test "who is suppressed while mail waits does not get it" {
	sendmail_make sendmail/lmtp.mc sendmail/blocked.mc
	asked sendmail/ask.nixie.yaml sendmail/blocked.nixie.yaml
	sendmail_send late@away.test
	run ! queue_is_empty
	nixie suppress late@away.test
	run ! attempted late@away.test
	# what cannot be asked waits
	daemon_stop
	run ! retry
	run ! queue_is_empty
	daemon_start "$ASK_GROUP"
	run -69 retry # the door refuses it
	queue_is_empty
	eventually attempted late@away.test
	# the report of that says nothing of the address
	run -0 nixie show late@away.test
	[[ $output == *'event  none own-refusal'* ]]
	[[ $output != *'suppressed  hard'* ]]
}
