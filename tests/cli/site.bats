#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

# site_rule WORD: a rule that takes it for spam.
site_rule() {
	printf '%s\n' 'rules:' '  - id: site/own' "    when: { text: '$1' }" \
		'    reason: spam-content' "    examples: ['550 5.1.1 $1']"
}

@test "a site rule decides before the shipped ones" {
	mkdir site
	site_rule 'user unknown' >site/own.yaml
	bounce gone@example.com >a.eml
	run -0 nixie classify --rules-site site a.eml
	[[ $output == *soft*spam-content* ]]
	run -0 nixie explain --rules-site site a.eml
	[[ $output == *site/own*site/own.yaml:2* ]]
	run -0 nixie rules check --rules-site site
}

@test "the configuration may name the site rules, and an option none" {
	mkdir site
	site_rule 'user unknown' >site/own.yaml
	echo "site_rules: $PWD/site" >nixie.yaml
	bounce gone@example.com >a.eml
	run -0 nixie classify --config nixie.yaml a.eml
	[[ $output == *spam-content* ]]
	run -0 nixie classify --config nixie.yaml --rules-site '' a.eml
	[[ $output == *unknown-user* ]]
}

@test "a broken site rule is named with its place; deliver waits" {
	mkdir site
	site_rule '(' >site/own.yaml
	run -4 --separate-stderr nixie rules check --rules-site site
	[[ $stderr == *site/own.yaml:3:19:* ]]
	bounce gone@example.com >a.eml
	run -75 nixie deliver --rules-site site <a.eml
	[[ $output == *own.yaml:3:19:* ]]
}

@test "a disabled rule is gone, one that is not there is told by the check" {
	mkdir site
	echo 'disable: [status/5.1.1, status/9.9.9]' >site/off.yaml
	bounce gone@example.com 5.1.1 '550 5.1.1 x' >a.eml
	run -0 nixie classify --json --rules-site site a.eml
	[[ $output != *'"status/5.1.1"'* ]]
	run -4 --separate-stderr nixie rules check --rules-site site
	[[ $stderr == *off.yaml:1:25:*9.9.9* ]]
}

@test "old names count, and what to write instead is told once each" {
	mkdir -p site/providers
	echo 'disable: [text/blocklist/asked-wrongly]' >site/uncommon.yaml
	site_rule 'user unknown' >site/providers/google-hosts.yaml
	run -0 --separate-stderr nixie rules check --rules-site site
	# shellcheck disable=SC2154 # set by run
	((${#stderr_lines[@]} == 3))
	[[ ${stderr_lines[0]} == *site/providers/google-hosts.yaml:1:1:*providers/google.yaml ]]
	[[ ${stderr_lines[1]} == *site/uncommon.yaml:1:1:*text.yaml ]]
	[[ ${stderr_lines[2]} == *site/uncommon.yaml:1:11:*'write blocklist/asked-wrongly' ]]
	run -0 --separate-stderr nixie rules list --rules-site site
	[[ $output != *blocklist/asked-wrongly* && $output == *site/own* ]]
	bounce gone@example.com >a.eml
	run -0 --separate-stderr nixie deliver --rules-site site <a.eml
	[[ -z $stderr ]]
}

@test "a shipped file is asked in the order of the list, or refused" {
	cp -r "$RULES" rules
	chmod -R u+w rules
	site_rule 'purple' >rules/purple.yaml
	run -4 --separate-stderr nixie rules check --rules rules
	[[ $stderr == *rules/purple.yaml:*order.yaml* ]]
	echo '  - purple.yaml' >>rules/order.yaml
	run -0 nixie rules check --rules rules
	rm rules/purple.yaml
	run -4 --separate-stderr nixie rules check --rules rules
	[[ $stderr == *rules/order.yaml:*purple.yaml* ]]
}
