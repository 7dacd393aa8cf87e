#!/bin/bash
# SPDX-License-Identifier: MIT
# A foreign agent that does not buffer, with the real daemons: the node learns that its home agent does,
# and the home agent keeps the packets of a binding and lets them go in order.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

new_space CN HA FA NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $HA ha1 203.0.113.1/24 $CN cn0 $FAR/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
ip -n $CN route add $HOME_NET via 203.0.113.1
forwards $HA
ha_conf >"$D/ha.conf"
{ ha_conf; section Buffer "enabled = no"; } >"$D/old.conf"
{ fa_conf; section Buffer "enabled = no"; } >"$D/fa.conf"
node_conf >"$D/node.conf"

buffering() { node_is ".buffering.$1 == $2"; } # FIELD VALUE
queued() { [ "$(agent ha --json buffers | jq '.buffers[0].queued_packets // 0')" = "$1" ]; }
order() { # ACTION CODE
	ip netns exec $FA tests/netns/keeper.py order "$D/node.key" "$1" >"$D/code"
	[ "$(cat "$D/code")" = "$2" ]
}
came() { [ "$(cat "$D/came")" = "$1" ]; } # WHAT
refused() { [ "$(dropped ha bad-auth)" = 1 ]; }

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa
radio
check "the node starts" launch $NODE mipclientd node; node=$pid
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
stop $node; stop $ha
check "it starts" launch $HA mipagentd old
check "the node starts" launch $NODE mipclientd node
check "it registers" await "$D/node.log" "registered through 10.1.0.1"
check "it hears the refusal" await "$D/node.log" "does not buffer for us"
check "status says so" buffering home_agent '"refuses"'
check "buffering is not usable" buffering usable false
ended
