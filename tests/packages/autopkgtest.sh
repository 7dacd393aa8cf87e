#!/bin/bash
# SPDX-License-Identifier: MIT
# Debian's own runner, autopkgtest, with the tests that the source package declares: on a clean Debian, in a folder.
# It is told that the folder is machine enough: what the tests make, they make in network namespaces.
# Needs root, `scripts/setup package`, the packages in $B/deb (make deb).
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/packages/root.sh

check "a clean Debian" base_root
[ $failed = 0 ] || { ended; exit 1; }
check "apt there has a network" root_upon testbed
runs() {
	timeout 600 autopkgtest --ignore-restrictions=isolation-machine --summary-file="$D/summary" \
		"$B"/deb/*.changes -- chroot "$D/testbed" >"$D/log" 2>&1
}
check "autopkgtest" runs
tail -n 60 "$D/log" | sed 's/^/# /'
for t in handoff commands; do
	check "$t" grep -qE "^$t +PASS" "$D/summary"
done
check "it lost nothing" grep -qE "ok [0-9]+ all that the node sent arrived, once and in order" "$D/log"
ended
