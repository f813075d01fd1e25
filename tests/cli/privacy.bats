#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A store that knows addresses by their keys alone.

load helper.bash

NOW=2026-01-01T12:00:00Z

# hashed COMMAND WORD...: nixie as configured so.
hashed() {
	local command=$1
	shift
	echo 'privacy: hashed' >nixie.yaml
	nixie "$command" --config nixie.yaml "$@"
}

# names TEXT: a file of the store has it somewhere.
names() {
	grep -aqi "$1" "$STORE"/nixie.db*
}

# mailed COMMAND: two bounces, mail that nobody understands, an entry by hand.
mailed() {
	bounce lily@example.com 5.1.1 "550 5.1.1 lily@example.com unknown" 1 |
		"$1" deliver --now "$T0" --sender '' \
			--recipient bounces+lily=example.com@example.org
	bounce rose@example.com 5.1.1 \
		"550 5.1.1 <rose@example.com>: forwarded to lily@example.com" \
		2 | "$1" deliver --now "$T0"
	ordinary | "$1" deliver --now "$T0"
	"$1" suppress --now "$T0" --note "asked by lily@example.com" \
		tom@example.com
}

# works: what nixie is for works without addresses.
works() {
	run -1 hashed check --now "$NOW" lily@example.com
	[[ $output == "lily@example.com  suppressed  hard unknown-user"* ]]
	run -1 hashed check --now "$NOW" --attempt Rose@Example.com
	run -0 hashed check --now "$NOW" emily@example.com
	run -0 hashed list --now "$NOW"
	[ "$(grep -c '^key:[0-9a-f]\{16\}  suppressed' <<<"$output")" -eq 3 ]
	run -0 hashed show --now "$NOW" rose@example.com
	[[ $output == *"550 5.1.1 <[address]>: forwarded to [address]"* ]]
	run -0 hashed report bounces --now "$NOW"
	[[ $output == *'"key:'*'"hard","unknown-user"'* ]]
	run -0 hashed report blocked --now "$NOW"
	[[ $output == *'"key:'* ]]
	run -0 hashed release --now "$NOW" --class manual tom@example.com
	run -0 hashed check --now "$NOW" tom@example.com
	run -0 hashed suppress --now "$NOW" --domain example.edu
	run -1 hashed check --now "$NOW" ann@example.edu
	[[ $output == *"with all of example.edu"* ]]
	run -0 hashed db verify
	[ "$output" = "all right" ]
	run -0 hashed db prune --now 2026-06-01T00:00:00Z
	run -0 hashed erase --all --now "$NOW" lily@example.com
	run -0 hashed check --now "$NOW" lily@example.com
	run -0 hashed db verify
	run ! names "lily\|rose@\|tom@\|ann@\|ben@"
}

@test "a store that is hashed from the start never has an address" {
	mailed hashed
	run ! names "lily\|rose@\|tom@\|ann@\|ben@"
	works
}

@test "a store with addresses is hashed once and for all" {
	mailed nixie
	names lily
	run -2 nixie db hash
	[[ $output == *"say --yes"* ]]
	names lily
	run -0 nixie db hash --yes
	[[ $output == *"privacy: hashed"* ]]
	run ! names "lily\|rose@\|tom@\|ann@\|ben@"
	[ -z "$(hashed quarantine list)" ]
	works
	run -0 hashed db hash --yes
}

@test "the configuration alone changes nothing" {
	mailed nixie
	run -4 hashed list
	[[ $output == *"has addresses, and nixie.yaml says privacy: hashed: nixie db hash --yes drops them for ever"* ]]
	names lily
	nixie db hash --yes
	run -4 nixie list
	[[ $output == *"is hashed, for ever: nixie.yaml must say privacy: hashed"* ]]
	bounce new@example.com >mail
	run -75 nixie deliver <mail
	run -0 hashed deliver <mail
	echo 'privacy: private' >nixie.yaml
	run -4 nixie list --config nixie.yaml
	[[ $output == *"nixie.yaml:1:10: privacy: plain or hashed"* ]]
}

@test "who had it open before can write no address to it" {
	mailed nixie
	mkfifo lines
	nixie suppress - <lines >out 2>&1 3>&- &
	local writer=$! status=0
	exec 7>lines
	until_true $writer test -e "$STORE/nixie.db-shm"
	nixie db hash --yes
	# one that was still opening it may be refused before it reads a line
	(
		trap '' PIPE
		echo iris@example.com >&7
	) || test -s out
	exec 7>&-
	wait $writer || status=$?
	[ "$status" -ne 0 ]
	run ! names iris
}

@test "a hash that is killed has not begun, or goes on" {
	mailed nixie
	local turn
	for turn in 1 2 3 4 5 6; do
		timeout -s KILL 0.0$turn "$NIXIE" db hash --yes \
			--rules "$RULES" --store "$STORE" || :
	done
	nixie db hash --yes
	run ! names "lily\|rose@"
	works
}
