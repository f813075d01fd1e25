#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Rules from the image beside the store judge as those from YAML do.

load helper

# Rules of the test's own, old enough for an image to be kept.
own_rules() {
	cp -r "$RULES" "$BATS_TEST_TMPDIR/rules"
	RULES=$BATS_TEST_TMPDIR/rules
	cp "$NIXIE" "$BATS_TEST_TMPDIR/program"
	NIXIE=$BATS_TEST_TMPDIR/program
}

deliver_until_image() {
	local i
	for i in {1..50}; do
		bounce "user$i@example.com" 5.1.1 "" "$i" | nixie deliver
		[ ! -e "$STORE/rules.image" ] || return 0
		sleep 0.1
	done
	return 1
}

class_of() {
	bounce one@example.com >one.eml
	printf 'store: %s\nrules: %s\n' "$STORE" "$RULES" >nixie.yaml
	"$NIXIE" classify --json --config nixie.yaml one.eml
}

@test "the first deliveries make an image, which is nobody else's" {
	own_rules
	deliver_until_image
	[ "$(stat -c %a "$STORE/rules.image")" = 600 ]
	bounce two@example.com | nixie deliver
	run -1 nixie check two@example.com
}

@test "all mail is read alike with an image and without" {
	own_rules
	deliver_until_image
	printf 'store: %s\nrules: %s\n' "$STORE" "$RULES" >nixie.yaml
	"$NIXIE" classify --json --config nixie.yaml \
		"$TOP/tests/fixtures" >with
	"$NIXIE" classify --json --rules "$RULES" "$TOP/tests/fixtures" >without
	cmp with without
	[ -s with ]
}

# A pointer that nobody told the image of would be another one each time.
@test "two runs of the program make the same image" {
	own_rules
	deliver_until_image
	mv "$STORE/rules.image" first
	deliver_until_image
	cmp first "$STORE/rules.image"
}

@test "a changed rule takes effect at once" {
	own_rules
	deliver_until_image
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	sed -i 's/^\( *reason: \)unknown-user$/\1mailbox-full/' \
		"$RULES/status.yaml" "$RULES"/text.yaml
	run class_of
	[[ $output != *'"reason":"unknown-user"'* ]]
}

@test "a new file and a removed file take effect at once" {
	own_rules
	deliver_until_image
	printf 'rules: [\n' >"$RULES/broken.yaml"
	run -4 class_of
	rm "$RULES/broken.yaml"
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
}

@test "an image that is damaged, or that others may write, is not used" {
	own_rules
	deliver_until_image
	cp "$STORE/rules.image" good
	printf 'x' | dd of="$STORE/rules.image" bs=1 seek=5000 conv=notrunc \
		2>/dev/null
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	cp good "$STORE/rules.image"
	truncate -s 10000 "$STORE/rules.image"
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	: >"$STORE/rules.image"
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	rm "$STORE/rules.image"
	head -c 100000 /dev/urandom >"$STORE/rules.image"
	chmod 666 "$STORE/rules.image"
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	[ "$(stat -c %a "$STORE/rules.image")" = 600 ]
}

@test "another program makes its own image" {
	own_rules
	deliver_until_image
	cp "$STORE/rules.image" first
	cp "$NIXIE" other
	NIXIE=$PWD/other
	rm "$STORE/rules.image"
	deliver_until_image
	run -1 cmp -s first "$STORE/rules.image"
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
}

@test "an image belongs to the owner of the store, whoever made it" {
	own_rules
	[ "$(id -u)" -ne 0 ] || chown 12345 "$STORE"
	deliver_until_image
	[ "$(stat -c %u "$STORE/rules.image")" = "$(stat -c %u "$STORE")" ]
	[ "$(stat -c %a "$STORE/rules.image")" = 600 ]
	[ "$(id -u)" -eq 0 ] || return 0
	# root trusts nobody else's, and leaves it to its owner
	head -c 100000 /dev/urandom >"$STORE/rules.image"
	cp "$STORE/rules.image" first
	[[ $(class_of) == *'"reason":"unknown-user"'* ]]
	cmp first "$STORE/rules.image"
}

@test "what a killed process left of an image is removed" {
	own_rules
	touch -d "1 hour ago" "$STORE/rules.image.1" "$STORE/rules.images"
	touch "$STORE/rules.image.2"
	deliver_until_image
	[ ! -e "$STORE/rules.image.1" ]
	[ -e "$STORE/rules.image.2" ]
	[ -e "$STORE/rules.images" ]
}

@test "commands that read no mail need the policy alone" {
	own_rules
	nixie suppress one@example.com
	printf 'rules: [\n' >"$RULES/broken.yaml"
	run -1 nixie check --attempt one@example.com
	nixie release --class manual one@example.com
	nixie check --attempt one@example.com
	nixie suppress one@example.com
	run -4 nixie suppress --reason unknown-user one@example.com
	printf 'hard: {}\n' >"$RULES/policy.yaml"
	run -4 nixie check --attempt one@example.com
	[[ $output == *policy.yaml:1:1:* ]]
	[ ! -e "$STORE/rules.image" ]
}
