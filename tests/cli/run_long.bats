#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# contrib/run-long, with sizes of seconds and a ledger of the test's own.

load helper.bash

run_long() {
	NIXIE=$NIXIE RULES=$RULES "$TOP/contrib/run-long" --ledger ledger "$@"
}

# cell LINE NUMBER: of the ledger, both from 1.
cell() {
	sed -n "$1p" ledger | cut -f "$2"
}

@test "--list names each campaign, with a sentence" {
	run -0 run_long --list
	local name
	for name in fuzz cut kill power io commands care memory restart junk signals \
		slow full flood store backup agree tidy soak mtas; do
		[[ $'\n'$output =~ $'\n'$name(=[0-9a-z]+)?\ +[^\ ][^$'\n']+\. ]]
	done
	[ "${#lines[@]}" -eq 23 ]
	[ ! -e ledger ]
}

@test "what is no campaign, size or time is an error, and nothing is run" {
	run -2 --separate-stderr run_long kill=1 sleep
	[[ $stderr == *"no campaign sleep"*--list* ]]
	run -2 --separate-stderr run_long kill=often
	[[ $stderr == *kill=often* ]]
	run -2 --separate-stderr run_long --for ever kill=1
	[[ $stderr == *ever* ]]
	[ ! -e ledger ]
}

@test "each campaign appends its line, with figures and no failures" {
	run -0 run_long kill=2 slow=1
	run -0 run_long kill=1
	[ "$(wc -l <ledger)" -eq 4 ]
	[ "$(head -n 1 ledger)" = \
		$'date\tcommit\twhat\tfigure\tfailures' ]
	[[ $(cell 2 1) =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$ ]]
	[[ $(cell 2 2) =~ ^[0-9a-f]{7,}(-dirty)?$ ]]
	[ "$(cell 2 3)" = kill ]
	[[ $(cell 2 4) == *"kills=2 "*"lost=0 "* ]]
	[ "$(cell 3 3)" = slow ]
	[[ $(cell 3 4) == *"slow=200 "*slowest=* ]]
	[[ $(cell 4 4) == *"kills=1 "* ]]
	[ "$(cut -f 5 ledger | sort -u)" = $'0\nfailures' ]
}

@test "a campaign that fails is a line and a status of 1, the rest goes on" {
	NIXIE=false run -1 run_long store=1 store=2
	[ "$(cut -f 3,5 ledger)" = $'what\tfailures\nstore\t1\nstore\t1' ]
}

@test "--for goes on in rounds, but not with what fails" {
	run -0 run_long --for 10s kill=1
	[ "$(wc -l <ledger)" -gt 2 ]
	rm ledger
	NIXIE=false run -1 run_long --for 1h store=1
	[ "$(wc -l <ledger)" -eq 2 ]
}
