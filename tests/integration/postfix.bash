# SPDX-License-Identifier: ISC
# A Postfix of the test's own: its configuration, queue and log below $T, on
# loopback, on a port that was free. For bats files to load after daemon.bash.

# postfix_start: with what $T/more.main.cf and $T/more.master.cf add. The
# domain refused.test takes no recipient, bounces.test is up to what is added.
postfix_start() {
	PF_PORT=$(free_ports 1)
	mkdir -p "$T/etc" "$T/queue" "$T/data"
	chown postfix "$T/data"
	touch "$T/more.main.cf" "$T/more.master.cf"
	cat - "$T/more.main.cf" >"$T/etc/main.cf" <<-CF
		compatibility_level = 3.6
		queue_directory = $T/queue
		data_directory = $T/data
		command_directory = /usr/sbin
		daemon_directory = /usr/lib/postfix/sbin
		mail_owner = postfix
		setgid_group = postdrop
		maillog_file = $T/log/postfix.log
		maillog_file_prefixes = $T
		myhostname = mta.example.test
		mydestination =
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mynetworks = 127.0.0.0/8
		smtp_host_lookup = native
		disable_dns_lookups = yes
		alias_maps =
		alias_database =
		relayhost = [127.0.0.1]:$PF_PORT
		smtpd_relay_restrictions =
		smtpd_recipient_restrictions =
		  check_recipient_access inline:{
		    { refused.test = 550 5.1.1 User unknown } },
		  reject_unauth_destination
		minimal_backoff_time = 1s
		maximal_backoff_time = 2s
		queue_run_delay = 1s
	CF
	cat - "$T/more.master.cf" >"$T/etc/master.cf" <<-CF
		127.0.0.1:$PF_PORT inet n - n - - smtpd
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		flush unix n - n 1000? 0 flush
		smtp unix - - n - - smtp
		relay unix - - n - - smtp
		lmtp unix - - y - - lmtp
		error unix - - n - - error
		retry unix - - n - - error
		discard unix - - n - - discard
		virtual unix - n n - - virtual
		local unix - n n - - local
		showq unix n - n - - showq
		proxymap unix - - n - - proxymap
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		postlog unix-dgram n - n - 1 postlogd
	CF
	postfix -c "$T/etc" start
}

postfix_stop() {
	[ -d "${T-}/etc" ] || return 0
	postfix -c "$T/etc" stop >/dev/null 2>&1 || true
}

# postfix_place: where nixie makes sockets for Postfix, whose group is $POSTFIX.
postfix_place() {
	# shellcheck disable=SC2034 # the tests start the daemon in that group
	POSTFIX=$(getent group postfix | cut -d: -f3)
	install -d -o "$NIXIE_USER" -g postfix -m 750 "$T/queue/nixie"
}

# postfix_send RECIPIENT: a mail of ours, with a return path at bounces.test.
postfix_send() {
	news "$1" | sendmail -C "$T/etc" -f "bounces+news@bounces.test" "$1"
}

postfix_flush() {
	postqueue -c "$T/etc" -f
}

queue_is_empty() {
	[ -z "$(postqueue -c "$T/etc" -j)" ]
}

# A bounce to us waits there.
queue_holds_bounce() {
	postqueue -c "$T/etc" -j |
		grep -q '"address": "bounces+news@bounces.test"'
}

logged() {
	grep -q -- "$1" "$T/log/postfix.log"
}
