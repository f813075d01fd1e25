#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

fill() {
	bounce gone@example.com | nixie deliver --now "$T0"
	soft full@example.com 2 | nixie deliver --now 2026-01-05
	complaint cross@example.com | nixie deliver --now 2026-01-06
}

@test "every report has a header of its own" {
	fill
	for name in bounces complaints unsubscribes suppressions blocked; do
		run -0 nixie report "$name"
		[[ ${lines[0]} == '"'*address*$'"\r' ]]
	done
}

@test "every column is in the man page" {
	sed -n '/It Cm report/,/It Cm rules check/p' "$TOP/docs/man/nixie.1" |
		sed -n 's/^\.It Cm //p' | tr -s ' ,' '\n' >known
	for name in bounces complaints unsubscribes suppressions blocked; do
		nixie suppress a@example.com
		nixie report "$name" | sed -n '1s/["\r]//gp' | tr , '\n'
	done | grep -v suppressed >columns
	[ "$(wc -l <columns)" -gt 40 ]
	run -1 grep -vxFf known columns
}

@test "the bounces, the complaints, the suppressions" {
	fill
	run -0 nixie report bounces
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} == *gone@example.com*unknown-user* ]]
	[[ ${lines[2]} == *full@example.com*mailbox-full* ]]
	run -0 nixie report complaints
	[ "${#lines[@]}" -eq 2 ]
	run -0 nixie report suppressions --now 2026-01-07
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *cross@example.com* ]]
}

@test "--since and --until take dates and spans" {
	fill
	run -0 nixie report bounces --since 2026-01-02
	[ "${#lines[@]}" -eq 2 ]
	run -0 nixie report bounces --until 2026-01-02T00:00:00Z
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *gone@example.com* ]]
	run -0 nixie report bounces --since 3d --now 2026-01-06
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *full@example.com* ]]
	run -0 nixie report bounces --since 2026-01-01 --until 2026-01-05
	[ "${#lines[@]}" -eq 2 ]
	run -2 nixie report bounces --since tomorrow
}

@test "--output writes a file" {
	fill
	nixie report bounces >there
	run -0 nixie report bounces -o here
	[ -z "$output" ]
	cmp here there
	run -3 nixie report bounces --output missing/file
	run -3 nixie report bounces --output /dev/full
}

@test "formulas are defused" {
	bounce "=cmd@example.com" | nixie deliver
	run -0 nixie report bounces
	[[ $output == *"\"'=cmd@example.com\""* ]]
}

@test "an unknown report is a usage error that names the known" {
	run -2 --separate-stderr nixie report everything
	[[ $stderr == *bounces* ]]
}
