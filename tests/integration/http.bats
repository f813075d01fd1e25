#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Applications ask by HTTP: the clients of contrib/, one that is generated from
# docs/openapi.json, Haraka, nginx, and what docs/howto/http.md says.

bats_require_minimum_version 1.5.0
load daemon.bash

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${MTAS:=$TOP/build/mta}"

# bounce: a report that gone@example.com is unknown.
bounce() {
	cat <<-MAIL
		From: MAILER-DAEMON@mx.example.net
		To: bounces@bounces.test
		Subject: Undelivered Mail Returned to Sender
		Message-ID: <report-1@mx.example.net>
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=delivery-status;
		 boundary="=_b"

		--=_b
		Content-Type: message/delivery-status

		Reporting-MTA: dns; mx.example.net

		Final-Recipient: rfc822; gone@example.com
		Action: failed
		Status: 5.1.1
		Diagnostic-Code: smtp; 550 5.1.1 User unknown

		--=_b--
	MAIL
}

setup() {
	make_place
	MODULES=$TOP/build/npm/node_modules
	read -r PORT OTHER_PORT < <(free_ports 2)
	"$T/bin/nixie" token-file new --scope write shop "$T/shop.token" >"$T/secret"
	chown "$NIXIE_USER" "$T/shop.token"
	SECRET=$(cat "$T/secret")
	cat >"$T/listen.yaml" <<-YAML
		lmtp: [{ listen: 'unix:$T/run/lmtp.sock' }]
		domains: [bounces.test]
		streams: { newsletter: { kind: bulk }, receipts: { kind: transactional } }
		http:
		  - { listen: 'unix:$T/run/open.sock', mode: "0600" }
		  - { listen: 'unix:$T/run/http.sock', tokens: [$T/shop.token], group: nogroup }
		  - { listen: '127.0.0.1:$PORT', tokens: [$T/shop.token] }
	YAML
	bounce >"$T/bounce.eml"
	nixie deliver --sender '' --recipient bounces@bounces.test <"$T/bounce.eml"
	chown -R "$NIXIE_USER" "$T/store"
	daemon_start
}

teardown() {
	tell_why
	[ -z "${SILENT-}" ] || kill "$SILENT"
	[ -z "${HARAKA-}" ] || kill "$HARAKA"
	[ ! -s "$T/nginx.pid" ] || kill "$(cat "$T/nginx.pid")"
	daemon_stop
	remove_place
}

# silent: takes connections at $T/silent.sock, and says nothing.
silent() {
	python3 -c 'import socket, sys
with socket.socket(socket.AF_UNIX) as here:
    here.bind(sys.argv[1])
    here.listen()
    held = []
    while True:
        held.append(here.accept())' "$T/silent.sock" 3>&- &
	SILENT=$!
	eventually [ -S "$T/silent.sock" ]
}

@test "a client that is generated from the document" {
	mkdir "$T/client"
	cd "$T/client"
	ln -s "$MODULES" node_modules
	cp "$TOP/tests/npm/client.ts" .
	echo '{ "type": "module" }' >package.json
	node node_modules/openapi-typescript/bin/cli.js "$TOP/docs/openapi.json" \
		-o openapi.d.ts
	node node_modules/typescript/bin/tsc --strict --noUncheckedIndexedAccess \
		--target es2022 --module nodenext client.ts
	node client.js "http://127.0.0.1:$PORT" "$SECRET"
}

@test "nixie.py and nixie.php, by a socket and by TCP" {
	silent
	local ask=$TOP/tests/integration/ask_http
	python3 "$ask.py" "$TOP/contrib/clients" "unix:$T/run/http.sock" \
		"$SECRET" "$T/silent.sock"
	php "$ask.php" "$TOP/contrib/clients" "tcp://127.0.0.1:$PORT" \
		"$SECRET" "$T/silent.sock"
}

# proxy: nginx as contrib/nginx says, on a port of the test's own.
proxy() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost,DNS:nixie.example.com \
		-keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
	cat >"$T/nginx.conf" <<-CONF
		user $NIXIE_USER nogroup;
		pid $T/nginx.pid;
		error_log $T/log/nginx.log;
		events {}
		http {
			access_log off;
			client_body_temp_path $T/nginx-body;
			proxy_temp_path $T/nginx-proxy;
			fastcgi_temp_path $T/nginx-fastcgi;
			uwsgi_temp_path $T/nginx-uwsgi;
			scgi_temp_path $T/nginx-scgi;
			include $T/site.conf;
		}
	CONF
	adapt nginx/nixie.conf -e "s|/run/nixie|$T/run|" \
		-e "s|listen 443|listen 127.0.0.1:$OTHER_PORT|" \
		-e "s|/etc/ssl/certs/.*\.pem|$T/cert.pem|" \
		-e "s|/etc/ssl/private/.*\.key|$T/key.pem|" >"$T/site.conf"
	"$MTAS/nginx/usr/sbin/nginx" -q -e "$T/log/nginx.log" -c "$T/nginx.conf"
	eventually listens "$OTHER_PORT"
}

@test "from another host, through nginx" {
	silent
	proxy
	local ask=$TOP/tests/integration/ask_http
	python3 "$ask.py" "$TOP/contrib/clients" \
		"https://localhost:$OTHER_PORT" "$SECRET" "$T/silent.sock" \
		"$T/cert.pem"
	php "$ask.php" "$TOP/contrib/clients" "tls://localhost:$OTHER_PORT" \
		"$SECRET" "$T/silent.sock" "$T/cert.pem"
}

# commands FILE: the commands of a howto that begin with curl, one a line, each
# told to print its status behind what it got; those without a token ask where
# none is wanted.
commands() {
	awk '/^    curl / { on = 1 }
		on {
			sub(/^ +/, "")
			on = sub(/\\$/, "")
			printf "%s%s", $0, on ? "" : "\n"
		}' "$1" |
		sed -e "/Authorization/!s|/run/nixie/http.sock|$T/run/open.sock|" \
			-e "s|/run/nixie/|$T/run/|" -e "s|@bounce.eml|@$T/bounce.eml|" \
			-e "s|https://nixie.example.com|&:$OTHER_PORT|" \
			-e "s|^curl|curl -sS -w '\\\\n%{http_code}\\\\n' --cacert $T/cert.pem --resolve nixie.example.com:$OTHER_PORT:127.0.0.1|"
}

@test "the howto's own commands" {
	proxy
	commands "$TOP/docs/howto/http.md" >"$T/commands"
	local line codes=
	while read -r line; do
		echo "$line"
		eval "$line" </dev/null >"$T/out"
		codes+=" $(tail -n 1 "$T/out")"
		cat "$T/out"
	done <"$T/commands"
	[ "$codes" = ' 200 200 200 200 200 200 200 200 200 200 200 200' ]
}

# haraka WORD...: with the plug-in of contrib/ and those lines of nixie.ini.
haraka() {
	local clients=$TOP/contrib/clients/haraka here=$T/haraka
	mkdir -p "$here/config" "$here/plugins"
	cp "$MODULES/Haraka/config/connection.ini" "$here/config"
	cp "$clients/plugins/nixie.js" "$here/plugins"
	cat >"$here/plugins/relays.js" <<-'JS'
		exports.hook_connect = (next, connection) => {
			connection.relaying = true
			next()
		}
		exports.hook_rcpt_ok = exports.hook_rcpt = (next) => next(OK)
	JS
	sed -e "s|^url=.*|url=unix:$T/run/http.sock|" \
		-e "s|^;token_file=.*|token_file=$T/secret|" \
		"$clients/config/nixie.ini" >"$here/config/nixie.ini"
	sed -i "$@" "$here/config/nixie.ini"
	printf '%s\n' nixie relays >"$here/config/plugins"
	printf 'listen=127.0.0.1:%s\nnodes=0\n' "$OTHER_PORT" >"$here/config/smtp.ini"
	echo mail.example.com >"$here/config/me"
	node "$MODULES/Haraka/bin/haraka" -c "$here" >"$T/log/haraka.log" 2>&1 3>&- &
	HARAKA=$!
	eventually listens "$OTHER_PORT"
}

@test "Haraka refuses at RCPT TO who is suppressed" {
	[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ||
		missing "Haraka wants node 20, and this is $(node --version)"
	haraka -e 's/^timeout=.*/timeout=5/'
	run -0 smtp_rcpt "$OTHER_PORT" ann@example.com gone@example.com
	[ "$(codes <<<"$output")" = '250 550' ]
	[[ $output == *'5.7.1 suppressed by nixie (hard unknown-user)'* ]]
	attempted gone@example.com
	daemon_stop
	run -0 smtp_rcpt "$OTHER_PORT" ann@example.com
	[ "$(codes <<<"$output")" = 450 ]
	sed -i 's/^away=.*/away=open/' "$T/haraka/config/nixie.ini"
	kill "$HARAKA"
	wait "$HARAKA" || ended=$?
	[ "$ended" -eq 143 ]
	haraka -e 's/^away=.*/away=open/'
	run -0 smtp_rcpt "$OTHER_PORT" gone@example.com
	[ "$(codes <<<"$output")" = 250 ]
}
