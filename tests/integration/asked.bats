#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A real Postfix asks `nixie serve` at RCPT, by policy delegation and by an access
# table, and refuses mail to suppressed addresses. The configuration is that of
# contrib/postfix.

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

policy() {
	adapt postfix/policy.main.cf
}

access() {
	adapt postfix/access.main.cf
}

# asks policy|access: the daemon, and a Postfix that asks it so; taken.test takes
# any mail.
asks() {
	{
		adapt postfix/lmtp.nixie.yaml -e "s|/var/spool/postfix|$T/queue|"
		adapt postfix/policy.nixie.yaml -e "s|/var/spool/postfix|$T/queue|"
		adapt postfix/blocked.nixie.yaml -e "/^blocked:/,\$d" \
			-e "/^#\|^ask:/d" -e "s|/var/spool/postfix|$T/queue|"
		echo 'streams: { news: { kind: bulk, tags: [news] }, orders: { kind: transactional } }'
	} >"$T/listen.yaml"
	{
		"$1"
		printf '%s\n' 'relay_domains = taken.test' \
			'transport_maps = inline:{ { taken.test = discard: } }'
	} >"$T/more.main.cf"
	daemon_start "$POSTFIX"
	postfix_start
}

# sent SENDER RECIPIENT...: by SMTP; what is said of each recipient, a line each,
# and of the mail.
sent() {
	python3 - "$PF_PORT" "$@" <<-'PYTHON'
		import smtplib, sys
		port, sender, *to = sys.argv[1:]
		with smtplib.SMTP("127.0.0.1", int(port)) as smtp:
		    smtp.ehlo("app.example.test")
		    smtp.mail(sender)
		    taken = False
		    for one in to:
		        code, text = smtp.rcpt(one)
		        taken = taken or code == 250
		        print(code, text.decode())
		    if taken:
		        print(smtp.data("Subject: hello\r\n\r\nhello\r\n")[0])
	PYTHON
}

# The report of refused attempts, without its times.
blocked() {
	nixie report blocked | tr -d '"\r' | sed 1d | cut -d, -f2,3,8,10
}

recorded() {
	[ -n "$(blocked)" ]
}

@test "policy: refused at RCPT, others pass, one attempt is counted" {
	asks policy
	nixie suppress gone@taken.test
	nixie suppress --stream news nonews@taken.test
	run -0 sent bounces@bounces.test gone@taken.test free@taken.test \
		gone@taken.test nonews@taken.test
	[ "${lines[0]}" = '554 5.7.1 <gone@taken.test>: Recipient address rejected: suppressed by nixie (manual)' ]
	[[ ${lines[1]} == 250\ * ]]
	[[ ${lines[2]} == 554\ 5.7.1\ * ]]
	[[ ${lines[3]} == 250\ * ]]
	[ "${lines[4]}" = 250 ]
	eventually recorded
	[ "$(blocked)" = gone@taken.test,,bounces@bounces.test,policy ]
	run -0 sent bounces+news@bounces.test nonews@taken.test
	[[ $output == 554\ 5.7.1\ * ]]
	eventually queue_is_empty
	logged 'to=<free@taken.test>.*status=sent'
}

@test "access table: refused at RCPT, others pass, one attempt is counted" {
	asks access
	nixie suppress gone@taken.test
	run -0 sent bounces@bounces.test gone@taken.test free@taken.test \
		'"Gone"@taken.test'
	[ "${lines[0]}" = '554 5.7.1 <gone@taken.test>: Recipient address rejected: suppressed by nixie (manual)' ]
	[[ ${lines[1]} == 250\ * ]]
	[[ ${lines[2]} == 554\ 5.7.1\ * ]]
	eventually recorded
	[ "$(blocked)" = gone@taken.test,,,access ]
	eventually queue_is_empty
	logged 'to=<free@taken.test>.*status=sent'
}

@test "while nixie is away policy lets mail pass, an access table makes it wait" {
	asks policy
	nixie suppress gone@taken.test
	daemon_stop
	run -0 sent a@bounces.test gone@taken.test
	[[ ${lines[0]} == 250\ * ]]
	daemon_start "$POSTFIX"
	mv "$T/store" "$T/away" # on_trouble: open
	run -0 sent a@bounces.test gone@taken.test
	[[ ${lines[0]} == 250\ * ]]
	mv "$T/away" "$T/store"
	daemon_stop
	postfix_stop
	access >>"$T/etc/main.cf"
	postfix -c "$T/etc" start
	eventually listens "$PF_PORT"
	run -0 sent a@bounces.test gone@taken.test
	[[ ${lines[0]} == 451\ 4.3.* ]]
	daemon_start "$POSTFIX"
	run -0 sent a@bounces.test gone@taken.test
	[[ ${lines[0]} == 554\ 5.7.1\ * ]]
}
