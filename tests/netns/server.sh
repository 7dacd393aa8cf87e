#!/bin/bash
# SPDX-License-Identifier: MIT
# The README's laptop and one server, as a new user would: its commands to the letter, on a server
# and on a laptop behind a NAT, each with a /etc/mip of its own.  Nothing of this host is touched.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
# /etc/mip and /run/mip are this test's own.
[ -n "$IN_OWN_MOUNTS" ] || IN_OWN_MOUNTS=yes exec unshare -m "$0"
. tests/netns/lib.sh

PATH=$(realpath "$B"):$PATH
export PATH
mkdir -p /etc/netns /etc/mip /run/mip || exit 2
mount -t tmpfs tmpfs /etc/netns && mount -t tmpfs tmpfs /run/mip || exit 2
new_space SERVER NAT EV LAPTOP
mkdir -p /etc/netns/$SERVER/mip /etc/netns/$LAPTOP/mip # `ip netns exec` puts them at /etc/mip
trap 'stop; cleanup' EXIT
stop() {
	local ns
	for ns in $SERVER $LAPTOP; do
		# shellcheck disable=SC2046 # a list
		kill $(ip netns pids $ns 2>/dev/null) 2>/dev/null
	done
}
if ! grep -q '"care-of"' client/settings.c; then
	echo "# this client uses no address of its own"
	ended
	exit
fi

cable $EV ev0 192.0.2.254/24 $SERVER eth0 192.0.2.1/24
cable $EV ev1 203.0.113.254/24 $NAT up0 203.0.113.7/24
cable $NAT ln0 192.168.1.1/24 $LAPTOP wlan0 192.168.1.23/24
ip -n $SERVER route add default via 192.0.2.254
ip -n $NAT route add default via 203.0.113.254
ip -n $LAPTOP route add default via 192.168.1.1
forwards $EV
masquerades $NAT up0

awk -v d="$D" '/^## /{on = $0 == "## A laptop and one server"}
	on && /^```$/ {inside = !inside; n += inside; next} on && inside {print > d "/block" n}' README.md
RADIO=wlan0 radio
cd "$D" || exit 2
block() { ip netns exec "$1" bash -e "$D/block$2"; } # NAMESPACE NUMBER
status() { ip netns exec $LAPTOP mipclient --json status | holds "$1"; }
nat_ip() { ip netns exec $LAPTOP ping -c 1 -W 0.3 192.0.2.254; } # everybody, who knows no 10.99.0.0/24

check "the server's commands" block $SERVER 1
check "the file is there, for its owner alone" [ "$(stat -c %a laptop.conf)" = 600 ]
# What a real laptop has: a radio, and wpa_supplicant on its default socket.
RADIO=wlan0 radio_conf >>laptop.conf
check "the laptop's commands" block $LAPTOP 2
said "mipclientd"
check "it is registered" until_true status '.state == "registered"'
check "through the NAT" status '.udp_tunnel'
gives 1 "nobody answers it yet" nat_ip
check "the server's other commands" block $SERVER 3
check "now the world does" until_true nat_ip
check "node list says where it is" ip netns exec $SERVER mipagent node list
said "laptop  10.99.0.1     192.168.1.23"
check "removed" ip netns exec $SERVER mipagent node remove laptop
gives 1 "it is not answered any more" nat_ip
ended
