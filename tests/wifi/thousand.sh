# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# $HANDOFFS handoffs in one run, one after the other; in one of four a daemon, or the node's helper, is killed at a
# step of it and started again.  What tests/faults/thousand does, on a real Wi-Fi stack.  $SEED: the same again.

thousand_up() { # HOST: as systemd would
	wait "${PID[$1]}" 2>/dev/null || true
	case $1 in
	mn)
		stop watch
		client_up thousand
		;;
	ha) agent_up ha ha-thousand ;;
	*) agent_up "$1" ;;
	esac
}
answered() { in_ns mn ping -q -c 1 -W 1 -I $NODE $CN > /dev/null && in_ns cn ping -q -c 1 -W 1 -I $CN $NODE > /dev/null; }
flows_again() { registered && answered; }
thousand_kill() { # TO HOST STEP
	local victim=${PID[${2/helper/mn}]} at
	[ "$2" != helper ] || victim=$(pgrep -P "$victim")
	at=$("$TOP/tests/faults/hit.py" $L/mn.sock "$1" "$3" signal 9 "$victim") || { mark "thousand: $3 did not come"; return 0; }
	[ "$2" != helper ] || kill -KILL "${PID[mn]}"
	thousand_up "${2/helper/mn}" || say "thousand: $2 does not start again"
	if wait_until 60 flows_again; then
		stamp
		mark "thousand: recovered $((now / 1000 - at)) ms $2 $3"
	else
		say "thousand: stuck, $2 killed at $3"
	fi
}
thousand_walk() { # TO
	client handoff "$1" > $L/handoff.log 2>&1 && wait_until 20 flows_again && mark "thousand: done" ||
		say "thousand: stuck, nobody killed: $(tail -n 1 $L/handoff.log)"
}

scenario_thousand() {
	local i to=$BSSID2 victim step victims=(mn helper r1 r2 ha)
	local steps=(trigger buffer-sent granted settled roam link-up agent-found request-sent registered forwarding first-packet "done")
	RANDOM=$SEED
	sed '/^\[Radio\]/a automatic = no' $L/mn.conf > $L/thousand.conf
	sed "/^\[Home\]/a state = $L/ha.state" $L/ha.conf > $L/ha-thousand.conf
	stop ha
	agent_up ha ha-thousand
	signal 2 -50
	client_up thousand
	for ((i = 1; i <= HANDOFFS; i++)); do
		victim=${victims[RANDOM % 5]} step=${steps[RANDOM % 12]}
		if ((RANDOM % 4 == 0)); then thousand_kill "$to" "$victim" "$step"; else thousand_walk "$to"; fi
		attached $BSSID1 && to=$BSSID2 || to=$BSSID1
		((i % 100)) || say "thousand: $i handoffs"
	done
	client_down
	verdict "the client ended: nothing of it is left" state_is mn before
	stop ha
	agent_up ha
}
