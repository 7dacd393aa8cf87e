#!/bin/bash
# SPDX-License-Identifier: MIT
# What an idle node costs: wake-ups and memory of its own.  Registered, good signal, nobody watching.
#   node radio0 -- foreign agent 10.1.0.1 -- home agent 192.0.2.1
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

AP=02:00:00:00:00:00
new_space HA FA NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
{ ha_conf; knows_agent 192.0.2.7; } >"$D/ha.conf"
{ fa_conf "advertise-interval = 200 ms"; knows_agent $HA_ADDR; } >"$D/fa.conf"
node_conf >"$D/node.conf"
check "the home agent starts" launch $HA mipagentd ha
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
radio $AP
check "the node starts" launch $NODE mipclientd node; node=$pid
ready() { node_is '.state == "registered" and .buffering.early_lease == "granted"'; }
check "it registers" until_true ready

# kB that nobody else has and no file holds; the rest of what is private is the program's text.
private() { awk '/^Anonymous:/ {print $2}' /proc/$node/smaps_rollup; }
rss() { awk '/^VmRSS/ {print $2}' /proc/$node/status; }
wakes() { cat /proc/$node/task/*/status | awk '/^voluntary/ {s += $2} END {print s}'; }
fits() { [ "$(private)" -lt 512 ] && [ "$(ls /proc/$node/task | wc -l)" = 1 ]; }
heard() { node --json status | jq .counters.advertisements; }
adverts() { # COUNT: so many more come
	local more=$(($(came $NODE radio0) + $1))
	came_more() { [ "$(came $NODE radio0)" -ge $more ]; }
	within 20 came_more
}
asleep() { # NAME COMMAND...: it wakes the node at most once
	local name=$1 before; shift
	before=$(wakes)
	"$@" || { result 1 "$name"; return; }
	before=$(($(wakes) - before))
	[ $before -le 1 ]; result $? "$name"
	echo "# $before wake-ups, private $(private) kB, RSS $(rss) kB"
}
strangers() { for _ in $(seq 20); do kill -USR1 $radio; done; adverts 5; }
rests() { local before; before=$(wakes); adverts 5 && [ "$(wakes)" = "$before" ]; }


check "what its start needed goes back: under 512 KiB of its own, one thread" within 15 fits
check "it comes to rest" within 15 rests
asleep "forty advertisements of its agent wake nobody" adverts 40
asleep "nor do access points that come and go" strangers

echo "# but what is new is heard"
before=$(heard)
check "the same with a later sequence" ip netns exec $FA tests/netns/advert.py ln0 0
adverts 2
[ "$(heard)" = "$before" ]; result $? "is not heard"
check "something else" ip netns exec $FA tests/netns/advert.py ln0 100
more() { [ "$(heard)" -gt "$before" ]; }
check "is heard" until_true more
before=$(node --json status | jq .counters.requests)
end_with KILL $fa
check "the agent is started again" launch $FA mipagentd fa; fa=$pid
again() { node_is ".counters.requests > $before" && ready; }
check "the node registers again" until_true again
check "and rests again" within 15 rests
asleep "that agent's advertisements wake nobody" adverts 20

echo "# a supplicant that is killed"
kill -KILL $radio
node status >"$D/out"
gone() { node_is '.problems | map(test("no wpa_supplicant answers")) | any'; }
check "status finds out" until_true gone
rm -f "$WPA/$RADIO"
radio $AP
check "its successor is found" until_true not gone
stop $node
ended
