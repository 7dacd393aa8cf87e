# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Wi-Fi and a cable, each behind a NAT of its own, the server 20 ms away from both.

cable_in() { # a third router, whose network the cable leads to
	host r3
	leg r3 198.18.0.2/24 198.18.0.1
	sysctls r3 ipv4/ip_forward=1
	ip link add ln0 netns r3 type veth peer name wire0 netns mn
	ip -n r3 addr add 10.3.0.1/24 dev ln0
	ip -n r3 link set ln0 up
	ip -n mn addr add 10.3.0.5/24 dev wire0
	in_ns r3 nft -f - <<-X
		table ip nat {
			chain out {
				type nat hook postrouting priority 100
				oifname "up0" masquerade
			}
		}
	X
	{ cat $L/mn.conf; printf '\n[Interfaces]\nprefer = wire0\n'; } > $L/mn-cable.conf
}
plug_in() {
	ip -n mn link set wire0 up
	ip -n mn route replace default via 10.3.0.1 dev wire0 metric 100
}
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
