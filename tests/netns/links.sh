#!/bin/bash
# SPDX-License-Identifier: MIT
# A node with a radio and a cable, each in a network of its own behind a NAT: make before break.  Real
# mipclientd and mipagentd, two routers, a correspondent.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

# Where the kernel has netem: elsewhere all paths are short.
late() { ip netns exec "$1" tc qdisc add dev "$2" root netem delay "$3" limit 100000 2>/dev/null; }
new_space HA R1 R2 NODE
cable $HA ha1 192.0.2.1/25 $R1 up0 192.0.2.10/25
cable $HA ha2 192.0.2.129/25 $R2 up0 192.0.2.130/25
cable $R1 ln0 10.1.0.1/24 $NODE radio0 10.1.0.5/24
cable $R2 ln0 10.2.0.1/24 $NODE wire0 10.2.0.5/24
ip -n $HA addr add $FAR/32 dev lo
ip -n $R1 route add default via 192.0.2.1
ip -n $R2 route add default via 192.0.2.129
ip -n $R2 route add 192.0.2.1/32 via 192.0.2.129
masquerades $R1 up0
masquerades $R2 up0
ip -n $NODE route add default via 10.1.0.1 dev radio0 metric 600
ip -n $NODE link set wire0 down
# 20 ms to the server, and a radio that is slower still: what is on it must not be overtaken
late $HA ha1 10ms; late $R1 up0 10ms
late $HA ha2 10ms; late $R2 up0 10ms
late $R1 ln0 4ms; late $NODE radio0 4ms

ha_conf >"$D/ha.conf"
{ node_conf; section Interfaces "prefer = wire0"; } >"$D/node.conf"
serves() { node_is "(.interfaces[] | select(.serves).name) == \"$1\" and .state == \"registered\""; }
plug_in() { # what a DHCP client does comes with it
	ip -n $NODE link set wire0 up
	ip -n $NODE route replace default via 10.2.0.1 dev wire0 metric 100
}
pull_out() { ip -n $R2 link set ln0 down; }
push_in() { ip -n $R2 link set ln0 up; }
last_was() { node_is ".last_handoff | .flow == \"$1\" and .result == \"done\""; }

check "the home agent starts" launch $HA mipagentd ha
radio
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it registers by the radio" await "$D/node.log" "registered from 10.1.0.5 behind a NAT"
check "status knows both" node_is '[.interfaces[] | [.name, .up]] == [["radio0", true], ["wire0", false]]'

echo "# the cable is plugged in"
plug_in
check "it goes there" until_true serves wire0
check "make before break" last_was MBB
check "packets go both ways" until_true pings $NODE $FAR
check "a user's word comes first" node handoff radio0
check "and holds" serves radio0
check "until he takes it back" node handoff preferred
check "it serves" until_true serves wire0
gives 2 "what is no interface" node handoff eth7

echo "# to and fro, 500 packets a second each way"
walk() { # TIMES
	for _ in $(seq "$1"); do
		node handoff radio0 && serves radio0 || return 1
		node handoff wire0 && serves wire0 || return 1
	done
}
streams $HA $FAR
check "ten times" walk 10
within 5 flows cn 500; within 5 flows node 500 # what is judged, however fast the walk was
end_flows cn node
check "all that the node sent, once and in order" whole cn 500
check "all that was sent to the node, once and in order" whole node 500

echo "# the cable is pulled"
streams $HA $FAR
pull_out
check "the radio serves" until_true serves radio0
push_in
check "and the cable again, once it is trusted" within 20 serves wire0
end_flows cn node
check "nothing is doubled or overtaken" jq -se 'length == 2 and all(.complete and .duplicated + .reordered == 0)' "$D/cn.json" "$D/node.json"

echo "# a network that leads nowhere"
node handoff radio0 >/dev/null
ip -n $R2 link set up0 down
streams $HA $FAR
gives 1 "the cable does not serve" node handoff wire0
said "no answer to the Registration Request"
check "the radio never ceased to" serves radio0
end_flows cn node
check "all that the node sent, once and in order" whole cn 500
check "all that was sent to the node, once and in order" whole node 500
ip -n $R2 link set up0 up
ip -n $R2 route replace default via 192.0.2.129
ip -n $R2 route replace 192.0.2.1/32 via 192.0.2.129

echo "# both networks give the same address"
ip -n $R2 addr add 10.1.0.1/24 dev ln0
ip -n $NODE addr add 10.1.0.5/24 dev wire0
ip -n $NODE addr del 10.2.0.5/24 dev wire0
ip -n $NODE route replace default via 10.1.0.1 dev wire0 metric 100
care_of_rules() { [ "$(ip -n $NODE rule show priority 432 | grep -c "from 10.1.0.5 ")" = "$1" ]; }
check "it is known" until_true node_is '[.interfaces[].address] == ["10.1.0.5", "10.1.0.5"]'
check "and has a rule" care_of_rules 1
check "moved to" until_true node handoff wire0
check "packets go both ways" until_true pings $NODE $FAR
node handoff radio0 >/dev/null
ip -n $R2 link set up0 down
gives 1 "the cable's network leads nowhere: it is not proven by the radio's" node handoff wire0
check "the radio serves" serves radio0
ip -n $NODE addr del 10.1.0.5/24 dev wire0
check "the cable's address goes" until_true node_is '.interfaces[1].address == null'
check "the rule of the radio's stays" care_of_rules 1
check "and packets go both ways" pings $NODE $FAR
stop $node
check "nothing is left" nothing $NODE
ended
