#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

files() { # of the JSON lines in $output, in order
	sed -n 's/^{"file":"\([^"]*\)",.*/\1/p' <<<"$output"
}

@test "one JSON line a message, file first" {
	bounce gone@example.com >a.eml
	run -0 nixie classify --json a.eml
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == '{"file":"a.eml","kind":"delivery-report",'* ]]
	python3 -c 'import json, sys
r = json.loads(sys.argv[1])
assert r["recipients"][0]["address"] == "gone@example.com"
assert r["recipients"][0]["class"] == "hard"
assert r["recipients"][0]["reason"] == "unknown-user"
assert r["recipients"][0]["fault"] == "recipient"
assert r["recipients"][0]["action"] == "failed"
assert r["recipients"][0]["status"] == "5.1.1"
assert r["recipients"][0]["reply"] == 550
assert "User unknown" in r["recipients"][0]["diagnostic"]
assert r["recipients"][0]["remote_mta"] == "mail.example.com"
assert r["recipients"][0]["rule"] and r["recipients"][0]["advice"]
assert r["original"]["message_id"]' "$output"
}

@test "without --json a line a recipient" {
	bounce gone@example.com >a.eml
	ordinary >b.eml
	run -0 nixie classify a.eml b.eml
	[[ ${lines[0]} =~ ^a.eml\ +hard\ +unknown-user\ +5.1.1\ +gone@ ]]
	[[ ${lines[1]} =~ ^b.eml\ +none ]]
}

@test "the order is that of the input, with many workers" {
	mkdir m
	for i in {100..199}; do
		ordinary >"m/$i"
	done
	bounce gone@example.com >m/150
	run -0 nixie classify --json -j 4 m
	[ "$(files)" = "$(printf 'm/%s\n' {100..199})" ]
	[[ ${lines[50]} == *delivery-report* ]]
}

@test "a leading ./ is not part of the name, a slash is not doubled" {
	mkdir m
	ordinary >m/x
	run -0 nixie classify --json ./m .//m/ m/x ./m/x
	[ "$(files | sort -u)" = m/x ]
	cd m
	run -0 nixie classify --json .
	[ "$(files)" = x ]
}

@test "of a Maildir cur and new are read, and its folders" {
	mkdir -p M/{cur,new,tmp} M/.Sub/{cur,new,tmp}
	ordinary | tee M/cur/1:2,S M/new/2 M/tmp/3 M/.Sub/new/4 >M/index
	run -0 nixie classify --json M
	[ "$(files)" = 'M/.Sub/new/4
M/cur/1:2,S
M/new/2' ]
}

@test "directories are walked, dot files and .json left out" {
	mkdir -p d/e/f
	ordinary | tee d/1 d/e/2 d/e/f/3.eml d/.hidden >d/e/2.json
	run -0 nixie classify --json d
	[ "$(files)" = 'd/1
d/e/2
d/e/f/3.eml' ]
}

@test "fifos, sockets and loops of links in a directory do no harm" {
	mkdir d
	ordinary >d/1
	mkfifo d/2
	ln -s ../d d/3
	ln -s 1 d/4
	run -0 nixie classify --json d
	[ "$(files)" = 'd/1
d/4' ]
}

@test "an mbox is split, its messages are numbered from 1" {
	for id in 1 2 3; do
		echo 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026'
		bounce "user$id@example.com" 5.1.1 "550 No such user" "$id"
		printf '\nFrom here on it is prose.\n\n'
	done >box
	run -0 nixie classify --json box
	[ "$(files)" = 'box#1
box#2
box#3' ]
	[[ ${lines[2]} == *user3@example.com* ]]
}

@test "an mbox with CRLF is split too" {
	for id in 1 2; do
		echo 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026'
		ordinary
		echo
	done | sed 's/$/\r/' >box
	run -0 nixie classify --json box
	[ "$(files)" = 'box#1
box#2' ]
}

@test "a message in an .eml file or a Maildir is one, even behind From" {
	mkdir -p M/{cur,new}
	{
		echo 'From ann@example.com Thu Jan  1 00:00:00 2026'
		ordinary
	} | tee a.eml >M/new/1
	run -0 nixie classify --json a.eml M
	[ "$(files)" = 'a.eml
M/new/1' ]
}

@test "an mbox larger than memory needs to be" {
	for id in 1 2 3 4; do
		echo 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026'
		ordinary
		head -c 700000 /dev/zero | tr '\0' x
		printf '\n\n'
	done >box
	run -0 nixie classify --json box
	[ "${#lines[@]}" -eq 4 ]
}

@test "what cannot be read is named, the rest goes on, the end is 1" {
	ordinary >a
	run -1 --separate-stderr nixie classify --json missing a
	[ "${#lines[@]}" -eq 1 ]
	[[ $stderr == *missing* ]]
}

@test "more files than descriptors" {
	mkdir m
	for i in {1..200}; do
		ordinary >"m/$i"
	done
	run -0 bash -c "ulimit -n 40; '$NIXIE' classify --rules '$RULES' \
		--json -j 2 m"
	[ "${#lines[@]}" -eq 200 ]
}

@test "odd names are valid JSON, and visible for people" {
	mkdir m
	local name=m/$'q"\\\e\xff\n'
	ordinary >"$name"
	run -0 nixie classify --json m
	[ "${#lines[@]}" -eq 1 ]
	python3 -c 'import json, sys
assert json.loads(sys.argv[1])["file"] == "m/q\"\\\x1b\ufffd\n"' "$output"
	run -0 nixie classify m
	[ "${#lines[@]}" -eq 1 ]
	[[ $output != *$'\e'* ]]
}

@test "an empty file and no files are no trouble" {
	: >empty
	run -0 nixie classify --json empty
	[ "${#lines[@]}" -eq 1 ]
	mkdir none
	run -0 nixie classify --json none
	[ -z "$output" ]
}

@test "a pipe that is named is read" {
	run -0 bash -c "'$NIXIE' classify --rules '$RULES' --json <(echo x)"
	[ "${#lines[@]}" -eq 1 ]
}

@test "rules that are wrong end with 4" {
	ordinary >a
	run -4 --separate-stderr "$NIXIE" classify --rules missing a
	[ -z "$output" ]
}
