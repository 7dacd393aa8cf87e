#!/bin/bash
# SPDX-License-Identifier: MIT
# A node on a network that knows nothing of it: its care-of address is the one that the network gave
# it.  Real mipclientd and mipagentd; routers, one of them a NAT, and a correspondent.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

new_space HA R NODE
cable $HA ha0 192.0.2.1/24 $R up0 192.0.2.254/24
cable $R ln0 10.1.0.1/24 $NODE radio0
ip -n $HA addr add $FAR/32 dev lo
ip -n $HA route add default via 192.0.2.254
forwards $R
ha_conf >"$D/ha.conf"
node_conf >"$D/node.conf"
lease() { # ADDRESS GATEWAY: what a DHCP client does
	ip -n $NODE addr flush dev radio0 scope global
	ip -n $NODE addr add "$1/24" dev radio0
	ip -n $NODE route replace default via "$2" dev radio0
}

check "the home agent starts" launch $HA mipagentd ha
radio
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it waits for an address" until_true node_is '.attached and .care_of == null'
lease 10.1.0.5 10.1.0.1
check "it registers from it" await "$D/node.log" "registered from 10.1.0.5, lifetime"
check "status says so" node_is '.co_located and .care_of == "10.1.0.5" and (.udp_tunnel | not)'
check "and in words: packets leave by the tunnel" until_true sh -c "$B/mipclient -S $D/node.sock status | grep -q '^uplink .*by the tunnel'"
check "packets go both ways" until_true pings $NODE $FAR
check "large ones, too" pings $NODE $FAR -s 1400
check "the home agent buffers" until_true node_is '.buffering.by == "home-agent"'
stop $node
check "nothing is left" nothing $NODE
ended
