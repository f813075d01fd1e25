#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

@test "an address that bounced hard is suppressed" {
	bounce gone@example.com | nixie deliver --now "$T0"
	run -1 nixie check --now 2026-01-01T21:00:00Z gone@example.com
	[ "$output" = "gone@example.com  suppressed  hard unknown-user  since \
2026-01-01T00:00:00Z until 2026-01-02T00:00:00Z (in 3 h)" ]
}

@test "an address that nobody knows may be mailed" {
	bounce gone@example.com | nixie deliver
	run -0 nixie check new@example.com
	[ "$output" = "new@example.com  may be mailed" ]
}

@test "addresses are the same in every spelling" {
	bounce Gone@Example.COM | nixie deliver
	run -1 nixie check "<gone@example.com.>"
}

@test "one suppressed address of many makes 1, in the order asked" {
	bounce gone@example.com | nixie deliver
	run -1 nixie check z@example.com gone@example.com a@example.com
	[[ ${lines[0]} == "z@example.com  may"* ]]
	[[ ${lines[1]} == "gone@example.com  supp"* ]]
	[[ ${lines[2]} == "a@example.com  may"* ]]
}

@test "- reads addresses from stdin" {
	bounce gone@example.com | nixie deliver
	printf 'a@example.com\r\n\n  gone@example.com\nb@example.com' >in
	run -1 nixie check first@example.com - last@example.com <in
	[ "${#lines[@]}" -eq 5 ]
	[[ ${lines[0]} == first@* && ${lines[4]} == last@* ]]
	[[ ${lines[2]} == "gone@example.com  suppressed"* ]]
}

@test "a line with a NUL is no address, not part of one" {
	bounce gone@example.com | nixie deliver
	printf 'gone@example.com\0.example.org\nb@example.com\n' >in
	run -2 --separate-stderr nixie check - <in
	[[ $stderr == *"not an address"* ]]
	[ "$output" = "b@example.com  may be mailed" ]
}

@test "each line is answered when it comes, from the store as it is then" {
	bounce other@example.com | nixie deliver
	coproc ask { nixie check -; }
	to=${ask[1]}
	echo gone@example.com >&"$to"
	read -r -t 10 first <&"${ask[0]}"
	bounce gone@example.com | nixie deliver
	echo gone@example.com >&"$to"
	read -r -t 10 second <&"${ask[0]}"
	exec {to}>&-
	[ "$first" = "gone@example.com  may be mailed" ]
	[[ $second == "gone@example.com  suppressed"* ]]
}

@test "very many lines, and a very long one, are each answered" {
	bounce gone@example.com | nixie deliver
	{
		for ((i = 0; i < 5000; i++)); do echo "u$i@example.com"; done
		printf '%0100000d\n' 0
		echo gone@example.com
	} >in
	run -2 --separate-stderr nixie check - <in
	[ "${#lines[@]}" -eq 5001 ]
	[[ ${lines[4999]} == "u4999@example.com  may"* ]]
	[[ ${lines[5000]} == "gone@example.com  suppressed"* ]]
}

@test "what is no address is an error, the others are answered" {
	bounce gone@example.com | nixie deliver
	run -2 --separate-stderr nixie check nobody gone@example.com
	[[ $stderr == *"nobody: not an address"* ]]
	[[ $output == "gone@example.com  suppressed"* ]]
}

@test "--json has every member" {
	bounce gone@example.com | nixie deliver --now "$T0"
	run -1 nixie check --json --now "$T0" gone@example.com
	[ "$(member address)" = '"gone@example.com"' ]
	[ "$(member suppressed)" = true ]
	[ "$(member class)" = '"hard"' ]
	[ "$(member reason)" = '"unknown-user"' ]
	[ "$(member since)" = '"2026-01-01T00:00:00Z"' ]
	[ "$(member until)" = '"2026-01-02T00:00:00Z"' ]
	[ "$(member scope)" = '""' ]
}

@test "for ever is null in JSON" {
	complaint cross@example.com | nixie deliver --now "$T0"
	run -1 nixie check --json cross@example.com
	[ "$(member class)" = '"complaint"' ]
	[ "$(member until)" = null ]
	run -1 nixie check cross@example.com
	[[ $output == *"for ever" ]]
}

@test "an attempt is recorded only for a suppressed address" {
	bounce gone@example.com | nixie deliver --now "$T0"
	run -0 nixie check --attempt --now "$T0" new@example.com
	run -1 nixie check --attempt --now 2026-01-01T01:00:00Z gone@example.com
	run -0 nixie report blocked --now 2026-01-02
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *gone@example.com* ]]
}

@test "a store that is not there is trouble" {
	run -3 --separate-stderr "$NIXIE" check --store missing a@example.com
	[[ $stderr == *missing* ]]
	[ -z "$output" ]
}
