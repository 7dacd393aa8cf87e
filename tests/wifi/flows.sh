# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Handoffs by order, one after another: what each flow of mip-buffer(7) promises.

go_to() { # BSSID WHAT: orders a handoff there, and waits for its end
	mark "$SCENARIO: to $2"
	client handoff "$1" > /dev/null
	next_handoff "$SCENARIO, $2"
}
both_in_sight() {
	signal 1 -50
	signal 2 -50
}
reconfigured() { # HOST CONFIGURATION
	stop "$1"
	agent_up "$1" "$2"
}

# Agent 2 knows only RFC 5944; agent 1 knows it as its neighbour.
scenario_forward_by_node() {
	{
		cat $L/r1.conf
		printf '\n[Neighbour %s]\naddress = 10.2.0.1\nmac = %s\nbssid = %s\n' $COA2 $BSSID2 $BSSID2
	} > $L/r1-neighbour.conf
	{
		cat $L/r2.conf
		printf '\n[Buffer]\nenabled = no\n'
	} > $L/r2-plain.conf
	reconfigured r1 r1-neighbour
	reconfigured r2 r2-plain
	both_in_sight
	client_up
	streams_up "$SCENARIO"
	go_to $BSSID2 2
	pump 3
	streams_down
	client_down
	reconfigured r1 r1
	reconfigured r2 r2
}

# Forwarding does not wait for the home agent, however far away it is.
scenario_early() {
	local ms
	agent_with r1 '[Buffer]\nearly-forward = yes'
	agent_with r2 '[Buffer]\nearly-forward = yes'
	sed 's/^enabled = yes/&\nforward = early/' $L/mn.conf > $L/mn-early.conf
	both_in_sight
	client_up mn-early
	streams_up "$SCENARIO"
	for ms in 10 200; do
		away ha $ms
		pump 2
		go_to $BSSID2 2
		pump 2
		go_to $BSSID1 1
		pump 2
	done
	streams_down
	client_down
	away ha 10
	as_they_were
}

# Back before the lease of the handoff before is over, four times.
scenario_ping_pong() {
	both_in_sight
	client_up
	streams_up "$SCENARIO"
	go_to $BSSID2 2
	go_to $BSSID1 1
	go_to $BSSID2 2
	go_to $BSSID1 1
	pump 2
	streams_down
	agent r1 status --json > "$L/$SCENARIO-r1.json"
	agent r2 status --json > "$L/$SCENARIO-r2.json"
	client_down
}

# Two access points of agent 1, on one bridge: there and back.
two_on_a_bridge() {
	local ap=$1 radio=$2 channel=$3
	sed -e "s/^interface=.*/interface=wlan$radio\nbridge=br1/; s/^channel=.*/channel=$channel/" \
		-e "s/^ctrl_interface=.*/ctrl_interface=\/run\/hostapd-$ap/" $L/ap1.conf > "$L/ap-$ap.conf"
	in_ns r1 hostapd -B -P "$L/hostapd-$ap.pid" -f "$L/hostapd-$ap.log" "$L/ap-$ap.conf" > /dev/null
}
scenario_two_access_points() {
	stop r1
	hostapd_cli -p /run/hostapd1 -i wlan0 raw TERMINATE > /dev/null || true
	wait_until 10 gone /run/hostapd1/wlan0
	ip -n r1 addr flush dev wlan0
	ip -n r1 link add br1 type bridge forward_delay 0
	ip -n r1 link set br1 address $BSSID1 up
	ip -n r1 addr add 10.1.0.1/24 dev br1
	iw phy phy3 set netns name r1
	two_on_a_bridge left 0 1
	two_on_a_bridge right 3 6
	sed -e 's/^interface = wlan0/interface = br1/; /^hostapd/d' $L/r1.conf > $L/r1-bridge.conf
	agent_up r1 r1-bridge
	both_in_sight
	signal 4 -50
	wpa_cli -p /run/wpa_supplicant -i wlan2 bss_flush 0 > /dev/null
	wait_until 20 scanned_both
	wpa_cli -p /run/wpa_supplicant -i wlan2 roam $BSSID1 > /dev/null
	wait_until 20 attached $BSSID1 || say "the station does not come back to agent 1"
	client_up
	streams_up "$SCENARIO"
	go_to $BSSID3 3
	pump 1
	go_to $BSSID1 1
	pump 1
	streams_down
	agent r1 status --json > "$L/$SCENARIO-r1.json"
	client_down
	stop r1
	kill "$(cat $L/hostapd-left.pid)" "$(cat $L/hostapd-right.pid)"
	wait_until 10 gone /run/hostapd-left/wlan0
	ip -n r1 link del br1
	ip -n r1 link set wlan0 nomaster 2> /dev/null || true
	in_ns r1 hostapd -B -f $L/hostapd1.log $L/ap1.conf > /dev/null
	ip -n r1 addr add 10.1.0.1/24 dev wlan0
	agent_up r1
}
scanned_both() {
	local found
	wpa_cli -p /run/wpa_supplicant -i wlan2 scan > /dev/null
	pump 1
	found=$(wpa_cli -p /run/wpa_supplicant -i wlan2 scan_results)
	[[ $found = *$BSSID1* && $found = *$BSSID3* ]]
}
gone() { [ ! -e "$1" ]; }
