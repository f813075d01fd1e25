#!/usr/bin/env bats
# SPDX-License-Identifier: ISC

load helper.bash

@test "docs/rules.md: what it tells to write and to run works as it stands" {
	cp "$TOP/tests/fixtures/delivery/postfix/unknown-user.eml" bounce.eml
	run -0 "$TOP/tests/cli/document" "$TOP/docs/rules.md" "$NIXIE" "$RULES"
	[[ $output == *"commands as told" ]]
}
