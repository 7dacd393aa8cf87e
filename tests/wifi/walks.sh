# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Planned handoffs under a stream of packets.

walks() { # NAME TO...: one handoff each
	local name=$1 to
	shift
	for to; do
		mark "$name: walk to $to begins"
		walk "$to"
		next_handoff "$name"
		pump 1
		mark "$name: walk to $to ends"
	done
}

scenario_buffered() {
	client_up
	streams_up buffered
	walks buffered 2 1 2 1 2 1 2 1 2 1
	streams_down
	client history --json > $L/history.json
	client status --json > $L/status.json
	agent r1 drops --json > $L/r1-drops.json
	client_down
}

scenario_unbuffered() {
	client_up mn-plain
	streams_up unbuffered
	walks unbuffered 2 1
	streams_down
	client_down
}

# The signal drops at once to where it cannot stay; the other access point has long been good.
scenario_steps() {
	local to
	client_up
	streams_up steps
	for to in 2 1; do
		signal $to -45
		pump 4
		signal $((3 - to)) -76
		mark "step down"
		next_handoff "step down"
		pump 4
	done
	streams_down
	client_down
}
