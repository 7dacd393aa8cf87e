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
. tests/netns/machines.sh

new_space SERVER NET LAPTOP
# The world, a host of it, and a network behind a NAT that the laptop comes to.
cable $SERVER eth0 192.0.2.1/24 $NET up0 192.0.2.254/24
cable $LAPTOP wlan0 "" $NET lan0 10.1.0.1/24
ip -n $NET addr add $FAR/32 dev lo
ip -n $SERVER route add default via 192.0.2.254
masquerades $NET up0

machine $SERVER server
machine $LAPTOP laptop

echo "# the server"
check "step 1, word for word" on server "$D/block1"
check "the file for the laptop is there, and is its owner's alone" test "$(stat -c %a "$D/server/home/laptop.conf" 2>&1)" = 600
check "nobody else reads the key" asks server '! grep -rqs "$(sed -n "s/^key = //p" laptop.conf)" /run'

echo "# the laptop"
cp -p "$D/server/home/laptop.conf" "$D/laptop/home/"
check "it has Wi-Fi" has_wifi laptop 02:00:00:00:00:00
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
