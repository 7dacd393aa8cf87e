#!/bin/bash
# SPDX-License-Identifier: MIT
# The AppArmor profiles.  This kernel enforces none, so they are compiled, and what the daemons ask of the kernel in the
# tests of tests/netns, by strace, is held against what the parser has understood.  (Not against it: capabilities.)
# Needs root, `scripts/setup package`, a build in $B.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

PROFILES=packaging/apparmor
mkdir "$D/programs" "$D/traces" "$D/tmp"
B=$(realpath "$B")
for p in mipclientd mipagentd; do
	cat >"$D/programs/$p" <<-END
		#!/bin/sh
		exec strace -D -ff -y -qq -e signal=none -e trace=%file,socket,bind,connect,sendto,sendmsg \\
			-o $D/traces/$p.\$\$.\$(od -An -N4 -tx4 /dev/urandom | tr -d ' ') $B/$p "\$@"
	END
	chmod +x "$D/programs/$p"
done
ln -s "$B"/{mipclient,mipagent,stream} "$D/programs/"
understood() { apparmor_parser -Q -K -d "$1" >"$2" 2>"$D/err" || { cat "$D/err"; return 1; }; } # PROFILE FILE
suffices() { tests/packages/apparmor.py "$D/$1.rules" "$D/" "$D/traces/$1."*; } # PROGRAM
for p in mipclientd mipagentd; do
	check "$p: the profile compiles" apparmor_parser -Q -K "$PROFILES/usr.sbin.$p"
	check "$p: understood" understood "$PROFILES/usr.sbin.$p" "$D/$p.rules"
done
# Usual paths, hooks, hostapd, restarts, foreign agents.  Traced they are slow: what they judge is theirs.
to_its_end() { TMPDIR=$D/tmp B=$D/programs timeout 300 "tests/netns/$1.sh" 2>&1 | grep -E '^[0-9]+ passed, [0-9]+ failed$'; }
for t in laptop hooks hostapd survive roamed; do
	check "tests/netns/$t.sh, traced" to_its_end $t
done
for p in mipclientd mipagentd; do
	check "$p: the profile has all that it asked for" suffices $p
	[ $failed -gt 0 ] || complain
done
# Each of these is needed: without it something is refused.
lacks() { # PROGRAM RULE
	grep -vF "$2" "$PROFILES/usr.sbin.$1" >"$D/lacking" && ! cmp -s "$D/lacking" "$PROFILES/usr.sbin.$1" &&
		understood "$D/lacking" "$D/lacking.rules" &&
		not tests/packages/apparmor.py "$D/lacking.rules" "$D/" "$D/traces/$1."*
}
for rule in /dev/net/tun "/etc/mip/** r" "{run}/mip/*" "/var/lib/mip/*" conf/ "network packet" "network inet raw" "network unix stream"; do
	for p in mipclientd mipagentd; do
		check "$p: $rule is needed" lacks $p "$rule"
	done
done
check "mipclientd: the supplicant's folder is needed" lacks mipclientd "wpa_supplicant/*"
check "mipclientd: programs for hooks are needed" lacks mipclientd "bin/*"
ended
