#!/bin/bash
# SPDX-License-Identifier: MIT
# Keys dealt by the home agent, with the real daemons: the node has its key with the home agent, the
# foreign agent its own, and neither has one for the other; orders are granted.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

new_space HA FA NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
{ ha_conf; knows_agent $CARE_OF; } >"$D/ha.conf"
{ ha_conf "deal-keys = no"; knows_agent $CARE_OF; } >"$D/miser.conf"
{ fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
node_conf >"$D/node.conf"

counted() { [ "$(counter "$1" "$2")" -ge "${3:-1}" ]; } # AGENT COUNTER [AT-LEAST]
visitor_key() { agent_is fa visitors ".visitors[0].order_key == \"$1\""; }
node_key() { node_is ".buffering.order_key == \"$1\""; }

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
radio
check "the node starts" launch $NODE mipclientd node; node=$pid
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
check "a key was dealt" counted ha keys-dealt
check "the agent took it" counted fa keys-taken
check "the node signs with it" node_key dealt
check "the agent knows it" visitor_key dealt
check "an order is granted" until_true counted fa orders-granted
check "and nothing was dropped there" agent_is fa status '.dropped == 0'
check "status says so" node status
said "order key"
for f in ha fa node; do [ ! -s "$D/$f.log" ] || cat "$D/$f.log"; done >"$D/logs"
{ agent ha --json status; agent fa --json visitors; node --json status; } >>"$D/logs"
no_key_in() { ! grep -qFf "$D/node.key" "$D/logs" && ! grep -qFf "$D/agents.key" "$D/logs"; }
check "no key stands in a log or an answer" no_key_in

check "the node asks again" node register
check "and has another" until_true counted fa keys-taken 2

stop "$fa"
check "the agent is restarted" launch $FA mipagentd fa; fa=$pid
check "it is registered with again, and takes a key" until_true counted fa keys-taken
check "the node has one again" until_true node_key dealt

stop "$ha"
cp "$D/miser.conf" "$D/ha.conf"
check "a home agent that deals none starts" launch $HA mipagentd ha
stop "$fa"
stop "$node"
check "an agent that knows nobody, too" launch $FA mipagentd fa
check "and the node" launch $NODE mipclientd node
check "it registers" await "$D/node.log" "registered through 10.1.0.1"
check "without a key" until_true node_key none
check "nor has the agent one" until_true visitor_key none
check "then the home agent keeps its packets" until_true node_is '.buffering.by == "home-agent"'
ended
