#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A bounce made by a real Postfix comes back to `nixie serve`: by LMTP over a
# unix socket and TCP, and through nixie-pipe. The configuration is that of
# contrib/postfix.

bats_require_minimum_version 1.5.0

setup() {
	load daemon.bash
	load postfix.bash
	make_place
	POSTFIX=$(getent group postfix | cut -d: -f3)
}

teardown() {
	tell_why
	postfix_stop
	daemon_stop
	remove_place
}

by_unix_socket() {
	install -d -o "$NIXIE_USER" -g postfix -m 750 "$T/queue/nixie"
	adapt postfix/lmtp.nixie.yaml -e "s|/var/spool/postfix|$T/queue|" \
		>"$T/listen.yaml"
	adapt postfix/lmtp.main.cf >"$T/more.main.cf"
}

by_tcp() {
	local port
	port=$(free_ports 1)
	adapt postfix/lmtp-tcp.nixie.yaml -e "s|2424|$port|" >"$T/listen.yaml"
	adapt postfix/lmtp-tcp.main.cf -e "s|2424|$port|" >"$T/more.main.cf"
}

by_pipe() {
	local words="--socket $T/run/lmtp.sock --spool $SPOOL"
	printf 'lmtp:\n  - listen: unix:%s\n' "$T/run/lmtp.sock" \
		>"$T/listen.yaml"
	adapt postfix/pipe.main.cf >"$T/more.main.cf"
	adapt postfix/pipe.master.cf -e "s|/usr/local|$T|; s|nixie-pipe|& $words|" \
		>"$T/more.master.cf"
}

# comes_back: a refused recipient is suppressed, with all that is known.
comes_back() {
	postfix_send gone@refused.test
	eventually suppressed gone@refused.test
	grep -q hard "$T/answer"
	grep -q unknown-user "$T/answer"
	eventually queue_is_empty
	run -0 nixie show gone@refused.test
	[[ $output == *5.1.1* ]]
	grep -q 'to=b\*\*\*@bounces.test' "$T/log/nixie.log"
}

# waits: while the daemon is away the bounce waits in the MTA's queue.
waits() {
	daemon_stop
	postfix_send away@refused.test
	eventually queue_holds_bounce
	run ! suppressed away@refused.test
	daemon_start "$POSTFIX"
	postfix_flush
	eventually suppressed away@refused.test
	eventually queue_is_empty
}

@test "LMTP over a unix socket, from inside a chroot" {
	by_unix_socket
	daemon_start "$POSTFIX"
	[ "$(stat -c %a:%G "$T/queue/nixie/lmtp.sock")" = 660:postfix ]
	postfix_start
	comes_back
	waits
}

@test "LMTP over TCP" {
	by_tcp
	daemon_start
	postfix_start
	comes_back
	waits
}

@test "several recipients in one transaction" {
	by_unix_socket
	daemon_start "$POSTFIX"
	postfix_start
	news a@bounces.test |
		sendmail -C "$T/etc" -f someone@example.test \
			a@bounces.test b@bounces.test c@bounces.test
	eventually queue_is_empty
	logged 'to=<a@bounces.test>.*status=sent (250 2.0.0'
	logged 'to=<c@bounces.test>.*status=sent (250 2.0.0'
	run -0 nixie db status --json
	[[ $output =~ \"messages\":\ *3 ]]
}

@test "an address in UTF-8" {
	by_unix_socket
	echo 'smtputf8_enable = yes' >>"$T/more.main.cf"
	daemon_start "$POSTFIX"
	postfix_start
	news a@bounces.test |
		sendmail -C "$T/etc" -O SMTPUTF8 -f '' 'jö@bounces.test'
	eventually queue_is_empty
	logged 'status=sent (250 2.0.0'
}

@test "nixie-pipe" {
	by_pipe
	daemon_start
	postfix_start
	comes_back
}

@test "nixie-pipe keeps it while the daemon is away" {
	by_pipe
	daemon_start
	daemon_stop
	postfix_start
	postfix_send away@refused.test
	eventually spooled
	eventually queue_is_empty
	run ! suppressed away@refused.test
	daemon_start
	eventually suppressed away@refused.test
	eventually spool_is_empty
}

@test "nixie-pipe leaves it to Postfix when it cannot keep it" {
	by_pipe
	daemon_start
	daemon_stop
	postfix_start
	chmod 500 "$SPOOL/tmp"
	postfix_send away@refused.test
	eventually queue_holds_bounce
	eventually logged 'dsn=4.3.0, status=deferred (nixie: '
	chmod 700 "$SPOOL/tmp"
	daemon_start
	postfix_flush
	eventually suppressed away@refused.test
	eventually queue_is_empty
}
