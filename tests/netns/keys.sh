#!/bin/bash
# SPDX-License-Identifier: MIT
# Keys dealt by the home agent, with the real daemons: the node has its key with the home agent, the
# foreign agent its own, and neither has one for the other; orders are granted.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
HA=mipk-ha FA=mipk-fa NODE=mipk-node

cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE [ADDRESS]
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	[ -z "$6" ] || ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
new_space $HA $FA $NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
for k in node peer; do new_key "$D/$k.key"; done
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node 10.99.0.5]
	key-file = node.key
	[Agent 192.0.2.7]
	key-file = peer.key
END
sed 's/^network.*/&\ndeal-keys = no/' "$D/ha.conf" >"$D/miser.conf"
cat >"$D/fa.conf" <<-END
	[Foreign]
	care-of = 192.0.2.7
	interface = ln0
	[Agent 192.0.2.1]
	key-file = peer.key
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
counter() { agent "$1" status | jq -e ".counters[\"$2\"] >= ${3:-1}"; } # AGENT COUNTER [AT-LEAST]
visitor_key() { agent fa visitors | jq -e ".visitors[0].order_key == \"$1\""; }
node_key() { node | jq -e ".buffering.order_key == \"$1\""; }
finish() { kill "$1"; wait "$1" 2>/dev/null; }

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
check "the node starts" launch $NODE mipclientd node; node=$pid
tests/netns/supplicant.py "$D/wpa/radio0" 02:00:00:00:00:00 &
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
check "a key was dealt" counter ha keys-dealt
check "the agent took it" counter fa keys-taken
check "the node signs with it" node_key dealt
check "the agent knows it" visitor_key dealt
check "an order is granted" until_true counter fa orders-granted
check "and nothing was dropped there" jq -e '.dropped == 0' <(agent fa status)
check "status says so" "$B/mipclient" -S "$D/node.sock" status
said "order key"
for f in ha fa node; do [ ! -s "$D/$f.log" ] || cat "$D/$f.log"; done >"$D/logs"
agent ha status >>"$D/logs"; agent fa visitors >>"$D/logs"; node >>"$D/logs"
no_key_in() { ! grep -qFf "$D/node.key" "$D/logs" && ! grep -qFf "$D/peer.key" "$D/logs"; }
check "no key stands in a log or an answer" no_key_in

check "the node asks again" "$B/mipclient" -S "$D/node.sock" register
check "and has another" until_true counter fa keys-taken 2

finish "$fa"
check "the agent is restarted" launch $FA mipagentd fa; fa=$pid
check "it is registered with again, and takes a key" until_true counter fa keys-taken
check "the node has one again" until_true node_key dealt

finish "$ha"
cp "$D/miser.conf" "$D/ha.conf"
check "a home agent that deals none starts" launch $HA mipagentd ha
finish "$fa"
finish "$node"
check "an agent that knows nobody, too" launch $FA mipagentd fa
check "and the node" launch $NODE mipclientd node
check "it registers" await "$D/node.log" "registered through 10.1.0.1"
check "without a key" until_true node_key none
check "nor has the agent one" until_true visitor_key none
check "then the home agent keeps its packets" until_true eval "node | jq -e '.buffering.by == \"home-agent\"'"
ended
