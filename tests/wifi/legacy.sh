# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# An agent that cannot buffer: the home agent keeps what comes while the node leaves it.

agent_with() { # HOST LINES
	{
		cat "$L/$1.conf"
		printf '\n%b\n' "$2"
	} > "$L/$1-legacy.conf"
	stop "$1"
	agent_up "$1" "$1-legacy"
}
without_buffers() { agent_with "$1" '[Buffer]\nenabled = no'; } # HOST
as_they_were() {
	local h
	for h in r1 r2; do
		stop $h
		agent_up $h
	done
}
asks_home() { [[ $(client status --json) =~ \"by\":\ ?\"home-agent\" ]]; }

# Agent 1 cannot; agent 2 can, and forwards to it where the node itself asks: the look at other
# channels on the way is under its buffer.
scenario_legacy() {
	without_buffers r1
	agent_with r2 "[Agent $COA1]"
	client_up
	wait_until 10 asks_home
	verdict "from an agent that cannot: status says that the home agent buffers" asks_home
	streams_up legacy
	walks legacy 2 1
	streams_down
	agent ha status --json > $L/ha-legacy.json
	client_down
	as_they_were
}

# Neither can.
scenario_legacy_both() {
	without_buffers r1
	without_buffers r2
	client_up
	wait_until 10 asks_home
	streams_up legacy_both
	walks legacy_both 2 1 2 1
	streams_down
	client_down
	as_they_were
}
