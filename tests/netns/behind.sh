#!/bin/bash
# SPDX-License-Identifier: MIT
# Containers and hotspot clients behind a laptop that walks: masqueraded as Docker and NetworkManager do
# it, by the home address and nothing else, so that their connections go on.  Strict rp_filter.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh
new_space BOX PHONE

behind() { # NAMESPACE INTERFACE NETWORK: .2 there, the laptop is .1
	cable "$1" eth0 "$3.2/24" $NODE "$2" "$3.1/24"
	ip -n "$1" route add default via "$3.1"
}
forwards $NODE
ip netns exec $NODE sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
behind $BOX docker0 172.17.0
behind $PHONE ap0 10.42.0
ip netns exec $NODE nft -f - <<-END
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat;
			ip saddr 172.17.0.0/24 oifname != "docker0" counter masquerade
			ip saddr 10.42.0.0/24 ip daddr != 10.42.0.0/24 masquerade
		}
		chain pre {
			type nat hook prerouting priority dstnat;
			fib daddr type local tcp dport 8080 dnat to 172.17.0.2
		}
	}
END
box() { ip netns exec $BOX "$@"; }
begun() { ip netns exec $NODE nft list chain ip nat post | grep -qE 'counter packets [1-9]'; }
begin() { # the container's stream goes first, or its port would be another
	ip netns exec $NODE nft 'reset counters; reset rules' >/dev/null 2>&1
	flow $BOX 172.17.0.2:5000 $OURS:5000 box
	until_true begun
	flow $CN $OURS:5000 $HOME_ADDR:5000 cn
	until_true flows box && until_true flows cn
}
finish() {
	end_flows box cn
	check "all that the container sent arrived, once and in order" whole cn
	check "all that was sent to it, too" whole box
}
heard() { # ADDRESS: CN saw packets from there alone
	[ "$(awk '{ print $1 }' "$D/seen" | sort -u)" = "$1" ] && return
	sort "$D/seen" | uniq -c; return 1
}

configure "" >"$D/node.conf"
agents
check "the node starts" launch $NODE mipclientd node; node=$pid

echo "# what begins between two links"
ip netns exec $BOX ping -c 1 -W 9 $OURS >"$D/ping" 2>&1 & ping=$!
queued() { node_is '.uplink.path == "held" and .uplink.queued > 0'; }
check "a container's packet waits" until_true queued
supplicant 1
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
wait $ping
check "it was sent, and answered" grep -q "1 received" "$D/ping"

echo "# foreign agents, and no other address"
check "a hotspot client reaches what is beyond" until_true pings $PHONE $OURS
check "large packets, too" pings $PHONE $OURS -s 1450 -M dont
check "and hears what is too large" grep -q "mtu = 1480" <(pings $PHONE $OURS -s 1460 -M 'do' 2>&1)
check "a container has a stream" begin
ip netns exec $CN "$B/stream" recv $OURS:6000 >"$D/recv.json" & recv=$!
until_true ip netns exec $CN sh -c 'ss -Hltn | grep -q :6000'
ip netns exec $PHONE "$B/stream" send 10.42.0.2:6000 $OURS:6000 200000 >"$D/send.json" & send=$!
ip netns exec $BOX "$B/stream" echo 172.17.0.2:8080 & echo=$!
until_true box sh -c 'ss -Hltn | grep -q :8080'
ip netns exec $CN "$B/stream" ping $OURS:6001 $HOME_ADDR:8080 20 >"$D/lines.json" & lines=$!
check "it goes on over four handoffs" walks box 2 1 2 1
finish
kill $send $lines
wait $send $lines
kill $recv $echo 2>/dev/null # where nothing has come
wait $recv $echo
complain "$D/send.json"
check "a hotspot client's transfer, too" holds '.intact and .error == "" and .bytes > 100000' "$D/recv.json"
check "nothing of it was sent twice" holds '.retransmitted == 0' "$D/send.json"
check "and what speaks to a container's published port" holds '.survived and .lines > 20' "$D/lines.json"

echo "# networks that give addresses: agents, a router, a NAT"
leases 1
check "the node has one" until_true node_is '.address == "10.1.0.5"'
check "a container has a stream" begin
check "it goes on from an agent to the NAT, never seen before" walks box 4
check "by the home agent" flow_was F12
check "and over eight handoffs" walks box 2 3 4 1 2 3 2 1
finish
check "by the TUN alone" node_is '.uplink.path == "agent" and .drops."inner-source" == 0'

stop $node
check "nothing is left" nothing $NODE
ended
