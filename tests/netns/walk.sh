# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: a laptop that walks over four networks, and what is beyond them.
#   net1, net2: foreign agents       net3: a router       net4: a NAT       10.N.0.1 each
#   all of them, the home agent 192.0.2.1 and CN 192.0.2.20 on one backbone
# CN is 203.0.113.9, a company's, and 198.51.100.9, anybody's; it knows the way to 10.1 to 10.3.
OURS=$FAR OTHER=198.51.100.9
at() { printf '02:00:00:00:00:0%d\n' "$1"; } # NETWORK: its access point

network() { # NUMBER NAMESPACE ON-THE-BACKBONE
	bridges "net$1"
	plug "net$1" "$2" "ln$1" "10.$1.0.1/24"
	plug back "$2" "up$1" "$3/24"
	ip -n "$2" route add default via 192.0.2.20
	ip -n $CN route add "10.$1.0.0/24" via "$3" src $OURS
	forwards "$2"
}
new_space SW HA FA1 FA2 R NAT CN NODE
bridges back
plug back $CN cn0 192.0.2.20/24
ip -n $CN addr add $OURS/32 dev lo
ip -n $CN addr add $OTHER/32 dev lo
ip -n $CN route add 10.99.0.0/24 via 192.0.2.1 src $OURS
forwards $CN
network 1 $FA1 192.0.2.7
network 2 $FA2 192.0.2.8
network 3 $R 192.0.2.9
network 4 $NAT 192.0.2.10
plug back $HA ha0 192.0.2.1/24
for n in 1 2 3; do ip -n $HA route add "10.$n.0.0/24" via "192.0.2.$((6 + n))"; done
ip -n $HA route add default via 192.0.2.20
forwards $HA
masquerades $NAT up4
plug net1 $NODE radio0
{ ha_conf; knows_agent 192.0.2.7; knows_agent 192.0.2.8; } >"$D/ha.conf"
for n in 1 2; do
	{ CARE_OF=192.0.2.$((6 + n)) LINKS=ln$n fa_conf; knows_agent $HA_ADDR; } >"$D/fa$n.conf"
done
configure() { node_conf "$1"; echo "automatic = no"; } # LINES: of [Node]
access_points "$(at 1) net1 10.1.0" "$(at 2) net2 10.2.0" "$(at 3) net3 10.3.0" "$(at 4) net4 10.4.0"
leases() { touch "$D/dhcp"; "$D/port" "$(at "$1")"; } # NETWORK: from now on there is DHCP
no_leases() {
	rm -f "$D/dhcp"
	ip -n $NODE addr flush to 10.0.0.0/13 dev radio0
	ip -n $NODE route flush table main proto boot
}

settled() { node_is ".bssid == \"$(at "$1")\" and .state == \"registered\" and .uplink.path != \"held\""; }
goes_to() { node --json handoff "$(at "$1")" && until_true settled "$1"; } # NETWORK
agents() { # the home agent and both foreign agents
	check "the home agent starts" launch $HA mipagentd ha
	check "a foreign agent starts" launch $FA1 mipagentd fa1
	check "another one starts" launch $FA2 mipagentd fa2
}
supplicant() { # NETWORK: where it begins
	local others=() n
	for n in 1 2 3 4; do [ "$n" = "$1" ] || others+=("$(at "$n")"); done
	"$D/port" "$(at "$1")"
	radio "$(at "$1")" "${others[@]}"
}
flow_was() { # FLOW: of the last handoff
	node --json report | jq -e ".report.flow == \"$1\"" >/dev/null || { node report; return 1; }
}
walks() { # NAME NETWORK...: with that stream under way on each of them
	local name=$1 n; shift
	for n; do goes_to "$n" && flows_on "$name" || return 1; done
}
