#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

@test "the whole path is told" {
	bounce gone@example.com >a.eml
	run -0 nixie explain --now "$T0" a.eml
	[[ $output == *"delivery-report"* ]]
	[[ $output == *"rfc3464"* ]]
	[[ $output == *"mx.example.net"* ]]
	[[ $output == *"gone@example.com"* ]]
	[[ $output == *"news-1@example.org"* ]]
	[[ $output == *"tables asked"* ]]
	[[ $output =~ rule\ [a-z0-9/-]+\ at\ .*\.yaml:[0-9]+ ]]
	[[ $output == *matched* ]]
	[[ $output =~ class\ +hard ]]
	[[ $output =~ reason\ +unknown-user ]]
	[[ $output =~ policy\ +gone@example.com\ +suppressed ]]
	[[ $output == *2026-01-02T00:00:00Z* ]]
}

@test "- is stdin" {
	bounce gone@example.com >a.eml
	run -0 nixie explain - <a.eml
	[[ $output == *unknown-user* ]]
}

@test "a soft bounce is a strike" {
	soft full@example.com 1 >a.eml
	run -0 nixie explain a.eml
	[[ $output == *"1 of 3 strikes"* ]]
}

@test "with a store it starts from what is remembered, and records nothing" {
	soft full@example.com 1 | nixie deliver --now 2026-01-01
	soft full@example.com 2 | nixie deliver --now 2026-01-02
	soft full@example.com 3 >a.eml
	run -0 nixie explain --now 2026-01-03 --store "$STORE" a.eml
	[[ $output =~ policy\ +full@example.com\ +suppressed ]]
	run -0 nixie check --now 2026-01-03 full@example.com
}

@test "ordinary mail never suppresses" {
	ordinary >a.eml
	run -0 nixie explain a.eml
	[[ $output == *other* ]]
	[[ $output != *suppressed* ]]
}

@test "a complaint shows its fields" {
	complaint cross@example.com >a.eml
	run -0 nixie explain a.eml
	[[ $output =~ feedback\ type\ +abuse ]]
	[[ $output == *"for ever"* ]]
}

@test "control characters of the message do not reach the terminal" {
	bounce gone@example.com 5.1.1 $'550 5.1.1 \e]0;x\a User unknown' >a.eml
	run -0 nixie explain a.eml
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
}

@test "a file that is not there is an error" {
	run --separate-stderr nixie explain missing
	[ "$status" -ge 2 ]
	[[ $stderr == *missing* ]]
}
