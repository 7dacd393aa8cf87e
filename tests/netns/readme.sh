#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's configuration files, cut out of it, are accepted as they stand.
# B: the build folder.  Needs root for nothing but the key files' owner.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=$(realpath -m "${B:-build}")
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
passed=0 failed=0
awk -v d="$D" '/^```$/ {inside = !inside; if (inside) {n++; name = d "/block" n} next} inside {print > name}' README.md
for k in node5 agent1 agent2; do
	(umask 077; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$D/$k.key")
done
try() { # NAME PROGRAM FIRST-LINE-PATTERN
	local f
	f=$(awk -v line="$3" 'FNR == 1 && $0 == line {print FILENAME; exit}' "$D"/block*)
	if [ -n "$f" ] && "$B/$2" -n -c "$f" > "$D/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) $1"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) $1"
		sed 's/^/# /' "$D/out"
	fi
}
try "README: the server's file" mipagentd "[Home]"
try "README: the access point's file" mipagentd "[Foreign]"
try "README: the laptop's file" mipclientd "[Node]"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
