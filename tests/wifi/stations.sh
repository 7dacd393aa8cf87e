# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Access point 1 loses its station, and its agent hears of it from hostapd, or does not (deaf).
STATION=02:00:00:00:02:00

counter() { # HOST NAME
	local text
	text=$(agent "$1" status --json)
	[[ $text =~ \"$2\":\ ?([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
deaf() { # COMMAND...: while agent 1 does not ask hostapd
	grep -v '^hostapd' "$L/r1.conf" > "$L/r1-deaf.conf"
	stop r1
	agent_up r1 r1-deaf
	"$@"
	stop r1
	agent_up r1
}

# Sent away: known at once.
kicked() {
	signal 1 -50
	signal 2 -50
	client_up
	streams_up "$SCENARIO"
	mark "$SCENARIO: gone"
	hostapd_cli -p /run/hostapd1 -i wlan0 deauthenticate $STATION > /dev/null
	next_handoff "$SCENARIO" 40
	pump 2
	streams_down
	client_down
}
scenario_kicked() {
	local before
	before=$(counter r1 leases-begun-by-a-station-gone)
	kicked
	verdict "sent away: agent 1 began to buffer by itself" \
		[ "$(counter r1 leases-begun-by-a-station-gone)" -gt "$before" ]
}
scenario_kicked_deaf() { deaf kicked; }

# Out of reach of everybody for three seconds: hostapd finds out after one.
out_of_reach() {
	client_up
	streams_up "$SCENARIO"
	radio_off 2
	mark "$SCENARIO: gone"
	radio_off 1
	pump 3
	signal 2 -45
	radio_on 2
	next_handoff "$SCENARIO" 40
	pump 2
	streams_down
	radio_on 1
	signal 1 -45
	signal 2 -80
	next_handoff "$SCENARIO, back" 40
	client_down
}
scenario_out_of_reach() {
	local before
	before=$(counter r1 leases-begun-by-a-station-gone)
	out_of_reach
	verdict "out of reach: agent 1 began to buffer by itself" \
		[ "$(counter r1 leases-begun-by-a-station-gone)" -gt "$before" ]
}
scenario_out_of_reach_deaf() { deaf out_of_reach; }
