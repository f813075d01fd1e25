#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A real Prometheus asks `nixie serve`, with the configuration and the alert rules
# of contrib/prometheus: prometheus/prometheus.yml, prometheus/nixie.yaml.

bats_require_minimum_version 1.5.0

setup() {
	load ../cli/helper.bash # for its mail
	load daemon.bash
	make_place
	CONTRIB=$BATS_TEST_DIRNAME/../../contrib
}

teardown() {
	tell_why
	[ -z "${PROMETHEUS-}" ] || kill "$PROMETHEUS"
	daemon_stop
	remove_place
}

listens_here() {
	read -r HTTP PROM <<<"$(free_ports 2)"
	{
		printf 'lmtp:\n  - listen: unix:%s/run/lmtp.sock\n' "$T"
		printf 'ask:\n  - listen: unix:%s/run/ask.sock\n' "$T"
		printf '    protocol: socketmap\n'
		printf '  - listen: unix:%s/run/policy.sock\n' "$T"
		printf '    protocol: policy\n'
		printf 'blocked:\n  - listen: unix:%s/run/door.sock\n' "$T"
		printf 'attempts: { within: 0 }\n'
		sed "s/8925/$HTTP/" "$CONTRIB/prometheus/nixie.yaml"
	} >"$T/listen.yaml"
}

# get URL: what is answered, whatever the status.
get() {
	python3 -c 'import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1]).read().decode(), end="")
except urllib.error.HTTPError as error:
    print(error.read().decode(), end="")' "$1"
}

metrics() {
	get "http://127.0.0.1:$HTTP/metrics" >"$T/metrics"
}

# says LINE: /metrics did, when it was asked last.
says() {
	grep -qxF "$1" "$T/metrics" || {
		grep "^${1%%[{ ]*}" "$T/metrics" >&2
		false
	}
}

# counted LINE: the same, asked now.
counted() {
	metrics
	grep -qxF "$1" "$T/metrics"
}

# deliver COUNT: the message on stdin by LMTP, so many, each with a Message-ID of
# its own.
deliver() {
	python3 -c 'import smtplib, sys
text = sys.stdin.read()
smtplib.LMTP.default_port = 0
with smtplib.LMTP(sys.argv[1]) as lmtp:
    for number in range(int(sys.argv[2])):
        one = f"X-Number: {number}\n" + text.replace("@mx.", f"{number}@mx.")
        lmtp.sendmail("", ["bounces@example.org"], one.encode())' \
		"$T/run/lmtp.sock" "$1"
}

# knocks ADDRESS: mail comes to the blocked door, and is refused.
knocks() {
	python3 -c 'import smtplib, sys
smtplib.LMTP.default_port = 0
with smtplib.LMTP(sys.argv[1]) as lmtp:
    try:
        lmtp.sendmail("shop@example.org", sys.argv[2], b"Subject: x\n\nx\n")
    except smtplib.SMTPDataError as refused:
        print(refused)' "$T/run/door.sock" "$1"
}

# asks_policy ADDRESS: what Postfix asks at RCPT.
asks_policy() {
	python3 -c 'import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(b"request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient=" +
             sys.argv[2].encode() + b"\n\n")
print(sock.recv(1000).decode())' "$T/run/policy.sock" "$1"
}

# checks ADDRESS...: all at once, by HTTP.
checks() {
	python3 -c 'import json, sys, urllib.request
request = urllib.request.Request(
    sys.argv[1], json.dumps({"addresses": sys.argv[2:]}).encode(),
    {"Content-Type": "application/json"})
print(urllib.request.urlopen(request).read().decode())' \
		"http://127.0.0.1:$HTTP/v1/check" "$@"
}

# asks MAP ADDRESS: by socketmap.
asks() {
	python3 -c 'import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
text = f"{sys.argv[2]} {sys.argv[3]}".encode()
sock.sendall(b"%d:%s," % (len(text), text))
print(sock.recv(1000).decode())' "$T/run/ask.sock" "$@"
}

# A report that names nobody: it goes into quarantine.
nameless() {
	complaint '' | sed '/^Original-Rcpt-To/d; /^To: $/d'
}

prometheus_starts() {
	mkdir "$T/prometheus"
	cp "$CONTRIB/prometheus/nixie.rules.yml" "$T/prometheus"
	{
		printf 'global: { scrape_interval: 200ms, scrape_timeout: 200ms, '
		printf 'evaluation_interval: 200ms }\n'
		sed "s/8925/$HTTP/" "$CONTRIB/prometheus/prometheus.yml"
	} >"$T/prometheus/prometheus.yml"
	prometheus --config.file="$T/prometheus/prometheus.yml" \
		--storage.tsdb.path="$T/prometheus/data" \
		--web.listen-address="127.0.0.1:$PROM" \
		>"$T/log/prometheus.log" 2>&1 3>&- &
	PROMETHEUS=$!
}

# found QUERY: Prometheus has something that answers it.
found() {
	local answer
	answer=$(promtool query instant "http://127.0.0.1:$PROM" "$1" \
		2>"$T/log/query.log")
	[ -n "$answer" ]
}

@test "the alert rules say what they are to, and no more" {
	promtool check rules "$CONTRIB/prometheus/nixie.rules.yml"
	promtool test rules "$CONTRIB/prometheus/nixie.rules.test.yml"
	promtool check config "$CONTRIB/prometheus/prometheus.yml"
}

@test "Prometheus scrapes; an alert fires when the quarantine grows, and not before" {
	listens_here
	daemon_start
	bounce gone@example.com | deliver 1
	bounce gone@example.com | deliver 1
	complaint angry@example.com | deliver 1
	ordinary | deliver 15
	[[ $(asks access gone@example.com) == *REJECT* ]]
	[[ $(asks check free@example.com) == *NOTFOUND* ]]
	[[ $(asks transport free@example.com) == *NOTFOUND* ]]
	[[ $(asks_policy gone@example.com) == *REJECT* ]]
	[[ $(knocks gone@example.com) == *"suppressed by nixie (hard"* ]]
	get "http://127.0.0.1:$HTTP/v1/suppressions/angry@example.com" >"$T/out"
	checks gone@example.com free@example.com no-address >"$T/out"
	eventually counted 'nixie_suppressions{class="hard"} 1'
	says 'nixie_suppressions{class="complaint"} 1'
	says 'nixie_messages_total{source="lmtp",kind="delivery-report"} 2'
	says 'nixie_duplicates_total 1'
	says 'nixie_verdicts_total{class="hard",reason="unknown-user"} 1'
	says 'nixie_verdicts_total{class="complaint",reason="complaint-abuse"} 1'
	says 'nixie_checks_total{via="access",result="suppressed"} 1'
	says 'nixie_checks_total{via="check",result="free"} 1'
	says 'nixie_checks_total{via="transport",result="free"} 1'
	says 'nixie_checks_total{via="policy",result="suppressed"} 1'
	says 'nixie_checks_total{via="door",result="suppressed"} 1'
	says 'nixie_checks_total{via="http",result="suppressed"} 2'
	says 'nixie_checks_total{via="http",result="free"} 1'
	says 'nixie_attempts_total 3'
	says 'nixie_check_duration_seconds_count{via="access"} 1'
	says 'nixie_quarantined_total{why="ordinary"} 15'
	grep -q '^nixie_rule_hits_total{rule="[^"]*"} 1$' "$T/metrics"
	run ! grep -q '@\|example' "$T/metrics"
	promtool check metrics <"$T/metrics"
	sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$T/metrics" | sort >"$T/families"
	sed -n '/^| `/s/^| \([^|]*\)|.*/\1/p' \
		"$CONTRIB/../docs/howto/monitoring.md" |
		grep -o '[a-z_]*_[a-z_]*' | sort | diff - "$T/families"
	"$BATS_TEST_DIRNAME/watched" "$T/metrics" \
		"$CONTRIB/prometheus/nixie.rules.yml" \
		"$CONTRIB/grafana/nixie.json"

	prometheus_starts
	eventually found 'nixie_quarantine_messages{group="ordinary"} == 15 and
		on (job) count_over_time(up{job="nixie"}[1m]) > 5'
	found 'sum(nixie_messages_total) == 18'
	run ! found 'ALERTS{alertname!~"NixieDisk.*"}'
	nameless | deliver 12
	eventually found 'ALERTS{alertname="NixieQuarantineGrows",
		alertstate="firing", severity="warning"}'
	run ! found 'ALERTS{alertname!~"NixieDisk.*|NixieQuarantineGrows"}'
}
