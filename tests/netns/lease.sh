#!/bin/bash
# SPDX-License-Identifier: MIT
# Two subnets under one network name, with real DHCP servers and a real client: a lease that still runs
# is used before the client brings it, and [Node] renew is run when the node is on another subnet.
# Real mipclientd and mipagentd; the radio is a cable that is moved between two switches.
# Needs root, busybox with udhcpc and udhcpd.  B=build folder.  Prints ok / not ok lines, then a sum; fails
# when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

A=02:00:00:00:00:00 AP_B=02:00:00:00:01:00
for applet in udhcpc udhcpd; do
	busybox $applet --help >/dev/null 2>&1 || { echo "# no busybox $applet"; exit 1; }
done

dhcpd() { # ROUTER NUMBER FIRST LAST: gives 10.NUMBER.0.FIRST to LAST; sets $pid
	cat >"$D/$1.conf" <<-END
		interface ln$2
		start 10.$2.0.$3
		end 10.$2.0.$4
		lease_file $D/$1.leases
		pidfile $D/$1.pid
		opt subnet 255.255.255.0
		opt router 10.$2.0.1
		opt lease 3600
	END
	: >"$D/$1.leases"
	: >"$D/$1.log"
	ip netns exec "$1" busybox udhcpd -f -a 100 "$D/$1.conf" >"$D/$1.log" 2>&1 &
	pid=$!
	await "$D/$1.log" started $pid
}
new_space SW HA NODE R1 R2
bridges back net1 net2
plug back $HA ha0 192.0.2.1/24
i=0
for r in $R1 $R2; do
	i=$((i + 1))
	plug back $r up$i 192.0.2.1$i/24
	plug net$i $r ln$i 10.$i.0.1/24
	ip -n $HA route add 10.$i.0.0/24 via 192.0.2.1$i
	ip -n $r route add default via 192.0.2.1
	forwards $r
done
ip -n $HA addr add $FAR/32 dev lo
plug net1 $NODE radio0
access_points "$A net1" "$AP_B net2"

# As DHCP clients do: the lease's end goes with the address.
cat >"$D/lease" <<-'END'
	#!/bin/sh
	[ "$1" = bound ] || [ "$1" = renew ] || exit 0
	ip addr replace "$ip/24" dev "$interface" valid_lft "$lease" preferred_lft "$lease"
	ip route replace default via "$router" dev "$interface"
	for a in $(ip -o -4 addr show dev "$interface" scope global | awk '$4 ~ /\/24$/ {print $4}'); do
		[ "$a" = "$ip/24" ] || ip addr del "$a" dev "$interface"
	done
END
cat >"$D/renew" <<-END
	#!/bin/sh
	echo "\$*" >>$D/renewed
	ip -o -4 addr show dev "\$2" >$D/renewed-with
	[ ! -e $D/hangs ] || sleep 1000 # until somebody ends it
	[ ! -e $D/asks ] || exec busybox udhcpc -i "\$2" -n -q -f -t 5 -T 1 -A 0 -s $D/lease
END
chmod +x "$D/lease" "$D/renew"
: >"$D/renewed"
ha_conf >"$D/ha.conf"
{ node_conf "renew = $D/renew now IFNAME"; echo "automatic = no"; } >"$D/node.conf"
uses() { node_is ".state == \"registered\" and .care_of == \"$1\" and .bssid == \"$2\""; } # CARE-OF BSSID
dhcp() { ip netns exec $NODE busybox udhcpc -i radio0 -n -q -f -t 5 -T 1 -A 0 -s "$D/lease"; }
walk() { node --json handoff "$1"; } # BSSID
renewals() { [ "$(grep -c '^now radio0$' "$D/renewed")" = "$1" ] && [ "$(wc -l <"$D/renewed")" = "$1" ]; }
lent() { # ADDRESS: by us, for less than the whole lease, with a way of its own
	ip -n $NODE -j -4 addr show dev radio0 |
		holds ".[0].addr_info[] | select(.local == \"$1\" and .prefixlen == 32 and .valid_life_time < 3600)" &&
		ip -n $NODE rule list | grep "^428:.from $1 lookup 440" &&
		ip -n $NODE route show table 440 proto "$PROTO" | grep default
}
lends() { # anything at all
	ip -n $NODE -o -4 addr show dev radio0 | grep -E 'inet 10\.[12]\.0\.[0-9]+/32'
	ip -n $NODE rule list | grep '^428:'
	ip -n $NODE route show table 440 2>/dev/null
	ip -n $NODE neigh show dev radio0 nud permanent
}
lends_nothing() { [ -z "$(lends)" ] || { lends; return 1; }; }
requests() { node --json status | jq .counters.registration_requests; }
leased() { ip -n $NODE -o -4 addr show dev radio0 | awk '$4 ~ /\/24$/ {sub("/.*", "", $4); print $4}'; }
of_network() { [[ $(leased) = 10.$1.0.* ]]; }

check "DHCP starts" dhcpd $R1 1 50 69; dhcp1=$pid
check "on the other side, too" dhcpd $R2 2 50 69; dhcp2=$pid
check "the home agent starts" launch $HA mipagentd ha
radio $A $AP_B
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it has a link" until_true node_is .attached
check "the client asks" dhcp
first=$(leased)
check "it registers from that address" until_true uses "$first" $A
check "nobody was told to ask" renewals 0

echo "# another subnet, not known yet"
touch "$D/asks"
check "it goes there" walk $AP_B
check "the client is told, once" until_true renewals 1
check "and may take all addresses away: one stands for none" grep -q "192.0.0.8/32" "$D/renewed-with"
check "and brings an address" until_true of_network 2
second=$(leased)
check "it registers from that" until_true uses "$second" $AP_B
rm "$D/asks"

echo "# back, where the lease still runs"
check "it goes there" walk $A
check "it registers before any client has asked" until_true uses "$first" $A
check "from an address that goes by itself" lent "$first"
check "the client's own is still the other network's" test "$(leased)" = "$second"
check "the client is told" renewals 2
check "packets go both ways" until_true pings $NODE $FAR
before=$(requests)
check "the client brings the same" dhcp
[ "$(leased)" = "$first" ]
result $? "the very same"
check "ours is gone" until_true lends_nothing
check "packets go both ways" pings $NODE $FAR
[ "$(requests)" = "$before" ]
result $? "nothing had to be registered"

echo "# the client brings another"
stop $dhcp2
check "a server that has forgotten" dhcpd $R2 2 70 89
check "it goes there" walk $AP_B
check "it registers from the old one" until_true uses "$second" $AP_B
check "the client asks" dhcp
[ "$(leased)" != "$second" ]
result $? "and has another"
check "it registers from that" until_true uses "$(leased)" $AP_B
check "ours is gone" until_true lends_nothing
check "packets go both ways" until_true pings $NODE $FAR

echo "# somebody else has it meanwhile"
ip -n $SW addr add "$first/24" dev net1
walk $A >"$D/stays-without" 2>&1 &
check "the client is told" until_true renewals 4
check "that address is not used" until_true lends_nothing
node_is ".care_of != \"$first\" or .state != \"registered\"" >/dev/null
result $? "nor registered"
ip -n $SW addr del "$first/24" dev net1
check "the client asks" dhcp
check "it registers" until_true uses "$(leased)" $A

echo "# a command that hangs"
touch "$D/hangs"
check "it goes away" walk $AP_B
check "it is killed" await "$D/node.log" "[Node] renew: killed by signal 9"
pgrep -f "^sleep 1000$" >"$D/out"
! ip netns pids $NODE | grep -qxFf "$D/out"
result $? "with all that it has started"
rm "$D/hangs"

echo "# killed, and started again"
check "while it has an address of ours" until_true lent "$(node --json status | jq -r .care_of)"
end_with KILL $node
check "it starts" launch $NODE mipclientd node; node=$pid
check "what was lent is gone" lends_nothing
check "the client is told" until_true renewals 6
check "and asks" dhcp
check "it registers" until_true uses "$(leased)" $AP_B

echo "# taken away, as when the lease ends"
touch "$D/asks"
check "it goes to the other network" walk $A
rm "$D/asks"
check "and back" walk $AP_B
gone=$(node --json status | jq -r .care_of)
check "with an address of ours" lent "$gone"
before=$(requests)
ip -n $NODE addr del "$gone/32" dev radio0
check "its way goes with it" until_true lends_nothing
check "what is left is seen" until_true node_is ".address == \"$(leased)\""
[ "$(requests)" = "$before" ]
result $? "and not registered: it is the other network's"
stop $node
check "nothing is left" nothing $NODE
check "nor lent" lends_nothing
kill $dhcp1
ended
