#!/bin/bash
# SPDX-License-Identifier: MIT
# The services under OpenRC, on a Debian that has it: Alpine's scripts (packaging/openrc), as `make install` leaves them,
# and those that the Debian packages have for whoever has no systemd.  A server, and a laptop that registers with it.
# Needs root, cgroups of version 2, `scripts/setup package`, the packages in $B/deb (make deb).
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/boot.sh

# ---- in the machine ----
node() { mipclient "$@"; }
rc() { ip netns exec "$1" rc-service "$2" "$3"; } # NAMESPACE SERVICE WORD
service() { ip netns exec "$1" "/etc/init.d/$2" "$3"; }
registered() { node_is '.state == "registered" and .care_of == "192.0.2.5"'; }
runs_as() { [ "$(ps -o user= -C "$1" | sort -u)" = mip ]; } # PROGRAM: and nobody else does
anew() { local now; now=$(pgrep -x mipclientd) && [ "$now" != "$1" ]; } # PID
both_run() { # WAY: rc or service
	check "the server starts" "$1" "$HA" mipagentd start
	check "the laptop, too" "$1" "$NODE" mipclientd start
	check "both as mip" sh -c "$(declare -f runs_as); runs_as mipagentd && runs_as mipclientd"
	check "status says so" "$1" "$NODE" mipclientd status
	check "it registers" within 20 registered
	check "packets go both ways" until_true pings "$NODE" "$FAR"
	check "reload" "$1" "$NODE" mipclientd reload
	check "and again" "$1" "$HA" mipagentd reload
}
both_end() { # WAY
	check "the laptop stops" "$1" "$NODE" mipclientd stop
	check "the server, too" "$1" "$HA" mipagentd stop
	check "nothing runs" not pgrep -x 'mipclientd|mipagentd'
	check "nothing is left in the kernel" nothing "$NODE"
}
networks() {
	new_space HA NODE
	cable "$HA" ha0 192.0.2.1/24 "$NODE" radio0 192.0.2.5/24
	ip -n "$HA" addr add "$FAR/32" dev lo
	ip -n "$NODE" route add default via 192.0.2.1
	WPA=/run/wpa_supplicant
	radio
	chgrp netdev $WPA $WPA/$RADIO; chmod 750 $WPA; chmod 770 $WPA/$RADIO
}
configured() {
	ha_conf >/etc/mip/mipagent.conf
	node_conf >/etc/mip/mipclient.conf
	cp "$D/node.key" /etc/mip/
	chown mip /etc/mip/*
}
guest() {
	ip link set lo up
	check "OpenRC begins" openrc sysinit
	check "and comes to the default runlevel" openrc default
	# What a base system has.
	for s in localmount net; do
		printf '#!/sbin/openrc-run\ndescription=%s\nstart() { return 0; }\n' $s >/etc/init.d/$s
		chmod 755 /etc/init.d/$s
	done
	check "apt installs the packages" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
		install --no-install-recommends /debs/*.deb
	check "nothing was started: there is no configuration" not pgrep -x 'mipclientd|mipagentd'
	networks

	echo "# the packages' scripts"
	check "without a configuration nothing is done" service "$HA" mipagentd start
	check "nothing runs" not pgrep -x mipagentd
	configured
	both_run service
	both_end service

	echo "# OpenRC's own"
	for s in packaging/openrc/*; do
		sed 's|/usr/local/sbin/|/usr/sbin/|' "$s" >"/etc/init.d/${s##*/}" # as `make install` does
	done
	mv /etc/mip/mipagent.conf /etc/mip/aside
	check "without a configuration it does not start" not rc "$HA" mipagentd start
	echo nonsense >/etc/mip/mipagent.conf
	check "nor with a wrong one" not rc "$HA" mipagentd start
	mv /etc/mip/aside /etc/mip/mipagent.conf
	both_run rc
	pid=$(pgrep -x mipclientd)
	kill -KILL "$pid"
	check "one that is killed is started anew" within 20 anew "$pid"
	check "and registers" within 20 registered
	both_end rc
	ended
}
if [ -n "${MIP_GUEST:-}" ]; then
	guest
	exit
fi

# ---- here ----
. tests/packages/root.sh
mkdir "$D/debs"
cp "$B"/deb/mip*_*.deb "$D/debs/" || exit 2
rm -f "$D"/debs/*-dbgsym_*
check "a clean Debian" base_root
[ $failed = 0 ] || { ended; exit 1; }
fetch() {
	root_upon fetched && mkdir "$D/fetched/debs" && cp "$D"/debs/* "$D/fetched/debs/" &&
		inside fetched sh -c 'apt-get -q -y --no-install-recommends install openrc &&
			apt-get -q -y --download-only --no-install-recommends install /debs/*.deb'
}
check "with OpenRC" fetch
away fetched
first=first_shell
boots tests/packages/openrc.sh "$D/fetched.upper:$base"
ended
