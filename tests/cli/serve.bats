#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The daemon from outside: where it listens, what it is told, how it ends.

load helper.bash
load daemon.bash

# configure LINE...: nixie.yaml of the test, with these lines behind.
configure() {
	{
		printf '%s\n' "store: $STORE" "rules: $RULES" \
			"status: $BATS_TEST_TMPDIR/status.sock" 'workers: 1'
		printf '%s\n' "$@"
	} >nixie.yaml
}

listens() {
	configure "lmtp:" "  - listen: unix:$BATS_TEST_TMPDIR/lmtp.sock" \
		'    mode: 0620' "$@"
}

# How many messages are in quarantine.
kept() {
	"$NIXIE" quarantine list --config nixie.yaml | wc -l
}

# deliver WHERE [RECIPIENT...]: the message on stdin over LMTP, from FROM, for two
# unless they are told; prints the last replies.
deliver() {
	python3 - "$@" 3>&- 4< <(cat) <<-'PYTHON'
		import os, socket, sys
		where, *to = sys.argv[1:]
		to = to or ["b@example.org", "c@example.org"]
		text = os.fdopen(4).read()
		if where.startswith("/"):
		    sock = socket.socket(socket.AF_UNIX)
		    sock.connect(where)
		else:
		    host, _, port = where.rpartition(":")
		    sock = socket.create_connection((host, int(port)))
		replies = sock.makefile("rb")
		def ask(line):
		    sock.sendall(line.encode() + b"\r\n")
		    while (reply := replies.readline())[3:4] == b"-":
		        pass
		    return reply.decode().strip()
		replies.readline()
		ask("LHLO x")
		ask("MAIL FROM:<%s>" % os.environ.get("FROM", ""))
		for address in to:
		    ask("RCPT TO:<%s>" % address)
		reply = ask("DATA")
		if not reply.startswith("354"):
		    sys.exit(print(reply))
		print(ask(text.replace("\n", "\r\n") + "\r\n."))
		for address in to[1:]:
		    print(replies.readline().decode().strip())
	PYTHON
}

@test "a bounce over a unix socket suppresses; one reply a recipient" {
	listens
	start
	[ "$(stat -c %a lmtp.sock)" = 620 ]
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "$output" = $'250 2.0.0 taken\n250 2.0.0 taken' ]
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "$output" = $'250 2.0.0 duplicate\n250 2.0.0 duplicate' ]
	run -1 nixie check gone@example.com
	grep -q 'event=message source=lmtp .*to=b\*\*\*@example.org .*class=hard reason=unknown-user address=g\*\*\*@example.com' log
	finish
	[ ! -e lmtp.sock ]
	[ ! -e status.sock ]
	tail -n 1 log | grep -q 'event=stop result=done'
}

@test "loopback TCP, and several listeners at once" {
	listens "  - listen: 127.0.0.1:0" "  - listen: '[::1]:0'" \
		'log: { addresses: full }'
	start
	local port
	port=$(sed -n 's/.*lmtp=\(127.0.0.1:[0-9]*\).*/\1/p' log)
	run -0 deliver "$port" < <(bounce gone@example.com)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	grep -q ' address=gone@example.com ' log
	finish
}

@test "who comes in by a unix socket is logged, once a session" {
	listens
	start
	deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "$(grep -c 'event=session' log)" = 1 ]
	grep -q "event=session pid=[1-9][0-9]* uid=$(id -u) gid=$(id -g)\$" log
	finish
}

@test "domains: mail for others is refused, and SIGHUP knows new ones" {
	listens 'domains: [EXAMPLE.ORG]'
	start
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	listens 'domains: [example.net]'
	reload 'done'
	run -0 deliver "$PWD/lmtp.sock" < <(ordinary)
	[ "${lines[0]}" = "503 5.5.1 no valid recipients" ]
	listens
	reload 'done'
	run -0 deliver "$PWD/lmtp.sock" < <(ordinary)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	finish
}

@test "what is odd about an envelope is no reason to refuse" {
	listens
	start
	run -0 python3 - "$BATS_TEST_TMPDIR/lmtp.sock" <<-'PYTHON'
		import socket, sys
		sock = socket.socket(socket.AF_UNIX)
		sock.connect(sys.argv[1])
		replies = sock.makefile("rb")
		def ask(line):
		    sock.sendall(line + b"\r\n")
		    while (reply := replies.readline())[3:4] == b"-":
		        pass
		    return reply[:3].decode()
		replies.readline()
		ask(b"LHLO x")
		for sender in (b"a" * 400 + b"@example.net", b"j\xfcrg@example.net",
		               b"@a.example:b@c.example", b"a\tb@example.net",
		               b'"a b"@example.net', b"\xc3\xb6@example.net> X=1"):
		    print(ask(b"MAIL FROM:<" + sender + b">"),
		          ask(b"RCPT TO:<" + sender + b"> Y"), ask(b"DATA"),
		          ask(b"Subject: " + sender + b"\r\n\r\nhi\r\n."))
	PYTHON
	[ "$(sort -u <<<"$output")" = '250 250 354 250' ]
	[ "$(kept)" -eq 6 ]
	finish
}

@test "SIGHUP: what is protected and local is read again" {
	listens
	start
	listens 'protect: [vip@example.com]' 'local_domains: [mailhub]'
	reload 'done'
	deliver "$PWD/lmtp.sock" < <(bounce vip@example.com)
	deliver "$PWD/lmtp.sock" < <(bounce jan@mailhub '' '' 2)
	run -0 nixie check vip@example.com
	run -1 nixie check jan@mailhub
	listens 'protect: [nobody]'
	reload failed
	grep -q 'protect: .*is neither' log
	deliver "$PWD/lmtp.sock" < <(bounce vip@example.com '' '' 3)
	run -0 nixie check vip@example.com
	listens
	reload 'done'
	deliver "$PWD/lmtp.sock" < <(bounce vip@example.com '' '' 4)
	run -1 nixie check vip@example.com
	finish
}

@test "ordinary mail goes to quarantine" {
	listens
	start
	run -0 deliver "$PWD/lmtp.sock" < <(ordinary)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	grep -q 'kind=other .*quarantine=ordinary' log
	[ "$(kept)" -eq 2 ]
	finish
}

@test "what is cut off is logged, counted and kept" {
	listens
	start
	bounce a@example.com | sed '/^Final-Rec/i X-Much: '"$(printf '%020000d' 0)" |
		deliver "$BATS_TEST_TMPDIR/lmtp.sock"
	grep -q 'truncated=yes' log
	[ "$(kept)" -ge 1 ]
	run -0 "$NIXIE" status --config nixie.yaml --json
	[ "$(member truncated)" -ge 1 ]
	[ "$(member events)" -ge 1 ]
	finish
}

# total MEMBER: of the store.
total() {
	run -0 "$NIXIE" db status --config nixie.yaml --json
	member "$1"
}

@test "a report for many recipients is one event an address" {
	listens
	start
	bounce user@example.com >one
	{
		sed '/^Final-Rec/,$d' one
		for i in {1..100}; do
			printf '%s\n' "Final-Recipient: rfc822; user$i@example.com" \
				'Action: failed' 'Status: 5.1.1' ''
		done
		sed '1,/^Diagnostic/d' one
	} >mail
	mapfile -t to < <(printf 'b+%d@example.org\n' {1..1000})
	run -0 deliver "$PWD/lmtp.sock" "${to[@]}" <mail
	[ "$(sort <<<"$output" | uniq -c | xargs)" = '1000 250 2.0.0 taken' ]
	[ "$(total events) $(total messages)" = '100 1' ]
	[ "$(total bytes)" -lt 1000000 ]
	[ "$(kept)" -eq 0 ]
	# again, and in other portions
	run -0 deliver "$PWD/lmtp.sock" "${to[@]}" <mail
	[ "$(sort <<<"$output" | uniq -c | xargs)" = '1000 250 2.0.0 duplicate' ]
	run -0 deliver "$PWD/lmtp.sock" "${to[@]:500:20}" <mail
	run -0 deliver "$PWD/lmtp.sock" "${to[7]}" <mail
	[ "$output" = '250 2.0.0 duplicate' ]
	[ "$(total events) $(total messages)" = '100 1' ]
	finish
}

@test "each recipient is read with its own envelope" {
	listens
	start
	printf '%s\n' 'From: ann@example.com' 'To: news@example.org' \
		'Subject: unsubscribe' '' 'unsubscribe' >mail
	FROM=ann@example.com run -0 deliver "$PWD/lmtp.sock" \
		unsub+ben=example.com@example.org \
		unsub+cid=example.com@example.org \
		unsub+ben=example.com@example.org <mail
	[ "$(sort <<<"$output" | uniq -c | xargs)" = '3 250 2.0.0 taken' ]
	[ "$(total events)" -eq 2 ]
	run -0 "$NIXIE" list --config nixie.yaml
	[[ ${lines[0]} =~ ^ben@example.com\ .*unsubscribe ]]
	[[ ${lines[1]} =~ ^cid@example.com\ .*unsubscribe ]]
	finish
}

@test "who gets a report is not whom it is about" {
	listens
	start
	bounce c@example.org |
		deliver "$PWD/lmtp.sock" b@example.org c@example.org
	[ "$(total events)" -eq 0 ]
	finish
}

@test "by LMTP for two, then from a Maildir, it is one event" {
	listens
	start
	bounce gone@example.com >mail
	deliver "$PWD/lmtp.sock" <mail
	mkdir -p Maildir/cur Maildir/new
	{
		printf 'Return-Path: <>\nDelivered-To: d@example.org\n'
		cat mail
	} >Maildir/cur/1:2,S
	run -0 nixie ingest Maildir
	[[ $output =~ "already known"\ +1 ]]
	run -0 deliver "$PWD/lmtp.sock" d@example.org \
		< <(printf 'X-Scanned: yes\n'; cat mail)
	[ "$output" = '250 2.0.0 taken' ]
	grep -q 'event=message .*to=d.* events=0 twins=1 ' log
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
	[ "$(member events)" = 1 ]
	finish
}

@test "a long message is not read again for ever" {
	listens
	start
	{
		printf '%s\n' 'From: ann@example.com' 'Subject: Photos' \
			'Content-Type: multipart/mixed; boundary=b' '' \
			'--b' '' 'See there.' '--b' \
			'Content-Type: image/x-bits' ''
		yes 'a line of some bits.' | head -n 40000
	} >mail
	mapfile -t to < <(printf 'b+%d@example.org\n' {1..40})
	run -0 deliver "$PWD/lmtp.sock" "${to[@]}" <mail
	[ "$(sort <<<"$output" | uniq -c | xargs)" = '40 250 2.0.0 taken' ]
	[ "$(kept)" -eq 40 ]
	[ "$(grep -c 'truncated=yes' log)" -gt 15 ] # 16 MiB are read again
	[ "$(grep -c 'truncated=yes' log)" -lt 25 ]
	finish
}

@test "status: a socket that is left, and a missing directory to listen in" {
	listens
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("status.sock")'
	run -3 nixie status --config nixie.yaml
	[[ $output == *"nixie serve is not running (nobody answers at "* ]]
	configure "lmtp:" "  - listen: unix:$PWD/none/lmtp.sock"
	run -3 "$NIXIE" serve --config nixie.yaml
	[[ $output == *"cannot listen on unix:$PWD/none/lmtp.sock: directory \
$PWD/none is missing"* ]]
}

@test "status tells, and says when nobody is there" {
	listens
	run -3 nixie status --config nixie.yaml
	[ "$output" = "nixie status: nixie serve is not running (no socket at \
$PWD/status.sock)" ]
	start
	deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	run -0 nixie status --config nixie.yaml --json
	[ "$(member messages)" = 2 ]
	[ "$(member events)" = 1 ]
	[ "$(member pid)" = "$SERVE" ]
	run -0 nixie status --config nixie.yaml
	[[ ${lines[0]} == "nixie 0."*"process $SERVE, started"* ]]
	finish
}

@test "one at a time, and what is not ours stays" {
	listens
	start
	run -3 "$NIXIE" serve --config nixie.yaml
	[[ $output == *"somebody listens there already"* ]]
	kill -9 "$SERVE"
	wait "$SERVE" || :
	[ -S lmtp.sock ]
	start # takes the place of what was left behind
	finish
	: >lmtp.sock
	run -4 "$NIXIE" serve --config nixie.yaml
	[[ $output == *"lmtp.sock: is there and is no socket"* ]]
	[ -f lmtp.sock ]
}

@test "an old name in a site file is told in the log" {
	mkdir site
	echo 'disable: [text/spam]' >site/uncommon.yaml
	listens 'site_rules: site'
	start
	[ "$(grep -c 'event=rules warning=.*uncommon.yaml:1:1: ' log)" = 1 ]
}

@test "SIGHUP: good rules replace, broken ones do not" {
	cp -r "$RULES" rules
	RULES=$BATS_TEST_TMPDIR/rules
	listens
	start
	echo 'nonsense: 1' >>rules/policy.yaml
	kill -HUP "$SERVE"
	until_true "$SERVE" grep -q 'event=reload result=failed' log
	grep -q 'policy.yaml:[0-9]*:1: unknown key' log
	run -0 deliver "$PWD/lmtp.sock" < <(bounce one@example.com)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	sed -i '$d' rules/policy.yaml
	kill -HUP "$SERVE"
	until_true "$SERVE" grep -q 'event=reload result=done' log
	run -0 deliver "$PWD/lmtp.sock" < <(bounce two@example.com '' '' 2)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	finish
}

@test "SIGHUP: listeners come and go" {
	listens
	start
	configure "lmtp:" "  - listen: unix:$BATS_TEST_TMPDIR/other.sock"
	kill -HUP "$SERVE"
	until_true "$SERVE" grep -q 'event=reload result=done' log
	[ ! -e lmtp.sock ]
	run -0 deliver "$BATS_TEST_TMPDIR/other.sock" \
		< <(bounce gone@example.com)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	finish
}

@test "SIGHUP: a socket that somebody removed is made again" {
	listens
	start
	rm lmtp.sock
	reload 'done'
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	rm lmtp.sock
	echo mine >lmtp.sock
	reload failed
	grep -q 'lmtp.sock: is there and is no socket' log
	[ "$(cat lmtp.sock)" = mine ]
	rm lmtp.sock
	reload 'done'
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "${lines[0]}" = "250 2.0.0 duplicate" ]
	finish
	[ ! -e lmtp.sock ]
}

# letter TEXT: ordinary mail that no other is like.
letter() {
	printf 'From: ann@example.com\nSubject: %s\n\nAt one?\n' "$1"
}

@test "SIGHUP: owner, group, mode, caps and workers are those of the file" {
	local group
	group=$(id -g)
	[ "$(id -u)" -ne 0 ] || group=12345
	listens
	start
	for name in one two three; do
		deliver "$PWD/lmtp.sock" < <(letter $name)
	done
	[ "$(kept)" -eq 6 ]
	configure 'lmtp:' "  - listen: unix:$PWD/lmtp.sock" \
		"    group: $group" '    mode: 0600' \
		'quarantine: { messages: 2 }'
	sed -i 's/^workers: 1/workers: 2/' nixie.yaml
	reload 'done'
	[ "$(stat -c '%a %g' lmtp.sock)" = "600 $group" ]
	run -0 nixie status --config nixie.yaml --json
	[ "$(member workers)" = 2 ]
	deliver "$PWD/lmtp.sock" < <(letter four)
	[ "$(kept)" -eq 2 ]
	"$NIXIE" quarantine list --config nixie.yaml | grep -q ' four$'
	listens # as it was
	reload 'done'
	[ "$(stat -c '%a %g' lmtp.sock)" = "620 $(id -g)" ]
	finish
}

@test "SIGHUP: a file that is wrong anywhere changes nothing" {
	listens
	start
	configure 'lmtp:' "  - listen: unix:$PWD/lmtp.sock" '    mode: 0600' \
		"  - listen: unix:$PWD/other.sock" '    group: no-such-group' \
		'quarantine: { messages: 1 }'
	sed -i 's/^workers: 1/workers: 2/' nixie.yaml
	reload failed
	grep -q 'group: there is no group no-such-group' log
	[ "$(stat -c %a lmtp.sock)" = 620 ]
	[ ! -e other.sock ]
	listens
	sed -i 's/mode: 0620/mode: 0600/; s/^rules:.*/rules: missing/' \
		nixie.yaml
	reload failed
	grep -q 'missing' log
	[ "$(stat -c %a lmtp.sock)" = 620 ]
	listens
	sed -i 's/^status:.*/status: elsewhere.sock/' nixie.yaml
	reload failed
	grep -q 'status: elsewhere.sock wants a restart' log
	run -0 deliver "$PWD/lmtp.sock" < <(ordinary)
	[ "${lines[0]}" = "250 2.0.0 taken" ]
	listens
	[ "$(kept)" -eq 2 ]
	run -0 nixie status --config nixie.yaml --json
	[ "$(member workers)" = 1 ]
	finish
}

# The process that workers are forked from.
worker_host() {
	pgrep -P "$SERVE" -x nixie-host
}

@test "what workers come from holds nothing of the daemon, and may die" {
	listens
	cp "$NIXIE" program
	NIXIE=$PWD/program start
	run -0 deliver "$PWD/lmtp.sock" < <(bounce gone@example.com)
	[ "${lines[0]}" = '250 2.0.0 taken' ]
	run -0 ls "/proc/$(worker_host)/fd"
	[ "$output" = $'0\n1\n2\n3\n4' ]
	run -1 grep -F "$STORE" "/proc/$(worker_host)/maps"
	run -0 readlink "/proc/$(worker_host)/fd/3"
	[[ $output == socket:* ]]
	# another program may be in its place by then
	rm program
	echo broken >program
	kill -9 "$(worker_host)"
	until_true "$SERVE" grep -q 'event=workers result=again' log
	run -0 deliver "$PWD/lmtp.sock" < <(bounce away@example.com)
	[ "${lines[0]}" = '250 2.0.0 taken' ]
	reload 'done'
	run -0 deliver "$PWD/lmtp.sock" < <(bounce left@example.com)
	[ "${lines[0]}" = '250 2.0.0 taken' ]
	finish
}

@test "a socket that was handed over" {
	configure
	start systemd-socket-activate -l "$BATS_TEST_TMPDIR/s.sock" \
		--fdname=lmtp -E NOTIFY_SOCKET= 2>/dev/null &
	local pid=$!
	python3 - "$BATS_TEST_TMPDIR/s.sock" 3>&- <<-'PYTHON'
		import socket, sys, time
		end = time.monotonic() + 20
		while True:
		    sock = socket.socket(socket.AF_UNIX)
		    try:
		        sock.connect(sys.argv[1])
		        break
		    except OSError:
		        assert time.monotonic() < end
		sock.settimeout(20)
		assert sock.recv(100).startswith(b"220 ")
	PYTHON
	kill "$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' < <("$NIXIE" status \
		--config nixie.yaml --json))"
	wait "$pid" || :
}

# told_keys: the keys that the configuration may have here, as the error says.
told_keys() {
	nixie config check --config nixie.yaml 2>&1 |
		sed -n 's/[,)]/ /g; s/.*unknown key.*(known: //p'
}

@test "nixie.conf(5) tells every key" {
	local key keys map
	for map in nonsense 'limits: { nonsense: 1 }' \
		'quarantine: { nonsense: 1 }' 'originals: { nonsense: 1 }' \
		'log: { nonsense: 1 }'; do
		configure "${map/#nonsense/nonsense: 1}"
		keys=$(told_keys)
		[ -n "$keys" ]
		for key in $keys; do
			grep -q "^\.It Ic $key :\|^\.Ic $key" \
				"$TOP/docs/man/nixie.conf.5" || {
				echo "$key is not told" >&2
				return 1
			}
		done
	done
}

@test "config check says where it is wrong" {
	listens
	run -0 nixie config check --config nixie.yaml
	[ "$output" = "nixie.yaml: all right" ]
	configure 'lmtp:' '  - listen: 192.0.2.1:24'
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"nixie.yaml:6:13: 192.0.2.1:24: not a loopback"* ]]
	configure 'lmtp:' '  - listen: 127.0.0.1:25'
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"port 25 is for SMTP"* ]]
	configure 'limits: { sesions: 3 }'
	run -4 nixie config check --config nixie.yaml
	[[ $output == *"nixie.yaml:5:11: unknown key"* ]]
	run -2 nixie config show
}
