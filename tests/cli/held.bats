#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

# few NUMBER [MORE]: a policy that takes so many new hard leases an hour.
few() {
	mkdir -p few
	cp -r "$RULES/." few
	sed -i "s/^mass_failure: .*/mass_failure: { at_least: $1${2:+, $2} }/" \
		few/policy.yaml
	RULES=$PWD/few
}

# gone ADDRESS TIME: a bounce of it that comes at that time.
gone() {
	bounce "$1" 5.1.1 "550 5.1.1 User unknown" "$1" |
		nixie deliver --now "$2"
}

# mass: four bounces of two domains that one provider serves; two are held.
mass() {
	few 2
	gone a@example.net 2026-01-05T10:00:00Z
	gone b@example.net 2026-01-05T10:01:00Z
	gone c@example.net 2026-01-05T10:02:00Z
	gone d@example.org 2026-01-05T10:03:00Z
}

@test "what is held is free, and check says why" {
	mass
	run -1 nixie check --now 2026-01-05T11:00:00Z b@example.net
	run -0 nixie check --now 2026-01-05T11:00:00Z c@example.net d@example.org
	[ "${lines[0]}" = "c@example.net  may be mailed" ]
	[ "${lines[1]}" = "  note: held: 2 hard bounces of example.com since 2026-01-05T10:02:00Z" ]
	run -0 nixie check --now 2026-01-05T11:00:00Z --json c@example.net
	[[ $output == *'"held":{"domain":"example.com","bounces":2,'* ]]
	[[ $output == *'"since":"2026-01-05T10:02:00Z","drops":"2026-01-12T10:02:00Z"'* ]]
	run -0 nixie check --now 2026-01-05T11:00:00Z --attempt c@example.net
	[[ $output == *"held: 2"* ]]
	run -0 nixie show --now 2026-01-05T11:00:00Z c@example.net
	[[ $output == *"held: 2"* ]]
	[[ $output == *"hard unknown-user"* ]]
	run -0 nixie check other@example.net
	[[ $output != *held* ]]
}

@test "list has a line a domain" {
	mass
	run -0 nixie held list --now 2026-01-05T11:00:00Z
	[ "$output" = "example.com  2 held since 2026-01-05T10:02:00Z  to 2 domains  dropped from 2026-01-12T10:02:00Z on (in 7 d)" ]
	run -0 nixie held list --now 2026-01-05T11:00:00Z example.NET
	[[ $output == "example.com  1 held since"* ]]
	run -0 nixie held list --json --now 2026-01-05T11:00:00Z
	[[ $output == '{"domain":"example.com","bounces":2,"addresses":2,"domains":2,'* ]]
	run -0 nixie db status --now 2026-01-05T11:00:00Z
	[[ $output =~ held\ +2 ]]
	run -1 nixie held list --now 2026-01-05T11:00:00Z example.edu
	[[ $output == *"nothing is held"* ]]
}

@test "apply suppresses as of the bounce" {
	mass
	run -0 nixie held apply --now 2026-01-05T12:00:00Z example.net
	[ "$output" = "example.net  1 applied  1 newly suppressed" ]
	run -1 nixie check --now 2026-01-05T12:00:00Z c@example.net
	[[ $output == *"since 2026-01-05T10:02:00Z until 2026-01-06T10:02:00Z"* ]]
	run -0 nixie check --now 2026-01-05T12:00:00Z d@example.org
	[[ $output == *held* ]]
	run -0 nixie held apply --json --now 2026-01-05T12:00:00Z --all
	[ "$output" = '{"domain":"","what":"applied","bounces":1,"suppressed":1}' ]
	run -1 nixie check --now 2026-01-05T12:00:00Z d@example.org
	run -0 nixie held list
	[ -z "$output" ]
}

@test "drop forgets; a domain of which nothing is held ends with 1" {
	mass
	run -0 nixie held drop --now 2026-01-05T12:00:00Z example.com
	[ "$output" = "example.com  2 dropped" ]
	run -0 nixie check --now 2026-01-05T12:00:00Z c@example.net d@example.org
	[[ $output != *held* ]]
	run -1 nixie held drop --now 2026-01-05T12:00:00Z example.com
	run -1 nixie check --now 2026-01-05T12:00:00Z a@example.net
}

@test "after a week it is dropped by itself" {
	mass
	run -0 nixie held list --now 2026-01-12T10:02:30Z
	[[ $output == "example.com  1 held since 2026-01-05T10:03:00Z"* ]]
	run -0 nixie held list --now 2026-01-12T10:03:00Z
	[ -z "$output" ]
	run -0 nixie check --now 2026-01-12T10:03:00Z d@example.org
	[[ $output != *held* ]]
}

@test "a delivery proves the contrary" {
	mass
	nixie delivered --now 2026-01-05T12:00:00Z c@example.net
	run -0 nixie held apply --all --now 2026-01-05T13:00:00Z
	[ "$output" = "all  1 applied  1 newly suppressed" ]
	run -0 nixie check --now 2026-01-05T13:00:00Z c@example.net
}

@test "which ones must be said, and be domains" {
	mass
	run -2 nixie held apply
	[[ $output == *"name domains, or --all"* ]]
	run -2 nixie held drop --all example.com
	run -2 nixie held drop c@example.net
	[[ $output == *"not a domain"* ]]
	run -2 nixie held forget
	[[ $output == "nixie held: unknown subcommand 'forget' (there are: list, apply, drop)" ]]
}

@test "the policy can turn it off, and is shown" {
	few 7 'share: 5%, times_median: 2, drop_after: 2d'
	run -0 nixie policy show
	[[ $output == *"
mass_failure:
  share: 5%
  at_least: 7
  times_median: 2
  drop_after: 48h" ]]
	run -0 nixie policy show --json
	[[ $output == *'"mass_failure":true,"share":5,"at_least":7,"times_median":2,"drop_after":172800}' ]]
	sed -i 's/^mass_failure: .*/mass_failure: off/' "$RULES/policy.yaml"
	run -0 nixie policy show
	[[ $output == *"
mass_failure: off" ]]
	for i in {1..201}; do
		echo 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026'
		bounce "user$i@example.com" 5.1.1 "550 5.1.1 User unknown" "$i"
		echo
	done >box
	run -0 nixie ingest box
	[[ $output =~ "newly suppressed"\ +201 ]]
	[[ $output =~ held\ +0 ]]
}
