#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # stderr is set by run

load helper.bash

# 5.7.1 with words that name a bad address: hard for us, soft for Azure.
refusal() {
	bounce gone@example.com 5.7.1 '550 5.7.1 User unknown'
}

@test "a profile replaces the verdict, and only when it is asked for" {
	refusal >a.eml
	run -0 nixie classify a.eml
	[[ $output == *hard*unknown-user* ]]
	run -0 nixie classify --profile azure-acs a.eml
	[[ $output == *soft*policy* ]]
	run -0 nixie explain --profile azure-acs a.eml
	[[ $output == *profile/azure-acs/5.7.1*azure-acs.yaml:* ]]
}

@test "the configuration may name a profile" {
	refusal >a.eml
	echo 'profile: azure-acs' >nixie.yaml
	run -0 nixie classify --config nixie.yaml a.eml
	[[ $output == *soft*policy* ]]
	run -0 nixie classify --config nixie.yaml --profile '' a.eml
	[[ $output == *hard* ]]
}

@test "deliver and ingest judge by the profile" {
	refusal | nixie deliver --profile azure-acs
	run -0 nixie check gone@example.com
	refusal >a.eml
	rm -r "$STORE"
	run -0 nixie ingest --profile azure-acs a.eml
	run -0 nixie check gone@example.com
	bounce gone@example.com 5.4.6 '554 5.4.6 Loop' 2 |
		nixie deliver --profile azure-acs
	run -1 nixie check gone@example.com
}

@test "a profile of the administrator's own is found first" {
	mkdir -p site/profiles
	printf '%s\n' 'profile: azure-acs' 'status:' \
		'  - { code: 5.7.1, reason: virus, class: none }' \
		>site/profiles/azure-acs.yaml
	refusal >a.eml
	run -0 nixie classify --rules-site site --profile azure-acs a.eml
	[[ $output == *none*virus* ]]
}

@test "a profile that is not there is named, and ends with 4" {
	refusal >a.eml
	run -4 --separate-stderr nixie classify --profile azzure a.eml
	[[ $stderr == *profiles/azzure.yaml* ]]
	run -4 --separate-stderr nixie classify --profile ../text a.eml
	[[ $stderr == *'../text'* ]]
}

@test "rules check checks the profiles too" {
	run -0 nixie rules check
	[[ $output == *"1 profile"* ]]
	mkdir -p site/profiles
	printf '%s\n' 'profile: own' 'status:' '  - { code: 5.7.1 }' \
		>site/profiles/own.yaml
	run -4 --separate-stderr nixie rules check --rules-site site
	[[ $stderr == *own.yaml:3:5:* ]]
}
