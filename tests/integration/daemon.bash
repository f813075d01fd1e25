# SPDX-License-Identifier: ISC
# A directory of the test's own below $T, and a `nixie serve` in it. For bats
# files to load. NIXIE, NIXIE_PIPE and RULES are what is under test.

load ../missing.bash

# A user that MTAs are willing to run programs as, and who nixie serve is.
NIXIE_USER=nobody

# make_place: $T, with the programs where $NIXIE_USER can run them.
make_place() {
	[ "$(id -u)" -eq 0 ] ||
		missing "only root may run an MTA, and this is not root"
	T=$(mktemp -d /tmp/nixie-mta.XXXXXX)
	chmod 755 "$T"
	install -D "$NIXIE" "$T/bin/nixie"
	install -D "$NIXIE_PIPE" "$T/bin/nixie-pipe"
	cp -r "$RULES" "$T/rules"
	mkdir "$T/log" "$T/run"
	chown "$NIXIE_USER" "$T/run"
	install -d -o "$NIXIE_USER" -m 700 "$T/store"
	SPOOL=$T/store/spool
}

remove_place() {
	[ -z "${T-}" ] || rm -rf "$T"
}

# free_ports N: as many ports that nobody listens on, below those that the
# system gives to clients.
free_ports() {
	python3 -c 'import random, socket, sys
free = []
while len(free) < int(sys.argv[1]):
    try:
        one = socket.socket()
        one.bind(("127.0.0.1", random.randrange(10000, 32000)))
        free.append(one)
    except OSError:
        pass
ports = [one.getsockname()[1] for one in free]
for one in free:
    one.close()
print(*ports)' "$1"
}

# adapt FILE WITH...: a file of contrib/ with the names of this test.
adapt() {
	local file=$1
	shift
	sed -e "s|bounces\\.example\\.com|bounces.test|g" \
		-e "s/\\<user\\([ =]*\\)nixie/user\\1$NIXIE_USER/" "$@" \
		"$BATS_TEST_DIRNAME/../../contrib/$file"
}

# daemon_start [GROUP]: with the listeners in $T/listen.yaml, as a member of
# that group; waits for it.
daemon_start() {
	local groups=--clear-groups
	[ -z "${1-}" ] || groups=--groups=$1
	{
		echo "store: $T/store"
		echo "rules: $T/rules"
		echo "spool: $SPOOL"
		cat "$T/listen.yaml"
	} >"$T/nixie.yaml"
	setpriv --reuid "$NIXIE_USER" --regid nogroup "$groups" \
		"$T/bin/nixie" serve --config "$T/nixie.yaml" \
		>>"$T/log/nixie.log" 2>&1 3>&- &
	DAEMON=$!
	eventually answers
}

answers() {
	nixie status >/dev/null 2>&1
}

daemon_stop() {
	[ -n "${DAEMON-}" ] || return 0
	kill "$DAEMON"
	wait "$DAEMON"
	DAEMON=
}

# nixie COMMAND WORD...: on the test's store.
nixie() {
	local command=$1
	shift
	"$T/bin/nixie" "$command" --rules "$T/rules" --store "$T/store" "$@"
}

suppressed() {
	local status=0
	nixie check "$1" >"$T/answer" 2>&1 || status=$?
	[ "$status" -eq 1 ]
}

spooled() {
	find "$SPOOL/new" -type f | grep -q .
}

spool_is_empty() {
	! spooled
}

# refuse PORT: a host that knows no recipient listens there.
refuse() {
	smtp-sink -u "$NIXIE_USER" -f rcpt -B '550 5.1.1 User unknown' \
		"127.0.0.1:$1" 10 >"$T/log/sink.log" 2>&1 3>&- &
	REFUSER=$!
	eventually listens "$1"
}

listens() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# smtp_rcpt PORT ADDRESS...: what is said to each there, within 20 s.
smtp_rcpt() {
	timeout 20 python3 -c 'import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as mta:
    mta.ehlo()
    mta.mail("shop@example.test")
    for one in sys.argv[2:]:
        code, text = mta.docmd(f"RCPT TO:<{one}>")
        print(code, text.decode())' "$@"
}

# codes: of what smtp_rcpt printed.
codes() {
	cut -c 1-3 | xargs
}

# attempted ADDRESS: that somebody was about to send there is recorded.
attempted() {
	nixie report blocked | grep -q ",\"$1\","
}

refuse_no_more() {
	[ -z "${REFUSER-}" ] || kill "$REFUSER" || true
}

# news FROM TO: a mail of ours.
news() {
	cat <<-MAIL
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

# tell_why: the logs, when a test failed.
tell_why() {
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 40 "$T"/log/* >&2
}
