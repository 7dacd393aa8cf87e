#!/bin/bash
# SPDX-License-Identifier: MIT
# Somebody else at work in the node's kernel: who flushes what is ours, a strict reverse path filter, a
# firewall as firewalld makes it, systemd-networkd with its defaults.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh
networkd=/usr/lib/systemd/systemd-networkd
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$D/run/dbus

ip -n $NODE rule add pref 100 from 10.77.0.0/16 lookup 77 protocol static
ip -n $NODE route add blackhole default table 77
ip -n $NODE route add 192.0.2.78/32 dev lo table 434 proto static
foreign() {
	ip -n $NODE rule | grep -v "proto $PROTO"
	ip -n $NODE route show table all | grep -E 'table (77|434) ' | grep -v "proto $PROTO"
}
ours() { # all that stands while the node is where it is
	ip -n $NODE rule | grep "proto $PROTO"
	ip -n $NODE route show table all proto "$PROTO"
	ip -n $NODE neigh show nud permanent
	ip -n $NODE -o addr | grep -oE "inet ($HOME_ADDR|192.0.0.8)/32.*(mip0|$RADIO)"
}
note() { ours >"$D/ours"; foreign >"$D/foreign"; }
as_noted() { ours | diff "$D/ours" - && foreign | diff "$D/foreign" -; }
repaired() { within 2 as_noted || as_noted; }
flushed() { # WHAT COMMAND...: it does something, and that is undone
	local what=$1; shift
	note
	ip -n $NODE "$@"
	echo "# $what"
	check "put back within 2 s, and nothing else was touched" repaired
}
flush_all() { # in the words of this page
	flushed "our rules" rule flush protocol "$PROTO"
	flushed "one rule" rule del pref 434
	flushed "our routes" route flush table all proto "$PROTO"
	flushed "all but the rules" addr flush dev mip0
}
whole_if_sorted() { # NAME: all that was sent came once (F4 keeps no order)
	holds ".complete and .received == .peer_sent and .lost + .duplicated == 0" "$D/$1.json"
}
walked() { # WHO: with that one at work
	echo "# $1"
	check "streams both ways" streams $CN $OURS
	check "a walk over agents" walks cn 2 1 2 1
	end_flows cn node
	check "nothing of it is lost, doubled or out of order" whole cn
	check "the other way neither" whole node
	check "streams from a network without an agent" goes_to 3
	check "flow" streams $CN $OURS
	check "a walk over networks without an agent" walks cn 4 3 4 3
	end_flows cn node
	check "nothing of it is lost, doubled or out of order" whole cn
	check "the other way neither" whole node
	check "streams to and from agents" streams $CN $OURS
	check "a walk" walks cn 1 3 1 3 1
	end_flows cn node
	check "nothing of it is lost or doubled" whole_if_sorted cn
	check "nor of the other way" whole_if_sorted node
}

strictly() { ip netns exec $NODE sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1; }
# As firewalld 1.3 makes it of its zone "public" and two rules of ours; and its reverse path filter, which is
# for IPv6, for IPv4 as well, with the exceptions of mipclientd(8).
firewall() {
	ip netns exec $NODE nft -f - <<-END
		table inet firewalld {
			chain mangle_PREROUTING {
				type filter hook prerouting priority mangle + 10; policy accept;
				iifname != { "$RADIO", "mip0" } fib saddr . iif oif missing drop
			}
			chain filter_INPUT {
				type filter hook input priority filter + 10; policy accept;
				ct state { established, related } accept
				ct status dnat accept
				iifname "lo" accept
				ip protocol ipencap accept
				udp dport 434 accept
				udp dport 5000 accept comment "the test's own service"
				meta l4proto icmp accept
				ct state invalid drop
				counter reject with icmpx admin-prohibited
			}
		}
	END
}
configure "" >"$D/node.conf"
leases 1
supplicant 1
agents
check "the node starts" launch $NODE mipclientd node; node=$pid
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"

echo "# flushed"
flush_all
said "somebody removed rules, routes or addresses of ours" "$D/node.log"
check "a handoff to a network without an agent" goes_to 3
flush_all
no_leases
check "a handoff to an agent, no address of the link" goes_to 2
flushed "the address that stands for none" addr flush dev $RADIO
flush_all
goes_to 1 >/dev/null
leases 1
check "once is said" [ "$(grep -c 'somebody removed' "$D/node.log")" = 1 ]

echo "# addresses come and go"
stop $node # the first repairs wait for nothing
check "the node starts anew" launch $NODE mipclientd node; node=$pid
check "the node registers" until_true node_is '.state == "registered"'
goes_to 3 >/dev/null
check "streams both ways" streams $CN $OURS
come_and_go() { # TIMES, under way
	for n in $(seq "$1"); do
		ip -n $NODE addr add 10.77.0.9/32 dev $RADIO
		ip -n $NODE addr del 10.77.0.9/32 dev $RADIO
		flows cn $((n * 40)) || within 5 flows cn $((n * 40))
	done
}
check "twenty times" come_and_go 20
end_flows cn node
check "nothing that is sent goes out twice" whole cn
check "the other way neither" whole node
goes_to 1 >/dev/null

echo "# systemd-networkd"
bus() {
	cat >"$D/bus.conf" <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
			"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
			<type>system</type><listen>$DBUS_SYSTEM_BUS_ADDRESS</listen><auth>EXTERNAL</auth>
			<policy context="default">
				<allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
				<allow send_requested_reply="true"/><allow receive_type="signal"/><allow receive_requested_reply="true"/>
			</policy>
		</busconfig>
	END
	dbus-daemon --nofork --config-file="$D/bus.conf" >"$D/bus.log" 2>&1 &
	until_true test -S "$D/run/dbus"
}
# Its own /run, with that configuration; where /sys is read-only it does not wait for udev's word.
networkd() { # [LINE...]: of networkd.conf
	local at=$D/run/systemd
	mkdir -p "$at/network" "$at/networkd.conf.d"
	printf '%s\n' "[Network]" "$@" >"$at/networkd.conf.d/lab.conf"
	printf '%s\n' "[Match]" "Name=$RADIO" "[Network]" Address=10.1.0.6/24 Gateway=10.1.0.1 \
		LinkLocalAddressing=no IPv6AcceptRA=no >"$at/network/radio.network"
	: >"$D/networkd.log"
	# shellcheck disable=SC2016
	SYSTEMD_LOG_LEVEL=debug DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus ip netns exec $NODE sh -c 'mount --bind "$1" /run && mount -o remount,bind,ro /sys && exec "$2"' \
		sh "$D/run" $networkd >"$D/networkd.log" 2>&1 &
	daemon=$!
	await "$D/networkd.log" "$RADIO: State changed: configuring -> configured" $daemon
}
reconfigured() { # it puts the interface in order once more
	: >"$D/networkd.log"
	ip netns exec $NODE networkctl reconfigure $RADIO && await "$D/networkd.log" "configuring -> configured" $daemon
}
addressless() { grep -v -e 192.0.0.8 -e "^432:"; } # it brings another address
still_ours() { ours | addressless | diff <(addressless <"$D/ours") -; }
mkdir -p "$D/run"
check "a bus" bus
check "it starts, with its defaults" networkd
note
check "it puts the interface in order" reconfigured
check "it has removed what is ours" grep -q "Removing foreign routing policy rule.*priority: 434" "$D/networkd.log"
check "that is back within 2 s" within 2 still_ours
gives 1 "what was others' is not: it does that to everybody" grep -q "^100:" <(foreign)
stop $daemon
ip -n $NODE rule add pref 100 from 10.77.0.0/16 lookup 77 protocol static
ip -n $NODE route replace blackhole default table 77
check "it starts, as mipclientd(8) has it" networkd ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no
note
check "it puts the interface in order" reconfigured
check "it has removed no rule" not grep -q "Removing foreign routing policy rule" "$D/networkd.log"
check "what is ours is as it was" within 2 still_ours
check "and what is others'" diff "$D/foreign" <(foreign)
stop $daemon

echo "# strict"
stop $node
strictly
check "the node starts" launch $NODE mipclientd node; node=$pid
check "the node registers" until_true settled 1
check "mip0 is not strict" [ "$(ip netns exec $NODE sysctl -n net.ipv4.conf.mip0.rp_filter)" = 2 ]
walked "rp_filter = 1"
firewall
walked "firewall"
ended
