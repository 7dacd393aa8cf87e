#!/bin/bash
# SPDX-License-Identifier: MIT
# Home agent and foreign agent in one program: a laptop leaves its link for a NAT that it has never seen,
# and what was kept goes from the one role to the other, and on.  Real mipclientd and mipagentd.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh

ip -n $FA1 link del ln1
plug net1 $HA ln1 10.1.0.1/24
ip -n $HA addr add 192.0.2.5/24 dev ha0
ip -n $CN route replace 10.1.0.0/24 via $HA_ADDR src $OURS
ip -n $HA route del 10.1.0.0/24 via 192.0.2.7
{ ha_conf; knows_agent 192.0.2.8; CARE_OF=192.0.2.5 LINKS=ln1 fa_conf; } >"$D/ha.conf"
{ configure ""; section "Agent 10.1.0.1" "key-file = node.key"; } >"$D/node.conf"

check "the agent starts" launch $HA mipagentd ha
check "another one starts" launch $FA2 mipagentd fa2
leases 1
supplicant 1
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it registers with that agent" until_true settled 1
check "a stream" streams $CN $OURS
check "it goes on from there to the NAT" walks node 4
check "by the home agent" flow_was F12
check "and over six handoffs" walks node 1 2 4 2 1 3
end_flows cn node
check "all that was sent to the node arrived, once and in order" whole node
check "all that it sent, too" whole cn
stop $node
check "nothing is left" nothing $NODE
ended
