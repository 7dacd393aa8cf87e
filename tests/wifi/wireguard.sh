# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The kernel's WireGuard, above the home address: its peer hears the node from there alone.

wg_heard() { # what the peer knows of the node: its endpoint, the time of the last handshake
	in_ns cn wg show wg0 dump | awk 'NR == 2 { print $3, $5 }' >> $L/wireguard.txt
}
scenario_wireguard() {
	local to
	modprobe -d "$KERNEL" wireguard
	for to in cn mn; do (umask 077; wg genkey > $L/wg-$to.key); done
	client_up
	wg_end cn 10.8.0.1/24 mn allowed-ips 10.8.0.2/32
	wg_end mn 10.8.0.2/24 cn allowed-ips 10.8.0.1/32 endpoint $CN:51820
	# One end alone begins: two may wait for each other.
	wait_until 10 in_ns mn ping -c 1 -W 1 10.8.0.1 || say "wireguard: no answer inside"
	CN=10.8.0.1 NODE=10.8.0.2 streams_up wireguard
	wg_heard
	for to in 2 1 2 1; do
		walks wireguard $to
		wg_heard
	done
	streams_down
	client_down
	ip -n cn link del wg0
	ip -n mn link del wg0
}
