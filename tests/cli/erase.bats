#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A person asks to be forgotten.

load helper.bash

NOW=2026-01-01T12:00:00Z

# store_names TEXT: the files of the store have it somewhere, as it is.
store_names() {
	grep -aqi "$1" "$STORE"/nixie.db*
}

# mailed: a bounce of lily, one of her and of rose together, one of rose that
# says whom else it was sent to, and mail that nobody understands.
mailed() {
	bounce lily@example.com 5.1.1 "550 5.1.1 lily@example.com unknown" 1 |
		nixie deliver --now "$T0" --sender '' \
			--recipient bounces+lily=example.com@example.org
	bounce rose@example.com 5.1.1 \
		"550 5.1.1 forwarded to Lily@Example.com: unknown" 2 |
		nixie deliver --now "$T0"
	printf '%s\n' 'From: someone@example.net' 'To: bounces@example.org' \
		'Subject: A question' 'MIME-Version: 1.0' \
		'Content-Type: text/plain; charset=utf-8' \
		'Content-Transfer-Encoding: base64' '' \
		"$(base64 -w 60 <<<'What became of lily@example.com, who was here?')" |
		nixie deliver --now "$T0"
	ordinary | nixie deliver --now "$T0"
	nixie suppress --now "$T0" --note "asked for by lily@example.com" \
		tom@example.com
}

# originals: how many are kept.
originals() {
	sqlite3 "$STORE/nixie.db" "SELECT count(*) FROM original"
}

@test "a person asks to be forgotten, and is still not mailed" {
	mailed
	nixie check --now "$T0" --attempt lily@example.com || [ $? -eq 1 ]
	store_names lily
	run -0 nixie erase --now "$NOW" lily@example.com
	[[ ${lines[0]} == "lily@example.com  erased: 1 event, 1 attempt, 2 originals, 1 in quarantine, "*" texts of others" ]]
	[[ ${lines[1]} == "  kept: key:"*"  suppressed  hard unknown-user  since 2026-01-01T00:00:00Z until "* ]]
	[[ ${lines[2]} == "  that is needed so that no mail is sent there; --all forgets it too" ]]
	run ! store_names lily
	# what is kept does its work
	run -1 nixie check --now "$NOW" lily@example.com
	run -1 nixie check --now "$NOW" --attempt lily@example.com
	run ! store_names lily
	run -0 nixie list --now "$NOW"
	[[ $output == *"key:"*"  suppressed  hard unknown-user"* ]]
	[[ $output == *"rose@example.com  suppressed"* ]]
	run -0 nixie report suppressions --now "$NOW"
	[[ $output == *'"key:'* ]]
	run -0 nixie show --now "$NOW" lily@example.com
	[[ $output == *"suppressed  hard unknown-user"* ]]
	[[ $output != *"5.1.1"* ]]
	# others have lost only what named her
	run -0 nixie show rose@example.com --now "$NOW"
	[[ $output == *"status         5.1.1"* ]]
	[[ $output != *"forwarded"* ]]
	[ "$(quarantined | wc -l)" -eq 1 ]
	run -0 nixie db verify
	# and a copy that is made later names her no more than the store
	sqlite3 "$STORE/nixie.db" "VACUUM INTO 'copy.db'"
	run ! grep -aqi lily copy.db
}

@test "with --all nothing is kept" {
	mailed
	run -0 nixie erase --now "$NOW" --all lily@example.com
	[[ $output == *"erased: 1 event"* ]]
	[[ $output != *kept* ]]
	run ! store_names lily
	run -0 nixie check --now "$NOW" lily@example.com
	run -0 nixie list --now "$NOW"
	[[ $output != *key:* ]]
	run -0 nixie db verify
}

@test "what was kept can go later" {
	mailed
	nixie erase --now "$NOW" lily@example.com
	run -0 nixie erase --now "$NOW" --all lily@example.com
	[ "$output" = "lily@example.com  erased: 0 events, 0 attempts, 0 originals, 0 in quarantine, 0 texts of others" ]
	run -0 nixie list --now "$NOW"
	[[ $output != *key:* ]]
}

@test "an entry by hand stays without its note" {
	nixie suppress --now "$T0" --note "spoke to her" lily@example.com
	run -0 nixie erase --now "$NOW" lily@example.com
	[[ $output == *"kept: key:"*"manual"*"for ever"* ]]
	run ! store_names "spoke to her"
	run -1 nixie check --now "$NOW" lily@example.com
	# and can be taken back by whoever knows the address
	run -0 nixie release --now "$NOW" --class manual lily@example.com
	run -0 nixie check --now "$NOW" lily@example.com
}

@test "who is reported again is known again" {
	mailed
	nixie erase --now "$NOW" lily@example.com
	bounce lily@example.com 5.1.1 "550 5.1.1 User unknown" 9 |
		nixie deliver --now "$NOW"
	run -0 nixie list --now "$NOW"
	[[ $output == *"lily@example.com  suppressed"* ]]
	run -0 nixie db verify
}

@test "what was recorded of a report is not recorded again" {
	bounce lily@example.com >mail
	nixie deliver --now "$T0" <mail
	nixie erase --now "$T0" --all lily@example.com
	nixie deliver --now "$NOW" <mail
	run -0 nixie check --now "$NOW" lily@example.com
	run ! store_names lily
}

@test "many are forgotten from stdin, and what is no address is said" {
	for who in lily rose tom; do
		bounce $who@example.com 5.1.1 "550 5.1.1 $who" $who |
			nixie deliver --now "$T0"
	done
	run -2 nixie erase --now "$NOW" - <<<$'lily@example.com\nnobody\nTom@Example.com\n@example.com'
	[[ $output == *"lily@example.com  erased: 1 event"* ]]
	[[ $output == *"tom@example.com  erased: 1 event"* ]]
	[[ $output == *"nobody: not an address"* ]]
	[[ $output == *"@example.com: not an address"* ]]
	run ! store_names lily
	run ! store_names tom@
	store_names rose@
	run -0 nixie erase --now "$NOW" unheard.of@example.com
	[[ $output == *"erased: 0 events"* ]]
}

@test "another person is left alone" {
	bounce emily@example.com 5.1.1 "550 5.1.1 emily@example.com" 1 |
		nixie deliver --now "$T0"
	nixie erase --now "$NOW" lily@example.com
	[ "$(originals)" -eq 1 ]
	run -0 nixie show --now "$NOW" emily@example.com
	[[ $output == *"550 5.1.1 emily@example.com"* ]]
}

@test "no original that is left names the address when it is decoded" {
	local encoded=0
	while IFS= read -r text; do
		encoded=$((encoded + 1))
		bounce rose$encoded@example.com 5.1.1 "550 5.1.1 unknown" \
			"$encoded" | sed "s|^Your message could.*|$text|" |
			nixie deliver --now "$T0"
	done <<-'TEXTS'
		lily=40example=2Ecom
		bGlseUBleGFtcGxlLmNvbQ==
		https://example.org/unsubscribe?lily%40example.com
		bounces+lily=example.com@example.org
		nobody that concerns her
	TEXTS
	[ "$(originals)" -eq 5 ]
	run -0 nixie erase --now "$NOW" lily@example.com
	[[ $output == *" 4 originals, "* ]]
	[ "$(originals)" -eq 1 ]
}

@test "a store that is not there is not made" {
	run -3 nixie erase lily@example.com
	[ ! -e "$STORE/nixie.db" ]
}

# exported PYTHON: the expression is true of the document of lily.
exported() {
	nixie subject-export --now "$NOW" Lily@Example.com >export.json
	python3 -c "import base64, json
d = json.load(open('export.json'))
assert $1, d"
}

@test "a person is told all that is stored" {
	mailed
	nixie check --now "$T0" --attempt lily@example.com || [ $? -eq 1 ]
	nixie suppress --now "$T0" --note "she wrote" lily@example.com
	exported "d['address'] == 'lily@example.com'"
	exported "[(s['class'], s['suppressed'], s['note']) for s in d['standings']] == [('manual', True, 'she wrote'), ('hard', True, '')]"
	exported "[h['what'] for h in d['history']] == ['event', 'attempt', 'suppress']"
	exported "d['history'][0]['diagnostic'] == '550 5.1.1 lily@example.com unknown'"
	exported "len(d['originals']) == 2 and len(d['quarantine']) == 1"
	exported "b'Final-Recipient: rfc822; lily@example.com' in base64.b64decode(d['originals'][0]['base64'])"
	exported "d['originals'][0]['recipient'] == 'bounces+lily=example.com@example.org'"
	exported "b'A question' in base64.b64decode(d['quarantine'][0]['base64'])"
	[ "$(wc -l <export.json)" -eq 1 ]
}

@test "of who was erased, what was kept is told" {
	mailed
	nixie erase --now "$NOW" lily@example.com
	exported "[s['class'] for s in d['standings']] == ['hard']"
	exported "d['history'] == d['originals'] == d['quarantine'] == []"
	nixie erase --now "$NOW" --all lily@example.com
	exported "d['standings'] == []"
	run -2 nixie subject-export nobody
	[[ $output == *"nobody: not an address"* ]]
}

@test "what was done to many forgets who is forgotten" {
	bounce lily@example.com | nixie deliver --now "$T0"
	run -0 nixie release --now 2026-01-01T01:00:00Z \
		--where 'domain=example.com since=1d'
	[[ ${lines[-1]} == "1 freed, "* ]]
	run -0 nixie erase --now "$NOW" lily@example.com
	run ! store_names lily
	[ "$(sqlite3 "$STORE/nixie.db" "SELECT (SELECT count(*) FROM tombstone) + (SELECT count(*) FROM act_standing)")" -eq 0 ]
	run -0 nixie undo --now "$NOW" 1
	run -0 nixie check --now "$NOW" lily@example.com
	run -0 nixie db verify
}
