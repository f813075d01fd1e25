#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run
# list, show, suppress, release.

load helper.bash

@test "what is suppressed by hand is so for ever" {
	run -0 nixie suppress --note "asked by phone" a@example.com B@Example.com
	run -1 nixie check a@example.com
	[[ $output == *"suppressed  manual  since "*"for ever" ]]
	run -1 nixie check --now 2100-01-01 b@example.com
}

@test "suppress and release read stdin" {
	printf 'a@example.com\nb@example.com\n' >in
	nixie suppress - <in
	run -1 nixie check a@example.com b@example.com
	nixie release --class manual - <in
	run -0 nixie check a@example.com b@example.com
}

@test "a reason must be one that is declared" {
	run -0 nixie suppress --reason unknown-user a@example.com
	run -1 nixie check a@example.com
	[[ $output == *unknown-user* ]]
	run -2 --separate-stderr nixie suppress --reason because b@example.com
	[[ $stderr == *because* ]]
	run -0 nixie check b@example.com
}

@test "what is no address is an error, the others are done" {
	run -2 --separate-stderr nixie suppress nobody a@example.com
	[[ $stderr == *nobody* ]]
	run -1 nixie check a@example.com
	run -2 --separate-stderr nixie release --class manual nobody a@example.com
	run -0 nixie check a@example.com
}

@test "release says whether there was anything to release" {
	bounce gone@example.com | nixie deliver
	run -0 nixie release gone@example.com new@example.com
	[ "$output" = "1 released, 1 not suppressed" ]
	run -0 nixie check gone@example.com
	bounce gone@example.com 5.1.1 "550 5.1.1 User unknown" 2 | nixie deliver
	run -0 nixie release -v gone@example.com new@example.com
	[ "${lines[0]}" = "gone@example.com  released" ]
	[ "${lines[1]}" = "new@example.com  was not suppressed" ]
	[ "${lines[2]}" = "1 released, 1 not suppressed" ]
}

@test "suppress says how many, and each with -v" {
	run -0 nixie suppress {a,b,c}@example.com
	[ "$output" = "3 suppressed" ]
	run -0 nixie suppress --verbose d@example.com --domain example.net
	[ "$output" = "d@example.com  suppressed
@example.net  suppressed
2 suppressed" ]
}

@test "what is no address is told with its line, and cut" {
	{
		printf 'a@example.com\n\nnobody\n'
		head -c 200000 /dev/zero | tr '\0' x
		printf '\n'
		printf 'é%.0s' {1..100}
		printf '\nb@example.com\n*@example.com\n'
	} >in
	run -2 --separate-stderr nixie suppress - last <in
	[ "$output" = "2 suppressed" ]
	mapfile -t told <<<"$stderr"
	[ "${told[0]}" = "nixie suppress: line 3: nobody: not an address" ]
	[ "${told[1]}" = "nixie suppress: line 4: $(printf 'x%.0s' {1..80})…: not \
an address" ]
	[ "${told[2]}" = "nixie suppress: line 5: $(printf 'é%.0s' {1..80})…: not \
an address" ]
	[ "${told[-1]}" = "nixie suppress: last: not an address" ]
	[[ ${told[-2]} == "nixie suppress: line 7: *@example.com: wildcards"* ]]
}

@test "a complaint is told by its own name, the class once" {
	complaint angry@example.com | nixie deliver
	run -0 nixie list
	[[ $output == *"  suppressed  complaint-abuse  since "* ]]
}

@test "list wants a reason that is declared, and no address" {
	run -2 --separate-stderr nixie list --reason foo
	[ "$stderr" = "nixie list: --reason foo: not declared in reasons.yaml" ]
	run -2 --separate-stderr nixie list harbour
	[ "$stderr" = "nixie list: unexpected argument 'harbour'; for one \
address use 'nixie show'" ]
}

@test "list shows who is suppressed, by address" {
	bounce b@example.com | nixie deliver --now "$T0"
	nixie suppress --now "$T0" a@example.com
	run -0 nixie list --now 2026-01-01T12:00:00Z
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == "a@example.com  suppressed  manual"* ]]
	[[ ${lines[1]} == "b@example.com  suppressed  hard"* ]]
	run -0 nixie list --now 2026-01-05
	[ "${#lines[@]}" -eq 1 ]
	run -0 nixie list --all --now 2026-01-05
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == "b@example.com  may be mailed; was suppressed (hard \
unknown-user) until 2026-01-02T"*"ago)" ]]
}

@test "list can be narrowed, and be JSON" {
	bounce b@example.com | nixie deliver
	nixie suppress a@example.com
	run -0 nixie list --class hard
	[[ $output == b@example.com* && ${#lines[@]} -eq 1 ]]
	run -0 nixie list --reason manual --json
	[[ $output == '{"address":"a@example.com",'* ]]
	[ "${#lines[@]}" -eq 1 ]
	run -2 nixie list --class bad
}

@test "an empty store lists nothing" {
	nixie release nobody@example.com >out
	run -0 nixie list
	[ -z "$output" ]
}

@test "show tells standing and history" {
	bounce gone@example.com | nixie deliver --now "$T0"
	nixie check --attempt --now 2026-01-01T01:00:00Z gone@example.com ||
		[ $? -eq 1 ]
	nixie release --note "a mistake" --now 2026-01-01T02:00:00Z \
		gone@example.com
	run -0 nixie show --now 2026-01-01T03:00:00Z gone@example.com
	[[ ${lines[0]} == "gone@example.com  may be mailed"* ]]
	[[ $output == *"2026-01-01T00:00:00Z  event  hard unknown-user"* ]]
	[[ $output == *"5.1.1"*"User unknown"* ]]
	[[ $output == *"2026-01-01T01:00:00Z  attempt  hard unknown-user"* ]]
	[[ $output == *"2026-01-01T02:00:00Z  release"* ]]
	[[ $output == *"a mistake"* ]]
	[[ $output == *"$(id -un)"* ]]
	nixie show --json gone@example.com | python3 -c 'import json, sys
r = json.load(sys.stdin)
assert r["address"] == "gone@example.com"
assert r["suppressed"] is False
assert [h["what"] for h in r["history"]] == ["event", "attempt", "release"]
assert r["history"][0]["status"] == "5.1.1"'
}

@test "show of nobody, and of what is no address" {
	nixie suppress a@example.com
	run -0 nixie show new@example.com
	[[ $output == "new@example.com  may be mailed" ]]
	run -2 nixie show nobody
}

@test "thirty that open a new store at once all succeed" {
	local i pids=()
	rmdir "$STORE" && mkdir -m 700 "$STORE"
	for i in {1..15}; do
		nixie suppress "hand$i@example.com" &
		pids+=($!)
		bounce "gone$i@example.com" 5.1.1 \
			'550 5.1.1 User unknown' "$i" | nixie deliver &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	run -0 nixie list
	[ "${#lines[@]}" -eq 30 ]
	run -0 nixie db verify
}
