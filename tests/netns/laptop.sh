#!/bin/bash
# SPDX-License-Identifier: MIT
# README, "A laptop and one server", command by command as it stands there, on two machines that have
# what `make install` puts on them and nothing else of ours: the usual paths, no options.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

awk -v d="$D" '/^## / {on = $0 == "## A laptop and one server"} !on {next}
	/^```$/ {inside = !inside; if (inside) name = d "/block" ++n; next} inside {print > name}' README.md
check "README has four steps" test -s "$D/block3"
check "it is installed" make install B="$B" DESTDIR="$D/root" PREFIX=/usr/local

new_space SERVER NET LAPTOP
# The world, a host of it, and a network behind a NAT that the laptop comes to.
cable $SERVER eth0 192.0.2.1/24 $NET up0 192.0.2.254/24
cable $LAPTOP wlan0 "" $NET lan0 10.1.0.1/24
ip -n $NET addr add $FAR/32 dev lo
ip -n $SERVER route add default via 192.0.2.254
masquerades $NET up0

declare -A to from
# A machine: its network and its processes, its own /etc, /run and /var, and what was installed.
machine() { # NAMESPACE NAME
	local fd
	mkdir -p "$D/$2/etc" "$D/$2/home"
	cat >"$D/$2.sh" <<-END
		for at in /run /etc/mip /var/lib; do mkdir -p \$at; mount -t tmpfs none \$at; done
		mount --bind "$D/root/usr/local" /usr/local
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		cd "$D/$2/home"
		while read -r file; do
			sh -e "\$file" >"\$file.out" 2>&1
			echo "ended \$?"
		done
	END
	mkfifo "$D/$2.to" "$D/$2.from"
	ip netns exec "$1" unshare -mpf --mount-proc --kill-child bash "$D/$2.sh" \
		<"$D/$2.to" >"$D/$2.from" 2>"$D/$2.err" &
	machines+=($!)
	exec {fd}>"$D/$2.to"; to[$2]=$fd
	exec {fd}<"$D/$2.from"; from[$2]=$fd
}
on() { # MACHINE FILE: runs it there
	local code
	echo "$2" >&"${to[$1]}"
	read -r -t 60 -u "${from[$1]}" code
	cat "$2.out" "$D/$1.err"
	[ "$code" = "ended 0" ]
}
asks() { # MACHINE COMMAND...
	local machine=$1; shift
	echo "$*" >"$D/ask"
	on "$machine" "$D/ask"
}
machines=()
machine $SERVER server
machine $LAPTOP laptop
trap 'for machine in "${machines[@]}"; do end_with KILL "$machine"; done; cleanup' EXIT # unshare ends by nothing less

echo "# the server"
check "step 1, word for word" on server "$D/block1"
check "the file for the laptop is there, and is its owner's alone" test "$(stat -c %a "$D/server/home/laptop.conf" 2>&1)" = 600
check "nobody else reads the key" asks server '! grep -rqs "$(sed -n "s/^key = //p" laptop.conf)" /run'

echo "# the laptop"
cp -p "$D/server/home/laptop.conf" "$D/laptop/home/"
mkdir -p "$D/wpa"
echo "mkdir -p /run/wpa_supplicant; $PWD/tests/netns/supplicant.py /run/wpa_supplicant/wlan0 02:00:00:00:00:00 >/dev/null 2>&1 &" >"$D/supplicant"
check "it has Wi-Fi" on laptop "$D/supplicant"
ip -n $LAPTOP addr add 10.1.0.5/24 dev wlan0
ip -n $LAPTOP route add default via 10.1.0.1 dev wlan0
check "step 2, word for word" on laptop "$D/block2"
check "it registers" until_true asks laptop 'mipclient status | grep -q "^state *registered"'
check "by the network's own address, through the NAT" asks laptop 'mipclient status | grep "our own, in UDP through a NAT"'

echo "# the world"
check "step 3, word for word" on server "$D/block3"
check "the laptop reaches the world" asks laptop 'ping -c 1 -W 2 203.0.113.9'
check "and the server" asks laptop 'ping -c 1 -W 2 192.0.2.1'
check "the server knows where it is" asks server 'mipagent node list | grep laptop'
check "it is removed" asks server 'mipagent node remove laptop'
check "and is known no more" asks server '! mipagent node list | grep laptop'
check "the laptop's daemon ends" asks laptop 'kill $(pidof mipclientd)'
check "the server's, too" asks server 'kill $(pidof mipagentd)'
check "nothing is left" until_true nothing $LAPTOP
ended
