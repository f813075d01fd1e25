# SPDX-License-Identifier: ISC
# For the bats files to load.

# missing SENTENCE: the machine forbids what this test takes; tests/run-bats
# then does not let the file pass.
missing() {
	skip "missing: $1"
}
