# SPDX-License-Identifier: ISC
# An Exim of the test's own, in $ROOT on a port that was free. For bats files
# to load after daemon.bash and root.bash.

# exim_start FILE [blocked [ACL]]: the domain refused.test takes no recipient,
# bounces.test goes to that transport of contrib/exim, and mail to suppressed
# addresses to the blocked door. Who hands in mail by SMTP is judged by that ACL.
exim_start() {
	local sink
	read -r EXIM_PORT sink < <(free_ports 2)
	refuse "$sink"
	mkdir -p "$ROOT/etc/exim4" "$ROOT/run/exim4"
	install -d -o "$FIRST_USER" "$ROOT"/var/{log,spool}/exim4
	cat >"$ROOT/etc/exim4/exim4.conf" <<-CONF
		primary_hostname = mta.example.test
		local_interfaces = 127.0.0.1
		daemon_smtp_ports = $EXIM_PORT
		tls_advertise_hosts =
		rfc1413_hosts =
		host_lookup =
		keep_environment =
		log_file_path = /var/log/exim4/%slog
		acl_smtp_rcpt = rcpt
		begin acl
		rcpt:
		${3:+$(adapt "$3")}
		accept
		begin routers
		$(adapt exim/router.conf)
		${2:+$(adapt exim/blocked.router.conf)}
		refused:
		  driver = manualroute
		  domains = refused.test
		  route_list = * 127.0.0.1
		  transport = refused
		  self = send
		begin transports
		refused:
		  driver = smtp
		  port = $sink
		  allow_localhost
		  hosts_try_dane =
		$(adapt "$1")
		${2:+$(adapt exim/blocked.transport.conf)}
		begin retry
		* * F,1h,1s
	CONF
	chroot "$ROOT" /usr/sbin/exim4 -bdf -q1s >"$T/log/exim.out" 2>&1 3>&- &
	EXIM=$!
	ln -s "$ROOT/var/log/exim4/mainlog" "$T/log/exim.log"
}

exim_stop() {
	refuse_no_more
	[ -n "${EXIM-}" ] || return 0
	kill "$EXIM" || true
	wait "$EXIM" || true
}

# exim_send RECIPIENT: a mail of ours, with a return path at bounces.test.
exim_send() {
	news "$1" |
		chroot "$ROOT" /usr/sbin/exim4 -f "bounces+news@bounces.test" "$1"
}

# exim_rcpt ADDRESS...: what Exim says to each.
exim_rcpt() {
	smtp_rcpt "$EXIM_PORT" "$@"
}

queue_is_empty() {
	[ "$(chroot "$ROOT" /usr/sbin/exim4 -bpc)" -eq 0 ]
}

logged() {
	grep -q -- "$1" "$T/log/exim.log"
}
