#!/bin/bash
# SPDX-License-Identifier: MIT
# mipclient watch on a real terminal (tmux) and on none: what it shows of a walk, other sizes, keys, signals,
# a daemon that goes, a reader that goes or reads no more.  Needs root and tmux.  B=build folder.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh
B=$(realpath "$B")

tty=0
T() { tmux -L "mip-$$-$tty" -f /dev/null "$@"; }
trap 'T kill-server 2>/dev/null; cleanup' EXIT
terminal() { # WIDTH HEIGHT [VARIABLE=VALUE...]: with a shell on it
	T kill-server 2>/dev/null
	tty=$((tty + 1))
	env -u NO_COLOR LC_ALL=C.UTF-8 PS1='$ ' "${@:3}" tmux -L "mip-$$-$tty" -f /dev/null new-session -d -x "$1" -y "$2" \
		"exec bash --norc --noprofile" &&
	T set-option -g status off && T set-option -g window-size manual && T resize-window -x "$1" -y "$2"
}
screen() { T capture-pane -p; }
shows() { screen | grep -qF -- "$1"; } # TEXT
soon() { until_true shows "$1"; }
types() { T send-keys "$@"; } # KEY...
columns() { [ "$(screen | head -n 1 | awk '{ print length }')" = "$1" ]; } # of the first line: the clock is at its end
# On the terminal: its modes, the command, what it ends with, its modes again.
begins() { types "stty -g > $D/before; $B/mipclient -S $D/node.sock watch; echo ended \$?; stty -g > $D/after; touch $D/over" Enter; }
ended_with() { # CODE: and the terminal is what it was: its modes, its cursor, its screen
	until_true test -e "$D/over" && rm "$D/over" && shows "ended $1" && cmp "$D/before" "$D/after" &&
		[ "$(T display-message -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}
interrupted() { # by Ctrl-C: the shell drops the rest of its line, too
	types C-c
	until_true eval '! viewer' && types "echo ended \$?; stty -g > $D/after; touch $D/over" Enter && ended_with 130
}
viewer() { pgrep -P "$(T display-message -p '#{pane_pid}')" mipclient; }
rise() { launch $NODE mipclientd node; }

agents
supplicant 1
configure >"$D/node.conf"
check "a terminal of 40 columns and 15 lines" terminal 40 15
begins
check "no daemon: ended at once" ended_with 3
check "the node starts" rise
check "registers" until_true settled 1

echo "# on a phone's terminal"
types clear Enter
begins
check "the state" soon "registered 10.99.0.5"
check "the access point" soon "$(at 1)"
check "the agent" soon "agent 10.1.0.1"
check "what waits" soon "0 held, 0 dropped"
check "the binding" soon "9 min"
check "the thresholds" soon "╌ leave ╌╌"
check "every line is in use" soon "q quits"
check "hands off" goes_to 2
check "its end is seen" soon "done, 0 lost"
check "the other agent" soon "agent 10.2.0.1"
check "the event" soon "handoff 1 done (F1)"

echo "# other sizes"
T resize-window -x 80 -y 24
check "80 columns" until_true columns 80
check "the steps" soon "granted"
check "longer lines" soon "registered through 10.2.0.1, care-of 192.0.2.8"
T resize-window -x 1 -y 1
T resize-window -x 200 -y 60
check "by way of one cell, 200 columns" until_true columns 200
check "the steps have lines of their own" until_true eval 'screen | grep -qE "registered +[0-9.]+ +\+[0-9.]+$"'
T resize-window -x 40 -y 15
check "and back" until_true columns 40
types x F5 Up
check "other keys do nothing" shows "registered"
types q
check "q ends it with 0, and leaves the terminal as it was" ended_with 0

echo "# signals"
begins; soon "q quits"
check "Ctrl-C" interrupted
begins; soon "q quits"
kill "$(viewer)"
check "SIGTERM" ended_with 143
begins; soon "q quits"
types C-z
check "Ctrl-Z" soon "Stopped"
types "fg" Enter
check "and back" soon "q quits"
types q
check "q" until_true eval '! viewer'
rm -f "$D/over"
types clear Enter
begins; soon "q quits"
die=$pid
end_with KILL "$die"
check "a daemon that dies" ended_with 3
check "is said" shows "mipclientd went away"
check "another one" rise
check "registers" until_true settled 2

echo "# what terminals can"
colors() { T capture-pane -pe | grep -qE $'\e\\[(3[1-6]|38)'; }
check "a terminal" terminal 80 24
begins; soon "q quits"
check "has colours" colors
types q
check "q" ended_with 0
check "one where NO_COLOR is set" terminal 80 24 NO_COLOR=1
begins; soon "q quits"
check "has none" not colors
types q
check "q" ended_with 0
check "one of ASCII" terminal 80 24 LC_ALL=C
begins; soon "q quits"
check "is drawn in ASCII" shows "- leave ---"
types q
check "q" ended_with 0
check "a terminal" terminal 80 24
types "export TERM=dumb" Enter
begins
check "one without a cursor has lines" soon "home address"
check "Ctrl-C" interrupted
T kill-server

echo "# on none"
W() { exec "$B/mipclient" -S "$D/node.sock" "$@"; } # to be ended by its id
W watch >"$D/lines" 2>&1 &
lines=$!
check "lines, and no escape among them" await "$D/lines" "home address"
check "hands off" goes_to 1
check "a line for each event" await "$D/lines" "handoff 1 done (F1)"
check "nothing but lines" not grep -q $'\e' "$D/lines"
kill $lines
node watch | head -n 1 >"$D/one"
check "who reads no more ends it" grep -q state "$D/one"
W --json watch >"$D/json" &
deaf=$!
check "JSON" await "$D/json" '"event":"status"'
kill -STOP $deaf
check "one that stopped hinders no handoff" goes_to 2
check "nor the next" goes_to 1
gives 0 "nor an answer" node status
kill -CONT $deaf
check "and has missed nothing" await "$D/json" '"number":3,"result":"done"'
kill $deaf
ended
