#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is installed is whole, and works where it stands.

load helper.bash

# installed FILE...: prints the path of each below DESTDIR; they are there.
installed() {
	local name
	for name in "$@"; do
		[ -f "$ROOT/$name" ] || {
			echo "$name is not installed" >&2
			return 1
		}
		echo "$ROOT/$name"
	done
}

setup_file() {
	export ROOT=$BATS_FILE_TMPDIR/root
	DESTDIR=$ROOT cmake --install "$(dirname "${NIXIE:?}")" >&2
}

@test "programs, rules, man pages, units" {
	installed usr/local/bin/nixie usr/local/bin/nixie-pipe \
		usr/local/libexec/opensmtpd/filter-nixie \
		usr/local/share/nixie/rules/policy.yaml \
		usr/local/share/nixie/rules/providers/google.yaml \
		usr/local/share/man/man1/nixie.1 \
		usr/local/share/man/man5/nixie.conf.5 \
		usr/local/share/man/man5/nixie-rules.5 \
		usr/local/share/man/man8/nixie-pipe.8 \
		usr/local/share/man/man8/filter-nixie.8 \
		usr/local/lib/systemd/system/nixie.service \
		usr/local/lib/systemd/system/nixie.socket \
		usr/local/lib/systemd/system/nixie-ask.socket \
		usr/local/lib/systemd/system/nixie-blocked.socket \
		usr/local/lib/systemd/system/nixie-http.socket \
		usr/local/lib/sysusers.d/nixie.conf \
		usr/local/share/doc/nixie/openapi.json \
		usr/local/share/doc/nixie/contrib/clients/nixie.py \
		usr/local/share/doc/nixie/contrib/systemd/nixie-http.conf \
		usr/local/share/doc/nixie/howto/postfix.md \
		usr/local/share/doc/nixie/contrib/postfix/lmtp.main.cf
	diff -r "$TOP/rules" "$ROOT/usr/local/share/nixie/rules"
	[ "$(find "$ROOT" -name '*.[0-9]' | wc -l)" -eq \
		"$(find "$TOP/docs/man" -name '*.[0-9]' | wc -l)" ]
}

@test "the configuration that is installed has every key, at its default" {
	local sample=$ROOT/usr/local/share/doc/nixie/nixie.yaml key
	run -0 "$NIXIE" config check --config "$sample" --rules "$TOP/rules"
	sed -E 's/^#([a-z]|  )/\1/' "$sample" >all.yaml
	run -0 "$NIXIE" config check --config all.yaml --rules "$TOP/rules" \
		--rules-site ''
	[ "$(grep -c . all.yaml)" -gt 30 ]
	printf 'x: 1\n' >wrong.yaml
	run -4 "$NIXIE" config check --config wrong.yaml
	for key in $(sed -n 's/.*(known: \(.*\))/\1/p' <<<"$output" | tr -d ,); do
		[ "$key" = scope ] || grep -q "^$key:" all.yaml
	done
}

@test "what the installed README names is there" {
	local doc=$ROOT/usr/local/share/doc/nixie name
	run -1 grep docs/ "$doc/README.md"
	run -0 grep -oE "\`[a-zA-Z-]+[.](md|yaml)\`" "$doc/README.md"
	[ "${#lines[@]}" -gt 6 ]
	for name in "${lines[@]//[^a-zA-Z.-]/}"; do
		[ "$name" = nixie.yaml ] || [ -f "$doc/$name" ]
	done
}

@test "nothing that is installed is for its owner only" {
	[ -z "$(find "$ROOT/usr" ! -perm -444)" ]
	[ -z "$(find "$ROOT/usr" -type d ! -perm -111)" ]
	[ -z "$(find "$ROOT/usr" -perm /7022)" ]
}

@test "the unit starts what was installed" {
	local program
	program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' \
		"$ROOT/usr/local/lib/systemd/system/nixie.service")
	[ "$program" = /usr/local/bin/nixie ]
	"$ROOT$program" --version
}

@test "an installed program finds its rules, and reads no others" {
	local rules=$ROOT/usr/local/share/nixie/rules
	local program=$ROOT/usr/local/bin/nixie
	bounce gone@example.com >mail
	run -0 "$program" classify --json mail
	[ "$(member reason)" = '"unknown-user"' ]
	"$program" deliver --store "$STORE" <mail
	run -1 "$program" check --store "$STORE" gone@example.com
	cp "$rules/policy.yaml" kept
	echo 'nonsense: 1' >>"$rules/policy.yaml"
	run -4 "$program" config check
	[[ $output == *"$rules/policy.yaml:"*"unknown key"* ]]
	cp kept "$rules/policy.yaml"
}
