#!/bin/bash
# SPDX-License-Identifier: MIT
# mip(7), "A laptop and one server" and "Two access points", each block as it stands there, typed into machines
# that have what `make install` puts on them and nothing else of ours.  (Its lab: tests/wifi/tutorial.)
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/machines.sh

# Each block that a `run` stands before, by its name; the nth of a name has n behind it.  Indented, as man(1)
# shows them and a reader copies them.
awk -v d="$D" '/^\.\\" run / {name = $0; sub(/^.* run /, "", name); gsub(/ /, "-", name); getline; name = d "/" name (++n[name]); on = 1; next}
	/^\.Ed/ {on = 0} on {gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047"); gsub(/\\-/, "-"); print "           " $0 > name}' man/mip.7
types() { on "${2:-${1%%[-0-9]*}}" "$D/$1"; } # BLOCK [MACHINE]
wide=$(mandoc -Tascii -O width=200 man/mip.7 | col -b)
shown() { # every line of every block is on the page as man(1) shows it
	local line
	cat "$D"/{demo,host,lab,both,server,laptop,ap}*[0-9] >"$D/lines"
	while read -r line; do
		[[ $wide == *"$line"* ]] || { echo "not on the page: $line"; return 1; }
	done <"$D/lines"
	[ "$(wc -l <"$D/lines")" -gt 60 ]
}
check "the page shows each line as it is typed here" shown
targets() { # what it says of make there is
	[ "$(xargs <"$D/demo1") $(xargs <"$D/host1")" = '$ make demo $ make lab' ] && make -n demo lab &&
		[ "$(xargs <"$D/both1")" = "scripts/setup && make && sudo make install" ]
}
check "what is made is there to be made" targets

RADIO=wlan0
new_space SW SERVER NET AP1 AP2 NAT1 NAT2 LAPTOP
NODE=$LAPTOP
# The world: a host of it, the server, two access points with agents, two behind NATs.
cable $SERVER eth0 192.0.2.1/24 $NET up0 192.0.2.254/24
cable $AP1 eth0 198.51.100.7/25 $NET up1 198.51.100.1/25
cable $AP2 eth0 198.51.100.135/25 $NET up2 198.51.100.129/25
cable $NAT1 eth0 192.168.1.2/24 $NET up3 192.168.1.1/24
cable $NAT2 eth0 192.168.2.2/24 $NET up4 192.168.2.1/24
ip -n $NET addr add $FAR/32 dev lo
forwards $NET
ip -n $SERVER route add default via 192.0.2.254
ip -n $AP1 route add default via 198.51.100.1
ip -n $AP2 route add default via 198.51.100.129
ip -n $NAT1 route add default via 192.168.1.1
ip -n $NAT2 route add default via 192.168.2.1
bridges ap1 ap2 nat1 nat2
plug ap1 $AP1 wlan0 10.1.0.1/24
ip -n $SW link set p-wlan0 name p-ap1
plug ap2 $AP2 wlan0 10.2.0.1/24
ip -n $SW link set p-wlan0 name p-ap2
plug nat1 $NAT1 lan1 10.3.0.1/24
plug nat2 $NAT2 lan2 10.4.0.1/24
masquerades $NAT1 eth0
masquerades $NAT2 eth0
plug nat1 $LAPTOP wlan0
at() { printf '02:00:00:00:00:0%d\n' "$1"; } # 1, 2: with agents; 3, 4: behind NATs
access_points "$(at 1) ap1" "$(at 2) ap2" "$(at 3) nat1 10.3.0" "$(at 4) nat2 10.4.0"
touch "$D/dhcp"
machine $SERVER server
machine $AP1 ap1
machine $AP2 ap2
machine $LAPTOP laptop
# Its radio is a cable, which the kernel does not call a Wi-Fi interface.
asks laptop 'mount -t tmpfs none /sys/class/net; mkdir -p /sys/class/net/wlan0/phy80211; echo 1500 >/sys/class/net/wlan0/mtu'

# wpa_supplicant must see what the daemon sees, and has no way to the bridges: it asks here to be moved.
mkfifo "$D/roam" "$D/roamed"
while read -r to <"$D/roam"; do "$D/port" "$to"; echo $? >"$D/roamed"; done &
printf '#!/bin/sh\necho "$1" >%s/roam\nread -r code <%s/roamed\nexit $code\n' "$D" "$D" >"$D/asks"
chmod +x "$D/asks"
among() { # NETWORK OTHER: it is there, and hears the other
	"$D/port" "$(at "$1")"
	has_wifi laptop "$(at "$1")" "$D/asks" "$(at "$2")"
}
status() { asks laptop "mipclient --json status >status.json" && holds "$1" "$D/laptop/home/status.json"; } # CONDITION
report() { asks laptop "mipclient --json report >report.json" && holds ".report | $1" "$D/laptop/home/report.json"; } # CONDITION
copied() { # FROM FILE TO [AS]: between two machines, as scp does it
	asks "$1" "cp -p $2 $D/$1/home/copied" && cp -p "$D/$1/home/copied" "$D/$3/home/" &&
		asks "$3" "mkdir -p /etc/mip; cp -p copied ${4:-$2}"
}

echo "# a laptop and one server"
check "the server" types server1
check "the way out" types server2
check "the file for the laptop" copied server laptop.conf laptop
check "it is its owner's alone" test "$(stat -c %a "$D/laptop/home/laptop.conf" 2>&1)" = 600
check "it is in a network" among 3 4
check "the laptop" types laptop1
check "its daemon goes on as user mip" asks laptop 'grep -q "^Uid:.$(id -u mip)" /proc/$(pidof mipclientd)/status'
check "it reaches the server, and says how it is" types laptop2
check "by an address of its own, through the NAT" until_true status '.state == "registered" and .co_located and .udp_tunnel'
check "and the world" asks laptop "ping -c 1 -W 2 $FAR"
check "the server says where it is" types server3
said "laptop"
check "a handoff" types laptop-handoff1
check "the home agent has buffered" until_true report '.flow == "F7" and .result == "done" and (.downlink.lost // 0) == 0'

echo "# two access points"
check "the server learns of them" types server4
for n in 1 2; do
	check "access point $n gets its key" copied server /etc/mip/mipagent.conf.d/agent$n.key ap$n /etc/mip/agent.key
	check "access point $n" types ap${n}1 ap$n
done
check "the laptop comes" among 1 2
check "it is with the first agent" until_true status '.state == "registered" and .care_of == "198.51.100.7" and .buffering.usable'
check "it reaches the server, and knows its agents" types laptop-first1
check "a handoff" types laptop-second1
check "the first agent has buffered, nothing is lost" until_true report '.flow == "F1" and .result == "done" and .downlink.lost == 0'
check "it is with the second agent" status '.care_of == "198.51.100.135"'
check "there is a picture of it" grep -q "<svg" "$D/laptop/home/handoff.html"

echo "# where to look"
sed -i '1i set +e # a cable has no signal, which `check` calls an error' "$D/laptop-look1"
check "on the laptop" types laptop-look1
said "the signal of wlan0 is not known"
check "on the server" types server5
check "at the log" types laptop-look2
check "at the decision" types laptop-look3
check "what stays in the kernel, goes" asks laptop 'kill -KILL $(pidof mipclientd); ip rule flush protocol 143; ! ip rule | grep 43'
ended
