# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a laptop's radio goes through, one after the other, under a stream of packets.

RECOVERY_RATE=50 # a packet each 20 ms says when the link serves again

# back WHAT COMMAND...: marks when the link is there again; the stream has 2 s from then
back() {
	local what=$1
	shift
	wait_until 30 "$@" || say "$what: the link does not come back"
	say "back after $what"
	pump 2.2
}
away_for() { # WHAT SECONDS
	say "away for $1"
	pump "$2"
}
soft_block() { # 0 OR 1: of the node's radio, which only its own /sys has
	# shellcheck disable=SC2016 # expanded there
	in_ns mn sh -c 'for f in /sys/class/ieee80211/phy2/rfkill*/soft; do echo "$1" > "$f"; done' sh "$1"
}
to_supplicant() { kill "-$1" "$(cat $L/supplicant.pid)"; } # SIGNAL
supplicant_again() { in_ns mn wpa_supplicant -B -i wlan2 -c $L/station.conf -P $L/supplicant.pid -f $L/supplicant.log > /dev/null; }
any_ap() { [[ $(wpa_cli -p /run/wpa_supplicant -i wlan2 status) =~ wpa_state=COMPLETED ]]; }
leased() { # LAST BYTE
	ip -n mn addr add "10.1.0.$1/24" dev wlan2
	ip -n mn route add default via 10.1.0.1 dev wlan2
}

scenario_recovery() {
	client_up
	streams_up recovery $RECOVERY_RATE
	soft_block 1
	away_for "airplane mode" 2
	soft_block 0
	# wpa_supplicant does so where it finds its radio in /dev/rfkill, which it cannot in a namespace.
	ip -n mn link set wlan2 up
	back "airplane mode" any_ap

	to_supplicant KILL
	away_for "the supplicant" 1
	rm -f /run/wpa_supplicant/wlan2
	supplicant_again
	back "the supplicant" any_ap

	in_ns mn iw dev wlan2 del
	away_for "the interface" 2
	in_ns mn iw phy phy2 interface add wlan2 type managed
	any_ap || { to_supplicant TERM; pump 0.3; supplicant_again; }
	back "the interface" any_ap

	ip -n mn rule flush protocol 143
	ip -n mn route flush table 434
	back "a flush" true

	kill -STOP "${PID[mn]}"
	to_supplicant STOP
	ip -n mn link set wlan2 down
	away_for "sleep" 12
	ip -n mn link set wlan2 up
	to_supplicant CONT
	kill -CONT "${PID[mn]}"
	back "sleep" any_ap
	streams_down

	# Without an agent: the address goes, and another one comes.  It may have woken up at the other one.
	attached "$BSSID1" || client handoff "$BSSID1" > /dev/null || wait_until 20 attached "$BSSID1"
	client_down
	stop r1
	leased 7
	client_up
	wait_until 20 asks_home || say "recovery: not registered from an address of its own"
	streams_up recovery_lease $RECOVERY_RATE
	ip -n mn route del default dev wlan2
	ip -n mn addr del 10.1.0.7/24 dev wlan2
	away_for "the lease" 2
	leased 8
	back "the lease" true
	streams_down
	client_down
	no_lease
	agent_up r1
}
