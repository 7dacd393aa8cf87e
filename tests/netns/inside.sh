#!/bin/bash
# SPDX-License-Identifier: MIT
# What happens to packets inside a tunnel reaches who sent them: a router between the home agent and the
# node has no way on, or sees TTLs run out (RFC 2003 4), or marks packets as congested (RFC 6040).  A node
# by itself, IP-in-IP and inside UDP, and with a foreign agent; real daemons, both directions.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

BYTES=3000000
CARE_OF=10.4.0.7
new_space SW CN HA R FA NODE
bridges net1 net3
cable $CN cn0 198.51.100.9/24 $HA ha1 198.51.100.1/24
cable $HA ha0 192.0.2.1/24 $R r0 192.0.2.254/24
cable $FA fa0 $CARE_OF/24 $R r1 10.4.0.1/24
plug net3 $R r3 10.3.0.1/24
plug net1 $FA ln0 10.1.0.1/24
plug net3 $NODE radio0
for space in $R $HA; do forwards "$space"; done
ip netns exec $R sysctl -qw net.ipv4.icmp_ratelimit=0
ip -n $CN addr add $FAR/32 dev lo
ip -n $CN route add $HOME_NET via 198.51.100.1 src $FAR
ip -n $HA route add $FAR via 198.51.100.9
for net in 10.3.0.0/24 10.4.0.0/24; do ip -n $HA route add $net via 192.0.2.254; done
ip -n $FA route add default via 10.4.0.1
for space in $CN $NODE; do ip netns exec "$space" sysctl -qw net.ipv4.tcp_ecn=1; done
{ ha_conf "udp-tunnel = forced"; knows_agent $CARE_OF; } >"$D/ha.conf"
{ fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
AP1=02:00:00:00:00:01 AP3=02:00:00:00:00:03
access_points "$AP1 net1" "$AP3 net3 10.3.0"
touch "$D/dhcp"

router() { ip -n $R route "$@"; }
from_cn() { ip netns exec $CN ping -c 1 -W 5 "$@" $HOME_ADDR; } # [OPTION...]
from_node() { ip netns exec $NODE ping -c 1 -W 5 "$@" $FAR; } # [OPTION...]
told() { # WHO ADDRESS WHAT COUNTER: who sends is told by that address, and it is counted
	local before; before=$($4)
	# Not always at once: a router sends no more than five errors in a row (net.ipv4.route.error_burst).
	check "its sender is told" until_true hears "From $2 icmp_seq=1 Destination $3 Unreachable" "from_$1"
	[ "$($4)" -gt "$before" ]
	result $? "and that is counted"
}
hears() { "${@:2}" 2>&1 | tee /dev/stderr | grep -qF -- "$1"; } # TEXT COMMAND...
by_node() { node --json status | jq .counters.icmp_errors_relayed; }
by_ha() { counter ha icmp-errors-relayed; }
by_fa() { counter fa icmp-errors-relayed; }
errors() { # WHERE-THE-TUNNEL-ENDS NETWORK ENTRANCE ITS-ADDRESS: that of the way back, as the node sees it
	check "it works" from_cn
	for way in unreachable prohibit; do
		router add $way "$1/32"
		echo "# to the node: $way"
		told cn 192.0.2.1 Host by_ha
		router del $way "$1/32"
	done
	router add unreachable "$1/32"
	check "no connection is waited for" hears "No route to host" connects $CN $HOME_ADDR
	router del unreachable "$1/32"
	echo "# to the node: no route"
	router del "$2"
	told cn 192.0.2.1 Host by_ha
	router add "$2" dev "$(device "$2")"
	echo "# to the node: the TTL runs out"
	mangle prerouting "iifname r0 ip ttl set 1"
	told cn 192.0.2.1 Host by_ha
	as_it_was
	echo "# from the node: unreachable"
	router add unreachable 192.0.2.1/32
	told node "$4" Host "by_$3"
	router del unreachable 192.0.2.1/32
	echo "# from the node: no route"
	router del 192.0.2.0/24
	told node "$4" Net "by_$3"
	router add 192.0.2.0/24 dev r0
	echo "# from the node: the TTL runs out"
	mangle prerouting "iifname $(device "$2") ip ttl set 1"
	told node "$4" Host "by_$3"
	as_it_was
	check "it works again" until_true from_cn
}
device() { [ "$1" = 10.3.0.0/24 ] && echo r3 || echo r1; } # NETWORK: the router's there
connects() { ip netns exec "$1" timeout 20 bash -c "exec 3<>/dev/tcp/$2/7"; } # SPACE ADDRESS
mangle() { # HOOK RULE: at the router
	ip netns exec $R nft -f - <<-END || exit 2
		table ip mangled {
			chain c {
				type filter hook $1 priority mangle;
				$2
			}
		}
	END
}
as_it_was() { ip netns exec $R nft delete table ip mangled; }

ecn_node() { node --json status | jq .drops.ecn; }
ecn_ha() { dropped ha ecn; }
ecn_fa() { dropped fa ecn; }
counts_marks() { # SPACE: of what arrives for programs
	ip netns exec "$1" nft -f - <<-END
		table ip seen {
			chain in {
				type filter hook input priority 0;
				ip protocol != { icmp, tcp } accept
				ip ecn ce counter
				ip ecn { ect0, ect1 } counter
			}
		}
	END
}
marks() { # SPACE ce|ect
	ip netns exec "$1" nft -j list chain ip seen in |
		jq "[.. | .counter? | objects | .packets][$([ "$2" = ce ]; echo $?)]"
}
congested() { # SENDER SPACE WHERE-IT-ENDS DEVICE: the router marks what goes out there
	local ce ect lost
	mangle forward "oifname $4 ip ecn set ce" # whether its sender knows marks or not
	for ecn in 1 2 3; do
		ce=$(marks "$2" ce) ect=$(marks "$2" ect)
		echo "# ECN $ecn"
		check "a marked packet arrives" "from_$1" -Q $((0xb8 | ecn))
		[ "$(marks "$2" ce) $(marks "$2" ect)" = "$((ce + 1)) $ect" ]
		result $? "as congested"
	done
	lost=$("ecn_$3")
	check "one whose sender knows no marks does not" not "from_$1" -Q 0xb8 -W 1
	[ "$("ecn_$3")" = $((lost + 1)) ]
	result $? "but is counted"
	as_it_was
	ce=$(marks "$2" ce)
	check "no congestion: it arrives" "from_$1" -Q 2
	[ "$(marks "$2" ce)" = "$ce" ]
	result $? "as it was sent"
}
ecn() { # WHERE-THE-TUNNEL-ENDS DEVICE
	echo "# to the node"
	congested cn $NODE "$1" "$2"
	echo "# from the node"
	congested node $CN ha r0
}
stream() { # a TCP stream each way, of which some segments are marked
	local here there
	mangle forward "ip ecn ect0 numgen inc mod 20 0 ip ecn set ce"
	here=$(marks $NODE ce) there=$(marks $CN ce)
	check "streams with ECN, marked now and then: whole" transfers
	as_it_was
	echo "# $(($(marks $NODE ce) - here)) and $(($(marks $CN ce) - there)) packets"
	[ "$(marks $NODE ce)" -gt "$here" ] && [ "$(marks $CN ce)" -gt "$there" ]
	result $? "both ends have seen it"
}
transfers() { [ "$(ip netns exec $NODE tests/netns/transfer.py $FAR 7000 $BYTES)" = whole ]; }

ip netns exec $CN tests/netns/transfer.py serve $FAR 7000 >"$D/served" &
await "$D/served" ready
for space in $CN $NODE; do counts_marks "$space"; done
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "a foreign agent starts" launch $FA mipagentd fa; fa=$pid
"$D/port" $AP3
radio $AP3 $AP1

for tunnel in IP-in-IP "inside UDP"; do
	echo "# a node by itself, $tunnel"
	forced=no
	[ "$tunnel" = IP-in-IP ] || forced=forced
	{ node_conf "udp-tunnel = $forced"; echo "automatic = no"; } >"$D/node.conf"
	check "the node starts" launch $NODE mipclientd node; node=$pid
	check "it is registered" until_true node_is '.state == "registered" and .care_of == "10.3.0.5"'
	errors 10.3.0.5 10.3.0.0/24 node 192.0.2.1
	ecn node r3
	stream
	[ "$tunnel" = IP-in-IP ] && stop $node
done

echo "# with a foreign agent"
check "it goes there" moves $AP1
check "and is registered by it" node_is ".care_of == \"$CARE_OF\""
errors $CARE_OF 10.4.0.0/24 fa $CARE_OF
ecn fa r1
stream
stop $node
stop $fa
stop $ha
ended
