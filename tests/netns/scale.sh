#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/bench in a small form: counts, and no times.  Needs root.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

check "1000 bindings, 200 visitors with and without reverse tunnels, all there, also after a restart; the kernel is left clean" \
	env B="$B" SIZES=1000 VISITORS=200 REVERSE=200 PACKETS=500 OUT="$D/scale.json" tests/bench/scale
check "50 nodes hand off within a second, and lose, double and reorder nothing; 20 without a buffer do lose" \
	env B="$B" SIZES=50 CONTROL=20 OUT="$D/thousand.json" tests/bench/thousand
ended
