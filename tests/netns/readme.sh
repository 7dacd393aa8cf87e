#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's configuration files, cut out of it, are accepted as they stand.
# B: the build folder.  Needs root for nothing but the key files' owner.
cd "$(dirname "$0")/../.." || exit 2
. tests/netns/lib.sh

awk -v d="$D" '/^```$/ {inside = !inside; if (inside) {n++; name = d "/block" n} next} inside {print > name}' README.md
for k in node5 agent1 agent2; do new_key "$D/$k.key"; done
accepts() { # PROGRAM FIRST-LINE
	"$B/$1" -n -c "$(awk -v line="$2" 'FNR == 1 && $0 == line {print FILENAME; exit}' "$D"/block*)"
}
check "README: the server's file" accepts mipagentd "[Home]"
check "README: the access point's file" accepts mipagentd "[Foreign]"
check "README: the laptop's file" accepts mipclientd "[Node]"
ended
