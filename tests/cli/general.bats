#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

commands="deliver ingest serve classify explain check list show suppress release
report rules policy db config quarantine status token-file"

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
	[ "$stderr" = "nixie: 'frobnicate': no such command (see nixie --help)" ]
}

@test "a command that is misspelt is guessed" {
	local pair
	for pair in chekc:check supress:suppress relase:release stauts:status \
		lst:list delivred:delivered db2:db; do
		run -2 "$NIXIE" "${pair%:*}"
		[ "$output" = "nixie: '${pair%:*}': no such command; did you \
mean '${pair#*:}'?" ]
	done
	for word in x xyz remove $'\e[31mx' "$(printf 'x%.0s' {1..1000})"; do
		run -2 "$NIXIE" "$word"
		[[ $output == "nixie: '"*"': no such command (see nixie --help)" ]]
		[[ $output != *$'\e'* ]]
	done
	run -2 "$NIXIE" help chekc
	[[ $output == *"did you mean 'check'?" ]]
}

@test "an unknown subcommand is answered with those that there are" {
	local pair
	for pair in "db:status, verify, backup, restore, " "config:check" \
		"rules:check, list, test, " "policy:show, check, simulate" \
		"quarantine:list, show, retry, drop, export" \
		"held:list, apply, drop" "token-file:new"; do
		run -2 "$NIXIE" "${pair%%:*}" frobnicate
		[[ $output == "nixie ${pair%%:*}: unknown subcommand \
'frobnicate' (there are: ${pair#*:}"*")" ]]
	done
	run -2 "$NIXIE" db status now
	[[ $output == *"status: unexpected argument 'now' "* ]]
	run -2 "$NIXIE" rules test
	[[ $output == *"test: TEXT is missing "* ]]
	run -2 "$NIXIE" db verify --force
	[[ $output == *"--force goes with backup" ]]
}

@test "config check says what it went by" {
	printf 'store: %s\nrules: %s\n' "$STORE" "$RULES" >nixie.yaml
	run -0 "$NIXIE" config check --config nixie.yaml
	[ "$output" = "nixie.yaml: all right" ]
	[ -e /etc/nixie/nixie.yaml ] || {
		run -0 nixie config check
		[ "$output" = "/etc/nixie/nixie.yaml not found; defaults used; \
rules OK" ]
	}
}

@test "all that is wrong with a configuration is told, up to ten" {
	cat >bad.yaml <<-'YAML'
		store: ''
		workres: 2
		workers: many
		lmtp:
		  - listen: unix:here
		  - listen: 0.0.0.0:24
		  - listen: unix:/run/right
		streams: { news: { kind: none } }
		default_stream: news
		limits: { sessions: 0, idle: long }
		own_hosts: [fine.example, '@']
	YAML
	run -4 "$NIXIE" config check --config bad.yaml
	for at in 1:8 2:1 3:10 5:13 6:13 8: 10:21 10:30 11:27; do
		grep -q "^nixie config: bad.yaml:$at" <<<"$output" || {
			echo "$at: $output" >&2
			false
		}
	done
	[ "${#lines[@]}" -eq 9 ]
	printf '%s: x\n' {a..z} >many.yaml
	run -4 "$NIXIE" config check --config many.yaml
	[ "${#lines[@]}" -eq 10 ]
	again nixie deliver --config bad.yaml
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
	[[ $stderr == *"stdout: cannot be written: No space left on device" ]]
	nixie suppress {a..z}{1..400}@example.com
	run -3 --separate-stderr bash -c \
		"'$NIXIE' list --rules '$RULES' --store '$STORE' >/dev/full"
	[[ $stderr == *"stdout: cannot be written: No space left on device" ]]
}

@test "control characters of the call do not reach the terminal" {
	run -2 --separate-stderr "$NIXIE" check $'--\e[31mred\xff'
	[[ $stderr != *$'\e'* ]]
	[[ $stderr == *red* ]]
}
