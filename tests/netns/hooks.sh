#!/bin/bash
# SPDX-License-Identifier: MIT
# Hooks and events: what is told and in which order, programs that fail, hang, fork, write without end or
# may not be run, a folder of a thousand; handoffs that are announced.  Real daemons on walk.sh's networks.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh

H=$D/hooks.d
mkdir "$H" "$D/told"
hook() { # NAME < BODY
	{ echo '#!/bin/sh'; cat; } >"$H/.new"
	chmod 755 "$H/.new"
	mv "$H/.new" "$H/$1"
}
{ configure; section Hooks "directory = $H" "time-limit = 1 s"; } >"$D/node.conf"
agents
supplicant 1
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it registers" until_true settled 1
node --json watch >"$D/watched" &
check "somebody watches" await "$D/watched" '"event":"status"'

told() { cat "$D"/told/* 2>/dev/null; } # what the recorder was given, in its order
recorder() { # writes down what it is given, the variables with it
	hook 50-record <<-END
		event=\$(cat)
		n=\$(ls $D/told | wc -l)
		env | jq -R -s -c --argjson event "\$event" \
			'\$event + {env: [split("\n")[] | select(startswith("MIP_")) | capture("(?<key>[^=]+)=(?<value>.*)")] | from_entries}' >$D/.told
		mv $D/.told $D/told/\$(printf %04d \$n)
	END
}
counts() { node_is ".hooks | $1"; } # CONDITION
was_told() { told | jq -se "map(.event) | $1" || { told | jq -c .event; return 1; }; } # CONDITION: of the names

echo "# events, in their order"
recorder
check "a handoff" goes_to 2
order='[.[] | select(. == "Link_Handover_Imminent" or . == "buffer-granted" or . == "Link_Up" or . == "registered" or . == "Link_Handover_Complete")]
	== ["Link_Handover_Imminent", "buffer-granted", "Link_Up", "registered", "Link_Handover_Complete"]'
check "a hook is told of each step, in order" until_true was_told "$order"
check "as its variables" jq -se 'map(.env.MIP_EVENT == .event) | all' "$D"/told/*
check "and what is within" jq -se --arg to "$(at 2)" 'map(select(.event == "Link_Handover_Imminent")) | .[0].env.MIP_TO_BSSID == $to' "$D"/told/*
jq -c 'select(.event != "status" and .event != "handoff-step" and .event != "Link_Parameters_Report")' "$D/watched" >"$D/lines"
jq -c 'del(.env)' "$D"/told/* >"$D/given"
check "who watches is told the same" cmp "$D/lines" "$D/given"

echo "# hooks that harm"
hook 10-fails <<<'exit 3'
hook 20-hangs <<<'sleep 1000'
hook 30-forks <<<'sleep 1001 & (sleep 1002 &) ; exit 0'
hook 40-writes <<<'head -c 1000000 /dev/zero | tr "\0" x'
hook 60-not-executable <<<"touch $D/harm"; chmod 644 "$H/60-not-executable"
hook 70-writable <<<"touch $D/harm"; chmod 777 "$H/70-writable"
hook 75-anybody <<<"touch $D/harm"; chown 65534 "$H/75-anybody"
ln -s "$H/70-writable" "$H/80-link"
hook 90-speaks <<<'echo one; echo two >/dev/stderr'
rm -f "$D"/told/*
check "a handoff" goes_to 1
check "the hook that is well is told of each step, in order" until_true was_told "$order"
check "the one that hangs is killed" await "$D/node.log" "hook 20-hangs: is killed, it takes too long"
check "the one that fails is said" await "$D/node.log" "hook 10-fails: failed, exit status 3"
check "so is the one that writes too much" await "$D/node.log" "hook 40-writes: writes more than 64 KiB"
check "what one writes is in the log" await "$D/node.log" "hook 90-speaks: two"
check "not executable: refused" await "$D/node.log" "60-not-executable: not run: it is not executable"
check "to be written by others: refused" await "$D/node.log" "70-writable: not run: must belong to root"
check "somebody else's: refused" await "$D/node.log" "75-anybody: not run: must belong to root"
check "a link: refused" await "$D/node.log" "80-link: not run: it is no file"
idle_hooks() { ! pgrep -f "^sleep 100[012]$" >"$D/sleepers" || ! ip netns pids $NODE | grep -qxFf "$D/sleepers"; }
check "those that wait are killed, too, each after its time" within 20 idle_hooks
check "none of the refused was run" [ ! -e "$D/harm" ]
check "it counts" counts '.failed > 0 and .killed > 0 and .refused == 4'
lost_events() { # some events for a hook that hangs: those of a kind take each other's place
	local i
	for i in $(seq 10); do node power saving && node power normal || return 1; done
}
check "more events than a hook can take" lost_events
check "are counted" until_true counts '.replaced + .dropped > 0'
check "status is answered" node status
check "a handoff meanwhile" goes_to 2
node --json report >"$D/report"
check "is what it is without: F1, with one BUFFER and one Request" \
	jq -e '.report.flow == "F1" and .report.sent.buffer == 1 and .report.sent.requests == 1' "$D/report"
rm "$H"/[123467]*

echo "# ended by the next one"
foreign() { kill -"$1" "$(ip netns pids "$2" | head -n 1)"; } # SIGNAL NAMESPACE: an agent
first=$(($(node --json report | jq .report.number) + 1))
check "its agent falls silent" tests/faults/hit.py "$D/node.sock" "$(at 1)" granted \
	signal 19 "$(ip netns pids $FA2 | head -n 1)"
check "it has its address, and waits for FORWARD" until_true settled 1
node --json handoff "$(at 2)" >"$D/next" & next=$!
check "the next one begins" await "$D/next" '"step":"trigger"'
foreign CONT $FA2
wait $next
check "who asked for the next one hears how that went" jq -se \
	"map(.number // empty | select(. != $((first + 1)))) == [] and (last | .ok and .report.number == $((first + 1)) and .report.result == \"done\")" "$D/next"
over() { jq -se "map(select(.event == \"Link_Handover_Complete\") | select(.number >= $first) | [.number, .result]) == [[$first, \"done\"], [$((first + 1)), \"done\"]]" "$D/watched"; }
check "each is told to be over once, and how" until_true over

echo "# a folder of a thousand"
within 10 idle_hooks
for i in $(seq 1000 1999); do printf '#!/bin/sh\necho %s >>%s/thousand\n' $i "$D" >"$H/$i"; done
chmod 755 "$H"/1*
ran() { [ "$(sort -u "$D/thousand" | wc -l)" = 32 ]; }
check "a handoff" goes_to 1
check "the first 32 are run" within 20 ran
check "by name" [ "$(sort -u "$D/thousand" | tail -n 1)" = 1031 ]
check "it is said" await "$D/node.log" "there are more than 32 programs"
rm "$H"/1*
chmod 777 "$H"
check "a folder that others may write to" node power saving
check "is refused" await "$D/node.log" "hooks.d: not run: must belong to root"
chmod 755 "$H"
check "and the right one is taken" node power normal

echo "# announced"
gives 2 "a time without its unit" node handoff --in 5
gives 2 "a time too long" node handoff --in 61s
gives 2 "nowhere" node handoff --in 1s nonsense
gives 4 "nothing to be taken back" node handoff --cancel
gives 4 "where it is already" node handoff --in 1s "$(at 1)"
rm -f "$D"/told/*
check "another network, in a minute" node handoff --in 60s "$(at 3)"
check "no: that one, in a second" node handoff --in 1s "$(at 2)"
check "status says so" node_is '.announced_ms > 0 and .announced_ms <= 1000'
check "it goes there" until_true settled 2
check "by that word" jq -se 'map(select(.event == "Link_Handover_Complete")) | length == 1 and
	.[0].report.trigger == "announced by a user" and .[0].report.flow == "F1"' <(until_true was_told 'any(. == "Link_Handover_Complete")'; told)
check "it was told before" was_told 'index("handoff-announced") < index("Link_Handover_Imminent")'
check "and is over" node_is '.announced_ms == null'
check "announced" node handoff --in 60s
check "and taken back" node handoff --cancel
check "announced" node handoff --in 60s
check "a handoff by command" goes_to 1
check "uses it up" node_is '.announced_ms == null'

echo "# power"
check "saving" node power saving
check "status says so" node_is '.power == "saving"'
gives 2 "nonsense" node power nonsense
{ configure; echo "power = normal"; section Hooks "directory = $H"; } >"$D/node.conf"
check "as the configuration has it" node reload
check "normal" node_is '.power == "normal"'
gives 4 "the command may not change that" node power saving
said "[Radio] power"

echo "# the end"
hook 20-hangs <<<'exec sleep 1000'
hung() { pgrep -f "^sleep 1000$" >"$D/sleepers" && ip netns pids $NODE | grep -qxFf "$D/sleepers"; }
goes_to 2
check "a hook hangs" until_true hung
check "the daemon ends at once" stop $node
check "and the hook with it" until_true idle_hooks
! grep "documented" "$D/node.log"
result $? "each event was as documented"
ended
