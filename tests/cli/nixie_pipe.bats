#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# nixie-pipe ends with 0 when somebody has the message, else with 75.

load helper.bash

teardown() {
	[ -z "${SERVER-}" ] || kill "$SERVER" 2>/dev/null || true
	! mountpoint -q spool || umount spool
}

# listen [VERB=REPLIES]...: a server that says that.
listen() {
	rm -f socket listening log
	"$BATS_TEST_DIRNAME/lmtp_server" socket log "$@" >listening 3>&- &
	SERVER=$!
	until_true $SERVER test -s listening
}

unlisten() {
	kill $SERVER
	wait $SERVER || true
}

make_spool() {
	mkdir -m 700 spool spool/tmp spool/new
}

pipe() {
	"$NIXIE_PIPE" --socket socket --spool '' "$@"
}

# shellcheck disable=SC2120 # "again" hands it words
spooled() {
	"$NIXIE_PIPE" --socket socket --spool spool "$@"
}

# kept: how many messages the spool has; tmp is empty.
kept() {
	[ -z "$(ls spool/tmp)" ]
	find spool/new -type f | wc -l
}

# said LINE: the server was told so.
said() {
	grep -qxF -- "$1"$'\r' log || {
		cat log
		return 1
	}
}

# --- the exchange -------------------------------------------------------------

@test "a message arrives as it is, with its envelope" {
	listen
	bounce gone@example.com >mail
	taken pipe -f '' -r b+1@example.org --original-recipient a+x@example.org \
		--queue-id 4ABC <mail
	said 'XFORWARD IDENT=4ABC'
	said 'MAIL FROM:<> BODY=8BITMIME'
	said 'RCPT TO:<b+1@example.org> ORCPT=rfc822;a+2Bx@example.org'
	tr -d '\r' <log.1 | cmp - mail
	until_true $SERVER grep -q QUIT log
}

@test "dots, bare line ends and NULs arrive" {
	listen
	printf '.\n..\r\n\0\r\rx\n.\r\nlast' >mail
	taken pipe -f a@example.org -r b@example.org <mail
	printf '.\r\n..\r\n\0\r\rx\r\n.\r\nlast\r\n' | cmp - log.1
}

@test "a large message arrives" {
	listen
	yes 'A line of which there are many, so many that it takes a while.' |
		head -c 52428800 >mail
	taken pipe -r b@example.org <mail
	[ "$(tr -d '\r' <log.1 | head -c 52428800 | sha256sum)" = \
		"$(sha256sum <mail)" ]
}

@test "of a message beyond 64 MiB the beginning arrives" {
	listen
	yes abcdefg | head -c 80000000 >mail
	taken pipe -r b@example.org <mail
	[ "$(stat -c %s log.1)" -eq $((8388608 * 9)) ]
}

@test "several recipients, one reply each" {
	listen 'DOT=250-2.0.0 a\n250 2.0.0 b|250 2.0.0 c'
	mail
	taken pipe -f x@example.org -r a@example.org b@example.org c@example.org \
		--original-recipient o@example.org <mail
	[ "$(grep -c '^RCPT' log)" -eq 3 ]
	run ! grep -q ORCPT log
}

@test "one recipient that is refused, or later, is a 75" {
	listen 'DOT=250 2.0.0 a|452-4.3.1 no\n452 4.3.1 room|250 ok'
	mail
	run -75 pipe -r a@example.org -r b@example.org <mail
	[ "$output" = '4.3.0 nixie: daemon said: 452 4.3.1 room' ]
}

@test "a refused recipient is a 75, the others get it" {
	listen 'RCPT=550 5.7.1 not here|250 ok'
	again pipe -r a@example.org -r b@example.org
	[ -s log.1 ]
}

@test "whatever the daemon refuses is a 75, and not for the spool" {
	make_spool
	for verb in GREETING LHLO MAIL RCPT DATA DOT; do
		for code in 421 452 500 550; do
			listen "$verb=$code-a\\n$code 5.1.1 b"
			again spooled -r b@example.org
			unlisten
		done
	done
	[ "$(kept)" -eq 0 ]
}

@test "what it offers is used, what it does not is not" {
	listen 'LHLO=250 test'
	mail
	taken pipe -f jö@example.org -r bö@example.org --queue-id 4ABC \
		--original-recipient a@example.org <mail
	said 'MAIL FROM:<jö@example.org>'
	said 'RCPT TO:<bö@example.org>'
	run ! grep -q XFORWARD log
}

@test "a sender is no reason to refuse, whatever it is" {
	listen
	mail
	for sender in $'j\xfcrg@example.org' '@a.example:b@c.example' \
		$'a\tb@example.org' "$(printf '%04000d' 0)@example.org"; do
		taken pipe -f "$sender" -r b@example.org <mail
	done
	said "MAIL FROM:<$(printf '%0900d' 0)> BODY=8BITMIME"
}

@test "UTF-8 is announced where it is needed" {
	listen
	mail
	taken pipe -f '' -r bö@example.org <mail
	said 'MAIL FROM:<> BODY=8BITMIME SMTPUTF8'
}

@test "an address that needs quotes gets them" {
	listen
	mail
	taken pipe -f '<>' -r 'a "b@example.org' -r '"c d"@example.org' <mail
	said 'MAIL FROM:<> BODY=8BITMIME'
	said 'RCPT TO:<"a \"b"@example.org>'
	said 'RCPT TO:<"c d"@example.org>'
}

@test "MAILER-DAEMON is the null sender" {
	listen
	mail
	for sender in MAILER-DAEMON mailer-daemon@mta.example.org '<>' ''; do
		: >log
		taken pipe -f "$sender" -r b@example.org <mail
		said 'MAIL FROM:<> BODY=8BITMIME'
	done
	taken pipe -f mailer-daemons@example.org <mail
	said 'MAIL FROM:<mailer-daemons@example.org> BODY=8BITMIME'
}

@test "an address cannot say anything else" {
	listen
	mail
	taken pipe -f $'a\r\nDATA\r\n@example.org' -r $'b@example.org\nQUIT' <mail
	said 'MAIL FROM:<a??DATA??@example.org> BODY=8BITMIME'
	said 'RCPT TO:<b@example.org?QUIT>'
}

# --- the envelope -------------------------------------------------------------

@test "the envelope comes from the environment" {
	listen
	mail
	SENDER='' RECIPIENT=b+1@example.org MESSAGE_ID=1abc-23 \
		taken pipe <mail
	said 'MAIL FROM:<> BODY=8BITMIME'
	said 'RCPT TO:<b+1@example.org>'
	said 'XFORWARD IDENT=1abc-23'
	SENDER=s@example.org RECIPIENT=b@example.org EXTENSION=tag taken pipe <mail
	said 'MAIL FROM:<s@example.org> BODY=8BITMIME'
	said 'RCPT TO:<b@example.org> ORCPT=rfc822;b+2Btag@example.org'
	SENDER=s@example.org RECIPIENT=b@example.org \
		ORIGINAL_RECIPIENT=o@example.org taken pipe <mail
	said 'RCPT TO:<b@example.org> ORCPT=rfc822;o@example.org'
}

@test "options stand above the environment" {
	listen
	mail
	SENDER=s@example.org RECIPIENT=b@example.org \
		ORIGINAL_RECIPIENT=o@example.org \
		taken pipe -f '' -r c@example.org <mail
	said 'MAIL FROM:<> BODY=8BITMIME'
	said 'RCPT TO:<c@example.org>'
}

@test "what nobody tells is taken from the headers, then made up" {
	listen
	{
		printf 'Return-path: <s@example.org>\n'
		printf 'DELIVERED-TO:\tb@example.org \r\n'
		ordinary
	} >mail
	taken pipe <mail
	said 'MAIL FROM:<s@example.org> BODY=8BITMIME'
	said 'RCPT TO:<b@example.org>'
	printf 'Subject: x\n\nDelivered-To: c@example.org\n' >mail
	taken pipe <mail
	said 'MAIL FROM:<> BODY=8BITMIME'
	said 'RCPT TO:<postmaster>'
}

# --- the spool ----------------------------------------------------------------

@test "while the daemon is away messages are kept" {
	make_spool
	mail
	taken spooled -f '' -r b+1@example.org --original-recipient \
		a@example.org --queue-id 4ABC <mail
	[ "$(kept)" -eq 1 ]
	{
		printf '%s\n' 'nixie-spool 1' 'queue-id 4ABC' 'sender ' \
			'recipient b+1@example.org' 'original a@example.org' ''
		cat mail
	} | cmp - spool/new/*
	[ "$(stat -c %a spool/new/*)" = 640 ]
	taken spooled -f $'s@example.org\nx' a@example.org b@example.org <mail
	[ "$(kept)" -eq 2 ]
	grep -qx 's@example.org?x' <(sed -n 's/^sender //p' spool/new/*)
	[ "$(cat spool/new/* | grep -c '^recipient ')" -eq 3 ]
}

@test "a socket that nobody listens on, or that is none" {
	make_spool
	mail
	listen
	unlisten
	taken spooled -r b@example.org <mail
	rm socket
	: >socket
	taken spooled -r b@example.org <mail
	taken "$NIXIE_PIPE" --socket "$(printf '%0200d' 0)" --spool spool <mail
	taken "$NIXIE_PIPE" --socket '' --spool spool <mail
	[ "$(kept)" -eq 4 ]
}

@test "a daemon that goes away, says nonsense or falls silent" {
	make_spool
	for verb in GREETING LHLO MAIL RCPT DATA DOT; do
		for reply in close nonsense hang; do
			listen "$verb=$reply"
			taken spooled --timeout 1 -r b@example.org <<<mail
			unlisten
		done
	done
	[ "$(kept)" -eq 18 ]
}

@test "an address that is too long for LMTP is kept" {
	make_spool
	mail
	listen
	taken spooled -r "$(printf '%04000d' 0)@example.org" <mail
	[ "$(kept)" -eq 1 ]
}

@test "an envelope that is too large" {
	mapfile -t many < <(printf '%s@example.org\n' {1..1001})
	again pipe "${many[@]}"
	mapfile -t long < <(printf '%0200d@example.org\n' {1..700})
	again pipe "${long[@]}"
}

@test "no spool, or one that cannot be used" {
	again pipe
	again spooled
	mkdir spool
	again spooled
	mkdir spool/tmp
	again spooled
	: >spool/new
	again spooled
	rm spool/new
	ln -s "$BATS_TEST_TMPDIR" spool/new
	again spooled
	rm spool/new
	mkdir spool/new
	chmod 777 spool
	again spooled
	chmod 700 spool
	taken spooled <mail
	[ "$(kept)" -eq 1 ]
}

@test "a spool that is full, of bytes or of files" {
	make_spool
	ordinary >mail
	head -c 200000 /dev/urandom >>mail
	for limit in size=64k nr_inodes=4; do
		mount -t tmpfs -o $limit none spool ||
			missing "this machine forbids to mount a file system"
		mkdir spool/tmp spool/new
		: >spool/tmp/one
		again spooled
		rm spool/tmp/one
		umount spool
	done
}

@test "a spool that may only be read" {
	make_spool
	mount --bind spool spool ||
		missing "this machine forbids to mount a file system"
	mount -o remount,bind,ro spool
	again spooled
	umount spool
}

@test "files that may not grow" {
	make_spool
	mail
	for size in 0 1 10 100 500; do
		again prlimit --fsize=$size "$NIXIE_PIPE" --socket none \
			--spool spool
	done
	[ "$(kept)" -eq 0 ]
}

# --- whatever happens ---------------------------------------------------------

@test "wrong words" {
	again pipe --frobnicate
	again pipe -Q
	again pipe --queue-id
	again pipe --timeout 0
	again pipe --timeout x
	again pipe --timeout 9999
	again pipe $'--5.1.1\e[31m\xff\nx'
}

@test "help and version" {
	run -0 "$NIXIE_PIPE" --help </dev/null
	[[ $output == *--spool* ]]
	run -0 "$NIXIE_PIPE" --version </dev/null
	[ "$output" = "nixie-pipe $("$NIXIE" --version | sed 's/.* //')" ]
	mail
	run -75 "$NIXIE_PIPE" --help <mail
	run -75 "$NIXIE_PIPE" --version <mail
}

@test "no stdin, an empty one, a directory, one for writing" {
	make_spool
	: >mail
	again spooled
	mkdir directory
	run -75 spooled <directory
	run -75 spooled 0>file
	run -75 bash -c "'$NIXIE_PIPE' --spool spool <&-"
	[ "$(kept)" -eq 0 ]
}

@test "no stdout and no stderr" {
	make_spool
	mail
	spooled -f '' <mail >&-
	spooled -f '' <mail 2>&-
	spooled -f '' <mail >&- 2>&-
	spooled -f '' <mail >/dev/full 2>/dev/full
	[ "$(kept)" -eq 4 ]
	run -75 bash -c "'$NIXIE_PIPE' --spool none <mail >&- 2>&-"
	run -75 bash -c "'$NIXIE_PIPE' --spool none <mail >/dev/full"
	run -75 bash -c "'$NIXIE_PIPE' --spool none <&- >&- 2>&-"
}

@test "nobody reads stdout" {
	mail
	exec 7> >(:)
	local status=0
	"$NIXIE_PIPE" --spool none <mail >&7 || status=$?
	[ "$status" -eq 75 ]
}

@test "all of stdin is read before the answer" {
	yes | head -c 5000000 >mail
	for words in --frobnicate '--spool=none' --help; do
		run -75 bash -o pipefail -c "
			{ cat mail && : >whole; } | '$NIXIE_PIPE' $words"
		[ -e whole ]
		rm whole
	done
}

@test "too few descriptors" {
	if grep -q __asan_init "$NIXIE_PIPE"; then
		skip "the sanitizer is a library"
	fi
	make_spool
	mail
	for count in 0 1 2 3 4 5 6; do
		local status=0
		prlimit --nofile=$count "$NIXIE_PIPE" --socket socket \
			--spool spool <mail >out || status=$?
		[ "$status" -eq 75 ] || [ "$status" -eq 0 ]
	done
}

@test "little memory" {
	if grep -q __asan_init "$NIXIE_PIPE"; then
		skip "the address sanitizer wants it all"
	fi
	make_spool
	yes | head -c 10000000 >mail
	for size in 2000000 4000000 10000000 17000000; do
		again prlimit --as=$size "$NIXIE_PIPE" --socket socket \
			--spool spool
	done
	[ "$(kept)" -eq 0 ]
}

@test "any signal that ends a program is a 75" {
	make_spool
	all_signalled "$NIXIE_PIPE" --spool spool
	[ "$(kept)" -eq 0 ]
}

@test "a stop in the middle of the exchange is a 75, or kept" {
	make_spool
	for verb in GREETING DATA DOT; do
		listen "$verb=hang"
		local status=0
		mail
		"$NIXIE_PIPE" --socket socket --timeout 30 <mail >out 3>&- &
		local pid=$!
		until_true $pid catches "$NIXIE_PIPE" $pid 15
		kill -TERM $pid
		wait $pid || status=$?
		[ "$status" -eq 75 ]
		unlisten
	done
}

@test "nothing but libc is loaded" {
	if grep -q __asan_init "$NIXIE_PIPE"; then
		skip "the sanitizer is"
	fi
	run -0 readelf -d "$NIXIE_PIPE"
	[ "$(grep -c NEEDED <<<"$output")" -le 1 ]
	run ! grep NEEDED.*[^c]\\.so <<<"$output"
}
