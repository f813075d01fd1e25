#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Every command of docs/howto/housekeeping.md, in its order, on one store that a
# daemon serves.

load helper.bash

HOWTO=$TOP/docs/howto/housekeeping.md
REFUSED="550 5.7.1 Refused today, come again"

# commands: the lines of the howto that begin with "$ ", each behind the exit
# status that it is told to have.
commands() {
	awk '/^    \$ / { if (line) print status, line
	                  line = substr($0, 7); status = 0 }
	     /^    # exits with / { status = $4 }
	     END { print status, line }' "$HOWTO"
}

nixie() {
	local command=$1
	shift
	"$NIXIE" "$command" --config nixie.yaml --rules-site site "$@"
}

# systemctl start|stop nixie
systemctl() {
	if [ "$1" = stop ]; then
		kill "$SERVE" && wait "$SERVE"
		return
	fi
	: >log
	"$NIXIE" serve --config nixie.yaml --rules-site site 2>>log 3>&- &
	SERVE=$!
	until_true "$SERVE" grep -q 'event=start result=ready' log
}

teardown() {
	[ -z "${SERVE-}" ] || kill -9 "$SERVE" 2>/dev/null || :
}

# a_store: a rule that went wrong, a reader who left the newsletter, the streams
# of the howto, and a daemon.
a_store() {
	mkdir site
	printf '%s\n' 'rules:' '  - id: site/hasty' \
		"    when: { text: 'refused today' }" \
		'    reason: unknown-user' \
		"    examples: ['$REFUSED']" >site/hasty.yaml
	{
		printf '%s\n' "store: $STORE" "rules: $RULES" 'workers: 1' \
			"status: $PWD/status.sock" 'lmtp:' \
			"  - listen: unix:$PWD/lmtp.sock"
		sed -n '/^    streams:/,/^$/ s/^    //p' "$HOWTO"
	} >nixie.yaml
	local id=10
	for name in ann carl; do
		bounce $name@example.com 5.7.1 "$REFUSED" $((id += 1)) |
			nixie deliver
	done
	printf '%s\n' 'From: ben@example.com' 'To: leave@example.org' \
		'Subject: unsubscribe' '' 'unsubscribe' |
		nixie deliver -f ben@example.com -r leave@example.org
	systemctl start nixie
}

@test "every command of the howto does what it says" {
	local status wanted line commands=0
	a_store
	mkdir backups
	while read -r wanted line <&4; do
		line=${line//\/var\/backups/backups}
		status=0
		[[ $line != "nixie replay"* ]] || rm -f site/hasty.yaml # mended
		eval "$line" >out 2>err || status=$?
		[ "$status" -eq "$wanted" ] || {
			echo "$line: ended with $status" >&2
			cat out err >&2
			return 1
		}
		((commands += 1))
	done 4< <(commands)
	[ "$commands" -gt 25 ]
	nixie check carl@example.com
}
