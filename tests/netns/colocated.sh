#!/bin/bash
# SPDX-License-Identifier: MIT
# A node on a network that knows nothing of it: its care-of address is the one that the network gave
# it.  Real mipclientd and mipagentd; routers, one of them a NAT, and a correspondent.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
HA=mipc-ha R=mipc-r NODE=mipc-node

cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE [ADDRESS]
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	[ -z "$6" ] || ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
new_space $HA $R $NODE
cable $HA ha0 192.0.2.1/24 $R up0 192.0.2.254/24
cable $R ln0 10.1.0.1/24 $NODE radio0
ip -n $HA addr add 203.0.113.9/32 dev lo # the correspondent
ip -n $HA route add default via 192.0.2.254
ip netns exec $R sysctl -qw net.ipv4.ip_forward=1
new_key "$D/node.key"
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node 10.99.0.5]
	key-file = node.key
END
cat >"$D/node.conf" <<-END
	[Node]
	home-address = 10.99.0.5
	home-agent = 192.0.2.1
	key-file = node.key
	[Radio]
	interface = radio0
	[Supplicant]
	control = $D/wpa
END
node() { "$B/mipclient" -S "$D/node.sock" --json "$@"; }
agent() { "$B/mipagent" -S "$D/ha.sock" --json "$1"; }
node_is() { node status | jq -e "$1"; }
pings() { ip netns exec $NODE ping -c 1 -W 2 "$@" 203.0.113.9; }
lease() { # ADDRESS GATEWAY: what a DHCP client does
	ip -n $NODE addr flush dev radio0 scope global
	ip -n $NODE addr add "$1/24" dev radio0
	ip -n $NODE route replace default via "$2" dev radio0
}

check "the home agent starts" launch $HA mipagentd ha
check "the node starts" launch $NODE mipclientd node; node=$pid
tests/netns/supplicant.py "$D/wpa/radio0" 02:00:00:00:00:00 &
check "it waits for an address" until_true node_is '.attached and .care_of == null'
lease 10.1.0.5 10.1.0.1
check "it registers from it" await "$D/node.log" "registered from 10.1.0.5, lifetime"
check "status says so" node_is '.co_located and .care_of == "10.1.0.5" and (.udp_tunnel | not)'
check "packets go both ways" until_true pings
check "large ones, too" pings -s 1400
check "the home agent buffers" until_true node_is '.buffering.by == "home-agent"'
kill $node; wait $node
check "nothing is left" nothing $NODE
ended
