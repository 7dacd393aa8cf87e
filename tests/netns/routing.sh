#!/bin/bash
# SPDX-License-Identifier: MIT
# Everything through the home agent, or chosen destinations alone: from which address each is asked, on
# every kind of network, whose routers drop foreign sources; name servers; what stays untouched.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh
EXCEPTED=203.0.113.200
SPLIT="destinations = 203.0.113.0/24 10.99.0.0/24
except = 203.0.113.128/25"
ip -n $CN addr add $EXCEPTED/32 dev lo
mkdir -p /etc/netns/$NODE
echo "nameserver $OTHER" >/etc/netns/$NODE/resolv.conf
stat -c '%i %Y %Z %s' /etc/netns/$NODE/resolv.conf >"$D/resolv.before"
for n in "$FA1 1" "$FA2 2" "$R 3"; do # RFC 2827
	ip netns exec "${n% *}" nft -f - <<-END
		table ip ingress {
			chain forward {
				type filter hook forward priority 0;
				iifname "ln${n#* }" oifname "up${n#* }" ip saddr != 10.${n#* }.0.0/24 drop
			}
		}
	END
done
ip -n $NODE rule add pref 400 from 192.0.2.77 lookup 77
ip -n $NODE route add 192.0.2.78/32 dev lo table 435 proto static
ip netns exec $CN tests/netns/whoami.py answer $OURS $OTHER $EXCEPTED >"$D/whoami" &
await "$D/whoami" ready
echo 192.0.2.1 >"$D/address"
touch "$D/asked"
ip netns exec $CN tests/netns/names.py $OTHER "$D/address" >"$D/asked" &

seen() { # ADDRESS AS [FROM]: asked from there it sees this one
	local got
	got=$(ip netns exec $NODE tests/netns/whoami.py ask "$1" ${3:+"$3"})
	[ "$got" = "$2" ] || { echo "$got"; return 1; }
}
calls() { pings $CN $HOME_ADDR -I "$1"; } # FROM: the node answers
question() { # AS: the name server is asked from there
	: >"$D/asked"
	ip netns exec $NODE getent ahostsv4 "host$RANDOM.example.net" >/dev/null
	[ "$(awk '{ print $1 }' "$D/asked" | sort -u)" = "$1" ] || { cat "$D/asked"; return 1; }
}
rules() { ip -n $NODE rule list | grep "proto $PROTO"; }
finish() { end_with "$1" $node; } # SIGNAL
foreign() { ip -n $NODE rule list | grep -q '^400:' && ip -n $NODE route show table 435 | grep -q 192.0.2.78; }

echo "# configuration"
configure "$SPLIT" >"$D/node.conf"
"$B/mipclientd" -nv -c "$D/node.conf" >"$D/full.conf"
check "what it prints it reads" cmp <("$B/mipclientd" -nv -c "$D/full.conf") "$D/full.conf"
said "destinations = 203.0.113.0/24 10.99.0.0/24" "$D/full.conf"
wrong() { # NAME TEXT LINES: refused, with the line
	configure "$3" >"$D/wrong.conf"
	gives 78 "$1" "$B/mipclientd" -n -c "$D/wrong.conf"
	said "wrong.conf:$((4 + $(wc -l <<<"$3"))): [Node] $2"
}
wrong "no network" 'destinations: "10.0.0.0/33" has 10.0.0.0/33, which is not a network' "destinations = 10.0.0.0/33"
wrong "bits of hosts" 'destinations: "10.0.0.1/8" has 10.0.0.1/8, which has host bits set (expected "10.0.0.0/8")' "destinations = 10.0.0.1/8"
wrong "twice" 'destinations: "10.0.0.0/8 10.0.0.0/8" has 10.0.0.0/8 twice' "destinations = 10.0.0.0/8 10.0.0.0/8"
wrong "one in another" 'except: "10.1.0.0/16 10.0.0.0/8" has 10.1.0.0/16 and 10.0.0.0/8, which overlap' "except = 10.1.0.0/16 10.0.0.0/8"
wrong "an exception from nothing" 'except: each must be a part of one of the destinations' $'destinations = 10.0.0.0/8\nexcept = 192.168.0.0/16'
wrong "an exception of all" 'except: each must be a part of one of the destinations' $'destinations = 10.0.0.0/8\nexcept = 10.0.0.0/8'

echo "# chosen destinations, not registered"
leases 1
check "the node starts" launch $NODE mipclientd node; node=$pid
check "status says what goes through the home agent" node status
said "destinations    203.0.113.0/24 10.99.0.0/24"
said "except          203.0.113.128/25"
check "for programs, too" node_is '.destinations == ["203.0.113.0/24", "10.99.0.0/24"] and .except == ["203.0.113.128/25"]'
supplicant 1
ip netns exec $NODE ping -c 1 -W 9 $OURS >"$D/ping" 2>&1 & ping=$!
held() { node_is '.uplink.path == "held" and .uplink.queued > 0'; }
check "what is for a chosen one waits" until_true held
check "the rest does not" seen $OTHER 10.1.0.5
check "nor what is excepted" seen $EXCEPTED 10.1.0.5
check "nor the name server" question 10.1.0.5
agents
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
wait $ping
check "what has waited is answered" grep -q "1 received" "$D/ping"

echo "# chosen destinations, on each network"
for n in "1 10.1.0.5" "2 10.2.0.5" "3 10.3.0.5" "4 192.0.2.10"; do
	[ "${n% *}" = 1 ] || check "a handoff to network ${n% *}" goes_to "${n% *}"
	check "a chosen one is asked from home" seen $OURS $HOME_ADDR
	check "another from the link's address" seen $OTHER "${n#* }"
	check "so is an excepted one" seen $EXCEPTED "${n#* }"
	check "and the name server" question "${n#* }"
	check "what is bound to home goes by home" seen $OTHER $HOME_ADDR $HOME_ADDR
	check "to an excepted one, too" seen $EXCEPTED $HOME_ADDR $HOME_ADDR
	check "and what is called at home answers there" calls $OTHER
done

echo "# an agent, and no address of the link"
goes_to 1 >/dev/null
no_leases
check "a chosen one is asked from home" until_true seen $OURS $HOME_ADDR
check "there is no way to another" seen $OTHER unreachable
check "but from home" seen $OTHER $HOME_ADDR $HOME_ADDR

echo "# everything"
leases 1
configure "" >"$D/node.conf"
check "the configuration is read again" node reload
check "status says so" node status
said "destinations    all"
check "for programs, too" node_is '.destinations == ["0.0.0.0/0"] and .except == []'
check "another is asked from home" seen $OTHER $HOME_ADDR
check "so is the name server" question $HOME_ADDR
check "no others are left" [ "$(rules | grep -cE '^43[567]:')" = 4 ]
check "on a network without an agent" goes_to 3
check "another is asked from home" seen $OTHER $HOME_ADDR
check "so is the name server" question $HOME_ADDR
configure "except = 198.51.100.0/24" >"$D/node.conf"
check "all but one network" node reload
check "that from the link's address" seen $OTHER 10.3.0.5
check "all else from home" seen $EXCEPTED $HOME_ADDR
sed -i 's/^except.*/except = 198.51.100.0/' "$D/node.conf"
gives 4 "a mistake is not taken" node reload
check "and changes nothing" seen $OTHER 10.3.0.5

echo "# kill, and stop"
configure "$SPLIT" >"$D/node.conf"
finish KILL
check "a killed one's rules are there" rules
check "it starts with others" launch $NODE mipclientd node; node=$pid
check "the node registers" await "$D/node.log" "registered from 10.3.0.5"
check "a chosen one is asked from home" until_true seen $OURS $HOME_ADDR
check "another from the link's address" seen $OTHER 10.3.0.5
gives 1 "nothing is left of the first" grep -q 198.51.100 <(rules)
finish TERM
check "nothing is left" nothing $NODE
gives 1 "not one rule" rules
check "what is somebody else's is" foreign
check "it starts" launch $NODE mipclientd node; node=$pid
finish KILL
ip -n $NODE rule flush protocol "$PROTO"
gives 1 "one command takes away what a killed one left" rules
check "but nobody else's" foreign
check "and the way out is back" seen $OURS 10.3.0.5
stat -c '%i %Y %Z %s' /etc/netns/$NODE/resolv.conf >"$D/resolv.after"
check "nobody has touched resolv.conf" cmp "$D/resolv.before" "$D/resolv.after"
ended
