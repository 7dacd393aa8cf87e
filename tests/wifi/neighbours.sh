# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The same walk while somebody else runs the radio, its addresses or the firewall, and looks after
# them in his own way.  No agent at access point 2: addresses of the machine's own are used, too.

foreign() { # what the node's kernel has that is not ours
	ip -n mn rule | grep -v 'proto 143'
	ip -n mn route show table all | grep -v -e 'proto 143' -e 'dev mip0' -e 192.0.0.8 |
		sed -E 's/ (expires|metric) [0-9a-z]+//g; s/10\.([12])\.0\.[5-9][0-9]*/10.\1.0.X/g' | sort
}
ours() { ip -n mn rule | grep -c 'proto 143'; }
no_station() {
	[ -S /run/wpa_supplicant/wlan2 ] || return 0
	wpa_cli -p /run/wpa_supplicant -i wlan2 terminate > /dev/null
	wait_until 10 test ! -S /run/wpa_supplicant/wlan2
}
bus_up() {
	mkdir -p /run/dbus
	cat > $L/bus.conf <<-X
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		<type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
		<policy context="default"><allow user="*"/><allow own="*"/>
		<allow send_type="method_call"/><allow send_type="signal"/><allow receive_type="signal"/>
		<allow send_requested_reply="true"/><allow receive_requested_reply="true"/></policy>
		</busconfig>
	X
	start bus mn dbus-daemon --nofork --config-file=$L/bus.conf
	wait_until 10 test -S /run/dbus/system_bus_socket
}
# What waits for udev's word elsewhere does not where /sys is read-only.
without_udev() { # NAME COMMAND...
	local name=$1
	shift
	# shellcheck disable=SC2016
	start "$name" mn sh -c 'mount -o remount,bind,ro /sys; exec "$@"' sh "$@"
}

networkmanager_up() {
	no_station
	bus_up
	mkdir -p $L/nm
	cat > $L/nm.conf <<-X
		[main]
		plugins=keyfile
		dhcp=internal
		dns=none
		[keyfile]
		path=$L/nm
	X
	(umask 077; cat > $L/nm/campus.nmconnection) <<-X
		[connection]
		id=campus
		type=wifi
		interface-name=wlan2
		[wifi]
		ssid=campus
		[wifi-security]
		key-mgmt=wpa-psk
		psk=correcthorse
		[ipv6]
		method=disabled
	X
	# Before the supplicant, which NetworkManager has look for another one below -70 dBm.
	sed 's/^\[Radio\]/&\nleave-below = -65/' $L/mn.conf > $L/mn-networkmanager.conf
	start supplicant mn wpa_supplicant -u -O "DIR=/run/wpa_supplicant GROUP=netdev"
	without_udev networkmanager NetworkManager --debug --config $L/nm.conf --config-dir $L/none
}
networkmanager_down() { local n; for n in networkmanager supplicant bus; do stop $n; done; }

# As interfaces(5) and the hooks of Debian's wpasupplicant have it, with ISC's dhclient.
ifupdown_up() {
	no_station
	cat > $L/interfaces <<-X
		iface wlan2 inet dhcp
			wpa-conf $L/station.conf
	X
	# What mipclientd(8) has for a dhclient that nobody tells of a roam.
	cat > $L/ask-anew <<-'X'
		#!/bin/sh
		pid=/run/dhclient.$1.pid leases=/var/lib/dhcp/dhclient.$1.leases
		kill -KILL "$(cat $pid)"
		rm -f $leases
		ip -4 addr flush dev "$1" scope global
		ip -4 route flush dev "$1" proto boot
		exec dhclient -4 -nw -pf $pid -lf $leases "$1"
	X
	chmod +x $L/ask-anew
	sed "s|^\[Node\]|&\nrenew = $L/ask-anew IFNAME|" $L/mn.conf > $L/mn-ifupdown.conf
	mkdir -p /run/network
	in_ns mn ifup -v -i $L/interfaces wlan2 > $L/ifup.log 2>&1 || say "ifup failed"
}
ifupdown_down() { in_ns mn ifdown -v -i $L/interfaces wlan2 > $L/ifdown.log 2>&1 || say "ifdown failed"; }

# A plain wpa_supplicant, and what mipclientd(8) has for systemd-networkd.
networkd_up() {
	no_station
	station
	bus_up
	mkdir -p /run/systemd/network /run/systemd/networkd.conf.d
	printf '%s\n' "[Match]" Name=wlan2 "[Network]" DHCP=ipv4 LinkLocalAddressing=no IPv6AcceptRA=no \
		> /run/systemd/network/radio.network
	printf '%s\n' "[Network]" ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no \
		> /run/systemd/networkd.conf.d/mip.conf
	sed "s|^\[Node\]|&\nrenew = networkctl renew IFNAME|" $L/mn.conf > $L/mn-networkd.conf
	without_udev networkd /usr/lib/systemd/systemd-networkd
}
networkd_down() { local n; for n in networkd bus; do stop $n; done; }

# With the two rules of mipclientd(8), the test's own service, and the kernel's strict reverse path filter.
firewalld_up() {
	bus_up
	# Nothing loads modules by itself here.
	modprobe -a -d "$KERNEL" nf_tables nf_conntrack nft_ct nft_reject_inet nft_fib_inet nft_masq nft_chain_nat nft_log nft_limit
	start firewalld mn firewalld --nofork --nopid
	wait_until 120 in_ns mn firewall-cmd --state || say "firewalld does not run"
	{
		in_ns mn firewall-cmd --add-protocol=ipencap
		in_ns mn firewall-cmd --add-port=5001/udp
		in_ns mn firewall-cmd --list-all
	} > $L/firewall-cmd.log 2>&1
	in_ns mn sysctl -qw net.ipv4.conf.all.rp_filter=1
	: > $L/attached
	dhcp_client
	tells_of_links
}
firewalld_down() {
	local n
	in_ns mn nft list table inet firewalld > $L/firewalld.nft 2>&1
	for n in firewalld bus; do stop $n; done
	in_ns mn nft flush ruleset
	in_ns mn sysctl -qw net.ipv4.conf.all.rp_filter=2
}

has_address() { [[ $(ip -n mn -o -4 addr show dev wlan2) = *" 10.$1."* ]]; }
as_before() { foreign | cmp -s - "$L/foreign-$1-before.txt"; } # NAME: its DHCP client may be at it
under() { # NAME
	say "under $1"
	"$1_up"
	wait_until 30 attached $BSSID1 || say "$1: not attached"
	wait_until 20 has_address 1 || say "$1: no address"
	wait_until 20 knows_both || say "$1: does not know both"
	foreign > "$L/foreign-$1-before.txt"
	if [ -e "$L/mn-$1.conf" ]; then client_up "mn-$1"; else client_up; fi
	streams_up "$1"
	walks "$1" 2 1
	streams_down
	wait_until 20 as_before "$1" || say "$1: what was there is not there again"
	foreign > "$L/foreign-$1-while.txt"
	client status --json > "$L/$1.json"
	client_down
	foreign > "$L/foreign-$1-after.txt"
	"$1_down"
	no_lease
}

scenario_neighbours() {
	local name
	stop r2
	dhcp_server 1
	dhcp_server 2
	for name in networkmanager ifupdown networkd firewalld; do under $name; done
	stop dhcp1
	stop dhcp2
	agent_up r2
}
