# SPDX-License-Identifier: ISC
# An OpenSMTPD of the test's own, in $ROOT on a port that was free. For bats
# files to load after daemon.bash and root.bash.

# opensmtpd_start FILE: the domain refused.test takes no recipient, bounces.test
# is up to that file of contrib/opensmtpd.
opensmtpd_start() {
	local sink
	read -r SMTPD_PORT sink < <(free_ports 2)
	refuse "$sink"
	opensmtpd_run <<-CONF
		listen on 127.0.0.1 port $SMTPD_PORT hostname mta.example.test
		$(adapt "$1" -e "s|= nixie }|= $NIXIE_USER }|")
		action "refused" relay host smtp://127.0.0.1:$sink
		match from any for domain "refused.test" action "refused"
	CONF
}

# opensmtpd_asks OPTION...: listens with filter-nixie, and those options of it.
opensmtpd_asks() {
	local sink
	read -r SMTPD_PORT sink < <(free_ports 2)
	refuse "$sink"
	root_add_program "$FILTER_NIXIE" \
		/usr/local/libexec/opensmtpd/filter-nixie
	echo "nixie-ask:x:$ASK_GROUP:" >>"$ROOT/etc/group"
	opensmtpd_run <<-CONF
		$(adapt opensmtpd/filter.conf -e "s|\(filter-nixie\)\"|\1 $*\"|" \
			-e "s|lo port 587|127.0.0.1 port $SMTPD_PORT|")
		action "out" relay host smtp://127.0.0.1:$sink
		match from any for any action "out"
	CONF
}

# opensmtpd_run: with the configuration on stdin.
opensmtpd_run() {
	mkdir -p "$ROOT"/var/lib/opensmtpd/empty "$ROOT/var/mail"
	install -d -m 711 "$ROOT/var/spool/smtpd"
	# from version 7 on it does not start without, TLS or no TLS
	install -D /dev/null "$ROOT/etc/ssl/certs/ca-certificates.crt"
	cat >"$ROOT/etc/smtpd.conf"
	# as the package does when it is installed
	chgrp "$((FIRST_USER + 1))" "$ROOT/usr/sbin/smtpctl"
	chmod 2755 "$ROOT/usr/sbin/smtpctl"
	chroot "$ROOT" /usr/sbin/smtpd -d >"$T/log/smtpd.log" 2>&1 3>&- &
	SMTPD=$!
	eventually listens "$SMTPD_PORT"
}

opensmtpd_stop() {
	refuse_no_more
	[ -n "${SMTPD-}" ] || return 0
	kill "$SMTPD" || true
	wait "$SMTPD" || true
}

# opensmtpd_send RECIPIENT: a mail of ours, with a return path at bounces.test.
opensmtpd_send() {
	news "$1" | python3 -c 'import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as mta:
    mta.sendmail("bounces+news@bounces.test", sys.argv[2], sys.stdin.read())' \
		"$SMTPD_PORT" "$1"
}

# opensmtpd_rcpt ADDRESS...: what smtpd says to each.
opensmtpd_rcpt() {
	smtp_rcpt "$SMTPD_PORT" "$@"
}

# opensmtpd_mail ADDRESS: as programs of the host send it.
opensmtpd_mail() {
	news "$1" | chroot "$ROOT" /usr/sbin/sendmail -f shop@example.test "$1"
}

queue_is_empty() {
	[ -z "$(chroot "$ROOT" /usr/sbin/smtpctl show queue)" ]
}

# retry: what waits is tried again.
retry() {
	chroot "$ROOT" /usr/sbin/smtpctl schedule all >/dev/null
}

logged() {
	grep -q -- "$1" "$T/log/smtpd.log"
}
