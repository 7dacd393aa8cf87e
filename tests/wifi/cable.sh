# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Wi-Fi and a cable, each behind a NAT of its own, the server 20 ms away from both.

moves() { # NAME INTERFACE...: one handoff each
	local name=$1 to
	shift
	for to; do
		mark "$name: walk to $to begins"
		client handoff "$to" > /dev/null || say "$name: no handoff to $to"
		next_handoff "$name"
		pump 1
		mark "$name: walk to $to ends"
	done
}
scenario_cable() {
	nat 1
	routers_only
	cable_in
	by_dhcp mn-cable
	wait_until 10 asks_home
	streams_up cable
	mark "cable: walk to wire0 begins"
	plug_in
	next_handoff "the cable is plugged in"
	pump 1
	mark "cable: walk to wire0 ends"
	moves cable wlan2 wire0 wlan2 wire0 wlan2 wire0 wlan2 wire0
	streams_down
	client handoff preferred > /dev/null
	streams_up pulled
	mark "pulled: walk to wlan2 begins"
	ip -n r3 link set ln0 down
	next_handoff "the cable is pulled"
	pump 1
	mark "pulled: walk to wlan2 ends"
	streams_down
	client status --json > $L/cable.json
	client_down
	no_dhcp
	ip netns del r3
	ip -n net link del r3 2> /dev/null || true
	no_nat 1 $COA1
	agents_at_both
}
