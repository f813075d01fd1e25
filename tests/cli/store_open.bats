#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A store that cannot be used: what is said, what to do, and the exit status.

load helper.bash

# Where another user, too, may look for it.
place() {
	OTHERS=$(mktemp -d)
	chmod 755 "$OTHERS"
	mkdir -m 755 "$OTHERS/store"
	STORE=$OTHERS/store
	nixie suppress somebody@example.com
}

teardown() {
	[ -z "${MOUNTED-}" ] || umount "$MOUNTED"
	[ -z "${OTHERS-}" ] || rm -r "$OTHERS"
}

# another COMMAND...: as somebody whose store it is not.
another() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# sql WORDS: in the store, behind the back of nixie.
sql() {
	python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute(sys.argv[2])
c.commit()
c.execute("pragma wal_checkpoint(truncate)")
c.close()' "$STORE/nixie.db" "$1"
}

# told TEXT: each kind of command ends with 3 and one line, which has that text.
told() {
	local command
	for command in "list" "check a@example.com" "suppress a@example.com" \
		"db status" "quarantine list" "report bounces"; do
		# shellcheck disable=SC2086 # words of a command
		run -3 --separate-stderr nixie $command
		[ -z "$output" ]
		[[ $stderr != *$'\n'* ]]
		[[ $stderr == "nixie ${command%% *}: "*"$1" ]] || {
			echo "$stderr" >&2
			return 1
		}
	done
	again nixie deliver
}

@test "missing" {
	rmdir "$STORE"
	told "store directory $STORE: No such file or directory: create it, or \
name one with --store or store: in nixie.yaml" 3>&-
	run -3 --separate-stderr nixie db verify
}

@test "no store yet" {
	run -3 --separate-stderr nixie list
	[[ $stderr == *"$STORE/nixie.db: no store here yet: the first message \
or entry makes one" ]]
	: >"$STORE/nixie.db"
	run -3 --separate-stderr nixie list
	[[ $stderr == *"no store here yet"* ]]
}

@test "foreign" {
	nixie suppress a@example.com
	sql 'pragma application_id = 5'
	told "a database, but not a nixie store: name another directory with \
--store or store: in nixie.yaml"
	run -3 nixie db verify
}

@test "newer" {
	nixie suppress a@example.com
	sql 'pragma user_version = 99'
	told "): use that one, or restore a backup from before"
	[[ $stderr == *"schema 99 is of a newer nixie"* ]]
	run -3 nixie db verify
}

@test "corrupt, in whole" {
	nixie suppress a@example.com
	rm "$STORE/nixie.db-wal" "$STORE/nixie.db-shm"
	yes 'what is this?' 2>/dev/null | head -c 100000 >"$STORE/nixie.db"
	told "file is not a database: restore a backup: nixie db restore"
	run -1 --separate-stderr nixie db verify
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"file is not a database"* ]]
	[ -z "$stderr" ]
}

@test "corrupt, in places: a finding a line, and never a crash" {
	nixie suppress {a,b,c,d,e}{1..300}@example.com
	sql 'pragma user_version'
	cp -r "$STORE" whole
	local size page
	size=$(stat -c %s whole/nixie.db)
	for ((page = 1; page < size / 4096; page += 1 + page / 4)); do
		rm -r "$STORE"
		cp -r whole "$STORE"
		head -c 4096 /dev/urandom | dd of="$STORE/nixie.db" bs=4096 \
			seek=$page conv=notrunc status=none
		run --separate-stderr nixie db verify
		[ "$status" -le 1 ]
		[ "$output" = "all right" ] || [ "$status" -eq 1 ]
		[ -z "$stderr" ]
		[[ $output != *\\x0A* ]]
		run --separate-stderr nixie list
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	done
}

@test "read-only" {
	place
	chmod 644 "$STORE"/*
	[ "$(id -u)" -eq 0 ] || chmod a-w "$STORE" "$STORE"/*
	run -3 --separate-stderr another "$NIXIE" suppress --rules "$RULES" \
		--store "$STORE" a@example.com
	[[ $stderr == *": the file, or its file system, may only be read" ]]
	chmod u+w "$STORE"
}

@test "no permission" {
	place
	mkdir -m 755 "$OTHERS/closed"
	[ "$(id -u)" -eq 0 ] || chmod 555 "$OTHERS/closed"
	run -3 --separate-stderr another "$NIXIE" serve --rules "$RULES" \
		--store "$OTHERS/closed/store"
	[[ $stderr == *"store directory $OTHERS/closed/store is not there, and \
may not be made: make it for this user" ]]
	local name
	name=$(id -un)
	chmod 0 "$STORE/nixie.db"
	for command in list "suppress a@example.com"; do
		# shellcheck disable=SC2086 # words of a command
		run -3 --separate-stderr another "$NIXIE" $command \
			--rules "$RULES" --store "$STORE"
		[[ $stderr == *"$STORE/nixie.db: Permission denied: run nixie \
as $name, or as a member of its group" ]]
	done
	chmod 700 "$STORE"
	[ "$(id -u)" -eq 0 ] || chmod 0 "$STORE"
	run -3 --separate-stderr another "$NIXIE" list --rules "$RULES" \
		--store "$STORE"
	[[ $stderr == *": Permission denied: run nixie as $name"* ]]
	chmod 700 "$STORE"
}

@test "full" {
	nixie suppress a@example.com
	run -3 --separate-stderr prlimit --fsize=16384 "$NIXIE" suppress \
		--rules "$RULES" --store "$STORE" b@example.com
	[[ $stderr == *": make room there" ]]
}
