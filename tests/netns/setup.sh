#!/bin/bash
# SPDX-License-Identifier: MIT
# Nodes that are added to a home agent while it runs, and leave it: `mipagent node`, with the real
# daemons.  A laptop and a phone, each with the one file that it was given, on an access point's two
# links.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

umask 077

new_space HA FA EV LAPTOP PHONE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $HA ha1 203.0.113.1/24 $EV ev0 203.0.113.9/24
cable $FA ln0 10.1.0.1/24 $LAPTOP radio0
cable $FA ln1 10.1.1.1/24 $PHONE radio0
ip -n $EV route add default via 203.0.113.1
forwards $HA
cat >"$D/ha.conf" <<-END
	# Our server.
	[Agent 192.0.2.7]  ; the access point
	key-file = agents.key

	[Home]
	address = 192.0.2.1   ; eth0
	network = 10.99.0.0/29
END
cp "$D/ha.conf" "$D/ha.orig"
{ LINKS="ln0 ln1" fa_conf; knows_agent $HA_ADDR; } >"$D/fa.conf"
nodes() { agent ha node -c "$D/ha.conf" "$@"; }
place() { # NAME: where its radio and its supplicant are, after its file
	WPA=$D/wpa-$1 radio_conf >>"$D/$1.conf"
}
added() { nodes add "$@" >"$D/$1.conf" 2>"$D/err"; } # NAME OPTION...
bound() { agent_is ha bindings ".bindings[] | select(.home_address == \"$1\")"; }
registered() { until_true bound "$1"; }
reaches() { ip netns exec $EV ping -c 3 -i 0.1 -W 2 "$1"; }
lost() { ! ip netns exec $EV ping -c 2 -i 0.2 -W 0.3 "$1"; }
from() { ip netns exec "$1" ping -c 2 -i 0.1 -W 2 -I "$2" 203.0.113.9; } # NAMESPACE ADDRESS

echo "# before anything runs"
check "a node is added" added laptop
said "mipagentd does not run" "$D/err"
place laptop
said "home-address = 10.99.0.1" "$D/laptop.conf"
said "home-agent = 192.0.2.1" "$D/laptop.conf"
check "its file is all that it needs" "$B/mipclientd" -n -c "$D/laptop.conf"
check "what we wrote is as we wrote it" cmp "$D/ha.conf" "$D/ha.orig"
modes() { [ "$(cd "$D/ha.conf.d" && stat -c %a%n . laptop.conf laptop.key | xargs)" = "700. 600laptop.conf 600laptop.key" ]; }
check "keys are root's alone" modes
key=$(sed -n 's/^key = //p' "$D/laptop.conf")
check "both have the same key, of 32 bytes" [ "$key" = "$(cat "$D/ha.conf.d/laptop.key")" -a ${#key} = 64 ]
chmod 644 "$D/laptop.conf"
gives 78 "a file that others may read is refused" "$B/mipclientd" -n -c "$D/laptop.conf"
said "chmod 600 $D/laptop.conf"
chmod 600 "$D/laptop.conf"

echo "# it registers"
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the access point starts" launch $FA mipagentd fa
WPA=$D/wpa-laptop radio
check "the laptop starts" launch $LAPTOP mipclientd laptop
check "and is registered" registered 10.99.0.1
check "it is reached" reaches 10.99.0.1
check "and sends from its address" from $LAPTOP 10.99.0.1

echo "# another one, meanwhile"
accepted=$(counter ha registrations-accepted)
ip netns exec $EV ping -i 0.02 -w 20 10.99.0.1 >"$D/through" & ping=$!
await "$D/through" "icmp_seq=5 "
check "is added" added phone --address 10.99.0.5
check "without a word" [ ! -s "$D/err" ]
await "$D/through" "icmp_seq=$(($(wc -l <"$D/through") + 10)) "
kill -INT $ping; wait $ping
check "the laptop loses nothing" grep -q " 0% packet loss" "$D/through"
check "and was not asked to register again" [ "$(counter ha registrations-accepted)" = "$accepted" ]
place phone
WPA=$D/wpa-phone radio
check "the phone starts" launch $PHONE mipclientd phone; phone=$pid
check "and is registered" registered 10.99.0.5
check "it is reached" reaches 10.99.0.5
check "node list has both" nodes list
said "laptop  10.99.0.1     192.0.2.7"
said "phone   10.99.0.5     192.0.2.7"
listed() { nodes --json list | holds '[.nodes[] | .name, .home_address, .care_of] == ["laptop", "10.99.0.1", "192.0.2.7", "phone", "10.99.0.5", "192.0.2.7"]'; }
check "and as JSON" listed

echo "# a QR code"
if grep -qaF libqrencode.so "$B/mipagent"; then
	nodes add watch --qr --home-agent ha.example.net >"$D/watch.conf" 2>"$D/code"
	result $? "a node is added with one"
	check "no line is longer than a terminal's" [ "$(sed -E 's/\x1b\[[0-9;]*m//g' "$D/code" | LC_ALL=C.UTF-8 wc -L)" -le 80 ]
	if command -v zbarimg >/dev/null; then
		tests/netns/qr.py <"$D/code" >"$D/code.pgm"
		zbarimg -q --raw "$D/code.pgm" >"$D/decoded" 2>/dev/null
		sed 's/^#.*//; /^$/d' "$D/watch.conf" | diff - <(sed '/^$/d' "$D/decoded") >/dev/null
		result $? "a camera reads the file in it"
	else
		echo "# no zbarimg: the code is not read"
	fi
	check "and removed" nodes remove watch
else
	gives 1 "without libqrencode it says what to do" nodes add watch --qr
	said "install libqrencode-dev"
fi

echo "# what is refused"
gives 4 "a name that is taken" nodes add phone
gives 4 "an address that is taken" nodes add tablet --address 10.99.0.5
gives 4 "one elsewhere" nodes add tablet --address 10.98.0.5
gives 4 "the broadcast address" nodes add tablet --address 10.99.0.7
gives 2 "what is no address" nodes add tablet --address 10.99
gives 2 "a name that leads elsewhere" nodes add ../phone
gives 2 "none" nodes add
gives 2 "a home agent that is no host" nodes add tablet --home-agent 'a b'
gives 2 "options of another command" agent ha status --qr
gives 5 "nobody" nodes remove tablet
gives 4 "at a foreign agent" agent ha node -c "$D/fa.conf" add tablet
said "has no [Home] section"
agent ha node -c "$D/fa.conf" remove tablet >/dev/null 2>&1
full() { ! nodes add tablet >/dev/full; }
check "a file that cannot be written" full
said "tablet was not added"
no_files() { ! compgen -G "$D/ha.conf.d/*$1*"; } # NAME
check "leaves nothing" no_files tablet
for i in 1 2 3 4; do nodes add many$i >"$D/many$i" 2>&1 & pids[i]=$!; done
wait "${pids[@]}"
check "four at once have four addresses" [ "$(cat "$D"/many? | grep -c '^home-address')" = 4 -a "$(cat "$D"/many? | grep '^home-address' | sort -u | wc -l)" = 4 ]
gives 4 "the network is full" nodes add tablet
said "no address of 10.99.0.0/29 is free"
for i in 1 2 3 4; do nodes remove many$i; done

echo "# one leaves"
check "the laptop is removed" nodes remove laptop
check "its binding ends" until_true not bound 10.99.0.1
check "it is not reached" lost 10.99.0.1
check "its files are gone" no_files laptop
check "the phone is as before" reaches 10.99.0.5
said "binding removed: the configuration has changed" "$D/ha.log"

echo "# another key"
cp "$D/ha.conf.d/phone.key" "$D/old.key"
new_key "$D/ha.conf.d/phone.key"
check "is read" agent ha reload
said "$D/ha.conf: nodes 1, agents 1"
check "the binding ends" until_true not bound 10.99.0.5
cp "$D/old.key" "$D/ha.conf.d/phone.key"
kill -HUP "$ha"
check "and the old one again, by SIGHUP" await "$D/ha.log" "configuration read again: nodes 1, agents 1"
"$B/mipclient" -S "$D/phone.sock" register >/dev/null 2>&1
check "the phone comes back" registered 10.99.0.5

echo "# mistakes"
sed -i 's/^network/netwrok/' "$D/ha.conf"
gives 4 "a configuration with errors is not taken" agent ha reload
said "mipagentd -n names them"
cp "$D/ha.orig" "$D/ha.conf"
echo 'lifetime = 1 h' >>"$D/ha.conf"
check "what needs a restart" agent ha reload
said "restart mipagentd for the rest"
check "the phone is as before" reaches 10.99.0.5

echo "# nodes by name"
stop "$phone"; stop "$ha"
new_key "$D/one.key"
new_key "$D/two.key"
cp "$D/ha.orig" "$D/ha.conf"
cat >>"$D/ha.conf" <<-END
	pool = 10.99.0.2-10.99.0.3
	[Node one@example.net]
	key-file = one.key
	[Node two@example.net]
	address = 10.99.0.4
	key-file = two.key
END
named() { ip netns exec $EV tests/netns/named.py 203.0.113.9 "$D/$1.key" "$1@example.net" "${@:2}"; } # NAME [HOME]
answers() { [ "$(named "${@:2}" 2>&1)" = "$1" ]; } # WHAT NAME [HOME]
printed() { "$B/mipagentd" -nv -c "$1"; }
printed "$D/ha.conf" >"$D/ha.conf.full"
check "what it prints it reads" cmp <(printed "$D/ha.conf.full") "$D/ha.conf.full"
said "pool = 10.99.0.2-10.99.0.3" "$D/ha.conf.full"
wrong() { sed "$1" "$D/ha.conf" >"$D/wrong.conf"; "$B/mipagentd" -n -c "$D/wrong.conf"; } # SED
gives 78 "an address of the pool, twice" wrong 's/^address = 10.99.0.4/address = 10.99.0.3/'
said "wrong.conf:11: [Node two@example.net]: the address is one of [Home] pool"
gives 78 "no pool" wrong /^pool/d
said "[Node one@example.net]: it needs an address, or [Home] a pool"
gives 78 "a pool elsewhere" wrong 's/^pool.*/pool = 10.98.0.2-10.98.0.3/'
gives 78 "no name" wrong 's/two@example.net/two/'
said 'or a name like user@example.net'
check "the home agent starts" launch $HA mipagentd ha
check "one asks for an address, and gets one of the pool" answers "1 10.99.0.2 one@example.net" one
check "node list says which" nodes list
said "one@example.net  10.99.0.2     203.0.113.9"
check "the other one gets its own" answers "1 10.99.0.4 two@example.net" two
check "one keeps it" answers "1 10.99.0.2 one@example.net" one 10.99.0.2
check "and gets none of another's" answers "129 10.99.0.4 one@example.net" one 10.99.0.4
check "a node that is added gets none of the pool" added tablet
said "home-address = 10.99.0.1" "$D/tablet.conf"

cat "$D"/*.log >"$D/logs"
no_key() { ! grep -qF "$key" "$D/logs" && ! grep -qFf "$D/old.key" "$D/logs"; }
check "no key stands in a log" no_key
ended
