# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The radio of the access point dies without a warning.

death() {
	signal 1 -50
	signal 2 -50
	pump 1
	mark "$SCENARIO: death"
	radio_off 1
	next_handoff "sudden death" 40
	pump "$1"
}

scenario_sudden() {
	client_up
	streams_up sudden
	death 2
	streams_down
	radio_on 1
	client_down
}

# The senders' timers have backed off: they need longer than the link.
scenario_sudden_transfers() {
	client_up
	transfers_up sudden_transfers
	death 5
	transfers_down
	radio_on 1
	client_down
}
