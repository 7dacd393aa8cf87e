#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian packages on a clean Debian: installed by apt, started by systemd, with the configurations that
# mip(7)'s networks have; a handoff of what runs there, with all its hardening, loses nothing; an upgrade; and
# what purging leaves.  The machine boots in namespaces, from a root that debootstrap made.
# Needs root, cgroups of version 2, `scripts/setup package`, the packages in $B/deb (make deb).
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/boot.sh

# ---- in the machine ----
of() { systemctl show -P "$2" "$1"; } # UNIT PROPERTY
in_apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }
# What apt and dpkg themselves write, and what time and systemd do.
everything() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /work -o -path /debs \
		-o -path /root -o -path /var/cache/apt -o -path /var/lib/apt -o -path /var/log -o -path /var/lib/dpkg \) -prune \
		-o -printf '%M %u:%g %p\n' | sort -k3
	find /run/mip 2>/dev/null
}
accounts() { grep -h . /etc/passwd /etc/group /etc/shadow /etc/gshadow | grep -E 'mip|netdev' | sort; }
unit_in() { # UNIT NAMESPACE: one instance a network namespace
	mkdir -p "/etc/systemd/system/$1.service.d"
	section Service "NetworkNamespacePath=/run/netns/$2" >"/etc/systemd/system/$1.service.d/test.conf"
}
another_agent() { # NAME NAMESPACE: the packaged unit, of another configuration
	sed "s|/usr/sbin/mipagentd -f|& -c /etc/mip/$1.conf -S /run/mip/$1.sock|; s|^ConditionPathExists=.*||" \
		/lib/systemd/system/mipagentd.service >"/etc/systemd/system/$1.service"
	unit_in "$1" "$2"
}
node() { mipclient "$@"; }
agent() { mipagent -S "/run/mip/$1.sock" "${@:2}"; } # NAME COMMAND...
confined() { # UNIT
	local status
	status=$(sed 's/\t/ /g' "/proc/$(of "$1" MainPID)/status")
	grep -q "^Uid: $(id -u mip) $(id -u mip) " <<<"$status" && grep -q "^CapEff: 0000000000003000$" <<<"$status" &&
		grep -q "^Seccomp: 2$" <<<"$status"
}
installed() {
	echo "# apt installs"
	accounts >/root/accounts.before
	everything >/root/before
	check "apt installs all three, with what they need" in_apt install --no-install-recommends /debs/*.deb
	check "the user is there, in wpa_supplicant's group" sh -c 'id -nG mip | grep -qw netdev'
	check "its folders are there" [ "$(stat -c '%U %a' /etc/mip /var/lib/mip /run/mip | xargs)" = "root 755 mip 700 mip 755" ]
	for u in mipclientd mipagentd; do
		check "$u: enabled" [ "$(systemctl is-enabled $u)" = enabled ]
		check "$u: not started: there is no configuration" [ "$(of $u ActiveState) $(of $u ConditionResult)" = "inactive no" ]
	done
	check "all four programs find their libraries" sh -e -c 'for p in mipclientd mipclient mipagentd mipagent; do $p -V; done'
	for page in 1/mipclient.1 5/mipclient.conf.5 8/mipclientd.8 1/mipagent.1 5/mipagent.conf.5 8/mipagentd.8 7/mip.7 7/mip-buffer.7; do
		[ -s "/usr/share/man/man$page.gz" ] || { result 1 "the manual: $page"; }
	done
	check "conffiles are the service scripts and profiles" [ "$(dpkg-query -W -f '${Conffiles}\n' mipclient mipagent mip-common |
		awk 'NF {print $1}' | sort | xargs)" = "/etc/apparmor.d/usr.sbin.mipagentd /etc/apparmor.d/usr.sbin.mipclientd /etc/init.d/mipagentd /etc/init.d/mipclientd" ]
}
configured() {
	echo "# four networks, the daemons by their units"
	. tests/netns/walk.sh
	unit_in mipagentd "$HA"; unit_in mipclientd "$NODE"
	another_agent fa1 "$FA1"; another_agent fa2 "$FA2"
	systemctl daemon-reload
	WPA=/run/wpa_supplicant
	configure "" | grep -vE '^\[Supplicant\]|^control' >/etc/mip/mipclient.conf
	cp "$D/ha.conf" /etc/mip/mipagent.conf
	cp "$D"/fa?.conf "$D"/*.key /etc/mip/
	supplicant 1
	chgrp netdev $WPA $WPA/$RADIO; chmod 750 $WPA; chmod 770 $WPA/$RADIO
	for u in mipagentd fa1 fa2 mipclientd; do
		check "$u starts" systemctl start $u
		check "$u: as mip, with two capabilities, system calls filtered" confined $u
	done
	check "the node is registered, through an agent" within 20 settled 1
	goes_to 2 >/dev/null; goes_to 1 >/dev/null # the agents know it, and it them
}
walked() {
	echo "# a walk"
	check "streams, 500 packets a second each way" streams "$CN" "$OURS"
	check "four handoffs" walks node 2 1 2 1
	end_flows cn node
	check "all that the node sent arrived, once and in order" whole cn 500
	check "all that was sent to it, too" whole node 500
	check "each was buffered" holds '[.reports[] | select(.flow == "F1")] | length >= 4' <(node --json history)
}
upgraded() {
	echo "# the same again: an upgrade"
	local before; before=$(of mipclientd MainPID)
	check "apt installs them over themselves" in_apt install --reinstall --no-install-recommends /debs/*.deb
	check "both run" sh -c 'systemctl is-active mipclientd mipagentd'
	check "anew" [ "$(of mipclientd MainPID)" != "$before" ]
	check "the node is registered" within 20 settled 1
	check "the configuration is as it was" grep -q "home-address = 10.99.0.5" /etc/mip/mipclient.conf
}
removed() {
	echo "# removed"
	systemctl stop fa1 fa2; rm -rf /etc/systemd/system/fa?.service*
	check "apt removes them" in_apt remove mipclient mipagent
	check "nothing runs" not pgrep -x 'mipclientd|mipagentd'
	check "nothing is left in the kernel" nothing "$NODE"
	check "the configuration and the keys are there" [ -s /etc/mip/mipclient.conf -a -s /etc/mip/node.key ]
	check "the state, too" [ -s /var/lib/mip/mipagentd.state ]
	echo "# purged"
	rm -rf /etc/systemd/system/mip*d.service.d
	# apt keeps what anything else suggests.
	check "apt purges them, and what came with them" in_apt -o APT::AutoRemove::SuggestsImportant=false \
		purge --autoremove mipclient mipagent mip-common
	everything >/root/after; accounts >/root/accounts.after
	check "no file is left, none is gone" diff /root/before /root/after
	check "no user, no group" diff /root/accounts.before /root/accounts.after
	check "no unit is known" not systemctl cat mipclientd
}
guest() {
	ip link set lo up
	B=/root/programs
	mkdir -p $B
	check "a source of traffic" gcc -std=c11 -D_GNU_SOURCE -o $B/stream tests/stream.c
	installed
	configured
	walked
	upgraded
	removed
	[ $failed = 0 ] || journalctl --no-pager | tail -n 60 | sed 's/^/# /'
	ended
}
if [ -n "${MIP_GUEST:-}" ]; then
	guest
	exit
fi

# ---- here ----
. tests/packages/root.sh
debs=("$B"/deb/mip*_*.deb)
mkdir "$D/debs"
cp "${debs[@]}" "$D/debs/" || exit 2
rm -f "$D"/debs/*-dbgsym_*
check "a clean Debian" base_root
[ $failed = 0 ] || { ended; exit 1; }
fetch() { # what they need, so that the machine needs no network
	root_upon fetched && mkdir "$D/fetched/debs" && cp "$D"/debs/* "$D/fetched/debs/" &&
		inside fetched sh -c 'apt-get -q -y --download-only --no-install-recommends install /debs/*.deb'
}
check "what the packages need is fetched" fetch
away fetched
boots tests/packages/debian.sh "$D/fetched.upper:$base"
ended
