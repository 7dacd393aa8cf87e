#!/bin/bash
# SPDX-License-Identifier: MIT
# A home agent that is known by its name: looked up on the visited link, again when it is silent and
# when the network changes; with the real daemons, and a name server that is somewhere else.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

umask 077

new_space HA HA2 FA EV NODE
cable $FA up0 192.0.2.6/30 $HA ha0 192.0.2.5/30
cable $FA up1 192.0.2.10/30 $HA2 ha0 192.0.2.9/30
cable $FA up2 203.0.113.1/24 $EV ev0 203.0.113.9/24
cable $FA ln0 10.1.0.1/24 $NODE radio0 10.1.0.9/24
ip -n $HA route add default via 192.0.2.6
ip -n $HA2 route add default via 192.0.2.10
ip -n $EV route add default via 203.0.113.1
ip -n $NODE route add default via 10.1.0.1
forwards $FA
# The name server is not on the link: a question must find the link's own default route.
mkdir -p /etc/netns/$NODE
printf 'nameserver 203.0.113.9\noptions timeout:1 attempts:1\n' >/etc/netns/$NODE/resolv.conf
HA_ADDR=192.0.2.5 ha_conf >"$D/ha.conf"
HA_ADDR=192.0.2.9 ha_conf >"$D/ha2.conf"
HA_ADDR=ha.example.net node_conf >"$D/node.conf"
CARE_OF=192.0.2.6 fa_conf >"$D/fa.conf"
at() { agent_is "$1" bindings '.bindings[0].home_address == "10.99.0.5"'; } # HOME-AGENT
lookups() { ip -n $NODE rule list | grep -E '^(429|430|431):'; }
touch "$D/address" "$D/asked"

echo "# no answer"
check "a name is accepted" "$B/mipclientd" -n -c "$D/node.conf"
for bad in 192.0.2 192.0.2.300 ha..example.net -ha 'ha example'; do
	sed "s/ha\.example\.net/$bad/" "$D/node.conf" >"$D/bad.conf"
	gives 78 "$bad is none" "$B/mipclientd" -n -c "$D/bad.conf"
done
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the other one starts" launch $HA2 mipagentd ha2
check "the access point starts" launch $FA mipagentd fa
radio
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it says what it waits for" await "$D/node.log" "home agent ha.example.net: its address is not known"
check "status too" node_is '.problems[] | select(startswith("the address of ha.example.net"))'
check "nothing is sent to nobody" node_is '.counters.requests == 0'

echo "# an answer"
echo 192.0.2.5 >"$D/address"
ip netns exec $EV tests/netns/names.py 203.0.113.9 "$D/address" >"$D/asked" &
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
said "home agent ha.example.net is 192.0.2.5" "$D/node.log"
check "there" until_true at ha
check "nothing is missing" node_is '[.problems[] | select(startswith("the address"))] == []'
asked_by() { grep -q "^$1 ha.example.net" "$D/asked"; }
check "it asked from the link's address" asked_by 10.1.0.9
gives 1 "never from its home address" asked_by 10.99.0.5
check "and then closed that way" until_true not lookups

echo "# the home agent moves to another address"
stop "$ha"
echo 192.0.2.9 >"$D/address"
node register >/dev/null 2>&1 &
check "it is looked up again" await "$D/node.log" "home agent ha.example.net is 192.0.2.9"
check "and registered with" until_true at ha2

echo "# the name server falls silent"
: >"$D/address"
: >"$D/asked"
sed -i 's/timeout:1/timeout:30/' /etc/netns/$NODE/resolv.conf
check "another question is asked" node reload
check "and under way" until_true asked_by 10.1.0.9
check "the registration stands" node_is '.state == "registered"'
SECONDS=0
stop "$node"
result $? "it ends when it is told to"
check "at once" [ $SECONDS -le 3 ]
check "and leaves no rule" not lookups
check "nor anything else" nothing $NODE
ended
