#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What anybody may add to the store in a day; and the clock.

load helper.bash

# configure LINE...: the configuration of the test.
configure() {
	printf '%s\n' "$@" >nixie.yaml
}

# deliver NAME [OPTION...]: a bounce of that user, at noon of T0.
deliver() {
	local name=$1
	shift
	bounce "$name@example.com" 5.1.1 '550 5.1.1 User unknown' "$name" |
		nixie deliver --config nixie.yaml --now 2026-01-01T12:00:00Z "$@"
}

# member NAME: of db status.
member() {
	nixie db status --json --now "$T0" | sed -n "s/.*\"$1\":\([0-9-]*\).*/\1/p"
}

@test "beyond the rows of a day texts are cut, and every address is suppressed" {
	configure 'limits: { rows: 2 }' 'own_hosts: [mx.example.net]'
	for name in anna ben carla; do
		deliver "$name"
	done
	[ "$(nixie list --now 2026-01-01T13:00:00Z | wc -l)" -eq 3 ]
	[[ $(nixie show ben@example.com --json --now "$T0") == *"User unknown"* ]]
	[[ $(nixie show carla@example.com --json --now "$T0") != *"User unknown"* ]]
	[ "$(member cut)" -eq 1 ]
	[[ $(nixie db status --now "$T0") == *$'\ncut          1\n'* ]]
}

@test "a host that is not ours has a tenth" {
	configure 'limits: { rows: 20 }'
	for name in anna ben carla; do
		deliver "$name"
	done
	[ "$(member cut)" -eq 1 ]
}

@test "beyond ten times the MTA keeps the report, and the next day it is taken" {
	configure 'limits: { rows: 1 }' 'own_hosts: [MX.example.net]'
	for ((i = 0; i < 10; i++)); do
		deliver "user$i"
	done
	run -75 deliver late
	[[ $output == *"too many reports"* ]]
	run -0 nixie check late@example.com --now 2026-01-01T12:00:01Z
	[ "$(member refused)" -eq 1 ]
	deliver late --now 2026-01-02T00:00:00Z
	run -1 nixie check late@example.com --now 2026-01-02T00:00:01Z
}

@test "what is ingested is bound by nothing" {
	configure 'limits: { rows: 1, bytes: 1 }'
	mkdir mails
	for ((i = 0; i < 30; i++)); do
		bounce "user$i@example.com" 5.1.1 '550 5.1.1 User unknown' "$i" \
			>"mails/$i"
	done
	nixie ingest --config nixie.yaml mails/*
	[ "$(member cut)" -eq 0 ]
	[ "$(member refused)" -eq 0 ]
	[ "$(member events)" -eq 30 ]
}

@test "own_hosts and limits are read strictly" {
	configure 'own_hosts: mx.example.net'
	run -4 nixie list --config nixie.yaml
	[[ $output == *"nixie.yaml:1:12: own_hosts: must be a list"* ]]
	configure 'own_hosts: ["a b"]'
	run -4 nixie list --config nixie.yaml
	[[ $output == *'own_hosts: "a b" is no name of a host'* ]]
	configure 'limits: { rows: -1 }'
	run -4 nixie list --config nixie.yaml
	[[ $output == *"nixie.yaml:1:17: rows: "* ]]
}

@test "db clock says that it agrees; --accept goes with it alone" {
	nixie suppress anna@example.com
	run -0 nixie db clock
	[[ $output == "clock        agrees" ]]
	run -0 nixie db clock --accept
	run -2 nixie db status --accept
	run -2 nixie db clock --accept --now "$T0"
	[ "$(member clock_step)" -eq 0 ]
}

@test "--now is no step and is not remembered" {
	nixie suppress anna@example.com
	nixie suppress ben@example.com --now 2046-01-01
	run -0 nixie db clock
	nixie suppress carla@example.com --now 2006-01-01
	run -0 nixie db clock
}
