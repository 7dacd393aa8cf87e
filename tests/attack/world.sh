# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: eleven nodes, two foreign agents and a home agent, a node inside UDP, a
# stranger on the backbone and on the Wi-Fi side, and those in whose names he asks.
# ---- the networks ----
new_space SW HA FA1 FA2 CN EV VICTIM INSIDE
bridges back net1 net2
port() { # NAMESPACE INTERFACE BRIDGE ADDRESS [NAME]: plugged in; its MAC address is written down
	plug "$3" "$1" "$2" "$4"
	echo "${5:-$2} $(mac "$1" "$2")" >>"$D/macs"
}
port $HA ha0 back 192.0.2.1/24 ha
port $FA1 up1 back 192.0.2.7/24 fa
plug back $FA2 up2 192.0.2.8/24
plug back $CN cn0 192.0.2.20/24
plug back $INSIDE radio20 192.0.2.70/24
plug back $VICTIM v0 192.0.2.99/24
port $EV e0 back 192.0.2.66/24
port $FA1 ln1 net1 10.1.0.1/24
plug net2 $FA2 ln2 10.2.0.1/24
port $EV e1 net1 10.1.0.66/24
plug net1 $VICTIM v1 10.1.0.99/24
ip -n $CN addr add $FAR/32 dev lo
ip -n $CN route add $HOME_NET via 192.0.2.1 src $FAR
for ns in $HA $FA1 $FA2 $INSIDE; do ip -n "$ns" route add default via 192.0.2.20; done
ip -n $HA route add 10.1.0.0/24 via 192.0.2.7
for ns in $HA $FA1 $FA2 $CN; do forwards "$ns"; done
# What reaches those who have asked for nothing: answers to the victim, anybody's stream at the stranger's.
ip netns exec $VICTIM nft -f - <<-END
	table inet heard {
		chain in { type filter hook prerouting priority -300; ip saddr { 192.0.2.1, 192.0.2.7, 10.1.0.1 } ip daddr { 192.0.2.99, 10.1.0.99 } counter; }
	}
END
ip netns exec $EV nft -f - <<-END
	table inet heard {
		chain in {
			type filter hook prerouting priority -300
			meta l4proto ipip counter
			udp dport { 5000-5099, 434 } counter
		}
	}
END
packets_at() { ip netns exec "$1" nft -j list ruleset | jq '[.. | .counter? // empty | .packets] | add'; } # NAMESPACE
bytes_at() { ip netns exec "$1" nft -j list ruleset | jq '[.. | .counter? // empty | .bytes] | add'; } # NAMESPACE

# ---- who is there ----
for k in link peer; do new_key "$D/$k.key"; done # nobody's
{
	section Home "address = $HA_ADDR" "network = $HOME_NET" "udp-tunnel = forced"
	for n in $(seq 0 $NODES) 20; do
		section "Node 10.99.0.$((50 + n))" "key-file = node$n.key"
		new_key "$D/node$n.key"
	done
	knows_agent 192.0.2.7
	knows_agent 192.0.2.8
} >"$D/ha.conf"
for n in 1 2; do
	{ CARE_OF=192.0.2.$((6 + n)) LINKS=ln$n fa_conf; knows_agent $HA_ADDR; } >"$D/fa$n.conf"
done
makes_node() { # NUMBER [LINE...]: of [Node]; $D/nNUMBER has all that is its own
	local d=$D/n$1 n=$1; shift
	mkdir "$d"
	cp -p "$D/node$n.key" "$d/node.key"
	{
		HOME_ADDR=10.99.0.$((50 + n)) RADIO=radio$n WPA=$d/wpa node_conf "$@"
		echo "automatic = no"
	} >"$d/node.conf"
}
node_starts() { # NUMBER NAMESPACE BSSID...: its radio, its daemon
	local n=$1 D=$D/n$1 RADIO=radio$1 NODE=$2
	local WPA=$D/wpa
	shift 2
	access_points "$AP1 net1" "$AP2 net2"
	radio "$@"
	launch "$NODE" mipclientd node || { complain "$D/node.log"; return 1; }
	daemon[n$n]=$pid
}
declare -A daemon # NAME: its process
ears=()           # who writes down what is said
N=()              # NUMBER: the node's namespace
all_start() {
	local bridge n v
	check "the home agent starts" launch $HA mipagentd ha; daemon[ha]=$pid
	check "a foreign agent starts" launch $FA1 mipagentd fa1; daemon[fa1]=$pid
	check "another one starts" launch $FA2 mipagentd fa2; daemon[fa2]=$pid
	for bridge in back net1; do
		ip netns exec $SW tcpdump -U --immediate-mode -nn -i $bridge -w "$D/$bridge.pcap" "udp port 434" 2>"$D/$bridge.ear" &
		ears+=($!)
		await "$D/$bridge.ear" "listening on" || return 1
	done
	for n in $(seq 0 $NODES); do
		new_space "N$n"
		v=N$n; N[n]=${!v}
		plug net1 "${N[n]}" "radio$n"
		makes_node "$n"
	done
	echo "node $(mac "${N[0]}" radio0)" >>"$D/macs"
	N[20]=$INSIDE
	ip -n $INSIDE link set radio20 address 02:00:00:00:20:20
	makes_node 20 "care-of = co-located" "udp-tunnel = forced"
	for n in $(seq 0 $NODES); do check "node $n starts" node_starts "$n" "${N[n]}" $AP1 $AP2; done
	check "the one inside UDP starts" node_starts 20 $INSIDE 02:00:00:00:00:09
	[ $failed -eq 0 ] || return 1
	for n in "${!N[@]}"; do check "node $n is registered" within 20 registered "$n"; done
}

# ---- what they say ----
asks() { "$B/mipclient" -S "$D/n$1/node.sock" --json status; } # NUMBER
registered() { asks "$1" | holds '.state == "registered" and .uplink.path != "held"'; } # NUMBER
drops_of() { # WHO: "REASON COUNT", of ha, fa1, fa2; node: the one that stays
	case $1 in
	node) asks 0 | jq -r '.drops | to_entries[] | "\(.key) \(.value)"' ;;
	*) agent "$1" --json drops | jq -r '.drops[] | "\(.reason) \(.count)"' ;;
	esac
}
counted() { # everybody's: "WHO.REASON COUNT", sorted
	local who
	for who in ha fa1 fa2 node; do drops_of $who | sed "s/^/$who./"; done | sort
}
# What the kernel dropped before a daemon could see it: full sockets there, the queue between namespaces.  A
# UDP socket of a link is never read; a packet socket beside it has the messages.
space_of() { case $1 in ha) echo $HA ;; fa1) echo $FA1 ;; node) echo "${N[0]}" ;; esac; } # WHO
unseen() { # WHO
	{
		ip netns exec "$(space_of "$1")" ss -uw0anmH | awk '
			/skmem/ { if (!own && match($0, /,d[0-9]+\)/)) print substr($0, RSTART + 2, RLENGTH - 3); next }
			{ own = /%(ln|radio)/ }'
		while read -r _ dropped _; do echo $((16#$dropped)); done </proc/net/softnet_stat
	} | awk '{ n += $1 } END { print n + 0 }'
}
processor_us() { # of those that attacks meet, since they began
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); n += $12 + $13 } END { printf "%d", n * 1000000 / hz }' \
		"/proc/${daemon[ha]}/stat" "/proc/${daemon[fa1]}/stat" "/proc/${daemon[n0]}/stat"
}
resident() { # "NAME KB" of each daemon
	local name
	for name in "${!daemon[@]}"; do
		echo "$name $(awk '/^VmRSS/ { print $2 }' "/proc/${daemon[$name]}/status")"
	done | sort
}
bindings_right() { # each node is bound where it says that it is, and there is nobody else
	local n
	for n in "${!N[@]}"; do asks "$n"; done | jq -r '"\(.home_address) \(.care_of)"' | sort >"$D/they"
	agent ha --json bindings | jq -r '.bindings[] | "\(.home_addr // .home_address) \(.care_of)"' | sort >"$D/bound"
	diff "$D/they" "$D/bound"
}
visitors_right() { # of the agents: nodes that exist, each where it says that it is
	local n at
	for n in 1 2; do
		agent fa$n --json visitors | jq -r ".visitors[] | \"\\(.home_addr // .home_address) 192.0.2.$((6 + n))\""
	done | sort >"$D/visiting"
	grep -v '^10.99.0.70 ' "$D/they" | diff - "$D/visiting"
}
