#!/bin/bash
# SPDX-License-Identifier: MIT
# A foreign agent behind a real NAT, one that is not, a node that walks between them: RFC 3519, real daemons.
#   node radio0 -- net1: agent 10.1.0.1, care-of 192.168.7.7 -- NAT 192.0.2.9 -- back -- home agent 192.0.2.1
#               -- net2: agent 10.2.0.1, care-of 192.0.2.8 -------------------- back -- CN 192.0.2.20
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

new_space SW HA NAT FA1 FA2 CN NODE
bridges back net1 net2
plug back $HA ha0 192.0.2.1/24
plug back $CN cn0 192.0.2.20/24
plug back $NAT pub 192.0.2.9/24
plug back $FA2 up2 192.0.2.8/24
cable $FA1 up1 192.168.7.7/24 $NAT in 192.168.7.1/24
plug net1 $FA1 ln1 10.1.0.1/24
plug net2 $FA2 ln2 10.2.0.1/24
plug net1 $NODE radio0
ip -n $FA1 route add default via 192.168.7.1
ip -n $FA2 route add default via 192.0.2.1
ip -n $CN addr add $FAR/32 dev lo
ip -n $CN route add 10.99.0.0/24 via 192.0.2.1 src $FAR
ip -n $HA route add $FAR via 192.0.2.20
for r in $HA $NAT $FA1 $FA2; do forwards $r; done
port_is() { # PORT: it forgets what it knew, as routers do
	nat_port "$1"
	ip -n $NAT link set pub down
	ip -n $NAT link set pub up
}
port_is 40000
ONE=02:00:00:00:00:01 TWO=02:00:00:00:00:02 # access points
access_points "$ONE net1" "$TWO net2"
{ ha_conf; knows_agent 192.168.7.7; knows_agent 192.0.2.8; } >"$D/ha.conf"
{ CARE_OF=192.168.7.7 LINKS=ln1 fa_conf; knows_agent $HA_ADDR; } >"$D/fa1.conf"
{ CARE_OF=192.0.2.8 LINKS=ln2 fa_conf; knows_agent $HA_ADDR; } >"$D/fa2.conf"
{ node_conf; echo "automatic = no"; } >"$D/node.conf"

bound() { agent_is ha bindings ".bindings | map([.care_of, .udp, .co_located]) == $1"; } # [[CARE-OF, UDP, CO-LOCATED]...]
keeps() { node_is '.buffering.by == "home-agent"'; }
walked() { # BSSID: loses nothing
	moves "$1" && flows_on cn && flows_on node
}

echo "# behind a NAT"
check "the home agent starts" launch $HA mipagentd ha
check "an agent starts behind a NAT" launch $FA1 mipagentd fa1; fa1=$pid
check "another one where there is none" launch $FA2 mipagentd fa2; fa2=$pid
radio $ONE $TWO
check "the node starts" launch $NODE mipclientd node; node=$pid
check "registered" until_true is_at $ONE
check "bound to the private address, inside UDP to the NAT's" until_true bound '[["192.168.7.7", "192.0.2.9:40000", false]]'
check "the agent knows that it is behind a NAT" agent_is fa1 status '.foreign.behind_nat'
check "mipagent visitors shows the tunnel" agent_is fa1 visitors '.visitors[0].udp'
check "packets go both ways" until_true pings $NODE $FAR
check "the node asks the home agent to keep, and not this agent" until_true keeps

echo "# spoofed"
fakes() { # NAMESPACE SOURCE-PORT DESTINATION INNER-SOURCE INNER-DESTINATION
	ip netns exec "$1" python3 - "${@:2}" <<-'END'
		import socket, struct, sys
		def checksum(b):
		    s = sum(struct.unpack('>%dH' % (len(b) // 2), b))
		    s = (s >> 16) + (s & 0xffff)
		    return ~(s + (s >> 16)) & 0xffff
		ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 28, 0, 0, 64, 17, 0, socket.inet_aton(sys.argv[3]), socket.inet_aton(sys.argv[4]))
		ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(('0.0.0.0', int(sys.argv[1])))
		for _ in range(10):
		    s.sendto(b'\4\4\0\0' + ip + struct.pack('>HHHH', 5000, 5001, 8, 0), (sys.argv[2], 434))
	END
}
refused() { [ "$(dropped "$1" outer-source)" -ge "$2" ]; } # NAME COUNT
delivered=$(agent fa1 --json visitors | jq '.visitors[0].packets_to_node')
check "from the NAT, to the agent" fakes $NAT 434 192.168.7.7 $FAR 10.99.0.5
check "counted" until_true refused fa1 10
check "from elsewhere, in the node's name, to the home agent" fakes $CN 434 192.0.2.1 10.99.0.5 $FAR
check "counted" until_true refused ha 10
[ "$delivered" = "$(agent fa1 --json visitors | jq '.visitors[0].packets_to_node')" ]
result $? "and the node has none of them"

echo "# there and back"
check "streams, both ways" streams $CN $FAR
check "to the other agent" walked $TWO
check "IP-in-IP there" bound '[["192.0.2.8", null, false]]'
check "and back" walked $ONE
check "inside UDP" bound '[["192.168.7.7", "192.0.2.9:40000", false]]'
check "and there once more" walked $TWO
check "and back once more" walked $ONE
end_flows cn node
check "nothing is lost, doubled or reordered on the way down" whole node
check "nor on the way up" whole cn

echo "# the NAT has another port, in mid-stream"
check "streams, both ways" streams $CN $FAR
check "under way" flows_on cn
before=$(dropped ha outer-source)
port_is 40001
check "what comes from there is refused" until_true refused ha $((before + 5))
node register >/dev/null
check "until the node registers" until_true bound '[["192.168.7.7", "192.0.2.9:40001", false]]'
check "the stream goes on" flows_on cn
check "both ways" flows_on node
end_flows cn node
gap() { # NAME: what was lost is one gap: nothing is doubled or out of order
	holds ".duplicated + .reordered == 0 and .lost > 0 and .received > 100" "$D/$1.json"
}
check "on the way down no more than what went to the dead port" gap node
check "nor on the way up" gap cn

echo "# an address of its own, by way of the agent"
stop "$node"
check "the node has left" until_true bound '[]'
stop "$fa1"
ip -n $NAT route add 10.1.0.0/24 via 192.168.7.7
ip -n $NODE addr add 10.1.0.5/24 dev radio0
ip -n $NODE route add default via 10.1.0.1 dev radio0
port_is 41000-41999
{ CARE_OF=192.168.7.7 LINKS=ln1 fa_conf "registration-required = yes" "advertise-interval = 200 ms"; knows_agent $HA_ADDR; } >"$D/fa1.conf"
{ node_conf "care-of = co-located"; echo "automatic = no"; } >"$D/node.conf"
check "the agent insists" launch $FA1 mipagentd fa1
check "the node starts" launch $NODE mipclientd node; node=$pid
own() { agent_is ha bindings '.bindings | length == 1 and (.[0] | .care_of == "10.1.0.5" and .co_located and (.udp | startswith("192.0.2.9:41")))'; }
relayed() { [ "$(counter fa1 requests-relayed)" -ge "$1" ]; } # COUNT
check "it hears that, and registers by way of the agent" until_true relayed 1
check "bound to its own address, where its keepalive came from" until_true own
check "which has no visitor" agent_is fa1 visitors '.visitors == []'
check "packets go both ways" until_true pings $NODE $FAR
check "streams, both ways" streams $CN $FAR
check "under way" flows_on cn 300
check "registering again" node register
check "goes by the agent, too" relayed 2
check "the stream goes on" flows_on cn 300
end_flows cn node
check "nothing is lost, doubled or reordered on the way down" whole node
check "nor on the way up" whole cn

echo "# another agent insists: make before break"
stop "$node"
stop "$fa2"
ip -n $HA route add 10.2.0.0/24 via 192.0.2.8
plug net2 $NODE wire0 10.2.0.5/24
ip -n $NODE route add default via 10.2.0.1 dev wire0 metric 700
{ CARE_OF=192.0.2.8 LINKS=ln2 fa_conf "registration-required = yes" "advertise-interval = 200 ms"; knows_agent $HA_ADDR; } >"$D/fa2.conf"
{ node_conf "care-of = co-located"; echo "automatic = no"; section Interfaces "prefer = wire0"; } >"$D/node.conf"
check "an agent where there is no NAT insists, too" launch $FA2 mipagentd fa2
check "the node starts" launch $NODE mipclientd node
serves() { node_is "(.interfaces[] | select(.serves).name) == \"$1\" and .state == \"registered\" and .co_located"; }
by_cable() { agent_is ha bindings '.bindings | length == 1 and (.[0] | .care_of == "10.2.0.5" and .co_located and (.udp | startswith("10.2.0.5:")))'; }
check "the cable is preferred" until_true serves wire0
check "and registered by way of its agent" until_true by_cable
check "streams, both ways" streams $CN $FAR
to_and_fro() { # TIMES
	for _ in $(seq "$1"); do
		node handoff radio0 && until_true own && flows_on cn || return 1
		node handoff wire0 && until_true by_cable && flows_on cn || return 1
	done
}
check "five times to and fro" to_and_fro 5
end_flows cn node
check "nothing is lost, doubled or reordered on the way down" whole node
check "nor on the way up" whole cn
check "what came while it was not known where to was kept" test "$(dropped ha no-tunnel)" = 0

ended
