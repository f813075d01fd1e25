#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

# mondays WORD: the dates on which a newsletter is mailed to a dead mailbox.
mondays() {
	echo "2026-01-05 weekly for 52 times against a dead mailbox $1" |
		nixie policy simulate | sed -n 's/T.* mailed  .*//p' | paste -sd ' '
}

@test "a year of Mondays: who peeks mails 8 times, who asks 7" {
	run -0 mondays peeking
	[ "$output" = "2026-01-05 2026-01-12 2026-01-19 2026-01-26 2026-02-09 2026-03-02 2026-04-06 2026-07-06" ]
	run -0 mondays asking
	[ "$output" = "2026-01-05 2026-01-12 2026-01-19 2026-01-26 2026-04-06 2026-07-06 2026-12-07" ]
	# peeking is what is meant when nothing is said
	run -0 nixie policy simulate <<<'2026-01-05 weekly for 52 times against a dead mailbox'
	[ "${lines[-1]}" = "mailed 8, refused 44" ]
}

@test "each state is a line: when, what, until when, rung and strikes" {
	cat >events <<-'END'
		# a mailbox that fills up, dies and comes back

		2026-01-05 bounce soft mailbox-full
		+24h bounce soft mailbox-full
		+24h bounce soft mailbox-full
		2026-01-07T10:00 bounce hard unknown-user
		2026-01-07T12:00:00Z attempt
		+1h delivered
		+1h attempt
		+1h complaint
		+1h release
		+1h suppress
	END
	run -0 nixie policy simulate events
	diff -b - <(echo "$output") <<-'END'
		2026-01-05T00:00:00Z  bounce soft mailbox-full           free                        strikes 1
		2026-01-06T00:00:00Z  bounce soft mailbox-full           free                        strikes 2
		2026-01-07T00:00:00Z  bounce soft mailbox-full           until 2026-01-08T00:00:00Z  soft, rung 1 of 3
		2026-01-07T10:00:00Z  bounce hard unknown-user           until 2026-01-08T10:00:00Z  hard, rung 1 of 8
		2026-01-07T12:00:00Z  attempt                   refused  until 2026-01-09T12:00:00Z  hard, rung 2 of 8
		2026-01-07T13:00:00Z  delivered                          free
		2026-01-07T14:00:00Z  attempt                   mailed   free
		2026-01-07T15:00:00Z  complaint                          for ever                    complaint, rung 1 of 1
		2026-01-07T16:00:00Z  release                            free
		2026-01-07T17:00:00Z  suppress                           for ever                    manual, rung 1 of 1
		mailed 1, refused 1
	END
	run -0 nixie policy simulate - <events
	[ "${lines[-1]}" = "mailed 1, refused 1" ]
}

@test "the states as JSON" {
	printf '%s\n' '2026-01-05 bounce hard unknown-user' '+10h attempt' >events
	run -0 nixie policy simulate --json events
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = '{"time":"2026-01-05T00:00:00Z","event":"bounce hard","event_reason":"unknown-user","mail":"","suppressed":true,"class":"hard","reason":"unknown-user","since":"2026-01-05T00:00:00Z","until":"2026-01-06T00:00:00Z","rung":1,"strikes":0,"unconfirmed":0}' ]
	[ "${lines[1]}" = '{"time":"2026-01-05T10:00:00Z","event":"attempt","event_reason":"","mail":"refused","suppressed":true,"class":"hard","reason":"unknown-user","since":"2026-01-05T00:00:00Z","until":"2026-01-07T10:00:00Z","rung":2,"strikes":0,"unconfirmed":0}' ]
}

@test "preset azure by the table: attempts at 10, 30, 60 and 200 h, then silence" {
	cat >events <<-'END'
		2026-01-01 bounce hard
		2026-01-01T10:00 attempt
		2026-01-02T06:00 attempt
		2026-01-03T12:00 attempt
		2026-01-09T08:00 attempt
		2026-01-23T08:00 attempt
		2026-01-23T08:01 bounce hard
	END
	run -0 nixie policy simulate --policy azure events
	[[ ${lines[0]} == *"until 2026-01-02T00:00:00Z  hard, rung 1 of 5" ]]
	[[ ${lines[1]} == *"until 2026-01-03T10:00:00Z  hard, rung 2 of 5" ]]
	[[ ${lines[2]} == *"until 2026-01-06T06:00:00Z  hard, rung 3 of 5" ]]
	[[ ${lines[3]} == *"until 2026-01-10T12:00:00Z  hard, rung 4 of 5" ]]
	[[ ${lines[4]} == *"until 2026-01-23T08:00:00Z  hard, rung 5 of 5" ]]
	[[ ${lines[5]} == *"mailed   free"* ]]
	[[ ${lines[6]} == *"until 2026-01-24T08:01:00Z  hard, rung 1 of 5" ]]
}

@test "what the other presets make of bounces" {
	printf '%s\n' '2026-01-05 bounce hard' '+2h bounce hard' \
		'+12h bounce soft' >events
	run -0 nixie policy simulate --policy strict events
	[[ ${lines[0]} == *"for ever"* ]]
	run -0 nixie policy simulate --policy ses events
	[[ ${lines[1]} == *"until 2026-01-07T02:00:00Z  hard, rung 2 of 5" ]]
	run -0 nixie policy simulate --policy postal events
	[[ ${lines[0]} == *"free"*"strikes 1" ]]
	[[ ${lines[1]} == *"until 2026-02-04T02:00:00Z  hard, rung 1 of 1" ]]
	printf '%s\n' '2026-01-05 bounce hard' '+6d bounce hard' \
		'+6d bounce hard' '+6d bounce hard' '+6d bounce hard' >events
	run -0 nixie policy simulate --policy mailman events
	[[ ${lines[3]} == *"free"*"strikes 4" ]]
	[[ ${lines[4]} == *"for ever"* ]]
	run -0 nixie policy simulate --policy mailman <<-'EVENTS'
		2026-01-05 weekly for 52 times against a dead mailbox
	EVENTS
	[[ ${lines[-1]} == "mailed 5, refused 47" ]]
}

@test "an event that is wrong is told with its line, and ends with 2" {
	printf '%s\n' '2026-01-05 bounce hard' '' '2026-01-06 sneeze' >events
	run -2 --separate-stderr nixie policy simulate events
	[[ $stderr == "nixie policy: events:3: sneeze: not bounce hard"* ]]
	run -2 --separate-stderr nixie policy simulate <<<'2026-01-05 bounce hard moon'
	[[ $stderr == *"stdin:1: moon: undeclared reason" ]]
	printf '%s\n' '2026-01-05 attempt' '2026-01-04 attempt' >events
	run -2 --separate-stderr nixie policy simulate events
	[[ $stderr == *"events:2: 2026-01-04: before what happened last" ]]
	run -2 --separate-stderr nixie policy simulate missing
	[[ $stderr == *missing* ]]
}

@test "what policy show prints says the same as a policy" {
	for name in '' azure mailman postal ses strict; do
		run -0 nixie policy show --policy "$name"
		echo "$output" >shown.yaml
		run -0 nixie policy check shown.yaml
		[ "$output" = "./shown.yaml: all right" ]
		run -0 nixie policy show --policy ./shown.yaml
		diff <(tail -n +2 shown.yaml) <(tail -n +2 <<<"$output")
	done
	run -0 nixie policy show
	[[ $output == "# policy.yaml"* ]]
	[[ $output == *"  ladder: [24h, 48h, 96h, 7d, 14d, 30d, 90d, 180d]"* ]]
	[[ $output == *"  forget_after: 1y"*"  attempt_longest: 14d"*"  attempts_hold: 60d"* ]]
}

@test "policy show tells the terms of reasons, too, and all as JSON" {
	mkdir site
	cp "$RULES/policy.yaml" site
	sed -i 's/^soft:$/&\n  reasons:\n    mailbox-full: { strikes: 5, on_days: 5 }/' \
		site/policy.yaml
	run -0 nixie policy show --rules-site site
	[[ $output == *"  reasons:"*"    mailbox-full:"*"      strikes: 5"* ]]
	echo "$output" >shown.yaml
	run -0 nixie policy check shown.yaml
	run -0 nixie policy show --json --rules-site site
	[ "${#lines[@]}" -eq 7 ]
	[[ ${lines[0]} == '{"policy":"policy.yaml","class":"hard","reason":"","strikes":1,'*'"ladder":[86400,172800,345600,604800,1209600,2592000,7776000,15552000],"climb_on":["attempt","bounce"],"climb_at_most":86400,"forget_after":31536000,"attempt_longest":1209600,"attempts_hold":5184000,"confirm":0,"stream":"all"}' ]]
	[[ ${lines[2]} == *'"class":"soft","reason":"mailbox-full","strikes":5,"on_days":5,'* ]]
	[[ ${lines[3]} == *'"class":"complaint"'*'"ladder":[null]'*'"stream":"domain"}' ]]
	[[ ${lines[4]} == *'"class":"unsubscribe"'*'"stream":"stream"}' ]]
}

@test "the configuration chooses a policy, by name or by path" {
	echo 'policy: azure' >nixie.yaml
	run -0 nixie policy show --config nixie.yaml
	[[ $output == "# azure"* ]]
	nixie policy show --policy strict >mine.yaml
	echo "policy: ./mine.yaml" >nixie.yaml
	bounce gone@example.com | nixie deliver --config nixie.yaml
	run -1 nixie check --json gone@example.com
	[ "$(member until)" = null ]
	run -0 nixie config check --config nixie.yaml
	# that of the administrator is found first
	mkdir -p site/policies
	cp mine.yaml site/policies/azure.yaml
	run -0 nixie policy show --rules-site site --policy azure
	[[ $output == *"  ladder: [forever]"* ]]
}

@test "a policy that is not there or wrong is named, and ends with 4" {
	echo 'policy: azzure' >nixie.yaml
	run -4 --separate-stderr nixie config check --config nixie.yaml
	[[ $stderr == *policies/azzure.yaml* ]]
	run -4 --separate-stderr nixie policy show --policy 'Azure!'
	[[ $stderr == *'policy "Azure!": may only'* ]]
	nixie policy show | sed 's/ladder: \[24h/ladder: [72h/' >wrong.yaml
	run -4 --separate-stderr nixie policy check wrong.yaml
	[ -z "$output" ]
	[[ $stderr == *"wrong.yaml:"*": the ladder falls" ]]
	run -4 --separate-stderr nixie policy check missing.yaml
	[[ $stderr == *missing.yaml* ]]
}

@test "policy check looks at all that have a name" {
	run -0 nixie policy check
	[ "$output" = "policy.yaml: all right
azure: all right
mailman: all right
postal: all right
ses: all right
strict: all right" ]
	mkdir -p site/policies
	echo 'hard: { ladder: [24h] }' >site/policies/own.yaml
	run -4 --separate-stderr nixie policy check --rules-site site
	[[ $stderr == *'policies/own.yaml:1:1: missing key "soft"'* ]]
}

@test "policy wants a verb" {
	run -2 nixie policy
	run -2 nixie policy frobnicate
	run -2 nixie policy show more
	run -2 nixie policy simulate one two
}
