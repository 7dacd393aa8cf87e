#!/bin/bash
# SPDX-License-Identifier: MIT
# A home network that is a real LAN: the home agent is a host on it, as are the node, now and then, and
# the one that it speaks to.  Real mipclientd and mipagentd; a switch with a port that is moved.
#   lan: host 10.99.0.9, home agent 10.99.0.1, the node's port      net: foreign agent 10.1.0.1, or the port
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
SW=miph-sw HA=miph-ha FA=miph-fa CN=miph-cn NODE=miph-node
AT_HOME=02:00:00:00:00:0a AWAY=02:00:00:00:00:0b

plug() { # BRIDGE NAMESPACE INTERFACE [ADDRESS]
	ip link add "$3" netns "$2" type veth peer name "p-$3" netns $SW
	ip -n $SW link set "p-$3" master "$1" up
	[ -z "$4" ] || ip -n "$2" addr add "$4" dev "$3"
	ip -n "$2" link set "$3" up
}
mac() { ip -n "$1" -br link show "$2" | awk '{ print $3 }'; } # NAMESPACE INTERFACE
new_space $SW $HA $FA $CN $NODE
for b in lan net; do ip -n $SW link add $b type bridge; ip -n $SW link set $b up; done
plug lan $HA eth0 10.99.0.1/24
plug lan $CN cn0 10.99.0.9/24
plug lan $NODE radio0
plug net $FA ln0 10.1.0.1/24
ip link add up0 netns $HA type veth peer name fa0 netns $FA
ip -n $HA addr add 192.0.2.1/24 dev up0
ip -n $FA addr add 192.0.2.7/24 dev fa0
ip -n $HA link set up0 up
ip -n $FA link set fa0 up
ip -n $FA route add 10.99.0.0/24 via 192.0.2.1
HA_MAC=$(mac $HA eth0) NODE_MAC=$(mac $NODE radio0)
new_key "$D/node.key"
new_key "$D/agents.key"
cat >"$D/ha.conf" <<-END
	[Home]
	address = 10.99.0.1
	network = 10.99.0.0/24
	interface = eth0
	[Node 10.99.0.5]
	key-file = node.key
	[Agent 192.0.2.7]
	key-file = agents.key
END
cat >"$D/fa.conf" <<-END
	[Foreign]
	care-of = 192.0.2.7
	interface = ln0
	[Agent 10.99.0.1]
	key-file = agents.key
END
cat >"$D/node.conf" <<-END
	[Node]
	home-address = 10.99.0.5
	home-agent = 10.99.0.1
	key-file = node.key
	[Radio]
	interface = radio0
	automatic = no
	[Supplicant]
	control = $D/wpa
END
cat >"$D/port" <<-END
	#!/bin/sh
	case \$1 in $AT_HOME) to=lan ;; *) to=net ;; esac
	ip -n $SW link set p-radio0 master \$to || exit 1
	[ -e "$D/lease" ] || exit 0
	[ \$to = net ] || exec ip -n $NODE addr flush to 10.1.0.5 dev radio0
	ip -n $NODE addr replace 10.1.0.5/24 dev radio0
	exec ip -n $NODE route replace default via 10.1.0.1 dev radio0
END
chmod +x "$D/port"

node() { "$B/mipclient" -S "$D/node.sock" --json "$@"; }
agent() { "$B/mipagent" -S "$D/ha.sock" --json "$1"; }
moves() { node handoff "$1" && until_true settled "$1"; } # BSSID
settled() { node status | jq -e ".bssid == \"$1\" and (.state == \"registered\" or .state == \"at-home\")"; }
pings() { ip netns exec "$1" ping -c 1 -W 2 "$2"; } # NAMESPACE ADDRESS
near() { pings $NODE 10.99.0.9 | grep ttl=64; } # nobody forwards
known() { ip -n $CN neigh show 10.99.0.5 dev cn0 | grep -qi "lladdr $1 "; } # MAC: to the host
proxied() { ip -n $HA neigh show proxy | grep -q '^10.99.0.5 dev eth0'; }
routed() { ip -n $HA route show table main | grep -q '^10.99.0.5 dev mip0'; }
not() { ! "$@"; }
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
check "the node starts" launch $NODE mipclientd node; node=$pid
tests/netns/supplicant.py "$D/wpa/radio0" $AT_HOME "$D/port" $AWAY &
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
whole() { jq -se 'length == 1 and (.[0] | .complete and .received == .peer_sent and .received > 500
	and .lost + .duplicated + .reordered == 0)'; }
walk() { # TIMES
	for _ in $(seq "$1"); do
		moves $AWAY || return 1
		pings $CN 10.99.0.5 >/dev/null
		moves $AT_HOME || return 1
		until_true known "$NODE_MAC" || return 1
	done
}
watched() { # between home and away
	ip netns exec $CN "$B/stream" udp 10.99.0.9:5000 10.99.0.5:5000 500 200 "$D/down" >"$D/cn.json" & cn=$!
	ip netns exec $NODE "$B/stream" udp 10.99.0.5:5000 10.99.0.9:5000 500 200 "$D/up" >"$D/mn.json" & mn=$!
	sleep 0.5
	check "five times away and back, 500 packets a second each way" walk 5
	kill $cn $mn
	wait $cn $mn
	sed 's/^/# /' "$D/cn.json" "$D/mn.json"
	check "all that the node sent, once and in order" whole <"$D/cn.json"
	check "all that was sent to the node, once and in order" whole <"$D/mn.json"
}
watched

echo "# the home link is the way to the foreign agent, too"
kill $node $fa $ha; wait $node $fa $ha
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
{ kill -KILL $ha; wait $ha; } 2>/dev/null
check "a killed home agent's entry is there" proxied
check "it starts again" launch $HA mipagentd ha; ha=$pid
check "the entry is not" not proxied
check "nor is the route" not routed
node register >/dev/null
check "the node registers anew" until_true proxied
check "it comes back" moves $AT_HOME
check "nobody answers in its place" until_true not proxied
{ kill -KILL $node; wait $node; } 2>/dev/null
check "a killed node's address is there" answers
check "it starts again" launch $NODE mipclientd node; node=$pid
check "and is at home" await "$D/node.log" "at home"

echo "# an address of its own there"
kill $node $fa; wait $node $fa
ip netns exec $FA sysctl -qw net.ipv4.ip_forward=1
ip -n $HA route add 10.1.0.0/24 via 10.99.0.2
touch "$D/lease"
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
kill $node; wait $node
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
kill $node; wait $node
check "nothing is left of the node" nothing $NODE
kill $ha; wait $ha
check "nothing is left of the home agent" nothing $HA
ended
