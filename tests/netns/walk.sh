# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: a laptop that walks over four networks, and what is beyond them.
#   net1, net2: foreign agents       net3: a router       net4: a NAT       10.N.0.1 each
#   all of them, the home agent 192.0.2.1 and CN 192.0.2.20 on one backbone
# CN is 203.0.113.9, a company's, and 198.51.100.9, anybody's; it knows the way to 10.1 to 10.3.
# Each has names of the test's own: $T.
SW=$T-sw HA=$T-ha FA1=$T-fa1 FA2=$T-fa2 R=$T-r NAT=$T-nat CN=$T-cn NODE=$T-node
PATH=$PATH:/usr/sbin:/sbin
OURS=203.0.113.9 OTHER=198.51.100.9 HOME_ADDR=10.99.0.5
at() { printf '02:00:00:00:00:0%d\n' "$1"; } # NETWORK: its access point

plug() { # BRIDGE NAMESPACE INTERFACE [ADDRESS]
	ip link add "$3" netns "$2" type veth peer name "p-$3" netns $SW
	ip -n $SW link set "p-$3" master "$1" up
	[ -z "$4" ] || ip -n "$2" addr add "$4" dev "$3"
	ip -n "$2" link set "$3" up
}
forwards() { ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1; } # NAMESPACE
network() { # NUMBER NAMESPACE ON-THE-BACKBONE
	ip -n $SW link add "net$1" type bridge mcast_snooping 0
	ip -n $SW link set "net$1" up
	plug "net$1" "$2" "ln$1" "10.$1.0.1/24"
	plug back "$2" "up$1" "$3/24"
	ip -n "$2" route add default via 192.0.2.20
	ip -n $CN route add "10.$1.0.0/24" via "$3" src $OURS
	forwards "$2"
}
new_space $SW $HA $FA1 $FA2 $R $NAT $CN $NODE
ip -n $SW link add back type bridge mcast_snooping 0
ip -n $SW link set back up
plug back $CN cn0 192.0.2.20/24
ip -n $CN addr add $OURS/32 dev lo
ip -n $CN addr add $OTHER/32 dev lo
ip -n $CN route add 10.99.0.0/24 via 192.0.2.1 src $OURS
forwards $CN
network 1 $FA1 192.0.2.7
network 2 $FA2 192.0.2.8
network 3 $R 192.0.2.9
network 4 $NAT 192.0.2.10
plug back $HA ha0 192.0.2.1/24
for n in 1 2 3; do ip -n $HA route add "10.$n.0.0/24" via "192.0.2.$((6 + n))"; done
ip -n $HA route add default via 192.0.2.20
forwards $HA
ip netns exec $NAT nft -f - <<-END
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat;
			oifname "up4" masquerade
		}
	}
END
plug net1 $NODE radio0
for name in node agents; do new_key "$D/$name.key"; done
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node $HOME_ADDR]
	key-file = node.key
	[Agent 192.0.2.7]
	key-file = agents.key
	[Agent 192.0.2.8]
	key-file = agents.key
END
for n in 1 2; do
	cat >"$D/fa$n.conf" <<-END
		[Foreign]
		care-of = 192.0.2.$((6 + n))
		interface = ln$n
		[Agent 192.0.2.1]
		key-file = agents.key
	END
done
configure() { # LINES: of [Node]
	cat <<-END
		[Node]
		home-address = $HOME_ADDR
		home-agent = 192.0.2.1
		key-file = node.key
		$1
		[Radio]
		interface = radio0
		automatic = no
		[Supplicant]
		control = $D/wpa
	END
}
# What the radio's move to another access point is: another port, and, where $D/lease says so, what a
# DHCP client brings.
cat >"$D/port" <<-END
	#!/bin/sh
	n=\${1#02:00:00:00:00:0}
	ip -n $SW link set p-radio0 master net\$n || exit 1
	[ -e $D/lease ] || exit 0
	ip -n $NODE addr replace 10.\$n.0.5/24 dev radio0
	for old in 1 2 3 4; do
		[ \$old = \$n ] || ip -n $NODE addr del 10.\$old.0.5/24 dev radio0 2>/dev/null
	done
	exec ip -n $NODE route replace default via 10.\$n.0.1 dev radio0
END
chmod +x "$D/port"
leases() { touch "$D/lease"; "$D/port" "$(at "$1")"; } # NETWORK: from now on there is DHCP
no_leases() {
	rm -f "$D/lease"
	ip -n $NODE addr flush to 10.0.0.0/13 dev radio0
	ip -n $NODE route flush table main proto boot
}

node() { "$B/mipclient" -S "$D/node.sock" "$@"; }
status() { node --json status | jq -e "$1"; }
settled() { status ".bssid == \"$(at "$1")\" and .state == \"registered\" and .uplink.path != \"held\""; }
moves() { node --json handoff "$(at "$1")" && until_true settled "$1"; } # NETWORK
agents() { # the home agent and both foreign agents
	check "the home agent starts" launch $HA mipagentd ha
	check "a foreign agent starts" launch $FA1 mipagentd fa1
	check "another one starts" launch $FA2 mipagentd fa2
}
supplicant() { # NETWORK: where it begins
	local others=() n
	for n in 1 2 3 4; do [ "$n" = "$1" ] || others+=("$(at "$n")"); done
	"$D/port" "$(at "$1")"
	tests/netns/supplicant.py "$D/wpa/radio0" "$(at "$1")" "$D/port" "${others[@]}" &
}
# A stream of 500 packets a second each way, and its end: what each side got.
flow() { # NAMESPACE LOCAL PEER NAME: sets $pid
	ip netns exec "$1" "$B/stream" udp "$2" "$3" 500 200 "$D/$4.log" >"$D/$4.json" &
	pid=$!
}
whole() { # NAME: all that the other side sent, once and in order
	jq -se 'length == 1 and (.[0] | .complete and .received == .peer_sent and .received > 300
		and .lost + .duplicated + .reordered == 0)' "$D/$1.json" && return
	cat "$D/$1.json"; return 1
}
flows() { [ "$(grep -c "^r " "$D/$1.log" 2>/dev/null)" -gt "${2:-50}" ]; } # NAME [PACKETS]: more than that came
flows_on() { until_true flows "$1" $(($(grep -c "^r " "$D/$1.log") + 100)); } # NAME
walks() { # NAME NETWORK...: with that stream under way on each of them
	local name=$1 n; shift
	for n; do moves "$n" && flows_on "$name" || return 1; done
}
