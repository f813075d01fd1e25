#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Rules from the image beside the store judge as those from YAML do.

load helper

report() {
	"$NIXIE" report bounces --store "$1"
	"$NIXIE" report complaints --store "$1"
	"$NIXIE" report unsubscribes --store "$1"
}

ingest() {
	"$NIXIE" ingest --rules "$RULES" --store "$1" --now 2026-01-01T00:00:00Z \
		"$RULES/../tests/fixtures" >"$1.out"
}

@test "all fixtures, from YAML and from the image" {
	mkdir first second
	printf 'From: a@example.com\nSubject: hello\n\nhello\n' |
		"$NIXIE" deliver --rules "$RULES" --store second
	[ -s second/rules.image ]
	ingest first
	ingest second
	grep -q '^unreadable *0$' first.out
	grep -q '^unreadable *0$' second.out
	report first >first.csv
	report second >second.csv
	[ "$(wc -l <first.csv)" -gt 200 ]
	cmp first.csv second.csv
}
