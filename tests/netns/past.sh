#!/bin/bash
# SPDX-License-Identifier: MIT
# Past handoffs outlive a mipclientd: its state file, files that are not believed, disks that take none; and
# what is known of agents and access points.  Needs root.  B=build folder.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh

S=$D/kept/state # its folder is not there yet
conf() { # STATE
	section Daemon "state = $1"
	configure
}
rise() { launch $NODE mipclientd node; }
die() { end_with KILL "$pid"; }
aside() { [ -e "$S.damaged" ] && [ ! -e "$S" ]; }
numbers() { node --json history | holds "[.reports[].number] == [$1]"; } # "1,2"
lines() { [ "$(grep -cF -- "$1" "$D/node.log")" = "$2" ]; } # TEXT COUNT
written() { [ -e "${2:-$S}" ] && [ "$(od -An -j10 -N2 -tu2 --endian=big "${2:-$S}" | tr -d ' ')" = "$1" ]; } # COUNT [FILE]

agents
supplicant 1
conf "$S" >"$D/node.conf"
check "starts without a file" rise
check "says where" node_is ".state_file == \"$S\""
check "registers" until_true settled 1
check "hands off" goes_to 2
check "and back" goes_to 1
check "it is written by itself" within 8 written 2
check "for its owner alone" [ "$(stat -c %a "$S")" = 600 ]
node --json report 2 | jq -S . >"$D/before"

node history >"$D/history"
check "a line for each, in 80 columns" awk 'length > 80 { exit 1 } END { exit NR != 3 }' "$D/history"

echo "# what is known"
node --json agents >"$D/agents"
check "both agents were heard" holds '[.agents[] | select(.source == "heard").care_of] == ["192.0.2.7", "192.0.2.8"]' "$D/agents"
check "one serves" holds '[.agents[] | select(.serves).address] == ["10.1.0.1"]' "$D/agents"
node --json networks >"$D/networks"
check "four access points" holds '.networks | length == 4' "$D/networks"
check "the first one serves" holds '.networks[0] | .serves and .agent == "10.1.0.1" and .channel == 1' "$D/networks"
check "how the last handoff there went" holds ".networks[] | select(.bssid == \"$(at 2)\") | .last_handoff.result == \"done\" and .last_handoff.number == 1" "$D/networks"
gives 0 "agents" node agents
said "192.0.2.8"
gives 0 "networks" node networks
said "$(at 3)"
gives 0 "a report as a page" node report --html
said "<title>Handoff 2</title>"
gives 2 "a page, and JSON" node --json report --html
node --json report 1 >"$D/report.json"
gives 0 "one of a file" "$B/mipclient" report --from "$D/report.json"
said "forwarding"
gives 1 "of a file that is not there" "$B/mipclient" report --from "$D/none.json"
said "No such file"
gives 1 "of a file that is something else" "$B/mipclient" report --from "$D/node.conf"
said "is not JSON"
gives 2 "an option of another command" node status --html

echo "# restarts"
die
check "killed, and started again" rise
check "both are there" numbers 1,2
node --json report 2 | jq -S . >"$D/after"
check "and say the same" cmp "$D/before" "$D/after"
check "registers" until_true settled 1
check "hands off" goes_to 2
check "the numbers go on" numbers 1,2,3
stop "$pid"
check "told to stop, it writes at once" written 3
check "starts again" rise
check "all are there" numbers 1,2,3

echo "# files that are not believed"
anew() { # REASON: the file is set aside, and the daemon runs
	check "$1: it runs" rise
	said "state file $S: $1: set aside as $S.damaged; past handoffs are forgotten" "$D/node.log"
	check "$1: nothing of it" numbers ""
	check "$1: it is still there, under the other name" aside
}
die
cp "$S" "$D/good"
head -c 200 "$D/good" >"$S"
anew "it is damaged or cut short"
die
echo nonsense >"$S"
anew "it is no state file"
die
{ head -c 9 "$D/good"; printf '\377'; tail -c +11 "$D/good"; } >"$S"
anew "it is of another version of mipclientd"
die
cp "$D/good" "$S"; chmod 666 "$S"
anew "others may have written it"
die
install -m 600 "$D/good" "$S"
check "the good one" rise
check "is good" numbers 1,2,3
die

echo "# disks"
mkdir "$D/full"
mount -t tmpfs -o size=64k tmpfs "$D/full"
cat /dev/zero >"$D/full/fill" 2>/dev/null
conf "$D/full/state" >"$D/node.conf"
check "a full one" rise
check "registers" until_true settled 2
check "hands off" goes_to 1
check "it says what that means" await "$D/node.log" "No space left on device: past handoffs would not outlive a restart"
check "it is in memory" numbers 1
check "nothing half is left" [ "$(ls "$D/full")" = fill ]
check "and hands off again" goes_to 2
rm "$D/full/fill"
check "with room" within 8 written 2 "$D/full/state"
check "it says so" lines "written again" 1
check "it complained once" lines "No space left" 1
stop "$pid"
umount "$D/full"

echo "# none"
conf none >"$D/node.conf"
check "none" rise
check "is said" node_is '.state_file == null'
conf somewhere >"$D/bad.conf"
cp "$D/bad.conf" "$D/node.conf"
gives 4 "another one needs a restart, a wrong one is refused" node reload
die
gives 78 "a path that depends on where we are" "$B/mipclientd" -n -c "$D/bad.conf"
said "[Daemon] state: a path that begins with /"
ended
