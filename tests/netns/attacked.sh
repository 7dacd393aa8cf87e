#!/bin/bash
# SPDX-License-Identifier: MIT
# What once worked against the daemons, and one of each kind, while ten nodes hand off: the short form of
# `make attack`, whose checks these are.
# Needs root, python3-scapy.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
export RATE=${RATE:-2000} SECONDS_EACH=${SECONDS_EACH:-1} US_EACH=1000 # so few say little of a processor
export ONLY="advertisements-of-a-lying-host icmp-port-unreachable-of-a-udp-tunnel request-forged order-replayed
	link-request-of-thousands-of-stations tunnel-in-fragments-from-elsewhere"
exec tests/attack/run
