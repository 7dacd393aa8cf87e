#!/bin/bash
# SPDX-License-Identifier: MIT
# The data path: streams and small packets through a tunnel inside UDP, on kernels that have all that
# makes it fast and on some that do not.  Real mipclientd and mipagentd; a correspondent beside it.
# Needs root, a compiler.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

BYTES=6000000 # 4,300 segments
SMALL=20000 # a second, for a tenth of one: the queue of a TUN takes 2048

new_space HA NODE
cable $HA ha0 192.0.2.1/24 $NODE radio0 192.0.2.2/24
ip -n $HA addr add $FAR/32 dev lo
ip -n $NODE route replace default via 192.0.2.1 dev radio0
ha_conf "udp-tunnel = forced" >"$D/ha.conf"
node_conf "care-of = co-located" "udp-tunnel = forced" >"$D/node.conf"
${CC:-gcc} -std=c11 -D_GNU_SOURCE -shared -fPIC -o "$D/without.so" tests/netns/kernel_without.c -ldl || exit 2

drop() { # DAEMON REASON: how many
	case $1 in
	ha) dropped ha "$2" ;;
	node) node --json status | jq ".drops[\"$2\"] // 0" ;;
	esac
}
drops() { echo $(($(drop ha "$1") + $(drop node "$1"))); } # REASON
begin() { # [WITHOUT]: both daemons, on a kernel without that
	rights=(env)
	[ -z "$1" ] || rights=(env "LD_PRELOAD=$D/without.so" "WITHOUT=$1")
	launch $HA mipagentd ha || return 1
	ha=$pid
	launch $NODE mipclientd node || return 1
	node=$pid
	await "$D/node.log" "registered from 192.0.2.2" || return 1
	until_true pings $NODE $FAR
}
finish() {
	stop $node
	stop $ha
}
passed_by() { # SPACE DEVICE tx|rx: a large one is one
	local space=${1^^}
	ip -n "${!space}" -j -s link show "$2" | jq ".[0].stats64.$3.packets"
}
intact() { [ "$(ip netns exec $NODE tests/netns/transfer.py $FAR 7000 $BYTES)" = whole ]; }
places=("node mip0 tx" "node radio0 tx" "ha mip0 rx" "ha mip0 tx" "ha ha0 tx" "node mip0 rx")
# shellcheck disable=SC2086 # a place is three words
both_ways() { # fewer|more: a stream each way, in fewer packets than segments, or not
	local place n
	local -A before
	for place in "${places[@]}"; do before[$place]=$(passed_by $place); done
	check "a stream each way, whole" intact
	for place in "${places[@]}"; do
		n=$(($(passed_by $place) - before[$place]))
		case $1 in
		fewer) check "$place: large packets, $n" [ $n -lt 3000 ] ;;
		more) check "$place: one by one, $n" [ $n -gt 4000 ] ;;
		esac
	done
}
small() { # FROM TO ADDRESS PID: small packets, all of which are there when that daemon begins to read
	local receiver
	ip netns exec "${!2}" "$B/flood" receive 7777 >"$D/flood" &
	receiver=$!
	until_true listens "${!2}"
	kill -STOP "$4"
	n=$(ip netns exec "${!1}" "$B/flood" send "$3" 7777 172 $SMALL 0.1)
	kill -CONT "$4"
	# Behind them, and larger: a smaller one could end a burst of theirs and be refused with it.
	until_true ip netns exec $NODE ping -q -c 1 -W 1 -s 500 $FAR
	stop $receiver
	read -r arrived misordered _ <"$D/flood"
}
listens() { ip netns exec "$1" ss -Hlun 'sport = 7777' | grep -q .; }
smalls() {
	local before
	for way in "NODE HA $FAR $ha" "HA NODE $HOME_ADDR $node"; do
		before=$(drops send-failed)
		# shellcheck disable=SC2086 # four words
		small $way
		check "small packets ${way%% *} to $(cut -d' ' -f2 <<<"$way"): none doubled, none out of order" [ "$misordered" = 0 ]
		counted=$(($(drops send-failed) - before))
		check "$n sent: $arrived arrived, $counted are counted" [ $((arrived + counted)) = "$n" ]
	done
}

ip netns exec $HA tests/netns/transfer.py serve $FAR 7000 >"$D/served" &
await "$D/served" ready
radio

echo "# a kernel that has it all"
check "the tunnel is up" begin
ip netns exec $HA nft -f - <<-END
	table ip seen {
		chain in {
			type filter hook input priority 0;
			udp dport 434 ip dscp ef counter
		}
	}
END
check "a packet of voice" ip netns exec $NODE ping -Q 0xb8 -c 1 -W 2 $FAR
ip netns exec $HA nft list table ip seen | grep -q "counter packets 1 "
result $? "is one in the tunnel, too"
ip netns exec $HA nft delete table ip seen
both_ways fewer
smalls
[ "$(drops send-failed) $(drops too-big)" = "0 0" ]
result $? "nothing was refused"

echo "# a link that is slower than what waits for it leaves"
ip netns exec $NODE tc qdisc add dev radio0 root tbf rate 30mbit burst 20k limit 8m
kill -STOP $ha
ip -n $NODE addr del 192.0.2.2/24 dev radio0
ip -n $NODE addr add 192.0.2.3/24 dev radio0
ip -n $NODE route replace default via 192.0.2.1 dev radio0
waiting() { "$B/mipclient" -S "$D/node.sock" --json status | jq -e ".care_of == \"192.0.2.3\" and .uplink.path == \"held\" and .uplink.queued >= $1"; } # PACKETS
check "the node waits for an answer" until_true waiting 0
ip netns exec $HA "$B/flood" receive 7777 >"$D/flood" &
receiver=$!
until_true listens $HA
n=$(ip netns exec $NODE "$B/flood" send $FAR 7777 1372 1000 1)
check "and so do programs' packets, $n" until_true waiting "$n"
kill -CONT $ha
until_true ip netns exec $NODE ping -c 1 -W 1 $FAR
kill $receiver; wait $receiver
read -r arrived misordered _ <"$D/flood"
[ "$arrived $misordered" = "$n 0" ]
result $? "then all of them arrive, in order: $arrived, $misordered"
ip netns exec $NODE tc qdisc del dev radio0 root
ip -n $NODE addr del 192.0.2.3/24 dev radio0
ip -n $NODE addr add 192.0.2.2/24 dev radio0
ip -n $NODE route replace default via 192.0.2.1 dev radio0
check "back" until_true ip netns exec $NODE ping -c 1 -W 1 $FAR

echo "# the path takes less than it did"
ip -n $NODE link set radio0 mtu 1300
ip -n $HA link set ha0 mtu 1300
check "a stream each way, whole" intact
[ "$(drop node too-big)" -gt 0 ] && [ "$(drop ha too-big)" -gt 0 ]
result $? "both ends were told what fits"
[ "$(drops send-failed)" = 0 ]
result $? "nothing else was refused"
ip -n $NODE link set radio0 mtu 1500
ip -n $HA link set ha0 mtu 1500
finish

echo "# a TUN that takes no gathered datagrams"
check "the tunnel is up" begin uso
both_ways fewer
smalls
finish

echo "# a TUN that calls them invalid"
check "the tunnel is up" begin gathered
check "a stream each way, whole" intact
smalls
[ "$(drops send-failed)" = 0 ]
result $? "nothing was refused"
finish

echo "# neither large packets nor bursts"
check "the tunnel is up" begin large
both_ways more
smalls
finish

echo "# a device that cannot send bursts"
check "the tunnel is up" begin device
smalls # the first burst is the one that fails
check "a stream each way, whole" intact
[ "$(drops send-failed)" = 0 ]
result $? "nothing was refused"
finish

echo "# a queue that is full now and then"
check "the tunnel is up" begin room
check "a stream each way, whole" intact
smalls
[ "$(drops send-failed)" -gt 0 ]
result $? "something was refused"
finish
[ "$(grep -c whole "$D/served") $(grep -c spoilt "$D/served")" = "7 0" ]
result $? "the other end found all streams whole"
ended
