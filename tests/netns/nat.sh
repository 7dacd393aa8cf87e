#!/bin/bash
# SPDX-License-Identifier: MIT
# A co-located node (natnode.py) behind a real NAT, a real home agent, a correspondent and a stranger
# before it: RFC 3519, a change of the NAT's port in mid-stream, flow F7, what is spoofed, a flood.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/natted.sh

new_port() { # PORT: from now on the NAT's; it forgets what it knew, as routers do
	nat_port "$1"
	now=$1
	ip -n $NAT link set pub down
	ip -n $NAT link set pub up
}
plug back $NODE open0 192.0.2.71/24
# By its address the node says which way it goes.
ip -n $NODE route add 192.0.2.0/24 via 192.168.1.1 table 7
ip -n $NODE rule add from 192.168.1.23 table 7
now=40000
ha_conf >"$D/ha.conf"

counts() { agent ha --json drops | jq -r '.drops[] | "\(.reason) \(.count)"'; }
growth() { # since $D/before: "REASON=HOW-MANY", sorted
	counts >"$D/counts"
	awk 'FILENAME == ARGV[1] { old[$1] = $2; next } $2 > old[$1] { print $1 "=" $2 - old[$1] }' "$D/before" "$D/counts" | sort
}
grown() { [ "$(growth | xargs)" = "$*" ]; } # REASON=N...
binding() { agent ha --json bindings | jq -ce ".bindings[0] | $1" >"$D/out"; }
spoofed() { # WHAT REASON=N...
	local answers what=$1; shift
	counts >"$D/before"
	answers=$(wc -l <"$D/heard")
	spoof "$what" "$now"
	check "spoofed $what: counted, $*" until_true grown "$@"
	diff <(echo "$*") <(growth | xargs) | sed 's/^/# /'
	[ "$answers" = "$(wc -l <"$D/heard")" ]
	result $? "and nothing of it arrives"
}

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
begin_natnode && [ $failed -eq 0 ] || { complain "$D/ha.log"; ended; exit 1; }

echo "# behind a NAT"
asks place 192.168.1.23
check "without a wish for UDP it is refused: nothing else would arrive" does "code=142 lifetime=600 udp=none" register
check "with one it has a tunnel inside UDP" does "code=1 lifetime=60 udp=0 keepalive=25" register 144
check "to the NAT's address and port" binding '[.care_of, .co_located, .udp, .reverse_tunnel]'
said '["192.168.1.23",true,"192.0.2.9:40000",true]'
check "mipagent bindings shows it" agent ha bindings
said "192.0.2.9:40000"
: >"$D/heard"
asks up 20
check "what it sends arrives" until_true heard 20
send 20
check "what is sent to it arrives" does "20 in order" got 20
check "its keepalive is answered" does 1 keepalives 1
[ "$(counter ha keepalives)" = 1 ]
result $? "and counted"

echo "# a Reply behind the packets that were read before it"
asked() { ip netns exec $HA ss -Hlun 'sport = 434' | awk '$2 > 0 { n++ } END { exit !n }'; }
queued() { [ "$(came $HA ha0)" -ge $((before + 10)) ]; }
kill -STOP "$ha"
tells register 144
check "it has been asked" until_true asked
before=$(came $HA ha0)
send 10
check "packets wait in the TUN, which has no times" until_true queued
kill -CONT "$ha"
hears
check "they leave before the answer" does 10 before
check "and all arrive" does "10 in order" got 10

echo "# larger than the path"
ping_big() { ip netns exec $EV ping -c 1 -W 2 -M 'do' -s "$1" 10.99.0.5; } # its answer is the node's
counts >"$D/before"
ping_big 1452 >"$D/out" 2>&1
said "mtu = 1468"
check "counted" until_true grown too-big=1
check "as large as the path" ping_big 1440
asks largest
before=$(came $NODE lan0)
both_pieces() { [ "$(came $NODE lan0)" -ge $((before + 2)) ]; }
ip netns exec $EV ping -c 1 -W 2 -M dont -s 1452 10.99.0.5 >"$D/out" 2>&1 &
ping=$!
until_true both_pieces
asks largest
wait $ping
said "1 received"
check "one that may be cut is cut before it goes into UDP" [ "$answer" -gt 1000 -a "$answer" -le 1468 ]

echo "# spoofed"
asks register 144
spoofed request rate=9 replay=1 # answered once a second, as a repeat
spoofed address outer-source=10
spoofed port outer-source=10
spoofed keepalive outer-source=10
spoofed ipip outer-source=10
spoofed inner inner-source=10
spoofed itself inner-source=10
spoofed next-header malformed=10
spoofed short short=10
spoofed no-packet ip-header=10
check "and the binding is where it was" binding .udp
said '"192.0.2.9:40000"'

echo "# a flood of keepalives"
counts >"$D/before"
before=$(counter ha keepalives)
asks keepalives 500
check "answered 10 times a second at most" [ "$answer" -ge 10 -a "$answer" -le 20 ]
check "each answer is counted" [ "$(counter ha keepalives)" = $((before + answer)) ]
check "and so is the rest" until_true grown rate=$((500 - answer))
: >"$D/heard"
asks up 20
check "the node's packets go on" until_true heard 20

echo "# the NAT has another port"
new_port 40001
counts >"$D/before"
asks up 10
check "what comes from there is refused" until_true grown outer-source=10
send 10 # to a port that nobody has: ICMP comes back
check "until the node registers" does "code=1 lifetime=60 udp=0 keepalive=25" register 144
check "there" binding .udp
said '"192.0.2.9:40001"'
: >"$D/heard"
asks up 20
check "what it sends arrives" until_true heard 20
asks got
send 20
check "what is sent to it arrives" does "20 in order" got 20

echo "# F7: the home agent keeps"
send 10
check "it is asked to, and answers behind the data" does "code=0 after=10" order buffer
check "what came before" does "10 in order" got 10
new_port 40002
send 50
check "nothing comes" does "0 in order" got
check "the node registers from another port" does "code=1 lifetime=60 udp=0 keepalive=25" register 144
check "and has it all, in order" does "50 in order" got 50
asks order buffer
check "asked again" [ "$answer" = "code=0 after=0" ]
send 50
asks place 192.0.2.71
check "it goes where there is no NAT: IP-in-IP" does "code=1 lifetime=600 udp=64 keepalive=0" register 144
check "as the home agent knows" binding '[.care_of, .co_located, .udp]'
said '["192.0.2.71",true,null]'
check "and has it all, in order" does "50 in order" got 50
: >"$D/heard"
asks up 20
check "what it sends arrives" until_true heard 20
check "a ping of the home agent is answered there too" does 1 keepalives 1
check "F is refused" does "code=129 lifetime=600 udp=none" register 144 F
asks order buffer
send 50
asks place 192.168.1.23
check "back behind the NAT" does "code=1 lifetime=60 udp=0 keepalive=25" register 144
check "it has it all, in order" does "50 in order" got 50
[ "$(counter ha udp-tunnels-granted) $(counter ha udp-tunnels-declined)" = "6 1" ]
result $? "granted 6 times, declined once"

ended
