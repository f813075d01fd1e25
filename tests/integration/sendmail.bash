# SPDX-License-Identifier: ISC
# A Sendmail of the test's own, in $ROOT, without a daemon: who hands mail in
# delivers it. For bats files to load after daemon.bash and root.bash.

# sendmail_config PORT FILE...: the sendmail.mc.
sendmail_config() {
	local port=$1
	shift
	cat <<-MC
		include(\`m4/cf.m4')
		OSTYPE(\`linux')dnl
		define(\`confDOMAIN_NAME', \`mta.example.test')dnl
		define(\`confDEF_USER_ID', \`$NIXIE_USER')dnl
		define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
		define(\`ALIAS_FILE', \`')dnl
		define(\`ESMTP_MAILER_ARGS', \`TCP \$h $port')dnl
		FEATURE(\`mailertable', \`hash /etc/mail/mailertable')dnl
		FEATURE(\`nocanonify')dnl
		FEATURE(\`accept_unresolvable_domains')dnl
		MAILER(\`smtp')dnl
	MC
	while [ $# -gt 0 ]; do
		adapt "$1" -e "s/U=nixie/U=$NIXIE_USER/"
		shift
	done
}

# sendmail_make FILE...: the domain refused.test takes no recipient, away.test
# does not answer, bounces.test goes to that mailer of contrib/sendmail.
sendmail_make() {
	local cf=$MTAS/sendmail-cf/usr/share/sendmail/cf sink
	sink=$(free_ports 1)
	refuse "$sink"
	install -d -m 700 "$ROOT/var/spool/mqueue"
	mkdir -p "$ROOT/etc/mail"
	sendmail_config "$sink" "$@" >"$T/sendmail.mc"
	(cd "$cf" && m4 -D_CF_DIR_="$cf/" "$T/sendmail.mc") \
		>"$ROOT/etc/mail/sendmail.cf"
	echo 'hosts files' >"$ROOT/etc/mail/service.switch"
	{
		adapt sendmail/mailertable
		printf 'refused.test\tesmtp:[127.0.0.1]\n'
		printf 'away.test\tesmtp:[127.0.0.2]\n'
	} | chroot "$ROOT" /usr/libexec/sendmail/makemap hash \
		/etc/mail/mailertable
}

run_sendmail() {
	chroot "$ROOT" /usr/libexec/sendmail/sendmail "$@" \
		>>"$T/log/sendmail.log" 2>&1
}

# sendmail_send RECIPIENT: a mail of ours, with a return path at bounces.test.
sendmail_send() {
	news "$1" | run_sendmail -v -odi -f bounces+news@bounces.test "$1" ||
		true # it was refused
}

# retry: what waits is tried again.
retry() {
	run_sendmail -v -q
}

queue_is_empty() {
	chroot "$ROOT" /usr/libexec/sendmail/sendmail -bp |
		grep -q 'Total requests: 0'
}

logged() {
	grep -q -- "$1" "$T/log/sendmail.log"
}

# sendmail_rcpt ADDRESS...: what it says to each, as it speaks SMTP over stdin.
sendmail_rcpt() {
	timeout 60 python3 -c 'import smtplib, socket, subprocess, sys
ours, theirs = socket.socketpair()
with subprocess.Popen(["chroot", sys.argv[1], "/usr/libexec/sendmail/sendmail",
                       "-bs"], stdin=theirs, stdout=theirs), smtplib.SMTP() as mta:
    theirs.close()
    mta.sock = ours
    mta.getreply()
    mta.ehlo("localhost")
    mta.mail("shop@example.test")
    for one in sys.argv[2:]:
        code, text = mta.docmd(f"RCPT TO:<{one}>")
        print(code, text.decode())' "$ROOT" "$@"
}
