#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Whatever happens, deliver ends with 0 or 75, and 75 has a reason that no MTA
# takes for a refusal.

load helper.bash

# However a test ends, nothing stays mounted.
teardown() {
	[ -z "${MOUNTED-}" ] || umount "$MOUNTED"
}

@test "wrong words" {
	again nixie deliver --frobnicate
	again nixie deliver -Q
	again nixie deliver --queue-id
	again nixie deliver operand
	again nixie deliver --now yesterday
	again nixie deliver $'--5.1.1\e[31m\xff\nx'
}

@test "wrong configuration" {
	again nixie deliver --config missing.yaml
	again nixie deliver --config /
	printf '5.1.1: [\n' >bad.yaml
	again nixie deliver --config bad.yaml
	printf 'store: *x\n' >bad.yaml
	again nixie deliver --config bad.yaml
}

@test "workers that are gone" {
	local status=0
	mkfifo fifo
	nixie suppress a@example.com # the store is there
	"$NIXIE" deliver --rules "$RULES" --store "$STORE" <fifo >out 3>&- &
	local pid=$!
	exec 7>fifo
	without_workers $pid
	bounce gone@example.com >&7
	exec 7>&-
	wait $pid || status=$?
	[ "$status" -eq 75 ]
	grep -qx '4\.3\.0 nixie: no worker answered' out
	[ -z "$(quarantined)" ]
}

@test "wrong rules" {
	again nixie deliver --rules missing
	mkdir empty
	again nixie deliver --rules empty
	again nixie deliver --rules /dev/null
	cp -r "$RULES" broken
	printf '\t- 5.1.1: {\n' >>broken/text.yaml
	again nixie deliver --rules broken
	cp -r "$RULES" less
	rm less/reasons.yaml
	again nixie deliver --rules less
	cp -r "$RULES" without
	rm without/policy.yaml
	again nixie deliver --rules without
}

@test "a store that cannot be used" {
	again nixie deliver --store missing
	again nixie deliver --store ''
	: >file
	again nixie deliver --store file
	again nixie deliver --store /proc
	mkdir directory
	mkdir directory/nixie.db
	again nixie deliver --store directory
	mkdir garbage
	head -c 65536 /dev/urandom >garbage/nixie.db
	again nixie deliver --store garbage
	mkdir link
	ln -s /dev/full link/nixie.db
	again nixie deliver --store link
}

@test "a store that belongs to another program" {
	mkdir other
	python3 -c 'import sqlite3
c = sqlite3.connect("other/nixie.db")
c.execute("create table t (x)")
c.execute("pragma application_id = 5")
c.commit()'
	again nixie deliver --store other
}

@test "a store that is locked" {
	mail
	nixie deliver <mail
	python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.readline()' "$STORE/nixie.db" <> <(:) >lock 3>&- &
	local holder=$!
	until_true $holder test -s lock
	soft full@example.com 7 >mail
	again nixie deliver
	kill "$holder"
}

@test "an older quarantine that cannot be taken over" {
	mkdir -p "$STORE/quarantine/wait.lock"
	ordinary >mail
	again nixie deliver
	[ -d "$STORE/quarantine/wait.lock" ]
	rmdir "$STORE/quarantine/wait.lock"
	taken nixie deliver <mail
	[ ! -e "$STORE/quarantine" ]
	run -0 nixie db status --json
	[ "$(member messages)" = 1 ]
}

@test "a disk that is full" {
	mount -t tmpfs -o size=64k none "$STORE" ||
		missing "this machine forbids to mount a file system"
	MOUNTED=$STORE
	mail
	again nixie deliver
}

@test "files that may not grow" {
	mail
	for size in 0 1 4096 16384; do
		again prlimit --fsize=$size "$NIXIE" deliver --rules "$RULES" \
			--store "$STORE"
	done
}

@test "too few descriptors" {
	mail
	for count in 5 6 7 8 9 10 11 12; do
		ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" again prlimit \
			--nofile=$count "$NIXIE" deliver \
			--rules "$RULES" --store "$STORE"
	done
}

@test "no stdin, an empty one, a directory, one for writing" {
	: >mail
	again nixie deliver
	mkdir directory
	local call="'$NIXIE' deliver --rules '$RULES' --store '$STORE'"
	run -75 bash -c "$call <directory"
	run -75 bash -c "$call 0>file"
	run -75 bash -c "$call <&-"
}

@test "no stdout and no stderr" {
	mail
	nixie deliver <mail >&-
	nixie deliver <mail 2>&-
	nixie deliver <mail >&- 2>&-
	nixie deliver <mail >/dev/full 2>/dev/full
	run -75 bash -c "'$NIXIE' deliver --store missing <mail >&- 2>&-"
	run -75 bash -c "'$NIXIE' deliver --store missing <mail >/dev/full"
}

@test "nobody reads stdout" {
	mail
	exec 7> >(:)
	local status=0
	"$NIXIE" deliver --store missing <mail >&7 || status=$?
	[ "$status" -eq 75 ]
}

@test "binary garbage, NULs and bare line ends" {
	head -c 100000 /dev/urandom >garbage
	taken nixie deliver <garbage
	head -c 100000 /dev/zero >zeros
	taken nixie deliver <zeros
	printf '\n' >newline
	taken nixie deliver <newline
	printf '\r\r\r' >returns
	taken nixie deliver <returns
	printf 'x' >letter
	taken nixie deliver <letter
	bounce gone@example.com | tr '\n' '\r' >returned
	taken nixie deliver <returned
}

@test "mail that is larger than memory should be" {
	bounce gone@example.com >large
	head -c 52428800 /dev/zero >>large
	taken nixie deliver <large
	sed -i 's/<report-1@/<report-2@/' large
	head -c 26214400 /dev/zero >>large
	taken nixie deliver <large
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
	taken nixie deliver <large
	run -0 nixie db status --json
	[ "$(member messages)" = 2 ]
	run -1 nixie check gone@example.com
}

@test "headers that never end, parts that never do" {
	{
		printf 'To: '
		head -c 102400 /dev/zero | sed 's/\x0/a:/g'
		printf '\n\nx\n'
	} >groups
	taken nixie deliver <groups
	yes 'X-Header: x' | head -c 10485760 >headers
	taken nixie deliver <headers
	{
		printf 'Content-Type: multipart/mixed; boundary=a\n\n'
		yes -- '--a
' | head -c 5242880
	} >parts
	taken nixie deliver <parts
	for ((i = 0; i < 1000; i++)); do
		printf 'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' \
			$i $i
	done >nested
	taken nixie deliver <nested
}

@test "any signal that ends a program is a 75" {
	all_signalled "$NIXIE" deliver --rules "$RULES" --store "$STORE"
}

@test "little memory" {
	if grep -q __asan_init "$NIXIE"; then
		skip "the address sanitizer wants it all"
	fi
	mail
	for size in 67108864 100000000 134217728 200000000; do
		local status=0
		prlimit --as=$size "$NIXIE" deliver --rules "$RULES" \
			--store "$STORE" <mail >out || status=$?
		[ "$status" -eq 75 ] || [ "$status" -eq 0 ]
	done
}
