#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Care of a store: copies of it, another in its place, what an upgrade takes.

load helper.bash

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
	[ -z "${READER-}" ] || kill -9 "$READER" 2>/dev/null || :
	[ -z "${MOUNTED-}" ] || umount "$MOUNTED"
}

# serve: a daemon on the store, ready.
serve() {
	printf '%s\n' "store: $STORE" "rules: $RULES" 'workers: 1' \
		"status: $PWD/status.sock" lmtp: "  - listen: unix:$PWD/lmtp.sock" \
		>nixie.yaml
	: >log
	"$NIXIE" serve --config nixie.yaml 2>>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=start result=ready' log
}

# send: the message on stdin to the daemon; prints its answer.
send() {
	python3 -c 'import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect("lmtp.sock")
replies = sock.makefile("rb")
def ask(words):
    sock.sendall(words.encode() + b"\r\n")
    while (reply := replies.readline())[3:4] == b"-":
        pass
    return reply.decode().strip()
replies.readline()
for words in "LHLO x", "MAIL FROM:<>", "RCPT TO:<b@example.org>", "DATA":
    ask(words)
print(ask(sys.stdin.read().replace("\n", "\r\n") + "\r\n."))'
}

# reads_all_along: a process that has the store open, and reads now and then.
reads_all_along() {
	mkfifo questions
	"$NIXIE" check --rules "$RULES" --store "$STORE" - <questions \
		>answers 3>&- &
	READER=$!
	exec 7>questions
	echo first@example.com >&7
	until_true "$READER" test -s answers
}

# strangers: names in the store's directory that are none of its own.
strangers() {
	find "$STORE" -mindepth 1 -maxdepth 1 ! -name nixie.db ! -name nixie.db-wal \
		! -name nixie.db-shm ! -name rules.image ! -name spool -printf '%f\n' | sort
}

@test "a backup is one file, for its owner alone, and answers as the store" {
	bounce gone@example.com | nixie deliver
	ordinary | nixie deliver
	nixie suppress a@example.com
	umask 0
	run -0 --separate-stderr nixie db backup copy.db
	[[ $output =~ ^copy\.db:\ [0-9]+\ bytes,\ checked$ ]]
	[ -z "$stderr" ]
	[ "$(stat -c '%a %h' copy.db)" = '600 1' ]
	[ -z "$(find . -maxdepth 1 -name '.copy*')" ]
	[ -z "$(strangers)" ]
	mkdir elsewhere
	run -0 nixie db restore --store elsewhere copy.db
	[ "$output" = "elsewhere/nixie.db: restored" ]
	nixie list >here
	nixie list --store elsewhere | diff here -
	nixie quarantine list | diff - <(nixie quarantine list --store elsewhere)
	run -1 nixie check --store elsewhere gone@example.com # by its key
	nixie db verify --store elsewhere
	bounce gone@example.com | nixie deliver --store elsewhere
	run -0 nixie db status --store elsewhere --json
	[ "$(member events)" = 1 ]
}

@test "a backup keeps nothing of what was dropped" {
	ordinary | sed 's/Lunch/Xylophone-to-be-forgotten/' | nixie deliver
	nixie db backup before.db
	grep -q Xylophone before.db
	nixie quarantine drop --all
	nixie db backup after.db
	run -1 grep -q Xylophone after.db
}

@test "a backup replaces what is there only with --force, and never the store" {
	nixie suppress a@example.com
	echo mine >copy.db
	run -2 --separate-stderr nixie db backup copy.db
	[ "$stderr" = "nixie db: copy.db: is there already; --force replaces it" ]
	[ "$(cat copy.db)" = mine ]
	nixie db backup --force copy.db
	run -2 --separate-stderr nixie db backup --force "$STORE/nixie.db"
	[[ $stderr == *"one of the store's own names" ]]
	run -2 --separate-stderr nixie db backup --force "$STORE/nixie.db-wal"
	run -2 --separate-stderr nixie db backup --force .
	[[ $stderr == *"no regular file" ]]
	run -3 --separate-stderr nixie db backup missing/copy.db
	run -2 nixie db backup
	run -2 nixie db backup one two
	nixie db verify
}

@test "a backup while the daemon takes mail" {
	serve
	[ "$(bounce one@example.com | send)" = "250 2.0.0 taken" ]
	nixie db backup copy.db
	[ "$(bounce two@example.com 5.1.1 "550 5.1.1 User unknown" 2 | send)" = \
		"250 2.0.0 taken" ]
	mkdir elsewhere
	nixie db restore --store elsewhere copy.db
	run -1 nixie check --store elsewhere one@example.com
	run -0 nixie check --store elsewhere two@example.com
}

@test "no backup is made of a store that is damaged, and none is lost" {
	nixie suppress {a,b,c}{1..300}@example.com
	nixie db backup copy.db
	cp copy.db kept.db
	rm "$STORE"/nixie.db-*
	cp copy.db "$STORE/nixie.db"
	for page in 3 7 12; do
		head -c 4096 /dev/urandom | dd of="$STORE/nixie.db" bs=4096 \
			seek=$page conv=notrunc status=none
	done
	run -3 --separate-stderr nixie db backup --force copy.db
	[[ $stderr == "nixie db: "*"$STORE/nixie.db: "* ]]
	cmp copy.db kept.db
	[ -z "$(find . -maxdepth 1 -name '.copy*')" ]
	# and what the story is about
	run -0 nixie db restore copy.db
	nixie db verify
	run -1 nixie check b7@example.com
}

@test "a disk without room for the copy" {
	nixie suppress {a..z}{1..300}@example.com
	mkdir small
	mount -t tmpfs -o size=64k none small ||
		missing "this machine forbids to mount a file system"
	MOUNTED=$PWD/small
	run -3 --separate-stderr nixie db backup small/copy.db
	[[ $stderr == *"small: it takes "*" MiB, and 0 MiB are free" ]]
	[ -z "$(ls -A small)" ]
}

@test "restore keeps the old store beside, under a name that it tells" {
	nixie suppress a@example.com
	nixie db backup copy.db
	nixie suppress b@example.com
	nixie suppress c@example.com
	run -0 nixie db restore copy.db
	[ "${lines[0]}" = "$STORE/nixie.db: restored" ]
	[[ ${lines[1]} == "$STORE/nixie.db.before-"*": the store before" ]]
	run -1 nixie check a@example.com
	run -0 nixie check b@example.com
	mkdir elsewhere
	nixie db restore --store elsewhere "$STORE"/nixie.db.before-*
	run -1 nixie check --store elsewhere c@example.com
	[ "$(stat -c %a "$STORE/nixie.db")" = 600 ]
	# twice in a second
	nixie db restore copy.db
	nixie db restore copy.db
	[ "$(strangers | wc -l)" -eq 3 ]
}

@test "what is no sound store is not put in its place" {
	nixie suppress a@example.com
	nixie db backup copy.db
	echo 'no database' >text
	head -c 50000 copy.db >short.db
	cp copy.db newer.db
	python3 -c 'import sqlite3
c = sqlite3.connect("newer.db")
c.execute("pragma user_version = 99")
c = sqlite3.connect("other.db")
c.execute("create table t (x)")
c.commit()'
	: >empty
	for file in text short.db newer.db other.db empty; do
		run -3 --separate-stderr nixie db restore $file
		[[ $stderr == *"$file: "* ]]
	done
	run -2 --separate-stderr nixie db restore missing.db
	[[ $stderr == *"missing.db: No such file or directory" ]]
	run -2 nixie db restore .
	[ -z "$(strangers)" ]
	run -1 nixie check a@example.com
}

@test "restore and compact refuse while a daemon has the store" {
	nixie suppress a@example.com
	nixie db backup copy.db
	serve
	run -3 --separate-stderr nixie db restore copy.db
	[ "$stderr" = "nixie db: $STORE/nixie.db: in use by process $SERVE \
(nixie): stop it first, or say --force when what it took since the backup may \
go" ]
	run -3 --separate-stderr nixie db compact
	[[ $stderr == *"in use by process $SERVE (nixie): stop it first" ]]
	[ -z "$(strangers)" ]
	kill "$SERVE"
	wait "$SERVE"
	nixie db restore copy.db
	nixie db compact
}

@test "restore --force: a running daemon notices, and nothing it took is lost" {
	nixie suppress a@example.com
	nixie db backup copy.db
	serve
	[ "$(bounce one@example.com | send)" = "250 2.0.0 taken" ]
	run -0 nixie db restore --force copy.db
	[ "$(bounce two@example.com 5.1.1 "550 5.1.1 User unknown" 2 | send)" = \
		"250 2.0.0 taken" ]
	run -0 nixie check one@example.com
	run -1 nixie check two@example.com
	kill "$SERVE"
	wait "$SERVE"
	nixie db verify
	run -1 nixie check two@example.com
	mkdir elsewhere
	nixie db restore --store elsewhere "$STORE"/nixie.db.before-*
	run -1 nixie check --store elsewhere one@example.com
}

@test "a store of a newer nixie gives way to a backup from before" {
	nixie suppress a@example.com
	nixie db backup copy.db
	python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("pragma user_version = 99")
c.close()' "$STORE/nixie.db"
	run -3 nixie list
	nixie db restore copy.db
	run -1 nixie check a@example.com
}

@test "migrate says from what to what, and what it takes" {
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C "$STORE" \
		--strip-components 1
	run -3 --separate-stderr nixie list
	[[ $stderr == *"schema 2 is of an older nixie (this one writes "*\
"): nixie db migrate brings it up" ]]
	run -0 --separate-stderr nixie db backup before.db
	[[ $stderr == *"$STORE/quarantine is not in it: nixie db migrate takes it \
into the store" ]]
	run -0 nixie db migrate
	[[ ${lines[0]} =~ ^schema\ 2\ to\ [0-9]+:\ takes\ up\ to\ [0-9]+\ MiB\ of\ disk\ while\ it\ runs$ ]]
	[[ ${lines[1]} =~ ^schema\ [0-9]+:\ done$ ]]
	nixie list
	run -0 nixie db migrate
	[[ $output =~ ^schema\ [0-9]+:\ up\ to\ date$ ]]
	mkdir elsewhere
	nixie db restore --store elsewhere before.db
	run -3 nixie list --store elsewhere
	nixie db migrate --store elsewhere
	nixie list --store elsewhere
}

@test "migrate begins nothing without the room" {
	mkdir old
	tar -xf "$BATS_TEST_DIRNAME/store-2.tar.gz" -C old --strip-components 1
	nixie db backup --store old old.db 2>/dev/null
	mount -t tmpfs -o size=$(($(stat -c %s old.db) + 100000)) none "$STORE" ||
		missing "this machine forbids to mount a file system"
	MOUNTED=$STORE
	nixie db restore old.db
	run -3 --separate-stderr nixie db migrate
	[[ $stderr == *"$STORE: it takes "*" MiB, and 0 MiB are free" ]]
	[ -z "$output" ]
	run -3 --separate-stderr nixie list
	[[ $stderr == *"schema 2 is of an older nixie"* ]]
}

@test "compact gives back what nothing needs" {
	for number in {1..20}; do
		{
			ordinary | sed "s/lunch@/lunch-$number@/"
			head -c 60000 /dev/urandom | base64
		} | nixie deliver
	done
	nixie suppress a@example.com
	nixie quarantine drop --all
	local before
	before=$(stat -c %s "$STORE/nixie.db")
	run -0 nixie db compact
	[[ $output =~ ^$STORE/nixie\.db:\ ([0-9]+)\ bytes,\ $before\ before$ ]]
	[ "${BASH_REMATCH[1]}" -lt $((before / 2)) ]
	[ -z "$(strangers)" ]
	nixie db verify
	run -1 nixie check a@example.com
}

@test "compact refuses while somebody reads all along" {
	nixie suppress first@example.com
	nixie db backup copy.db
	reads_all_along
	run -3 --separate-stderr nixie db compact
	[[ $stderr == *"in use by process $READER (nixie): stop it first" ]]
	exec 7>&-
	wait "$READER" || [ $? -eq 1 ]
	nixie db compact
}

@test "status: sizes, rows, growth a day and the libraries that run" {
	bounce one@example.com | nixie deliver --now 2026-01-01
	bounce two@example.com 5.1.1 "550 5.1.1 User unknown" 2 |
		nixie deliver --now 2026-01-21
	run -0 nixie db status --now 2026-01-21 --json
	local used growth
	used=$(($(stat -c %s "$STORE/nixie.db") - $(member unused)))
	[ "$(member bytes)" -eq $(($(stat -c %s "$STORE/nixie.db") + $(member wal))) ]
	[ "$(member wal)" -eq "$(stat -c %s "$STORE/nixie.db-wal")" ]
	growth=$(member growth)
	[ "$growth" -ge $((used / 40)) ] && [ "$growth" -le $((used / 20)) ]
	[[ $output == *'"rows":{'*'"event":2,'*'"standing":2,'* ]]
	[[ $output =~ \"libraries\":\{\"sqlite\":\"3\.[0-9.]+\" ]]
	for library in gmime pcre2 libyaml nettle libuv; do
		[[ $output =~ \"$library\":\"[0-9]+\.[0-9.]+ ]]
	done
	run -0 nixie db status --now 2026-01-21
	[[ $'\n'$output == *$'\n'"growth a day $growth"$'\n'* ]]
	[[ $output == *$'\nrows event            2\n'* ]]
	[[ $output == *$'\nlibrary sqlite        3.'* ]]
}
