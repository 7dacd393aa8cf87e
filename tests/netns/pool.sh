#!/bin/bash
# SPDX-License-Identifier: MIT
# A node that has a name and a key, and no home address (RFC 2794): the home agent gives it one of its
# pool.  Real mipclientd and mipagentd; two networks without an agent, and one with.
#   sw: port of the node's radio, moved between neta (router 10.1.0.1), netb (10.2.0.1) and netf (agent 10.3.0.1)
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
set -o pipefail
AT_A=02:00:00:00:00:0a AT_B=02:00:00:00:00:0b AT_F=02:00:00:00:00:0f
umask 077

new_space SW HA R FA NODE
bridges back neta netb netf
plug back $HA ha0 192.0.2.1/24
plug back $R up0 192.0.2.254/24
plug back $FA fa0 192.0.2.7/24
plug neta $R a0 10.1.0.1/24
plug netb $R b0 10.2.0.1/24
plug netf $FA f0 10.3.0.1/24
plug neta $NODE radio0
ip -n $HA route add default via 192.0.2.254
ip -n $HA addr add $FAR/32 dev lo
ip -n $FA route add $FAR via 192.0.2.1
forwards $R
{
	section Home "address = $HA_ADDR" "network = $HOME_NET" "pool = 10.99.0.2-10.99.0.3" "state = $D/kept/state"
	knows_agent $CARE_OF
} >"$D/ha.conf"
{ LINKS=f0 fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
access_points "$AT_A neta 10.1.0" "$AT_B netb 10.2.0" "$AT_F netf"
touch "$D/dhcp"

nodes() { agent ha node -c "$D/ha.conf" "$@"; }
has() { node_is ".home_address == \"$1\" and .state == \"registered\""; }
reached() { pings $HA "$1" -I $FAR; }
named() { ip netns exec $R tests/netns/named.py 192.0.2.254 "$D/$1.key" "$1@example.net" "${@:2}"; } # NAME [HOME [LIFETIME]]
answers() { local a; a=$(named "${@:2}" 2>&1); [ "$a" = "$1" ] || { echo "$a"; return 1; }; } # WHAT NAME...
on_tun() { ip -n $NODE -o -4 addr show dev mip0 | grep -oE 'inet [^ ]*' | xargs; } # the addresses there
in_the_way() { ip -n $NODE rule list | grep -E '^(433|434):'; }
bound_to() { agent_is ha bindings ".bindings | map(.nai) == $1"; }

echo "# its file"
sed /^pool/d "$D/ha.conf" >"$D/no-pool.conf"
gives 4 "a name needs a [Home] pool, or an address" agent ha node -c "$D/no-pool.conf" add x --nai x@example.net
gives 2 "and must be one" nodes add x --nai example
nodes add laptop --nai laptop@example.net >"$D/node.conf" 2>"$D/err"
result $? "mipagent node add --nai"
said "nai = laptop@example.net" "$D/node.conf"
check "it has no home address" not grep -q home-address "$D/node.conf"
gives 4 "a name that is taken" nodes add other --nai laptop@example.net
cp "$D/ha.conf.d/laptop.key" "$D/laptop.key"
for n in one two; do nodes add $n --nai $n@example.net >/dev/null 2>&1; cp "$D/ha.conf.d/$n.key" "$D"; done
nodes add fixed --nai fixed@example.net --address 10.99.0.9 >"$D/fixed.conf" 2>/dev/null
result $? "a name with an address of its own"
said "home-address = 10.99.0.9" "$D/fixed.conf"
{ radio_conf; echo "automatic = no"; } | tee -a "$D/fixed.conf" >>"$D/node.conf"
check "they are all that a node needs" "$B/mipclientd" -n -c "$D/node.conf"
wrong() { sed "$1" "$D/node.conf" >"$D/wrong.conf"; "$B/mipclientd" -n -c "$D/wrong.conf"; } # SED
gives 78 "neither name nor address" wrong /^nai/d
said "[Node] home-address: is missing (or nai: then the home agent gives one)"
gives 78 "no name" wrong 's/laptop@example.net/laptop/'
said "[Node] nai: a name like laptop@example.net is expected"

echo "# none is left"
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa
check "somebody has one" answers "1 10.99.0.2 one@example.net" one
check "and somebody the other one" answers "1 10.99.0.3 two@example.net" two
"$D/port" $AT_A
radio $AT_A $AT_B $AT_F
check "the node starts" launch $NODE mipclientd node; node=$pid
said "nai laptop@example.net" "$D/node.log"
check "it is refused" await "$D/node.log" "code 130"
refused() { node_is '.problems | map(select(startswith("registration refused, code 130"))) | length == 1'; }
check "status says so" refused
node status >"$D/out"
said "is an address of its [Home] pool free?"
check "its programs have the network meanwhile" not in_the_way
check "and nothing else" [ -z "$(on_tun)" ]

echo "# one is free"
check "somebody leaves" answers "1 10.99.0.3 two@example.net" two 10.99.0.3 0
by_itself() { await "$D/node.log" "home address 10.99.0.3" && until_true has 10.99.0.3; } # 8 s after it was refused again, at the latest
check "it has that one, by itself" by_itself
said "home address 10.99.0.3" "$D/node.log"
check "it is there" [ "$(on_tun)" = "inet 10.99.0.3/32" ]
check "and used" in_the_way
listens_for() { # NUMBER: of its packet sockets those whose filter has this address
	[ "$(ip netns exec $NODE ss -0 -b | grep -c " $1,")" = 2 ]
}
check "its packet sockets know it" listens_for $((0x0a630003))
check "packets go both ways" until_true pings $NODE $FAR
check "from outside, too" reached 10.99.0.3
check "node list says who it is" nodes list
said "laptop  10.99.0.3"

echo "# elsewhere"
ip netns exec $HA ping -q -i 0.02 -w 20 -I $FAR 10.99.0.3 >"$D/through" & ping=$!
check "a network without an agent" moves $AT_B
check "it is the same one" has 10.99.0.3
check "and there" node_is '.care_of == "10.2.0.5" and .co_located'
check "a network with one" moves $AT_F
check "it is the same one" has 10.99.0.3
check "through it" node_is '.agent == "10.3.0.1" and (.co_located | not)'
check "and back" moves $AT_A
check "it is the same one" has 10.99.0.3
kill -INT $ping; wait $ping
check "nothing was lost in three handoffs" grep -q " 0% packet loss" "$D/through"
complain "$D/through"

echo "# it is started again"
stop $node
check "nothing is left" nothing $NODE
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it has the same one" until_true has 10.99.0.3
end_with KILL $node
check "killed, and started again" launch $NODE mipclientd node; node=$pid
check "it has the same one" until_true has 10.99.0.3
check "and once" [ "$(on_tun)" = "inet 10.99.0.3/32" ]

echo "# so is the home agent"
hex() { od -An -v -tx1 | tr -d ' \n'; }
written() { hex <"$D/kept/state" | grep -q "$(printf laptop@example.net | hex)0a020005"; } # name, care-of address
check "the node goes elsewhere" moves $AT_B
check "that is written" until_true written
end_with KILL $ha
check "killed, and started again" launch $HA mipagentd ha; ha=$pid
said "2 bindings" "$D/ha.log"
check "it is reached" until_true reached 10.99.0.3
check "nobody else gets its address" answers "130 0.0.0.0 two@example.net" two
check "whatever he wishes" answers "130 10.99.0.3 two@example.net" two 10.99.0.3
check "the node registers anew" node register
check "with the same one" until_true has 10.99.0.3

echo "# it is another's when it comes back"
check "it leaves" node deregister
check "and is gone" until_true bound_to '["one@example.net"]'
check "somebody takes its address" answers "1 10.99.0.3 two@example.net" two 10.99.0.3
named one 10.99.0.2 0 >/dev/null
node register >/dev/null 2>&1
check "it gets another one" until_true has 10.99.0.2
said "connections from 10.99.0.3 are lost" "$D/node.log"
check "which is the only one there" [ "$(on_tun)" = "inet 10.99.0.2/32" ]
check "its packet sockets know that one" listens_for $((0x0a630002))
check "packets go both ways" until_true pings $NODE $FAR
check "from outside, too" reached 10.99.0.2

echo "# through an agent from the beginning"
stop $node
"$D/port" $AT_F
cp "$D/node.log" "$D/first.log"
stop $radio
rm -f "$D/wpa/radio0"
radio $AT_F $AT_A $AT_B
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it has the one of before" until_true has 10.99.0.2
check "through the agent" node_is '.agent == "10.3.0.1"'
check "packets go both ways" until_true pings $NODE $FAR
check "and away" moves $AT_B
check "it is the same one" has 10.99.0.2
stop $node
check "nothing is left" nothing $NODE

echo "# a fixed one"
cp "$D/fixed.conf" "$D/node.conf"
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it has its own" until_true has 10.99.0.9
check "by its name" bound_to '["two@example.net", "fixed@example.net"]'
ended
