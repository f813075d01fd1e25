#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# nixie status --check: one line, and the exit status of a plug-in of Nagios.

load helper.bash
load daemon.bash

# configure: nixie.yaml of the test.
configure() {
	cat >nixie.yaml <<-YAML
		store: $STORE
		rules: $RULES
		status: $BATS_TEST_TMPDIR/status.sock
		workers: 1
		lmtp:
		  - listen: unix:$BATS_TEST_TMPDIR/lmtp.sock
	YAML
}

check() {
	"$NIXIE" status --check --config nixie.yaml --warning disk=off \
		--critical disk=off "$@"
}

# says STATE: the only line is of that state, with numbers behind the bar.
says() {
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "NIXIE $1 - "*" |"* ]]
}

# An answer of the daemon with these members.
answer() {
	python3 - "$BATS_TEST_TMPDIR/status.sock" "$1" 3>&- <<-'PYTHON' &
		import os, socket, sys
		listener = socket.socket(socket.AF_UNIX)
		listener.bind(sys.argv[1] + ".new")
		listener.listen()
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		client, _ = listener.accept()
		client.sendall(sys.argv[2].encode() + b"\n")
	PYTHON
	until_true $! test -S "$BATS_TEST_TMPDIR/status.sock"
}

# judged STATUS MEMBERS [OPTION...]: what is said of such an answer.
judged() {
	local status=$1
	answer "{$2}"
	shift 2
	run -"$status" check "$@"
	rm "$BATS_TEST_TMPDIR/status.sock"
}

@test "a daemon that does well is OK" {
	configure
	start
	run -0 check
	says OK
	[[ $output == *" quarantine=0;10;100;0 "* ]]
	run -0 "$NIXIE" status --check --config nixie.yaml -w disk=0 -c disk=0
	[[ $output =~ \ store_free=[0-9]+%\;0:\;0:\;0 ]]
	[[ $output =~ \ spool_free=[0-9]+%\;0:\;0:\;0 ]]
	run -1 "$NIXIE" status --check --config nixie.yaml -w disk=101 -c disk=0
	says WARNING
	[[ $output == *"% of the store's disk free"* ]]
}

@test "one that is away is CRITICAL, and the store is looked at" {
	configure
	start
	complaint '' | sed 's/^Original-Rcpt-To.*//; s/^To: $/To: nobody/' >lost
	nixie ingest lost
	[ "$(quarantined | wc -l)" -eq 1 ]
	finish
	run -2 check --warning quarantine=0,disk=off
	says CRITICAL
	[[ $output == *"nixie serve is not running"*"; 1 reports put into"* ]]
	[[ $output == *" quarantine=1;0;100;0"* ]]
	rm -r "$STORE"
	run -2 check
	[[ $output == "NIXIE CRITICAL - nixie serve is not running"* ]]
	[[ $output != *quarantine* ]]
}

@test "what is beyond a threshold is said, and off is none" {
	configure
	start
	finish
	local well='"store_readable":true'
	judged 0 "$well,\"deferred_hour\":10,\"clock_step\":-60"
	judged 1 "$well,\"deferred_hour\":11,\"held_now\":0"
	[[ $output == "NIXIE WARNING - 11 recipients deferred"* ]]
	judged 2 "$well,\"deferred_hour\":11,\"quarantine_hour\":101,\"clock_step\":-61"
	[[ $output == "NIXIE CRITICAL - 11 recipients deferred"*"; 101 reports \
put"*"; 61 s that the clock"*" |"* ]]
	judged 1 "$well,\"held_now\":30,\"held_domains\":1"
	[[ $output == *" 30 bounces held; 1 domains"* ]]
	judged 0 "$well,\"held_now\":30,\"held_domains\":1" -w held=off,guard=1
	[[ $output == *" held=30;;1000;0 guard=1;1;10;0 "* ]]
	judged 2 "$well,\"spooled\":5" -c spool=4
	judged 1 "$well,\"store_errors_hour\":1"
	judged 2 "$well,\"store_disk\":{\"free\":29,\"size\":1000}" -c disk=3
	[[ $output == *" 2 % of the store's disk free"* ]]
	judged 2 '"store_readable":false'
	[[ $output == *"the store cannot be read"* ]]
	judged 1 "$well,\"reload_failed\":true"
	judged 3 'nonsense'
	[ "${#lines[@]}" -eq 1 ]
}

@test "what cannot be known is UNKNOWN" {
	configure
	start
	for option in disk disk=x disk=-1 dsk=1 =1; do
		run -3 check --warning "$option"
		[[ $output == "NIXIE UNKNOWN - --warning $option: not NAME="* ]]
		[ "${#lines[@]}" -eq 1 ]
	done
	run -3 check --frobnicate
	[[ $output == "NIXIE UNKNOWN - "* ]]
	echo 'workres: | x' >>nixie.yaml
	run -3 check
	[[ $output == "NIXIE UNKNOWN - nixie.yaml:"* ]]
	run -2 nixie status --warning disk=1
	[ "$(id -u)" -ne 0 ] || {
		sed -i '$d' nixie.yaml
		chmod 711 "$BATS_TEST_TMPDIR"
		cp "$NIXIE" nixie
		run -3 setpriv --reuid nobody --clear-groups ./nixie status \
			--check --config nixie.yaml
		[[ $output == "NIXIE UNKNOWN - "*"no permission"* ]]
	}
}
