#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

commands="deliver ingest serve classify explain check list show suppress release
report rules policy db config quarantine status"

@test "--version tells the version" {
	run -0 "$NIXIE" --version
	[[ $output =~ ^nixie\ [0-9]+\.[0-9]+ ]]
}

@test "--help names every command" {
	run -0 "$NIXIE" --help
	for command in $commands; do
		[[ $output == *"  $command "* ]]
	done
}

@test "every command explains itself, in two ways" {
	for command in $commands; do
		run -0 "$NIXIE" "$command" --help </dev/null
		[[ ${lines[0]} == "usage: nixie $command"* ]]
		local first=$output
		run -0 "$NIXIE" help "$command"
		[ "$output" = "$first" ]
	done
}

@test "every option that a command has is in the man page" {
	for command in $commands; do
		"$NIXIE" help "$command"
	done | grep -o -- '--[a-z-]*' | sort -u >options
	[ -s options ]
	while read -r option; do
		grep -q -- "Fl -${option#--}\$\|Fl -${option#--} " \
			"$TOP/docs/man/nixie.1"
	done <options
}

@test "no command and an unknown one are usage errors" {
	run -2 --separate-stderr "$NIXIE"
	[ -z "$output" ]
	[ -n "$stderr" ]
	run -2 --separate-stderr "$NIXIE" frobnicate
	[[ $stderr == *"no such command"* ]]
}

@test "an unknown option is named and ends with 2" {
	for command in $commands; do
		[ "$command" != deliver ] || continue
		run -2 --separate-stderr "$NIXIE" "$command" --frobnicate
		[[ $stderr == "nixie $command: --frobnicate: unknown option"* ]]
		[ -z "$output" ]
		run -2 --separate-stderr "$NIXIE" "$command" -Q
		[[ $stderr == *"-Q: unknown option"* ]]
	done
}

@test "an option without its argument is named" {
	run -2 --separate-stderr "$NIXIE" check --store
	[[ $stderr == *"--store: needs an argument"* ]]
	run -2 --separate-stderr "$NIXIE" classify -j
	[[ $stderr == *"-j: needs an argument"* ]]
}

@test "too many and too few words are usage errors" {
	run -2 "$NIXIE" check
	run -2 "$NIXIE" list one
	run -2 "$NIXIE" report
	run -2 "$NIXIE" rules check twice
}

@test "--now and --jobs want a time and a number" {
	run -2 --separate-stderr nixie check --now yesterday a@example.com
	[[ $stderr == *"--now yesterday: not a time"* ]]
	run -2 --separate-stderr nixie classify -j many .
	run -2 --separate-stderr nixie classify -j 0 .
	run -2 --separate-stderr nixie classify -j 65 .
}

@test "a configuration that is not there or is wrong ends with 4" {
	run -4 --separate-stderr nixie check --config missing.yaml a@b.example
	[[ $stderr == *missing.yaml* ]]
	printf 'no-such-key: 1\n' >bad.yaml
	run -4 --separate-stderr nixie check --config bad.yaml a@b.example
	[[ $stderr == *bad.yaml:1:1* ]]
}

@test "the configuration file says where the store is" {
	printf 'store: %s\nrules: %s\n' "$STORE" "$RULES" >nixie.yaml
	bounce gone@example.com | nixie deliver
	run -1 "$NIXIE" check --config nixie.yaml gone@example.com
}

@test "what cannot be written to stdout is an error" {
	run -3 --separate-stderr bash -c \
		"'$NIXIE' rules list --rules '$RULES' >/dev/full"
	[[ $stderr == *stdout* ]]
}

@test "control characters of the call do not reach the terminal" {
	run -2 --separate-stderr "$NIXIE" check $'--\e[31mred\xff'
	[[ $stderr != *$'\e'* ]]
	[[ $stderr == *red* ]]
}
