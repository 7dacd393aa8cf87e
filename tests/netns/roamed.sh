#!/bin/bash
# SPDX-License-Identifier: MIT
# Somebody else moves the radio: a user at the supplicant, or the access point that asks for it (802.11v).
# The agent buffers from the first sign on, and nothing is lost; signs without end cost next to nothing.
# (On a real Wi-Fi stack: tests/wifi, asked and roamed.)
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh

user() { wpa_cli -p "$WPA" -i $RADIO "$@" >"$D/user" && ! grep -q FAIL "$D/user"; } # COMMAND...
says() { wpa_cli -p "$WPA" -i $RADIO raw SAY "$@" >/dev/null; } # EVENT
roams() { # NETWORK...: by the user's order, with a stream under way
	local n
	for n; do user roam "$(at "$n")" && until_true settled "$n" && flows_on node || return 1; done
}
asked() { says "WNM: Preferred List Available"; }
told() { # CONDITION: of all handoffs so far
	node --json history >"$D/history"
	holds "$1" "$D/history" && return
	cat "$D/history"; return 1
}
finish() {
	end_flows cn node
	check "all that the node sent arrived, once and in order" whole cn
	check "all that was sent to it, too" whole node
}

configure "" >"$D/node.conf"
agents
supplicant 1
check "the node starts" launch $NODE mipclientd node; node=$pid
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
goes_to 2 >/dev/null; goes_to 1 >/dev/null # the agents know it, and it them

echo "# a user's word"
check "streams" streams $CN $OURS
check "four times elsewhere" roams 2 1 2 1
finish
check "each a handoff, noticed at the first sign" told \
	'[.reports[] | select(.trigger == "the supplicant roams by itself" and .flow == "F1")] | length == 4'

echo "# the access point's"
check "streams" streams $CN $OURS
asked
check "and moves when the supplicant does" roams 2
roams 1
asked
check "asked for nothing, it delivers" until_true settled 1
for _ in {1..200}; do asked; done
check "asked and asked, it stays" flows_on node 300
finish

echo "# a flood"
check "streams" streams $CN $OURS
for _ in {1..300}; do says "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:09:09 reason=7"; done
for _ in {1..100}; do says "CTRL-EVENT-SCAN-FAILED ret=-16"; done
check "it stays where it is" settled 1
finish
roams_still() { user roam "$(at 2)" && until_true settled 2; }
check "the user still moves it" roams_still
stop $node
check "nothing is left" nothing $NODE
ended
