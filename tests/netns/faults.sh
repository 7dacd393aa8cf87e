#!/bin/bash
# SPDX-License-Identifier: MIT
# The short form of tests/faults/run: what is likeliest to break, at the steps where it is.
# Needs root, TUN, veth.  B=build folder.  Prints ok / not ok lines, a table, a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
STEPS="granted registered" exec tests/faults/run kill tun allocation day-earlier
