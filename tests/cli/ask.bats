#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail servers ask the daemon about addresses.

load helper.bash
load daemon.bash

# configure LINE...: nixie.yaml of the test, with these lines behind.
configure() {
	{
		printf '%s\n' "store: $STORE" "rules: $RULES" \
			"status: $BATS_TEST_TMPDIR/status.sock" 'workers: 1' \
			'lmtp:' "  - listen: unix:$BATS_TEST_TMPDIR/lmtp.sock"
		printf '%s\n' "$@"
	} >nixie.yaml
}

# asks [KEY: VALUE]...: the three protocols, with these keys for the socketmap.
asks() {
	configure 'ask:' \
		"  - listen: unix:$BATS_TEST_TMPDIR/ask.sock" \
		'    protocol: socketmap' "${@/#/    }" \
		"  - { listen: 'unix:$BATS_TEST_TMPDIR/policy.sock', protocol: policy }" \
		"  - { listen: '127.0.0.1:0', protocol: tcp_table, map: access }" \
		'streams:' \
		'  news: { kind: bulk, tags: [news], logins: [newsapp] }' \
		'  orders: { kind: transactional, domains: [shop.example] }'
}

# asked MAP KEY: as Postfix asks.
asked() {
	postmap -q "$2" "socketmap:unix:$PWD/ask.sock:$1"
}

# policy NAME=VALUE...: the action.
policy() {
	python3 "$TOP/tests/cli/asking" policy "$PWD/policy.sock" "$@"
}

@test "access, transport and check, for an address and a domain" {
	asks
	start
	nixie suppress gone@example.com @bad.example
	run -0 asked access gone@example.com
	[ "$output" = 'REJECT 5.7.1 suppressed by nixie (manual)' ]
	run -0 asked access GONE@Example.COM.
	[[ $output == REJECT\ * ]]
	run -0 asked access any@bad.example
	[[ $output == REJECT\ * ]]
	run -0 asked access free@example.com
	[ "$output" = DUNNO ]
	run -0 asked transport gone@example.com
	[ "$output" = nixie-blocked:unix:nixie/blocked.sock ]
	run -1 asked transport free@example.com
	[ -z "$output" ]
	run -0 asked check gone@example.com
	[ "$output" = 'manual manual never' ]
	run -1 asked check free@example.com
	finish
}

@test "a bounce is answered with its class, its reason and its end" {
	asks
	start
	nixie deliver < <(bounce gone@example.com)
	run -0 asked access gone@example.com
	[ "$output" = 'REJECT 5.7.1 suppressed by nixie (hard unknown-user)' ]
	run -0 asked check gone@example.com
	[[ $output =~ ^hard\ unknown-user\ 20[0-9-]{8}T[0-9:]{8}Z$ ]]
	finish
}

@test "what is no address is nobody's, and harms nothing" {
	local key
	asks
	start
	nixie suppress gone@example.com
	for key in '*' example.com .example.com gone@ '<>' 'a b@example.com' \
		"$(printf '%0300d' 0)@example.com" @ '"'; do
		run -1 asked transport "$key"
		[ -z "$output" ]
		run -0 asked access "$key"
		[ "$output" = DUNNO ]
	done
	finish
}

@test "a map that there is not is refused, and told once" {
	asks
	start
	run -1 asked nothing gone@example.com
	[[ $output == *"permanent error: there is no such map"* ]]
	run -1 asked nothing gone@example.com
	[ "$(grep -c unknown_map=nothing log)" -eq 1 ]
	finish
}

@test "streams: of a map's name, of a login, of a sender" {
	asks
	start
	nixie suppress --stream news gone@example.com
	run -0 asked access gone@example.com
	[ "$output" = DUNNO ]
	run -0 asked access/news gone@example.com
	[[ $output == REJECT\ * ]]
	run -0 asked access/orders gone@example.com
	[ "$output" = DUNNO ]
	run -0 policy recipient=gone@example.com sasl_username=newsapp
	[[ $output == REJECT\ * ]]
	run -0 policy recipient=gone@example.com sasl_username=other
	[ "$output" = DUNNO ]
	run -0 policy recipient=gone@example.com sender=b+news@example.org
	[[ $output == REJECT\ * ]]
	run -0 policy recipient=gone@example.com sender=a@shop.example
	[ "$output" = DUNNO ]
	nixie suppress gone@example.com
	run -0 policy recipient=gone@example.com sender=a@shop.example
	[[ $output == 'REJECT 5.7.1 suppressed by nixie ('* ]]
	finish
}

# attempts ADDRESS: those that are recorded, as FROM SOURCE QUEUE.
attempts() {
	nixie report blocked | tr -d '"\r' | grep ",$1," |
		awk -F, '{print $8 "/" $10 "/" $9}' | LC_ALL=C sort
}

@test "access and policy at RCPT count an attempt, the others look" {
	asks
	start
	nixie suppress gone@example.com
	for _ in 1 2 3; do
		asked access gone@example.com
		asked transport gone@example.com
		asked check gone@example.com
		policy recipient=gone@example.com instance=a.1 \
			sender=news@example.org queue_id=4XyZ
		policy recipient=GONE@example.com instance=a.2
		policy recipient=gone@example.com instance=a.3 \
			protocol_state=DATA
	done
	policy recipient=free@example.com instance=a.1
	finish
	run -0 attempts gone@example.com
	[ "$output" = $'/access/\n/policy/\nnews@example.org/policy/4XyZ' ]
	[ "$(nixie report blocked | wc -l)" -eq 4 ]
}

# knows COUNT: so many have a standing by what the daemon has in memory.
knows() {
	asked check free@example.com || :
	"$NIXIE" status --config nixie.yaml | grep -qx "known  *$1"
}

@test "what others commit is in the next answer, also of who was free" {
	local i
	asks
	start
	seq -f 'u%.0f@example.com' 20000 | nixie suppress - >suppressed
	until_true "$SERVE" knows 20000
	for i in {1..10}; do
		run -1 asked check "next$i@example.com"
		nixie suppress "next$i@example.com"
		run -0 asked check "next$i@example.com"
		nixie release --class manual "next$i@example.com"
		run -1 asked check "next$i@example.com"
	done
	run -0 asked access u7@example.com
	finish
}

@test "postmap -q and nixie check say the same of each key" {
	run -0 env NIXIE="$NIXIE" RULES="$RULES" "$TOP/tests/long/agree" 600 1
	[[ $output == *'"failures": []'* ]]
}

@test "tcp_table" {
	local port
	asks
	start
	port=$(sed -n 's/.*ask=127.0.0.1:\([0-9]*\).*/\1/p' log)
	nixie suppress 'gone%20@example.com'
	run -0 postmap -q 'gone%20@example.com' "tcp:127.0.0.1:$port"
	[[ $output == REJECT\ * ]]
	run -0 postmap -q free@example.com "tcp:127.0.0.1:$port"
	[ "$output" = DUNNO ]
	finish
}

@test "SIGHUP: sockets come and go, and a connection that is kept knows" {
	asks
	start
	nixie suppress gone@example.com
	mkfifo questions
	python3 "$TOP/tests/cli/asking" map "$PWD/ask.sock" transport \
		<questions >answers 3>&- &
	local client=$!
	exec 7>questions
	echo gone@example.com >&7
	until_true $client grep -qx nixie-blocked:unix:nixie/blocked.sock \
		answers
	asks 'transport: error:5.7.1'
	reload 'done'
	echo gone@example.com >&7
	until_true $client grep -qx error:5.7.1 answers
	configure
	reload 'done'
	[ ! -e ask.sock ]
	echo free@example.com >&7
	exec 7>&-
	wait $client
	finish
}

# trouble: the replies to a question about gone@, on each socket.
trouble() {
	local port
	port=$(sed -n 's/.*ask=127.0.0.1:\([0-9]*\).*/\1/p' log)
	python3 "$TOP/tests/cli/asking" map "$PWD/ask.sock" access \
		<<<gone@example.com
	python3 "$TOP/tests/cli/asking" map "$PWD/ask.sock" transport \
		<<<gone@example.com
	python3 "$TOP/tests/cli/asking" map "$PWD/ask.sock" check \
		<<<gone@example.com
	policy recipient=gone@example.com
	postmap -q gone@example.com "tcp:127.0.0.1:$port" 2>&1 || :
}

# is_answered REPLY: to the first of them.
is_answered() {
	[ "$(trouble | head -n 1)" = "$1" ]
}

@test "a store that is away is trouble at once, and none when it is back" {
	local refused='REJECT 5.7.1 suppressed by nixie (manual)'
	asks
	start
	nixie suppress gone@example.com
	run -0 trouble
	[ "${lines[0]}" = "$refused" ]
	mv "$STORE" away
	until_true "$SERVE" grep -q 'event=ask store=away' log
	run -0 trouble
	[[ ${lines[0]} == TEMP\ * ]]
	[[ ${lines[1]} == TEMP\ * ]]
	[[ ${lines[2]} == TEMP\ * ]]
	[[ ${lines[3]} == 'DEFER_IF_PERMIT 4.3.0 '* ]]
	[[ $output == *"query error"* ]]
	mv away "$STORE"
	until_true "$SERVE" is_answered "$refused"
	[ "$(grep -c 'event=ask store=away' log)" -eq 1 ]
	[ "$(grep -c 'event=ask store=back' log)" -eq 1 ]
	finish
}

@test "on_trouble open: without a store mail goes" {
	asks 'on_trouble: open'
	sed -i 's/policy }/policy, on_trouble: open }/' nixie.yaml
	start
	nixie suppress gone@example.com
	mv "$STORE" away
	run -0 trouble
	[ "${lines[0]}" = DUNNO ]
	[ "${lines[1]}" = - ]
	[[ ${lines[2]} == TEMP\ * ]]
	[ "${lines[3]}" = DUNNO ]
	mv away "$STORE"
	finish
}

@test "an answer is as new as the last commit of anybody" {
	asks
	start
	for _ in 1 2 3 4 5; do
		nixie suppress gone@example.com
		run -0 asked transport gone@example.com
		nixie release --class manual gone@example.com
		run -1 asked transport gone@example.com
	done
	finish
}

@test "a store that was put in the place of the other one is asked" {
	asks
	start
	nixie db backup "$PWD/copy.db"
	nixie suppress gone@example.com
	run -0 asked transport gone@example.com
	nixie db restore --force "$PWD/copy.db"
	until_true "$SERVE" eval '! asked transport gone@example.com'
	run -1 asked transport gone@example.com
	[ -z "$output" ]
	finish
}

# As a service manager hands a socket over.
HANDED=("python3" "$TOP/tests/cli/asking" handed)

@test "sockets that are handed over are what their name says" {
	configure
	start "${HANDED[@]}" ask-policy "$PWD/policy.sock"
	nixie suppress gone@example.com
	run -0 policy recipient=gone@example.com
	[[ $output == REJECT\ * ]]
	finish
	configure 'ask:' "  - { listen: 'unix:$PWD/ask.sock', protocol: socketmap," \
		"      transport: 'error:5.7.1' }"
	start "${HANDED[@]}" ask "$PWD/ask.sock"
	run -0 asked transport gone@example.com
	[ "$output" = error:5.7.1 ]
	configure
	reload 'done'
	run -0 asked transport gone@example.com # it stays
	[ "$output" = nixie-blocked:unix:nixie/blocked.sock ]
	finish
}

# refused_to_start WORDS NAME ADDRESS [MODE]
refused_to_start() {
	local words=$1 ended=0 said
	shift
	said=$("${HANDED[@]}" "$@" "$NIXIE" serve --config nixie.yaml 2>&1) ||
		ended=$?
	[ "$ended" -eq 4 ]
	[[ $said == *"$words"* ]]
}

@test "a socket that everybody could connect to is not served" {
	local name
	configure
	for name in lmtp ask blocked; do
		refused_to_start 'not a loopback address' $name 0.0.0.0:0
		refused_to_start 'not a loopback address' $name '[::]:0'
		refused_to_start 'anybody on this host could connect' \
			$name "$PWD/open.sock" 0666
		refused_to_start 'anybody on this host could connect' \
			$name @nixie-$$-$name
	done
	refused_to_start 'ask-socketmap' ask-nothing "$PWD/some.sock"
}

# outsider [GROUP] COMMAND...: as a user who may not read the store.
outsider() {
	local group=65534
	if [[ $1 == [0-9]* ]]; then
		group=$1
		shift
	fi
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid "$group" --clear-groups "$@"
	else
		"$@"
	fi
}

@test "check: who may not read the store asks the daemon, or is told the group" {
	local group=54321
	[ "$(id -u)" -eq 0 ] || group=$(id -g)
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" \
		"${BATS_TEST_TMPDIR%/*}" 2>/dev/null || :
	asks "group: $group" 'mode: 0660'
	start
	nixie suppress gone@example.com @bad.example
	nixie suppress --stream news nonews@example.com
	asked check gone@example.com # the daemon has it open
	chmod 0 "$STORE"/nixie.db
	local -a check=("$NIXIE" check --config "$PWD/nixie.yaml")
	run -0 outsider "$group" "${check[@]}" free@example.com
	[ "$output" = 'free@example.com  may be mailed' ]
	run -1 outsider "$group" "${check[@]}" Gone@Example.com x@bad.example
	[ "${lines[0]}" = 'gone@example.com  suppressed  manual  for ever' ]
	[ "${lines[1]}" = 'x@bad.example  suppressed  manual  for ever' ]
	run -1 outsider "$group" "${check[@]}" --json --stream news \
		nonews@example.com
	[ "$(member suppressed)" = true ]
	[ "$(member class)" = '"manual"' ]
	run -2 outsider "$group" "${check[@]}" nonsense
	if [ "$(id -u)" -eq 0 ]; then
		run -3 outsider "${check[@]}" free@example.com
		[[ $output == *"may not be read, and"* ]]
		[[ $output == *"ask.sock: no permission: ask as its owner"* ]]
	fi
	finish
	run -3 outsider "$group" "${check[@]}" free@example.com
	[[ $output == *"may not be read, and nixie serve is not running"* ]]
}
