#!/bin/bash
# SPDX-License-Identifier: MIT
# mipagentd and hostapd's control interface, with something that speaks like hostapd: found late, asked
# who is there, heard, restarted, silent.  Needs root.  B=build folder.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

STATION=02:00:00:00:02:00 OTHER=02:00:00:00:02:01

new_space FA MN
cable $FA up0 192.0.2.7/24 $MN up1
cable $FA wlan0 "" $MN mn0
ip -n $MN link set mn0 address $STATION
ip -n $FA link add br0 type bridge
ip -n $FA link set wlan0 master br0
ip -n $FA addr add 10.1.0.1/24 dev br0
ip -n $FA link set br0 up
LINKS=br0 fa_conf "advertise-interval = 30 min" "hostapd = $D/hostapd" >"$D/fa.conf"

shows() { agent fa status | grep -q -- "$1"; }
counts() { [ "$(counter fa "$1")" = "$2" ]; } # COUNTER VALUE
# The access point's socket is named like its interface, a port of the agent's bridge.
hostapd() { # STATION...
	rm -f "$D/say"; mkfifo "$D/say"
	: >"$D/asked"
	tests/netns/hostapd.py "$D/hostapd/wlan0" "$@" <"$D/say" >"$D/asked" &
	hostapd=$!
	exec 8>"$D/say"
}
hears() { grep -qm1 "10.1.0.1 > 255.255.255.255" "$D/heard"; }

echo "# found"
gives 78 "a path that is none" sh -c "sed 's|^hostapd.*|hostapd = wlan0|' '$D/fa.conf' >'$D/bad.conf'; '$B/mipagentd' -n -c '$D/bad.conf'"
said "[Foreign] hostapd"
check "the agent starts without it" launch $FA mipagentd fa; fa=$pid
check "and says that it waits" await "$D/fa.log" "no hostapd answers in $D/hostapd"
check "status says so, too" shows "no answer in $D/hostapd"
hostapd $OTHER
check "it is found when it starts" await "$D/fa.log" "hostapd on wlan0 reports its stations"
check "its stations are asked for" until_true grep -q "STA-NEXT $OTHER" "$D/asked"
check "status has the access point and its station" until_true shows "wlan0  stations: 1"

echo "# heard"
ip netns exec $MN timeout 20 tcpdump -lnne -i mn0 "icmp[0] == 9 and ether dst $STATION" >"$D/heard" 2>"$D/listening" &
await "$D/listening" "listening on"
echo "AP-STA-CONNECTED $STATION" >&8
check "a station that joins gets an advertisement of its own" until_true hears
check "it is counted" until_true shows "wlan0  stations: 2"
echo "AP-STA-DISCONNECTED $STATION" >&8
check "one that leaves is gone" until_true counts stations-gone 1
check "and with nothing reserved nothing begins" counts leases-begun-by-a-station-gone 0
echo "AP-STA-POLL-OK $OTHER" >&8
echo "AP-STA-CONNECTED nonsense" >&8
echo "AP-STA-DISCONNECTED $STATION" >&8
check "what makes no sense is skipped" until_true counts stations-gone 2

echo "# again"
end_with KILL $hostapd
hostapd $STATION
check "a restarted one is found again" until_true grep -q "STA-NEXT $STATION" "$D/asked"
check "who is not there any more is gone" until_true counts stations-gone 3
check "the others are there" until_true shows "wlan0  stations: 1"
echo "CTRL-EVENT-TERMINATING" >&8
check "its end takes the stations along" until_true counts stations-gone 4
exec 8>&-
wait $hostapd 2>/dev/null
rm -rf "$D/hostapd"
hostapd
check "also when its folder is a new one" until_true grep -q ATTACH "$D/asked"
check "with nobody there" until_true shows "wlan0  stations: 0"
kill -STOP $hostapd
kill $fa
wait $fa; result $? "the agent ends while hostapd says nothing"
kill -CONT $hostapd
exec 8>&-
ended
