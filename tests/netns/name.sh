#!/bin/bash
# SPDX-License-Identifier: MIT
# A home agent that is known by its name: looked up on the visited link, again when it is silent and
# when the network changes; with the real daemons, and a name server that is somewhere else.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
HA=mipm-ha HA2=mipm-ha2 FA=mipm-fa EV=mipm-ev NODE=mipm-node
umask 077
trap 'cleanup; rm -rf /etc/netns/$NODE' EXIT

cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE ADDRESS
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
new_space $HA $HA2 $FA $EV $NODE
cable $FA up0 192.0.2.6/30 $HA ha0 192.0.2.5/30
cable $FA up1 192.0.2.10/30 $HA2 ha0 192.0.2.9/30
cable $FA up2 203.0.113.1/24 $EV ev0 203.0.113.9/24
cable $FA ln0 10.1.0.1/24 $NODE radio0 10.1.0.9/24
ip -n $HA route add default via 192.0.2.6
ip -n $HA2 route add default via 192.0.2.10
ip -n $EV route add default via 203.0.113.1
ip -n $NODE route add default via 10.1.0.1
ip netns exec $FA sysctl -qw net.ipv4.ip_forward=1
# The name server is not on the link: a question must find the link's own default route.
mkdir -p /etc/netns/$NODE
printf 'nameserver 203.0.113.9\noptions timeout:1 attempts:1\n' >/etc/netns/$NODE/resolv.conf
new_key "$D/node.key"
for ha in 'ha 192.0.2.5' 'ha2 192.0.2.9'; do
	cat >"$D/${ha% *}.conf" <<-END
		[Home]
		address = ${ha#* }
		network = 10.99.0.0/24
		[Node 10.99.0.5]
		key-file = node.key
	END
done
cat >"$D/fa.conf" <<-END
	[Foreign]
	care-of = 192.0.2.6
	interface = ln0
END
cat >"$D/node.conf" <<-END
	[Node]
	home-address = 10.99.0.5
	home-agent = ha.example.net
	key-file = node.key
	[Radio]
	interface = radio0
	[Supplicant]
	control = $D/wpa
END
node() { "$B/mipclient" -S "$D/node.sock" "$@"; }
status() { node --json status | jq -e "$1"; }
at() { "$B/mipagent" -S "$D/$1.sock" --json bindings | jq -e '.bindings[0].home_address == "10.99.0.5"'; }
lookups() { ip -n $NODE rule list | grep -E '^(429|430|431):'; }
no_lookups() { ! lookups; }
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
tests/netns/supplicant.py "$D/wpa/radio0" 02:00:00:00:00:00 &
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it says what it waits for" await "$D/node.log" "home agent ha.example.net: its address is not known"
check "status too" status '.problems[] | select(startswith("the address of ha.example.net"))'
check "nothing is sent to nobody" status '.counters.requests == 0'

echo "# an answer"
echo 192.0.2.5 >"$D/address"
ip netns exec $EV tests/netns/names.py 203.0.113.9 "$D/address" >"$D/asked" &
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
said "home agent ha.example.net is 192.0.2.5" "$D/node.log"
check "there" until_true at ha
check "nothing is missing" status '[.problems[] | select(startswith("the address"))] == []'
asked_by() { grep -q "^$1 ha.example.net" "$D/asked"; }
check "it asked from the link's address" asked_by 10.1.0.9
gives 1 "never from its home address" asked_by 10.99.0.5
check "and then closed that way" until_true no_lookups

echo "# the home agent moves to another address"
kill "$ha"; wait "$ha" 2>/dev/null
echo 192.0.2.9 >"$D/address"
ip netns exec $NODE "$B/mipclient" -S "$D/node.sock" register >/dev/null 2>&1 &
check "it is looked up again" await "$D/node.log" "home agent ha.example.net is 192.0.2.9"
check "and registered with" until_true at ha2

echo "# the name server falls silent"
: >"$D/address"
: >"$D/asked"
sed -i 's/timeout:1/timeout:30/' /etc/netns/$NODE/resolv.conf
check "another question is asked" node reload
check "and under way" until_true asked_by 10.1.0.9
check "the registration stands" status '.state == "registered"'
SECONDS=0
kill "$node"; wait "$node"
result $? "it ends when it is told to"
check "at once" [ $SECONDS -le 3 ]
check "and leaves no rule" no_lookups
check "nor anything else" nothing $NODE
ended
