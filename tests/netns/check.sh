#!/bin/bash
# SPDX-License-Identifier: MIT
# mipclient check: with and without a daemon, as root and as somebody else, beside rules and routes of others.
# Needs root.  B=build folder.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
B=$(realpath "$B")

looks() { ip netns exec $NODE "$B/mipclient" -S "$D/node.sock" check -c "$D/node.conf" "$@"; }
verdict() { looks --json 2>/dev/null | holds ".findings[] | select(.what == \"$1\") | .verdict == \"$2\" and (.text | contains(\"$3\"))"; } # WHAT VERDICT WORDS
nobody() { # a user who may read the configuration, and not its key
	ip netns exec $NODE setpriv --reuid=65534 --regid=65534 --clear-groups "$B/mipclient" -S "$D/node.sock" "$@"
}
in_node() { ip netns exec $NODE "$@"; }

new_space NODE
{ section Daemon "socket = $D/node.sock"; node_conf; } >"$D/node.conf"
chmod 755 "$D"; chmod 644 "$D/node.conf"
ip -n $NODE link add $RADIO type veth peer name peer0

echo "# without a daemon"
gives 1 "something is wrong" looks
said "mipclientd does not run"
check "the configuration is read" verdict configuration ok "$D/node.conf"
check "the key's mode" verdict "key file" ok 0600
check "the supplicant is missed" verdict wpa_supplicant error "ctrl_interface=$WPA"
check "the interface is none of Wi-Fi" verdict interface warning "no Wi-Fi interface"
check "rules" verdict rules ok nobody
check "tables" verdict tables ok nobody
check "rp_filter is to be set" verdict rp_filter ok "while it runs"
echo "lifetime = never" >>"$D/node.conf"
check "errors of the configuration" verdict configuration error "named above"
{ section Daemon "socket = $D/node.sock"; node_conf; } >"$D/node.conf"
chmod 644 "$D/node.key"
check "a key that others may read is refused" verdict configuration error "named above"
chmod 600 "$D/node.key"
gives 1 "no configuration" looks -c "$D/none.conf"
said "does not exist"
check "and the rest is looked at" verdict tun ok /dev/net/tun

echo "# somebody else's"
in_node ip rule add pref 434 to 192.0.2.0/24 lookup main
check "a rule among ours" verdict rules error "priority 434"
in_node ip rule del pref 434
in_node ip rule add pref 427 to 192.0.2.0/24 lookup main
check "one before ours" verdict rules ok nobody
ip -n $NODE link set lo up
for table in 434 435 440 443; do
	in_node ip route add blackhole 203.0.113.0/24 table $table
	check "a route in table $table" verdict tables error "table $table"
	in_node ip route del blackhole 203.0.113.0/24 table $table
done
in_node ip route add blackhole 203.0.113.0/24 table 444
check "one in another table" verdict tables ok nobody
ip -n $NODE link set $RADIO mtu 1300
check "a small MTU" verdict mtu warning 1300
ip -n $NODE link set $RADIO mtu 1500
check "and a usual one" verdict mtu ok 1500

echo "# with a daemon"
radio
ip -n $NODE link set peer0 up
ip -n $NODE link set $RADIO up
check "the node starts" launch $NODE mipclientd node
check "it is seen" verdict daemon ok runs
check "its rules are no strangers" verdict rules ok nobody
check "nor its routes" verdict tables ok nobody
check "the supplicant" verdict wpa_supplicant ok "$WPA/$RADIO"
attended() { verdict rp_filter ok "2 on $RADIO"; }
check "rp_filter is set" until_true attended
in_node sysctl -qw net.ipv4.conf.$RADIO.rp_filter=1
check "somebody has set it back" verdict rp_filter error "rp_filter=2"
in_node sysctl -qw net.ipv4.conf.$RADIO.rp_filter=2
check "its problems" verdict "its problems" error "signal of $RADIO is not known"

echo "# as somebody else"
gives 1 "it looks, as far as it may" nobody check -c "$D/node.conf"
said "not looked at"
nobody --json check -c "$D/node.conf" >"$D/nobody" 2>/dev/null
check "the key is not for him" holds '.findings[] | select(.what == "configuration").verdict == "not looked at"' "$D/nobody"
check "nor the daemon" holds '.findings[] | select(.what == "daemon").verdict == "not looked at"' "$D/nobody"
check "rules are for all to see" holds '.findings[] | select(.what == "rules").verdict == "ok"' "$D/nobody"
gives 2 "its option is no other command's" node status -c "$D/node.conf"
ended
