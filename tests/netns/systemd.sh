#!/bin/bash
# SPDX-License-Identifier: MIT
# The units under a real systemd, with all their hardening: README's "A laptop and one server" by
# systemctl, both daemons in one machine that boots here, in namespaces, from this machine's files under
# an overlay.  Installed as `make install` does it; user mip is made there, and gone with it.
# Needs root, and cgroups of version 2.  B=build folder.  Prints ok / not ok lines, then a sum.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/boot.sh

# ---- in the machine ----
running() { [ "$(systemctl is-active "$1")" = active ]; } # UNIT
of() { systemctl show -P "$2" "$1"; } # UNIT PROPERTY
main_of() { of "$1" MainPID; } # UNIT
status_of() { awk -v f="$2:" '$1 == f {$1 = ""; print substr($0, 2)}' "/proc/$(main_of "$1")/status"; } # UNIT FIELD
registered() { mipclient status --json | holds '.state == "registered"'; }
says() { of "$1" StatusText | grep -qF "$2"; } # UNIT TEXT
heard_for() { [ $(($(of mipclientd WatchdogTimestampMonotonic) - since)) -gt "$1" ]; } # MICROSECONDS
confined() { # UNIT
	check "$1: user mip" [ "$(status_of "$1" Uid | xargs -n1 | sort -u)" = "$(id -u mip)" ]
	check "$1: two capabilities" [ "$(status_of "$1" CapPrm) $(status_of "$1" CapEff)" = "0000000000003000 0000000000003000" ]
	check "$1: none for whom it starts" [ "$(status_of "$1" CapInh) $(status_of "$1" CapAmb)" = "0000000000000000 0000000000000000" ]
	# What is left in the bounding set nobody can get: it takes CAP_SETPCAP to empty it, and no new privileges to make it void.
	check "$1: the bounding set is the unit's, and void" [ "$(status_of "$1" CapBnd) $(status_of "$1" NoNewPrivs)" = "0000000000003400 1" ]
	check "$1: system calls filtered, by itself, too" sh -c "${1%d} --json status | jq -e .system_calls_filtered"
	check "$1: keys are locked in memory" [ "$(status_of "$1" VmLck | tr -dc 0-9)" -gt 0 ]
	check "$1: nothing was refused it" not journal "$1" "not permitted|denied|cannot"
}
journal() { journalctl --no-pager -o cat -u "$1" | grep -E "$2"; } # UNIT EXPRESSION
guest() {
	export PATH=/usr/local/sbin:/usr/local/bin:$PATH
	check "sysusers.d makes the user" systemd-sysusers /usr/local/lib/sysusers.d/mip.conf
	check "who has wpa_supplicant's group" sh -c 'id -nG mip | grep -qw netdev'
	systemctl daemon-reload
	ip link set lo up
	ip netns add ha && spaces+=(ha)
	ip -n ha link set lo up
	ip link add wlan0 type veth peer name ha0 netns ha
	ip -n ha link set ha0 up; ip -n ha addr add 192.0.2.1/24 dev ha0; ip -n ha addr add 203.0.113.9/32 dev lo
	ip link set wlan0 up; ip addr add 192.0.2.5/24 dev wlan0; ip route add default via 192.0.2.1
	# One instance a network namespace.  A short patience, so that the watchdog is seen.
	mkdir -p /etc/systemd/system/mipagentd.service.d /etc/systemd/system/mipclientd.service.d
	section Service NetworkNamespacePath=/run/netns/ha >/etc/systemd/system/mipagentd.service.d/test.conf
	section Service WatchdogSec=2 >/etc/systemd/system/mipclientd.service.d/test.conf
	systemctl daemon-reload

	echo "# the server"
	mkdir -p /etc/mip
	section Home "address = 192.0.2.1" "network = 10.99.0.0/24" >/etc/mip/mipagent.conf
	check "mipagentd starts" systemctl start mipagentd
	confined mipagentd
	check "a node is added" sh -c 'umask 077; mipagent node add laptop >/root/laptop.conf'
	check "and served at once" until_true says mipagentd "nodes 1"

	echo "# the laptop"
	install -D -m 600 /root/laptop.conf /etc/mip/mipclient.conf
	mkdir -p /run/wpa_supplicant; chgrp netdev /run/wpa_supplicant; chmod 750 /run/wpa_supplicant
	RADIO=wlan0 WPA=/run/wpa_supplicant radio
	chgrp netdev /run/wpa_supplicant/wlan0; chmod 770 /run/wpa_supplicant/wlan0
	check "mipclientd starts, with a file that is root's alone" systemctl start mipclientd
	check "it registers" within 20 registered
	confined mipclientd
	check "its helper has the unit's filters, it has one more" [ "$(status_of mipclientd Seccomp_filters)" = $(($(awk '/^Seccomp_filters/ {print $2}' "/proc/$(pgrep -x mip-helper)/status") + 1)) ]
	check "systemctl status says so" until_true says mipclientd "registered: 10.99.0.1 from 192.0.2.5 on wlan0"
	check "packets go both ways" until_true ping -c 1 -W 2 203.0.113.9
	check "rp_filter is set" [ "$(cat /proc/sys/net/ipv4/conf/wlan0/rp_filter)" = 2 ]
	install -m 600 /root/laptop.conf /etc/mip/mipclient.conf
	check "reload, of a file that is root's alone again" systemctl reload mipclientd
	check "and it was read" until_true journal mipclientd "configuration read again"
	check "the server's reload" systemctl reload mipagentd
	ip link set wlan0 down; ip link set wlan0 up; ip route add default via 192.0.2.1
	check "the link goes and comes" within 20 ping -c 1 -W 2 203.0.113.9

	echo "# a long life"
	check "stopped, it leaves the sysctls as they were" systemctl stop mipclientd
	check "rp_filter is not set" [ "$(cat /proc/sys/net/ipv4/conf/wlan0/rp_filter)" = 0 ]
	check "it starts again" systemctl start mipclientd
	since=$(of mipclientd WatchdogTimestampMonotonic)
	check "the watchdog hears it, for three times as long as it waits" within 30 heard_for 6000000
	check "and leaves it alone" [ "$(of mipclientd NRestarts)" = 0 ]
	kill -STOP "$(main_of mipclientd)"
	check "who hangs is started anew" within 20 sh -c "[ \"\$(systemctl show -P NRestarts mipclientd)\" -ge 1 ]"
	check "and registers" within 20 registered
	check "the server restarts" systemctl restart mipagentd
	check "and knows its node" sh -c 'mipagent bindings | grep -q 10.99.0.1'
	echo "nonsense" >>/etc/mip/mipagent.conf
	check "a wrong configuration ends it" not systemctl restart mipagentd
	check "for good" [ "$(of mipagentd ExecMainStatus) $(of mipagentd SubState)" = "78 failed" ]

	echo "# the end"
	check "mipclientd stops" systemctl stop mipclientd
	check "as it should" [ "$(of mipclientd Result)" = success ]
	check "nothing is left" [ "$(ip rule list | wc -l) $(ip -o link show mip0 2>/dev/null)" = "3 " ]
	[ $failed = 0 ] || journalctl --no-pager | tail -n 60 | sed 's/^/# /'
	ended
}
if [ -n "${MIP_GUEST:-}" ]; then
	guest
	exit
fi

if ! [ -x /lib/systemd/systemd ] || ! command -v systemd-sysusers >/dev/null; then
	echo "# no systemd here"
	ended; exit
fi
check "it is installed" make install B="$B" DESTDIR="$D/root" PREFIX=/usr/local
boots tests/netns/systemd.sh / "$D/root/usr/local" usr/local
ended
