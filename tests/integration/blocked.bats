#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail of ours to a suppressed address is stopped by a real Postfix, which asks
# `nixie serve` and routes it to the blocked door; its report of that comes back.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load postfix.bash
	make_place
	postfix_place
}

teardown() {
	tell_why
	postfix_stop
	daemon_stop
	remove_place
}

# door ANSWER: the daemon with a blocked door, and a Postfix that asks; taken.test
# takes any mail, and nobody answers at later.test.
door() {
	{
		adapt postfix/lmtp.nixie.yaml -e "s|/var/spool/postfix|$T/queue|"
		adapt postfix/blocked.nixie.yaml \
			-e "s|/var/spool/postfix|$T/queue|" \
			-e "s|answer: .*|answer: $1|" \
			-e "s|mail.example.com|mta.example.test|"
	} >"$T/listen.yaml"
	{
		adapt postfix/lmtp.main.cf
		adapt postfix/blocked.main.cf \
			-e "s|\$|, texthash:$T/etc/map|;/^#/s|,.*||"
		echo 'relay_domains = taken.test, later.test'
	} >"$T/more.main.cf"
	adapt postfix/blocked.master.cf >"$T/more.master.cf"
	mkdir -p "$T/etc"
	cat >"$T/etc/map" <<-MAP
		taken.test discard:
		later.test smtp:[127.0.0.1]:$(free_ports 1)
	MAP
	daemon_start "$POSTFIX"
	postfix_start
}

# bounced ADDRESS: a report that makes it suppressed, by the hard ladder.
bounced() {
	nixie deliver <<-MAIL
		From: MAILER-DAEMON@mx.example.net
		To: bounces@bounces.test
		Subject: Undelivered Mail Returned to Sender
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=delivery-status;
		 boundary="b"

		--b
		Content-Type: message/delivery-status

		Reporting-MTA: dns; mx.example.net

		Final-Recipient: rfc822; $1
		Action: failed
		Status: 5.1.1
		Diagnostic-Code: smtp; 550 5.1.1 User unknown

		--b--
	MAIL
}

# blocked: the report of refused attempts, without its times.
blocked() {
	nixie report blocked | tr -d '"\r' | sed 1d | cut -d, -f2,4,5,8,10
}

# step N ADDRESS: it is on that step of its ladder.
step() {
	nixie show "$2" >"$T/answer"
	grep -q "step $1 of its ladder" "$T/answer"
}

filed() {
	nixie show "$1" >"$T/answer"
	grep -q 'event  none own-refusal' "$T/answer"
}

@test "refused, recorded, and its own report changes nothing; others get their mail" {
	door refuse
	bounced gone@taken.test
	step 1 gone@taken.test
	news gone@taken.test |
		sendmail -C "$T/etc" -f bounces+news@bounces.test \
			gone@taken.test free@taken.test
	eventually queue_is_empty
	logged 'to=<free@taken.test>.*status=sent'
	logged 'to=<gone@taken.test>.*dsn=5.7.1, status=bounced .*said: 550 5.7.1 suppressed by nixie (hard unknown-user) until 20'
	[ "$(blocked)" = gone@taken.test,hard,unknown-user,bounces+news@bounces.test,door ]
	nixie report blocked | grep -q "$(sed -n \
		's/.*pickup.*: \([0-9A-F]*\): uid=.*/\1/p' "$T/log/postfix.log")"
	eventually filed gone@taken.test
	step 2 gone@taken.test
	[ "$(nixie report bounces | wc -l)" -eq 2 ]
}

@test "swallowed: nobody is told, and it is recorded" {
	door swallow
	nixie suppress never@taken.test
	postfix_send never@taken.test
	eventually queue_is_empty
	logged 'to=<never@taken.test>.*status=sent (250 2.0.0 suppressed, goes nowhere)'
	[ "$(blocked)" = never@taken.test,manual,manual,bounces+news@bounces.test,door ]
	run ! grep -q 'from=<>' "$T/log/postfix.log"
}

@test "what PHP and cron hand in is stopped too" {
	door refuse
	nixie suppress never@taken.test
	printf 'To: never@taken.test\nSubject: an order\n\nThank you\n' |
		sendmail -C "$T/etc" -t -i -f bounces+shop@bounces.test
	printf 'To: never@taken.test\nSubject: Cron\n\ndone\n' |
		sendmail -C "$T/etc" -FCronDaemon -i -B8BITMIME -oem never@taken.test
	twice() {
		[ "$(grep -c 'to=<never@taken.test>.*suppressed by nixie (manual)' \
			"$T/log/postfix.log")" -eq 2 ]
	}
	eventually twice
	[ "$(blocked | wc -l)" -eq 2 ]
}

@test "a suppression stops mail that waits in the queue" {
	door refuse
	postfix_send slow@later.test
	eventually logged 'to=<slow@later.test>.*status=deferred'
	nixie suppress slow@later.test
	postfix_send free@taken.test # qmgr knows its last answer for 30 s
	eventually logged 'to=<slow@later.test>.*status=bounced .*suppressed by nixie (manual)'
	eventually queue_is_empty
	[ "$(blocked | wc -l)" -eq 1 ]
}

@test "what waits is let go when the lease has ended" {
	sed -i '/^hard:/,/^[a-z]/s/ladder: \[24h/ladder: [8s/' "$T/rules/policy.yaml"
	door refuse
	bounced brief@taken.test
	mv "$T/queue/nixie/blocked.sock" "$T/queue/nixie/away"
	postfix_send brief@taken.test
	eventually logged 'to=<brief@taken.test>, relay=none.*status=deferred'
	suppressed brief@taken.test
	free() {
		! suppressed brief@taken.test
	}
	eventually free
	postfix_send free@taken.test # qmgr knows its last answer for 30 s
	eventually logged 'to=<brief@taken.test>.*status=sent'
	eventually queue_is_empty
	[ -z "$(blocked)" ]
}

@test "mail waits while the daemon is away" {
	door refuse
	nixie suppress never@taken.test
	daemon_stop
	postfix_send never@taken.test
	eventually logged 'to=<never@taken.test>.*status=deferred'
	daemon_start "$POSTFIX"
	postfix -c "$T/etc" reload # trivial-rewrite asks again after 30 s
	postfix_flush
	eventually queue_is_empty
	[ "$(blocked | wc -l)" -eq 1 ]
}
