#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# docs/openapi.json is what the daemon does.

load helper.bash

teardown() {
	[ -z "${DAEMON-}" ] || kill "$DAEMON"
}

# token NAME SCOPE: made, its secret in secrets/NAME.
token() {
	mkdir -p secrets
	"$NIXIE" token-file new --scope "$2" "$1" "$PWD/$1.token" >"secrets/$1"
}

# comes SENDER RECIPIENT: that mail, where more than two new hard bounces an hour
# are held.
comes() {
	nixie deliver --rules few --sender "$1" --recipient "$2"
}

# remembered: what the document's examples ask about.
remembered() {
	cp -r "$RULES" few
	sed -i 's/^mass_failure: .*/mass_failure: { at_least: 2 }/' few/policy.yaml
	bounce gone@example.com 5.1.1 '550 5.1.1 User unknown' 1 |
		comes '' bounces@example.org
	bounce kim@example.net 5.1.1 '550 5.1.1 User unknown' 2 |
		comes '' bounces@example.org
	bounce lee@example.net 5.1.1 '550 5.1.1 User unknown' 3 |
		comes '' bounces@example.org
	soft full@example.org 4 | comes '' bounces@example.org
	bounce ben@example.edu 5.7.1 '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org' 5 |
		sed 's/^Remote-MTA: .*/Remote-MTA: dns; mx.example.edu/' |
		comes '' bounces@example.org
	complaint sue@example.com 6 | comes feedback@example.net abuse@example.org
	nixie suppress --note 'a test' tom@example.org >/dev/null
}

@test "the document is OpenAPI 3.1" {
	run -0 node "$TOP/tests/npm/valid.mjs" "$TOP/build/npm" \
		"$TOP/docs/openapi.json"
}

@test "every path, example and status is as documented" {
	token read read
	token shop write
	token admin admin
	remembered
	mkdir -m 700 other
	nixie suppress --store other --note 'another store' x@example.com
	cat >nixie.yaml <<-YAML
		store: $STORE
		rules: $RULES
		host: mail.example.org
		limits: { size: 1900000 }
		lmtp: [{ listen: 'unix:$PWD/lmtp.sock' }]
		streams:
		  newsletter: { kind: bulk, domains: [example.org] }
		  receipts: { kind: transactional, tags: [orders] }
		http:
		  - listen: unix:$PWD/token.sock
		    tokens: [$PWD/read.token, $PWD/shop.token, $PWD/admin.token]
		  - listen: unix:$PWD/open.sock
	YAML
	"$NIXIE" serve --config nixie.yaml 2>log 3>&- &
	DAEMON=$!
	until_true $DAEMON "$NIXIE" status --config nixie.yaml >/dev/null 2>&1
	"$BATS_TEST_DIRNAME/openapi" "$TOP/docs/openapi.json" "$PWD"
}
