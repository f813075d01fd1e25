#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What nixie.yaml says is ours holds for every command that reads reports.

load helper.bash

# ours LINE...: nixie.yaml with these lines.
ours() {
	printf '%s\n' "store: $STORE" "rules: $RULES" "$@" >nixie.yaml
}

# told MAIL: what classify makes of it.
told() {
	run -0 "$NIXIE" classify --json --config nixie.yaml "$1"
}

# How many messages are in quarantine.
kept() {
	"$NIXIE" quarantine list --config nixie.yaml | wc -l
}

@test "protect: an address or a domain is not suppressed, and told why" {
	bounce vip@example.com >vip
	bounce jan@partner.example >jan
	ours 'protect: [vip@example.com, partner.example]'
	for name in vip jan; do
		told $name
		[ "$(member reason)" = '"protected-address"' ]
		[ "$(member class)" = '"none"' ]
		"$NIXIE" deliver --config nixie.yaml <$name
	done
	run -0 "$NIXIE" check --config nixie.yaml vip@example.com
	run -0 "$NIXIE" check --config nixie.yaml jan@partner.example
	run -0 "$NIXIE" explain --config nixie.yaml vip
	[[ $output == *"ours/protected"* ]]
	[[ $output == *"configuration protects the address"* ]]
	run -0 "$NIXIE" show --config nixie.yaml vip@example.com
	[[ $output == *"protected-address"* ]]
	[ "$(kept)" -eq 0 ]
}

@test "protect: ingest knows it, whatever image of the rules there is" {
	bounce vip@example.com >vip
	ours
	"$NIXIE" deliver --config nixie.yaml < <(bounce other@example.com)
	ours 'protect: [vip@example.com]'
	"$NIXIE" ingest --config nixie.yaml vip
	run -0 "$NIXIE" check --config nixie.yaml vip@example.com
	ours
	"$NIXIE" deliver --config nixie.yaml < <(bounce vip@example.com '' '' 2)
	run -1 "$NIXIE" check --config nixie.yaml vip@example.com
}

@test "our return path is not suppressed, and its report is kept" {
	bounce b@ours.example >mail
	ours
	"$NIXIE" deliver --config nixie.yaml -f '' -r b+1@ours.example <mail
	run -0 "$NIXIE" check --config nixie.yaml b@ours.example
	[ "$(kept)" -eq 1 ]
	run -0 "$NIXIE" explain --config nixie.yaml -r b+1@ours.example mail
	[[ $output == *"ours/return-path"* ]]
}

@test "domains: their names for bounces are ours" {
	bounce bounces@ours.example >mail
	ours
	told mail
	[ "$(member class)" = '"hard"' ]
	ours 'domains: [ours.example]'
	told mail
	[ "$(member rule)" = '"ours/bounces"' ]
}

@test "local_domains: a host without a dot counts when it is named" {
	bounce smits@mailhub >mail
	ours
	"$NIXIE" deliver --config nixie.yaml <mail
	run -0 "$NIXIE" check --config nixie.yaml smits@mailhub
	[ "$(kept)" -eq 1 ]
	ours 'local_domains: [mailhub]'
	run -0 "$NIXIE" quarantine retry --config nixie.yaml --all
	run -1 "$NIXIE" check --config nixie.yaml smits@mailhub
	[ "$(kept)" -eq 0 ]
}

@test "what is wrong with them is told with its place" {
	ours 'protect:' '  - nobody'
	run -4 "$NIXIE" config check --config nixie.yaml
	[[ $output == *'nixie.yaml:4:5: protect: "nobody" is neither'* ]]
	ours 'local_domains: [mail.example]'
	run -4 "$NIXIE" config check --config nixie.yaml
	[[ $output == *'nixie.yaml:3:17: local_domains: "mail.example"'* ]]
}
