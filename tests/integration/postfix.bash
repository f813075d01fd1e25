# SPDX-License-Identifier: ISC
# A Postfix of the test's own: its configuration, queue and log below $PF, on
# loopback, on a port that was free. For bats files to load.

# A user that pipe(8) is willing to run programs as.
PF_USER=nobody

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# postfix_start NIXIE RULES: copies the program where $PF_USER can run it,
# writes the configuration and starts Postfix. Domains: refused.test takes no
# recipient, bounces.test goes through the pipe to `nixie deliver`.
postfix_start() {
	PF=$(mktemp -d /tmp/nixie-postfix.XXXXXX)
	PF_PORT=$(free_port)
	chmod 755 "$PF"
	install -D "$1" "$PF/bin/nixie"
	cp -r "$2" "$PF/rules"
	mkdir -p "$PF/etc" "$PF/queue" "$PF/data" "$PF/log"
	chown postfix "$PF/data"
	install -d -o "$PF_USER" -m 700 "$PF/store"
	cat >"$PF/etc/main.cf" <<-CF
		compatibility_level = 3.6
		queue_directory = $PF/queue
		data_directory = $PF/data
		command_directory = /usr/sbin
		daemon_directory = /usr/lib/postfix/sbin
		mail_owner = postfix
		setgid_group = postdrop
		maillog_file = $PF/log/mail.log
		maillog_file_prefixes = $PF
		myhostname = mta.example.test
		mydestination =
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mynetworks = 127.0.0.0/8
		smtp_host_lookup = native
		disable_dns_lookups = yes
		alias_maps =
		alias_database =
		local_recipient_maps =
		relay_domains = refused.test, bounces.test
		smtpd_relay_restrictions =
		smtpd_recipient_restrictions =
		  check_recipient_access inline:{
		    { refused.test = 550 5.1.1 User unknown } },
		  reject
		recipient_delimiter = +
		minimal_backoff_time = 1s
		maximal_backoff_time = 2s
		queue_run_delay = 1s
		transport_maps = inline:{
		  { refused.test = smtp:[127.0.0.1]:$PF_PORT },
		  { bounces.test = nixie: } }
		nixie_destination_recipient_limit = 1
	CF
	cat >"$PF/etc/master.cf" <<-CF
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
		error unix - - n - - error
		retry unix - - n - - error
		discard unix - - n - - discard
		local unix - n n - - local
		showq unix n - n - - showq
		proxymap unix - - n - - proxymap
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		postlog unix-dgram n - n - 1 postlogd
		nixie unix - n n - 4 pipe
		  flags=DORXh user=$PF_USER null_sender=
		  argv=$PF/bin/nixie deliver --rules $PF/rules --store $PF/store --sender \${sender} --recipient \${recipient} --original-recipient \${original_recipient} --queue-id \${queue_id}
	CF
	postfix -c "$PF/etc" start
}

postfix_stop() {
	[ -n "${PF-}" ] || return 0
	postfix -c "$PF/etc" stop >/dev/null 2>&1 || true
	rm -rf "$PF"
}

# postfix_send RECIPIENT: a mail of ours, with a return path at bounces.test.
postfix_send() {
	sendmail -C "$PF/etc" -f "bounces+news@bounces.test" "$1" <<-MAIL
		From: News <news@example.test>
		To: <$1>
		Subject: The news of today
		Message-ID: <$RANDOM.$RANDOM@example.test>

		Nothing new.
	MAIL
}

# eventually COMMAND...: true as soon as the command is; gives up after 30 s.
eventually() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		read -r -t 0.2 <> <(:) || true
	done
}

log_says() {
	grep -qF "$1" "$PF/log/mail.log"
}

queue_is_empty() {
	[ -z "$(postqueue -c "$PF/etc" -j)" ]
}

queue_holds_bounce() {
	postqueue -c "$PF/etc" -j | grep -q 'bounces+news@bounces.test'
}
