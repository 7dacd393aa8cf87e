#!/bin/bash
# SPDX-License-Identifier: MIT
# A node with a radio and a cable, each in a network of its own behind a NAT: make before break.  Real
# mipclientd and mipagentd, two routers, a correspondent.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
HA=mipl-ha R1=mipl-r1 R2=mipl-r2 NODE=mipl-node
PATH=$PATH:/usr/sbin

cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE [ADDRESS]
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	[ -z "$6" ] || ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
router() { # NAMESPACE INTERFACE-UP
	ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1
	ip -n "$1" route add default via 192.0.2.1 2>/dev/null
	ip netns exec "$1" nft -f - <<-END
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname "$2" masquerade
			}
		}
	END
}
# Where the kernel has netem: elsewhere all paths are short.
late() { ip netns exec "$1" tc qdisc add dev "$2" root netem delay "$3" limit 100000 2>/dev/null; }
new_space $HA $R1 $R2 $NODE
cable $HA ha1 192.0.2.1/25 $R1 up0 192.0.2.10/25
cable $HA ha2 192.0.2.129/25 $R2 up0 192.0.2.130/25
cable $R1 ln0 10.1.0.1/24 $NODE radio0 10.1.0.5/24
cable $R2 ln0 10.2.0.1/24 $NODE wire0 10.2.0.5/24
ip -n $HA addr add 203.0.113.9/32 dev lo # the correspondent
ip -n $R2 route add default via 192.0.2.129
router $R1 up0
router $R2 up0
ip -n $NODE route add default via 10.1.0.1 dev radio0 metric 600
ip -n $NODE link set wire0 down
# 20 ms to the server, and a radio that is slower still: what is on it must not be overtaken
late $HA ha1 10ms; late $R1 up0 10ms
late $HA ha2 10ms; late $R2 up0 10ms
late $R1 ln0 4ms; late $NODE radio0 4ms

new_key "$D/node.key"
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node 10.99.0.5]
	key-file = node.key
END
cat >"$D/node.conf" <<-END
	[Node]
	home-address = 10.99.0.5
	home-agent = 192.0.2.1
	key-file = node.key
	[Radio]
	interface = radio0
	[Interfaces]
	prefer = wire0
	[Supplicant]
	control = $D/wpa
END
ip -n $R2 route add 192.0.2.1/32 via 192.0.2.129
node() { "$B/mipclient" -S "$D/node.sock" "$@"; }
node_is() { node --json status | jq -e "$1"; }
serves() { node_is "(.interfaces[] | select(.serves).name) == \"$1\" and .state == \"registered\""; }
pings() { ip netns exec $NODE ping -c 1 -W 2 203.0.113.9; }
plug_in() { # what a DHCP client does comes with it
	ip -n $NODE link set wire0 up
	ip -n $NODE route replace default via 10.2.0.1 dev wire0 metric 100
}
pull_out() { ip -n $R2 link set ln0 down; }
push_in() { ip -n $R2 link set ln0 up; }
last_was() { node_is ".last_handoff | .flow == \"$1\" and .result == \"done\""; }

check "the home agent starts" launch $HA mipagentd ha
check "the node starts" launch $NODE mipclientd node; node=$pid
tests/netns/supplicant.py "$D/wpa/radio0" 02:00:00:00:00:00 &
check "it registers by the radio" await "$D/node.log" "registered from 10.1.0.5 behind a NAT"
check "status knows both" node_is '[.interfaces[] | [.name, .up]] == [["radio0", true], ["wire0", false]]'

echo "# the cable is plugged in"
plug_in
check "it goes there" until_true serves wire0
check "make before break" last_was MBB
check "packets go both ways" until_true pings
check "a user's word comes first" node handoff radio0
check "and holds" serves radio0
check "until he takes it back" node handoff preferred
check "it serves" until_true serves wire0
gives 2 "what is no interface" node handoff eth7

echo "# to and fro, 500 packets a second each way"
whole() { jq -se 'length == 1 and (.[0] | .complete and .received == .peer_sent and .received > 500
	and .lost + .duplicated + .reordered == 0)'; }
walk() { # TIMES
	for _ in $(seq "$1"); do
		node handoff radio0 && serves radio0 || return 1
		node handoff wire0 && serves wire0 || return 1
	done
}
streams() {
	ip netns exec $HA "$B/stream" udp 203.0.113.9:5000 10.99.0.5:5000 500 200 "$D/down" >"$D/cn.json" & cn=$!
	ip netns exec $NODE "$B/stream" udp 10.99.0.5:5000 203.0.113.9:5000 500 200 "$D/up" >"$D/mn.json" & mn=$!
	until_true grep -q '^r 0 ' "$D/up"
	until_true grep -q '^r 0 ' "$D/down"
}
end_streams() {
	kill $cn $mn
	wait $cn $mn
	sed 's/^/# /' "$D/cn.json" "$D/mn.json"
}
streams
check "ten times" walk 10
end_streams
check "all that the node sent, once and in order" whole <"$D/cn.json"
check "all that was sent to the node, once and in order" whole <"$D/mn.json"

echo "# the cable is pulled"
streams
pull_out
check "the radio serves" until_true serves radio0
push_in
check "and the cable again, once it is trusted" timeout 20 bash -c "until [ \"\$($B/mipclient -S $D/node.sock --json status |
	jq -r '.interfaces[] | select(.serves).name')\" = wire0 ]; do sleep 0.1; done"
end_streams
check "nothing is doubled or overtaken" jq -se 'all(.complete and .duplicated + .reordered == 0)' "$D/cn.json" "$D/mn.json"

echo "# a network that leads nowhere"
node handoff radio0 >/dev/null
ip -n $R2 link set up0 down
streams
gives 1 "the cable does not serve" node handoff wire0
said "no answer to the Registration Request"
check "the radio never ceased to" serves radio0
end_streams
check "all that the node sent, once and in order" whole <"$D/cn.json"
check "all that was sent to the node, once and in order" whole <"$D/mn.json"
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
check "packets go both ways" until_true pings
node handoff radio0 >/dev/null
ip -n $R2 link set up0 down
gives 1 "the cable's network leads nowhere: it is not proven by the radio's" node handoff wire0
check "the radio serves" serves radio0
ip -n $NODE addr del 10.1.0.5/24 dev wire0
check "the cable's address goes" until_true node_is '.interfaces[1].address == null'
check "the rule of the radio's stays" care_of_rules 1
check "and packets go both ways" pings
kill "$node"; wait "$node"
check "nothing is left" nothing $NODE
ended
