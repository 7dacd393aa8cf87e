#!/bin/bash
# SPDX-License-Identifier: MIT
# A foreign agent that does not buffer, with the real daemons: the node learns that its home agent does,
# and the home agent keeps the packets of a binding and lets them go in order.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
CN=mipo-cn HA=mipo-ha FA=mipo-fa NODE=mipo-node

cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE [ADDRESS]
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	[ -z "$6" ] || ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
new_space $CN $HA $FA $NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $HA ha1 203.0.113.1/24 $CN cn0 203.0.113.9/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
ip -n $CN route add 10.99.0.0/24 via 203.0.113.1
ip netns exec $HA sysctl -qw net.ipv4.ip_forward=1
new_key "$D/node.key"
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node 10.99.0.5]
	key-file = node.key
END
sed '$a [Buffer]\nenabled = no' "$D/ha.conf" >"$D/old.conf"
cat >"$D/fa.conf" <<-END
	[Foreign]
	care-of = 192.0.2.7
	interface = ln0
	[Buffer]
	enabled = no
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

agent() { "$B/mipagent" -S "$D/$1.sock" --json "$2"; } # AGENT COMMAND
node() { "$B/mipclient" -S "$D/node.sock" --json status; }
buffering() { node | jq -e ".buffering.$1 == $2"; } # FIELD VALUE
queued() { [ "$(agent ha buffers | jq '.buffers[0].queued_packets // 0')" = "$1" ]; }
order() { # ACTION CODE
	ip netns exec $FA tests/netns/keeper.py order "$D/node.key" "$1" >"$D/code"
	[ "$(cat "$D/code")" = "$2" ]
}
came() { [ "$(cat "$D/came")" = "$1" ]; } # WHAT
refused() { agent ha drops | jq -e '.drops[] | select(.reason == "bad-auth" and .count == 1)'; }
finish() { kill "$1"; wait "$1" 2>/dev/null; }

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa
check "the node starts" launch $NODE mipclientd node; node=$pid
tests/netns/supplicant.py "$D/wpa/radio0" 02:00:00:00:00:00 &
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
check "it learns what the home agent can" await "$D/node.log" "the home agent buffers"
check "status names the home agent" buffering by '"home-agent"'
check "and its agent's lack" buffering agent_buffers false
check "buffering is usable" buffering usable true

echo "# kept and let go"
ip netns exec $NODE tests/netns/keeper.py listen 40 >"$D/came" &
listener=$!
until_true ip netns exec $NODE sh -c 'ss -Hlun | grep -q 10.99.0.5:5001'
check "BUFFER is granted" order BUFFER 0
ip netns exec $CN tests/netns/keeper.py send 0 20
check "twenty packets are kept" until_true queued 20
check "RELEASE is granted" order RELEASE 0
ip netns exec $CN tests/netns/keeper.py send 20 40
wait $listener
check "all came, once and in order" came "40 of 40, in order"
check "nothing is kept any more" until_true queued 0

echo "# who may not"
new_key "$D/other.key"
ip netns exec $FA tests/netns/keeper.py order "$D/other.key" BUFFER >"$D/code"
[ "$(cat "$D/code")" = 131 ]; result $? "another's key: 131"
check "the home agent counts it" until_true refused
queued 0; result $? "and keeps nothing"

echo "# a home agent that does not"
finish $node; finish $ha
check "it starts" launch $HA mipagentd old
check "the node starts" launch $NODE mipclientd node
check "it registers" await "$D/node.log" "registered through 10.1.0.1"
check "it hears the refusal" await "$D/node.log" "does not buffer for us"
check "status says so" buffering home_agent '"refuses"'
check "buffering is not usable" buffering usable false
ended
