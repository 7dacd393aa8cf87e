# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind tests/netns/lib.sh: a home agent, two foreign agents and a crowd of nodes that
# programs of this folder play, on the links r1 and r2, or at the care-of address 192.0.2.20; their
# correspondent is 192.0.2.21.
CORRESPONDENT=192.0.2.21 AGENT=192.0.2.20
HOME_NET=10.64.0.0/10

many_world() {
	new_space SW HA FA1 FA2 CROWD
	bridges back
	plug back "$HA" ha0 192.0.2.1/24
	plug back "$FA1" up1 192.0.2.7/24
	plug back "$FA2" up2 192.0.2.8/24
	plug back "$CROWD" back0 $AGENT/24
	ip -n "$CROWD" addr add $CORRESPONDENT/24 dev back0
	cable "$FA1" ln1 10.1.0.1/24 "$CROWD" r1 ""
	cable "$FA2" ln2 10.2.0.1/24 "$CROWD" r2 ""
	ip -n "$CROWD" route add $HOME_NET via 192.0.2.1
	forwards "$HA"
}
many_ha() { # NODES [LINE...]: of [Home], then all nodes, with one key
	local n=$1
	shift
	section Home "address = 192.0.2.1" "network = $HOME_NET" "max-bindings = $n" "$@"
	knows_agent 192.0.2.7
	knows_agent 192.0.2.8
	awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++) printf "[Node 10.%d.%d.%d]\nkey-file = node.key\n",
		64 + int(i / 65536), int(i / 256) % 256, i % 256 }'
	section Buffer "handoffs = 131072" "total = ${BUFFERS:-64 MiB}"
	section Daemon "log-level = ${LEVEL:-warning}"
}
many_fa() { # NODES NUMBER
	section Foreign "care-of = 192.0.2.$((6 + $2))" "interface = ln$2" "max-visitors = $1"
	knows_agent 192.0.2.1
	section Buffer "handoffs = 131072" "total = ${BUFFERS:-64 MiB}"
	section Daemon "log-level = ${LEVEL:-warning}"
}
many_start() { # NAMESPACE NAME: as launch, but it may take its time; sets $pid and $took, in ms
	local begin
	begin=$(date +%s%N)
	ip netns exec "$1" "$B/mipagentd" -f -u root -c "$D/$2.conf" -S "$D/$2.sock" 2>"$D/$2.log" &
	# shellcheck disable=SC2034 # for the caller
	pid=$!
	within 300 agent "$2" --json status || { cat "$D/$2.log" >&2; return 1; }
	# shellcheck disable=SC2034 # for the caller
	took=$((($(date +%s%N) - begin) / 1000000))
}
resident() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; } # PID: bytes
on_cpu() { cut -d' ' -f1 "/proc/$1/schedstat"; } # PID: nanoseconds
in_crowd() { ip netns exec "$CROWD" "$B/$1" "${@:2}"; } # PROGRAM ARGUMENT...
