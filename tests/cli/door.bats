#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The blocked door: mail of ours to suppressed addresses, routed there by an MTA.

load helper.bash
load daemon.bash

# configure LINE...: nixie.yaml of the test, with these lines behind.
configure() {
	{
		printf '%s\n' "store: $STORE" "rules: $RULES" \
			"status: $BATS_TEST_TMPDIR/status.sock" 'workers: 1' \
			'lmtp:' "  - listen: unix:$BATS_TEST_TMPDIR/lmtp.sock" \
			'blocked:' \
			"  - listen: unix:$BATS_TEST_TMPDIR/door.sock"
		printf '%s\n' "$@"
	} >nixie.yaml
}

# post SOCKET ID RECIPIENT...: a mail, and its replies; ID is told by XFORWARD, or
# in the mail itself when it begins with a colon.
post() {
	python3 - "$@" 3>&- <<-'PYTHON'
		import socket, sys
		where, ident, *to = sys.argv[1:]
		sock = socket.socket(socket.AF_UNIX)
		sock.settimeout(60)
		sock.connect(where)
		replies = sock.makefile("rb")
		def ask(line):
		    sock.sendall(line.encode() + b"\r\n")
		    while (reply := replies.readline())[3:4] == b"-":
		        pass
		    return reply.decode().strip()
		replies.readline()
		ask("LHLO mta.example.com")
		if not ident.startswith(":"):
		    ask("XFORWARD IDENT=" + ident)
		ask("MAIL FROM:<news+7@example.com>")
		for address in to:
		    ask("RCPT TO:<%s>" % address)
		ask("DATA")
		text = ["Return-Path: <news+7@example.com>",
		        "Received: by mta.example.com (Postfix, from id 7)",
		        "\tid " + ident.lstrip(":") + "; Mon, 5 Jan 2026 10:00:00 +0000",
		        "Subject: Reset your password", "", "x" * 70] + ["y" * 70] * 3000
		print(ask("\r\n".join(text) + "\r\n."))
		for address in to[1:]:
		    print(replies.readline().decode().strip())
	PYTHON
}

deliver_bounce() {
	nixie deliver < <(bounce gone@example.com)
}

# blocked: the report of refused attempts, without its times.
blocked() {
	nixie report blocked | tr -d '"\r' | cut -d, -f2,4,5,8-
}

@test "the suppressed are refused and recorded; the others are to come again" {
	configure '    answer: refuse' 'log: { addresses: full }'
	deliver_bounce
	nixie suppress --note 'asked by phone' never@example.net
	start
	run -0 post door.sock 4F2A Gone@Example.com free@example.com \
		never@example.net
	[[ ${lines[0]} =~ ^550\ 5\.7\.1\ suppressed\ by\ nixie\ \(hard\ unknown-user\)\ until\ 2[0-9]{3}-[0-9-]+T[0-9:]+Z$ ]]
	[ "${lines[1]}" = "451 4.7.1 not suppressed now, try again" ]
	[ "${lines[2]}" = "550 5.7.1 suppressed by nixie (manual)" ]
	[ "$(blocked)" = "address,class,reason,sender,queue_id,source
gone@example.com,hard,unknown-user,news+7@example.com,4F2A,door
never@example.net,manual,manual,news+7@example.com,4F2A,door" ]
	grep -q 'event=attempt source=door queue_id=4F2A from=news+7@example.com to=gone@example.com answer=blocked class=hard' log
	run -0 nixie show gone@example.com
	[[ $output == *"  attempt  hard unknown-user"*"refused by     door"*"sender         news+7@example.com"*"queue id       4F2A"* ]]
	run -0 nixie show --json gone@example.com
	[[ $output == *'"source":"door","sender":"news+7@example.com","queue_id":"4F2A"'* ]]
	# nothing of the mail is kept, and none of it is a message
	run -0 nixie db status --json
	[[ $output =~ \"messages\":\ *1, && $output =~ \"quarantined\":\ *0 ]]
	finish
}

@test "the lease climbs once a message, however often the MTA offers it" {
	configure '    answer: swallow'
	deliver_bounce
	start
	run -0 post door.sock :4F2A gone@example.com gone@example.com
	[ "$output" = $'250 2.0.0 suppressed, goes nowhere\n250 2.0.0 suppressed, goes nowhere' ]
	post door.sock :4F2A gone@example.com
	[ "$(blocked | wc -l)" -eq 2 ]
	[[ $(blocked) == *,news+7@example.com,4F2A,door ]]
	run -0 nixie show gone@example.com
	[[ $output == *"step 2 of its ladder, prolonged by attempts"* ]]
	post door.sock 4F2B gone@example.com
	[ "$(blocked | wc -l)" -eq 3 ]
	finish
}

@test "what is suppressed for one stream is let in by a door for that stream" {
	configure "    stream: news" \
		"  - listen: unix:$BATS_TEST_TMPDIR/orders.sock" \
		'    stream: orders' 'streams:' '  news: { kind: bulk }' \
		'  orders: { kind: transactional }'
	nixie suppress --config nixie.yaml --stream news a@example.com
	start
	run -0 post door.sock 1 a@example.com
	[[ $output == 550\ * ]]
	run -0 post orders.sock 2 a@example.com
	[[ $output == 451\ 4.7.1\ * ]]
	[[ $(nixie report blocked) == *'"a@example.com","news","manual"'* ]]
	finish
}

@test "without a store nothing is refused" {
	configure
	deliver_bounce
	start
	mv store away
	run -0 post door.sock 1 gone@example.com
	[[ $output == 451\ 4.3.0\ * ]]
	mv away store
	run -0 post door.sock 1 gone@example.com
	[[ $output == 550\ * ]]
	[ "$(blocked | wc -l)" -eq 2 ]
	finish
}

@test "no mail is refused where reports come in" {
	configure
	deliver_bounce
	start
	run -0 post lmtp.sock 1 gone@example.com
	[[ $output == 250\ * ]]
	[ "$(blocked | wc -l)" -eq 1 ]
	finish
}

@test "blocked is read strictly, and again on SIGHUP" {
	configure '    answer: discard'
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"nixie.yaml:9:13: answer: refuse or swallow"* ]]
	configure "  - listen: unix:$BATS_TEST_TMPDIR/door.sock"
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"door.sock is there twice"* ]]
	configure 'attempts: { within: 2m }'
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"within: a span from 0 to 60s is wanted"* ]]
	configure
	nixie suppress a@example.com
	start
	run -0 post door.sock 1 a@example.com
	[[ $output == 550\ * ]]
	configure '    answer: swallow'
	kill -HUP "$SERVE"
	until_true "$SERVE" grep -q 'event=reload' log
	run -0 post door.sock 2 a@example.com
	[[ $output == 250\ * ]]
	finish
}
