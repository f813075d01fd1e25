# SPDX-License-Identifier: ISC
# A root directory of its own for an MTA that is unpacked and not installed:
# its files, the libraries of its programs, a shell, and the users it wants.
# For bats files to load after daemon.bash.

FIRST_USER=5001
# shellcheck disable=SC2034 # for those who load it
ASK_GROUP=6001 # nixie-ask

# root_add PROGRAM: a program of the system, at the same place below $ROOT.
root_add() {
	install -D "$1" "$ROOT$1"
	root_libraries "$1"
}

# root_libraries PROGRAM: what it is linked with.
root_libraries() {
	local file
	while read -r file; do
		[ -e "$ROOT$file" ] || install -D "$file" "$ROOT$file"
	done < <(ldd "$1" 2>/dev/null | grep -o '/[^ ]*')
}

# root_add_program PROGRAM PATH: one of ours, where contrib/ says it is. One that
# is built with a sanitizer looks for its options in /proc, and there must be a
# /proc to find leaks.
root_add_program() {
	install -D "$1" "$ROOT$2"
	root_libraries "$1"
	mkdir -p "$ROOT/proc/self"
	ln -sfn "$2" "$ROOT/proc/self/exe"
	printf 'ASAN_OPTIONS=detect_leaks=0\0' >"$ROOT/proc/self/environ"
}

# root_make PACKAGE USER...: $ROOT with the package, and the users.
root_make() {
	local number=$((FIRST_USER - 1)) name program
	ROOT=$T/root
	[ -e "$MTAS/$1/.whole" ] || {
		echo "$1 is missing: tests/integration/unpack $MTAS" >&2
		return 1
	}
	cp -a "$MTAS/$1" "$ROOT"
	shift
	chmod 755 "$ROOT"
	mkdir -p "$ROOT"/{dev,etc,tmp,run,var/run,var/spool,var/log,bin}
	chmod 1777 "$ROOT/tmp"
	install -d -o "$NIXIE_USER" "$ROOT/run/nixie" "$ROOT/var/lib/nixie"
	# shellcheck disable=SC2034 # for daemon.bash
	SPOOL=$ROOT/var/lib/nixie/spool
	{ # a file system may have them and not open them
		mknod -m 666 "$ROOT/dev/null" c 1 3 &&
			mknod -m 666 "$ROOT/dev/urandom" c 1 9 &&
			: >"$ROOT/dev/null"
	} || missing "this machine forbids device files of one's own"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$ROOT/etc/passwd"
	echo 'root:x:0:' >"$ROOT/etc/group"
	for name in "$@"; do
		number=$((number + 1)) # the first is $FIRST_USER
		echo "$name:x:$number:$number::/:/bin/sh" >>"$ROOT/etc/passwd"
		echo "$name:x:$number:" >>"$ROOT/etc/group"
	done
	getent passwd "$NIXIE_USER" >>"$ROOT/etc/passwd"
	getent group nogroup >>"$ROOT/etc/group"
	echo '127.0.0.1 localhost mta.example.test' >"$ROOT/etc/hosts"
	cp /etc/protocols /etc/services "$ROOT/etc" 2>/dev/null || true
	echo 'hosts: files' >"$ROOT/etc/nsswitch.conf"
	root_add /bin/sh
	root_add_program "$NIXIE_PIPE" /usr/local/bin/nixie-pipe
	while read -r program; do
		root_libraries "$program"
	done < <(find "$MTAS" -type f -perm -100)
}
