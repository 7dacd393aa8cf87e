#!/bin/bash
# SPDX-License-Identifier: MIT
# A home network that is a real LAN: the home agent is a host on it, as are the node, now and then, and
# the one that it speaks to.  Real mipclientd and mipagentd; a switch with a port that is moved.
#   lan: host 10.99.0.9, home agent 10.99.0.1, the node's port      net: foreign agent 10.1.0.1, or the port
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

AT_HOME=02:00:00:00:00:0a AWAY=02:00:00:00:00:0b

new_space SW HA FA CN NODE
bridges lan net
plug lan $HA eth0 10.99.0.1/24
plug lan $CN cn0 10.99.0.9/24
plug lan $NODE radio0
plug net $FA ln0 10.1.0.1/24
cable $HA up0 192.0.2.1/24 $FA fa0 192.0.2.7/24
ip -n $FA route add 10.99.0.0/24 via 192.0.2.1
HA_MAC=$(mac $HA eth0) NODE_MAC=$(mac $NODE radio0)
HA_ADDR=10.99.0.1
{ ha_conf "interface = eth0"; knows_agent $CARE_OF; } >"$D/ha.conf"
{ fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
{ node_conf; echo "automatic = no"; } >"$D/node.conf"
access_points "$AT_HOME lan" "$AWAY net 10.1.0"

near() { pings $NODE 10.99.0.9 | grep ttl=64; } # nobody forwards
known() { ip -n $CN neigh show 10.99.0.5 dev cn0 | grep -qi "lladdr $1 "; } # MAC: to the host
proxied() { ip -n $HA neigh show proxy | grep -q '^10.99.0.5 dev eth0'; }
routed() { ip -n $HA route show table main | grep -q '^10.99.0.5 dev mip0'; }
answers() { ip -n $NODE -o addr show dev radio0 | grep -q ' 10.99.0.5/32 '; }
flush() { ip -n $CN neigh flush dev cn0; }

echo "# configuration"
sed 's/^interface = eth0$/&\n[Foreign]\ncare-of = 10.99.0.1\ninterface = eth0/' "$D/ha.conf" >"$D/wrong.conf"
gives 78 "a link cannot be home and foreign" "$B/mipagentd" -n -c "$D/wrong.conf"
said "[Home] interface"

echo "# at home"
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the home network stays where it is" not grep -q mip0 <(ip -n $HA route show table main)
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
radio $AT_HOME $AWAY
check "the node starts" launch $NODE mipclientd node; node=$pid
check "the node is at home" await "$D/node.log" "at home"
check "the host reaches it" until_true pings $CN 10.99.0.5
check "directly" known "$NODE_MAC"
check "it reaches the host directly" until_true near
check "nobody answers in its place" not proxied

echo "# away"
check "it leaves" moves $AWAY
check "it is registered" await "$D/node.log" "registered through 10.1.0.1"
check "the host was told that it is at the home agent" until_true known "$HA_MAC"
check "it answers no ARP" not answers
check "the home agent does" proxied
check "and has what comes" routed
check "the host reaches it" pings $CN 10.99.0.5
check "it reaches the host" pings $NODE 10.99.0.9
flush
check "a host that knows nothing asks, and is answered" pings $CN 10.99.0.5
check "by the home agent" known "$HA_MAC"

echo "# home again"
check "it comes back" moves $AT_HOME
check "the host was told" until_true known "$NODE_MAC"
check "nobody answers in its place" not proxied
check "nor draws in what comes" not routed
check "the host reaches it" pings $CN 10.99.0.5
check "it reaches the host directly" until_true near
flush
check "a host that knows nothing asks, and is answered" pings $CN 10.99.0.5
check "by the node" known "$NODE_MAC"

echo "# nothing is lost on the way"
# Two packets within a millisecond, the one before and the other after the host has heard where the
# node is, take two ways: mipagentd(8).  Nothing else overtakes.
whole_here() { # NAME OF-WHOM
	holds ".complete and .received == .peer_sent and .received > 500 and .lost + .duplicated == 0" "$D/$1.json" &&
		awk '/^s / { if (NR == FNR) sent[$2] = $3; next }
			NR == FNR || !/^r / || $2 >= 10 ^ 9 { next }
			$2 < last && sent[last] - sent[$2] >= 1000 { print $2, "behind", last; bad = 1 }
			$2 > last { last = $2 }
			END { exit bad }' "$D/$2.log" "$D/$1.log"
}
walk() { # TIMES
	for _ in $(seq "$1"); do
		moves $AWAY || return 1
		moves $AT_HOME || return 1
		until_true known "$NODE_MAC" || return 1
	done
}
watched() { # between home and away
	streams $CN 10.99.0.9
	check "five times away and back, 500 packets a second each way" walk 5
	within 5 flows cn 500; within 5 flows node 500 # what is judged, however fast the walk was
	end_flows cn node
	check "all that the node sent, once and in order" whole cn 500
	check "all that was sent to the node, once and in order" whole_here node cn
}
watched

echo "# the home link is the way to the foreign agent, too"
for p in $node $fa $ha; do stop $p; done
ip -n $FA link set fa0 down
plug lan $FA fa1 10.99.0.2/24
sed -i 's/192.0.2.7/10.99.0.2/' "$D/fa.conf" "$D/ha.conf"
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it is at home" await "$D/node.log" "at home"
check "it leaves" moves $AWAY
check "it is registered" await "$D/node.log" "registered through 10.1.0.1"
check "the host was told" until_true known "$HA_MAC"
check "the host reaches it" pings $CN 10.99.0.5
check "it comes back" moves $AT_HOME
check "the host was told" until_true known "$NODE_MAC"
check "the host reaches it" pings $CN 10.99.0.5

echo "# kill"
check "it leaves" moves $AWAY
end_with KILL $ha
check "a killed home agent's entry is there" proxied
check "it starts again" launch $HA mipagentd ha; ha=$pid
check "the entry is not" not proxied
check "nor is the route" not routed
node register >/dev/null
check "the node registers anew" until_true proxied
check "it comes back" moves $AT_HOME
check "nobody answers in its place" until_true not proxied
end_with KILL $node
check "a killed node's address is there" answers
check "it starts again" launch $NODE mipclientd node; node=$pid
check "and is at home" await "$D/node.log" "at home"

echo "# an address of its own there"
stop $node; stop $fa
forwards $FA
ip -n $HA route add 10.1.0.0/24 via 10.99.0.2
touch "$D/dhcp"
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it is at home" await "$D/node.log" "at home"
check "it leaves" moves $AWAY
check "it is registered" await "$D/node.log" "registered from 10.1.0.5"
check "the host was told" until_true known "$HA_MAC"
check "the host reaches it" pings $CN 10.99.0.5
check "it comes back" moves $AT_HOME
check "the host was told" until_true known "$NODE_MAC"
check "the host reaches it" pings $CN 10.99.0.5
watched

echo "# chosen destinations"
stop $node
sed -i 's/^home-agent.*/&\ndestinations = 10.99.0.0\/24/' "$D/node.conf"
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it is at home" await "$D/node.log" "at home"
check "it reaches the host directly" until_true near
check "it has no other way" not ip -n $NODE route get 203.0.113.9
check "it leaves" moves $AWAY
check "the host reaches it" until_true pings $CN 10.99.0.5
check "it reaches the host" pings $NODE 10.99.0.9
check "it comes back" moves $AT_HOME
check "it reaches the host directly" until_true near

echo "# stop"
stop $node
check "nothing is left of the node" nothing $NODE
stop $ha
check "nothing is left of the home agent" nothing $HA
ended
