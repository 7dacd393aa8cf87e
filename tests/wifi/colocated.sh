# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Networks without an agent (scripts/lab-dhcp): the home agent keeps what comes while the node moves.

walked_by_dhcp() { # NAME TO...
	local name=$1
	shift
	routers_only
	by_dhcp
	wait_until 10 asks_home
	streams_up "$name"
	walks "$name" "$@"
	streams_down
	client status --json > "$L/$name.json"
	client_down
	no_dhcp
}
scenario_colocated() {
	nat 1
	nat 2
	walked_by_dhcp colocated 2 1 2 1 2 1 2 1 2 1
	no_nat 1 $COA1
	no_nat 2 $COA2
	agents_at_both
}
# An agent at one access point, a NAT and none at the other: the home agent merges what the agent kept.
# That it is to be asked instead is known the second time, but for channels that are looked at first.
scenario_modes() {
	stop r2
	nat 2
	dhcp_server 2
	dhcp_server 1
	by_dhcp
	streams_up modes
	walks modes 2 1 2 1
	streams_down
	client_down
	no_dhcp
	no_nat 2 $COA2
	agent_up r2
}
# IP-in-IP, UDP, IP-in-IP.
scenario_half_hidden() {
	nat 2
	walked_by_dhcp half_hidden 2 1
	no_nat 2 $COA2
	agents_at_both
}
agents_at_both() { local h; for h in r1 r2; do agent_up $h; done; }
