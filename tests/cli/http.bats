#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Applications ask the daemon by HTTP.

load helper.bash
load daemon.bash

# configure LINE...: nixie.yaml of the test, with these lines behind.
configure() {
	{
		printf '%s\n' "store: $STORE" "rules: $RULES" \
			"status: $BATS_TEST_TMPDIR/status.sock" 'workers: 1' \
			'lmtp:' "  - listen: unix:$BATS_TEST_TMPDIR/lmtp.sock" \
			'http:' "  - listen: unix:$BATS_TEST_TMPDIR/http.sock"
		printf '%s\n' "$@"
	} >nixie.yaml
}

# start_tcp: TCP is its port.
start_tcp() {
	start
	TCP=$(sed -n 's/.*http=127.0.0.1:\([0-9]*\).*/\1/p' log)
}

# ask STATUS METHOD PATH [OPTION...]: the body, when that is the status.
ask() {
	local wanted=$1 method=$2 path=$3
	shift 3
	curl -sS --unix-socket http.sock -X "$method" -o body \
		-w '%{http_code}' "$@" "http://localhost$path" >status
	[ "$(cat status)" = "$wanted" ] || {
		cat status body
		return 1
	}
	cat body
}

json=(-H 'Content-Type: application/json')
mail=(-H 'Content-Type: message/rfc822')

@test "what was put is there at once, and gone when it is deleted" {
	configure
	start
	ask 404 GET /v1/suppressions/ann@example.com | grep -q '"urn:nixie:problem:not-suppressed"'
	ask 200 PUT /v1/suppressions/Ann@EXAMPLE.com "${json[@]}" \
		-d '{"note": "a wish", "class": "unsubscribe"}' |
		grep -q '"address":"ann@example.com","suppressed":true,"class":"unsubscribe"'
	run -1 nixie check ann@example.com
	ask 200 GET /v1/suppressions/ann@example.com | grep -q '"note":"a wish"'
	ask 400 PUT /v1/suppressions/ann@example.com "${json[@]}" \
		-d '{"note": "x", "reason": "unheard-of"}' | grep -q '"field":"reason"'
	ask 200 DELETE '/v1/suppressions/ann@example.com?class=hard&note=no' |
		grep -q '"released":\[\],"left":\[{"address":"ann@example.com"'
	ask 200 DELETE '/v1/suppressions/ann@example.com?class=unsubscribe&note=no' |
		grep -q '"left":\[\]'
	ask 404 GET /v1/suppressions/ann@example.com
	ask 404 DELETE '/v1/suppressions/ann@example.com?class=unsubscribe&note=no'
	grep -q 'event=http method=PUT path=/v1/suppressions/{} address=a\*\*\*@example.com .*status=200' log
	finish
}

@test "many addresses are answered in their order, and what is none in its place" {
	nixie suppress --note x bob@example.com
	configure
	start
	ask 200 POST /v1/check "${json[@]}" \
		-d '{"addresses": ["ann@example.com", "ann", "BOB@example.com"]}' >answer
	[[ $(cat answer) == '{"results":[{"address":"ann@example.com","suppressed":false,'*'},{"address":"ann","error":"not an address"},{"address":"bob@example.com","suppressed":true,"class":"manual",'* ]]
	run -0 nixie report blocked
	[[ $output != *bob@example.com* ]]
	ask 200 POST /v1/check "${json[@]}" \
		-d '{"addresses": ["bob@example.com", "ann@example.com"], "attempt": true}'
	run -0 nixie report blocked
	[[ $output == *bob@example.com*http* && $output != *ann@example.com* ]]
	finish
}

@test "a message is recorded before it is answered, and counts once" {
	configure
	start
	bounce ann@example.com >report
	ask 200 POST '/v1/messages?recipient=bounces@example.org&sender=' \
		"${mail[@]}" --data-binary @report |
		grep -q '{"known":false,"events":1,"suppressed":1,'
	run -1 nixie check ann@example.com
	ask 200 POST '/v1/messages?recipient=bounces@example.org&sender=' \
		"${mail[@]}" --data-binary @report |
		grep -q '{"known":true,"events":0,'
	ask 200 POST /v1/delivered "${json[@]}" \
		-d '{"addresses": ["ann@example.com", "bob@example.com"]}' |
		grep -qx '{"changed":1}'
	run -0 nixie check ann@example.com
	finish
}

@test "of a large message as much is kept as by other ways, and size bounds it" {
	configure
	start
	head -c 1500000 /dev/zero | tr '\0' x | fold -w 70 >large
	ask 413 POST /v1/check "${json[@]}" --data-binary @large
	{
		bounce ann@example.com
		cat large
	} >report
	nixie deliver --sender '' --recipient bounces@example.org <report
	ask 200 POST '/v1/messages?recipient=bounces@example.org&sender=' \
		"${mail[@]}" --data-binary @report |
		grep -q '{"known":true,"events":0,'
	ask 200 POST '/v1/messages?recipient=bounces@example.org&sender=' \
		"${mail[@]}" -H 'Transfer-Encoding: chunked' --data-binary @report |
		grep -q '{"known":true,"events":0,'
	configure 'limits: { size: 1500000 }'
	reload 'done'
	ask 413 POST /v1/messages "${mail[@]}" --data-binary @report
	ask 413 POST /v1/messages "${mail[@]}" -H 'Transfer-Encoding: chunked' \
		--data-binary @report
	finish
}

@test "a store that is away is told as such, and so is one that is back" {
	configure
	start
	ask 200 GET /readyz
	mv store elsewhere
	ask 503 GET /readyz
	ask 503 PUT /v1/suppressions/ann@example.com "${json[@]}" \
		-d '{"note": "x"}' -D head
	grep -qi '^retry-after: [1-9]' head
	ask 503 GET /v1/suppressions/ann@example.com
	ask 200 GET /healthz
	mv elsewhere store
	until_true "$SERVE" ask 404 GET /v1/suppressions/ann@example.com
	ask 200 GET /readyz
	finish
}

@test "a token may what its scope says; files are read again, all or none" {
	read_secret=$("$NIXIE" token-file new --scope read reader r.token)
	write_secret=$("$NIXIE" token-file new --scope write shop w.token)
	run -2 "$NIXIE" token-file new --scope read reader r.token
	[[ $output == *"r.token: File exists" ]]
	configure '  - listen: 127.0.0.1:0' "    tokens: [$PWD/r.token, $PWD/w.token]"
	start_tcp
	tcp() {
		local secret=$1
		shift
		curl -sS -o body -w '%{http_code}' -H "Authorization: Bearer $secret" \
			"$@"
	}
	at=http://127.0.0.1:$TCP/v1/suppressions/ann@example.com
	put=(-X PUT "${json[@]}" -d '{"note": "x"}')
	[ "$(curl -sS -o body -D head -w '%{http_code}' "$at")" = 401 ]
	grep -qi '^www-authenticate: Bearer' head
	[ "$(tcp wrong "$at")" = 401 ]
	[ "$(tcp "$read_secret" "$at")" = 404 ]
	[ "$(tcp "$read_secret" "${put[@]}" "$at")" = 403 ]
	[ "$(tcp "$write_secret" "${put[@]}" "$at")" = 200 ]
	grep -q 'event=http method=PUT .* token=shop status=200' log
	rm r.token
	reload 'failed'
	grep -q "r.token: No such file" log
	[ "$(tcp "$read_secret" "$at")" = 200 ]
	new_secret=$("$NIXIE" token-file new --scope read reader r.token)
	reload 'done'
	[ "$(tcp "$read_secret" "$at")" = 401 ]
	[ "$(tcp "$new_secret" "$at")" = 200 ]
	finish
}

@test "an address that is not of this host is taken with tokens alone" {
	configure '  - listen: 192.0.2.1:8025'
	run -4 "$NIXIE" config check --config nixie.yaml
	[[ $output == *"nixie.yaml:9:"*"192.0.2.1:8025: not a loopback address (127.0.0.1 or [::1]): who asks from elsewhere must show one of its tokens" ]]
	configure '  - listen: 192.0.2.1:8025' '    tokens: [/etc/nixie/shop.token]'
	run -0 "$NIXIE" config check --config nixie.yaml
}

@test "a page in a browser is refused where there are no tokens" {
	configure '  - listen: 127.0.0.1:0'
	start_tcp
	ask 403 GET /v1/suppressions/ann@example.com -H 'Origin: https://example.com'
	[ "$(curl -sS -o body -w '%{http_code}' -H 'Host: example.com' \
		"http://127.0.0.1:$TCP/healthz")" = 403 ]
	[ "$(curl -sS -o body -w '%{http_code}' \
		"http://127.0.0.1:$TCP/healthz")" = 200 ]
	finish
}
