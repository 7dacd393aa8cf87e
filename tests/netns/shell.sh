#!/bin/bash
# SPDX-License-Identifier: MIT
# Proves every verb of the shell (tunnel, link, tap, kernel) in network namespaces.  Needs root, TUN, veth.
#   a 192.0.2.1 ---- 192.0.2.254 r 198.51.100.254 --(MTU 1400)-- 198.51.100.1 b      and a second pair a2 - r2
# tests/netns/shell.sh [FOLDER]: builds in FOLDER (default: build); PROBE=FILE: uses this one.
cd "$(dirname "$0")/../.." || exit 2
B=${1:-${B:-build}}
. tests/netns/lib.sh

build() {
	local o=() m
	for m in tests/netns/probe{,_tunnel,_link} common/{tun,gather,split,tunnel,tunnel_gro,arrival,link,link_socket,tap,log,addr,packet,ecn,icmp,miptunnel,bytes,drop} \
		common/kernel{,_addr,_route,_purge,_said,_sysctl}; do
		o+=("$B/obj/$m.o")
	done
	make -s B="$B" "${o[@]}" >"$D/make" 2>&1 || { cat "$D/make"; exit 2; }
	# shellcheck disable=SC2046,SC2086
	${CC:-gcc} $SAN -o "$D/probe" "${o[@]}" $(pkg-config --libs libnl-route-3.0 libnl-3.0) || exit 2
	PROBE=$D/probe
}

a() { ip netns exec $NS_A "$@"; }
r() { ip netns exec $NS_R "$@"; }
b() { ip netns exec $NS_B "$@"; }
pa() { ip netns exec $NS_A "$PROBE" "$@"; }
pr() { ip netns exec $NS_R "$PROBE" "$@"; }
pb() { ip netns exec $NS_B "$PROBE" "$@"; }

# says TEXT COMMAND...: its output contains TEXT.  silent: it has none.
says() {
	local want=$1 got
	shift
	got=$("$@" 2>&1)
	printf '%s\n' "$got"
	case $got in *"$want"*) return 0 ;; esac
	return 1
}
silent() { local got; got=$("$@" 2>&1); printf '%s\n' "$got"; [ -z "$got" ]; }
quiet() { "$@" 2>/dev/null; }
# start NS LOG VERB...: a probe in the background; LAST is its pid.
start() {
	local ns=$1 log=$D/$2
	shift 2
	: >"$log"
	ip netns exec "$ns" "$PROBE" "$@" >"$log" 2>&1 </dev/null &
	LAST=$!
	await "$log" ready "$LAST" || echo "# no answer: $(cat "$log")"
}
# shellcheck disable=SC2016 # awk's own
snmp() { ip netns exec "$1" awk -v k="$2" '/^Icmp:/ { if (!n) { n = split($0, h) } else { split($0, v)
	for (i = 1; i <= n; i++) if (h[i] == k) print v[i]; exit } }' /proc/net/snmp; }

topology() {
	new_space NS_A NS_R NS_B
	cable $NS_A va 192.0.2.1/24 $NS_R vr 192.0.2.254/24
	cable $NS_A va2 192.0.3.1/24 $NS_R vr2 192.0.3.254/24
	cable $NS_B vb 198.51.100.1/24 $NS_R vs 198.51.100.254/24
	ip -n $NS_R link set vs mtu 1400
	ip -n $NS_B link set vb mtu 1400
	r sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
	b sysctl -qw net.ipv4.icmp_ratelimit=0
	ip -n $NS_A route add 198.51.100.0/24 via 192.0.2.254
	ip -n $NS_B route add default via 198.51.100.254
	MAC_A=$(mac $NS_A va)
	MAC_R=$(mac $NS_R vr)
	MAC_R2=$(mac $NS_R vr2)
}

# A peer would see TCP stall: merged segments come up with an unfinished checksum.
test_gro() {
	local relay
	check "gro: can be turned on here" says "gro 1" pb gro dev=vb set=1
	start $NS_B relay_b relay tun=mip0 mtu=1480 local=198.51.100.1 remote=192.0.2.1
	relay=$LAST
	check "gro: off on the device with the local address" says "gro 0" pb gro dev=vb
	check "gro: a bound device" pb open dev=lo
	stop "$relay"
	pb gro dev=vb set=1 >/dev/null
	check "gro: given back" says "GRO turned off on vb" pb open dev=vb
	check "gro: is on again" says "gro 1" pb gro dev=vb
}

test_tunnel() {
	local outer
	start $NS_A relay_a relay tun=mip0 mtu=1480 local=192.0.2.1 remote=198.51.100.1 dev=va mark=434
	local relay_a=$LAST
	start $NS_B relay_b relay tun=mip0 mtu=1480 local=198.51.100.1 remote=192.0.2.1
	local relay_b=$LAST
	ip -n $NS_A addr add 10.99.0.1/32 dev mip0
	ip -n $NS_A route add 10.99.1.1 dev mip0 src 10.99.0.1
	ip -n $NS_B addr add 10.99.1.1/32 dev mip0
	ip -n $NS_B route add 10.99.0.1 dev mip0 src 10.99.1.1
	check "tun: MTU, queue, up" says "mtu 1480" ip -n $NS_A link show mip0 up
	check "tun: queue for a handoff" says "qlen 2048" ip -n $NS_A link show mip0
	check "tun: no IPv6 traffic" silent ip -n $NS_A -6 addr show dev mip0
	check "tun: busy is said" says "in use" pa open tun=mip0
	check "tun: foreign interface is said" says "no TUN device" pa open tun=va
	check "tunnel: unknown device is said" says "No such device" pa open dev=nowhere
	check "tunnel: ping a to b" a ping -qc 3 -i 0.02 -W 1 10.99.1.1
	check "tunnel: ping b to a" b ping -qc 3 -i 0.02 -W 1 10.99.0.1
	check "tunnel: 1480 bytes, DF clear, fragmented outside" a ping -qc 3 -i 0.02 -W 1 -M dont -s 1452 10.99.1.1
	check "tunnel: DF meets the small MTU, sender is told 1380" \
		says "mtu = 1380" a ping -c 3 -i 0.1 -W 0.2 -M 'do' -s 1452 10.99.1.1
	check "tunnel: 1380 bytes fit exactly" a ping -qc 2 -i 0.02 -W 1 -M 'do' -s 1352 10.99.1.1
	check "tunnel: mtu of the bound way" says "mtu 1380" \
		pa send local=192.0.2.1 src=192.0.2.1 dst=198.51.100.1 dev=va mark=434 size=1400 df=1 count=2
	check "tunnel: DF cleared on demand" says "refused 0" \
		pa send src=192.0.2.1 dst=198.51.100.1 size=1400 df=1 clear=1 count=2
	stop "$relay_b"
	start $NS_B outer outer
	outer=$LAST
	pa send src=192.0.3.1 dst=198.51.100.1 tos=0xb8 df=1 size=100 count=1 >/dev/null
	wait "$outer"
	check "tunnel: outer TOS, DF, TTL, source" \
		says "src 192.0.3.1 tos 0xb8 df 1 ttl 63 len 120" cat "$D/outer"
	start $NS_B outer outer
	outer=$LAST
	pa send src=192.0.2.1 dst=198.51.100.1 tos=3 size=100 count=1 >/dev/null
	wait "$outer"
	check "tunnel: DF clear stays clear, ECN copied" says "tos 0x3 df 0" cat "$D/outer"
	local before after
	before=$(snmp $NS_A InDestUnreachs)
	check "tunnel: ICMP 3/2 from the peer disturbs no send" says "refused 0" \
		pa send src=192.0.2.1 dst=198.51.100.1 size=100 df=1 count=40
	after=$(snmp $NS_A InDestUnreachs)
	echo "# $((after - before)) of them"
	check "tunnel: there were some" test $((after - before)) -ge 20
	stop "$relay_a"
	ip -n $NS_A link add tunl0 type veth peer name tunl0peer
	check "tunnel: beside a tunl0 that is down" pa open
	ip -n $NS_A link set tunl0 up
	check "tunnel: refuses an up tunl0, with the remedy" says "ip link set tunl0 down" pa open
	check "tunnel: refused means failed" not pa open
	ip -n $NS_A link del tunl0
}

# lines N COMMAND...: it prints N lines.
lines() { local n=$1 got; shift; got=$("$@" 2>&1); printf '%s\n' "$got"; [ "$(printf '%s' "$got" | grep -c .)" = "$n" ]; }
twice() { "$@" && "$@"; }
rules() { ip -n $NS_A rule show; }
rules_of() { ip -n $NS_A rule show prio "$1"; }
routes() { ip -n $NS_A route show table "$1" "${@:2}"; }

test_addr() {
	check "addr: add, twice" twice pa addr dev=va addr=192.0.0.8/32
	check "addr: is there" says "inet 192.0.0.8/32" ip -n $NS_A addr show dev va
	check "first: not the excepted one" says 192.0.0.8 pa first dev=va except=192.0.2.1
	check "addr: remove, twice" twice pa addr del=1 dev=va addr=192.0.0.8/32
	check "addr: is gone" not pa first dev=va except=192.0.2.1
	check "addr: error is said" says "cannot add address 192.0.0.8/32 on nowhere" pa addr dev=nowhere addr=192.0.0.8
	check "addr: nothing to remove from a lost interface" pa addr del=1 dev=nowhere addr=192.0.0.8
	ip -n $NS_A link set va2 down
	check "up: with MTU" pa up dev=va2 mtu=1400
	check "up: is up" says "mtu 1400" ip -n $NS_A link show dev va2 up
	check "up: without MTU leaves it" pa up dev=va2
	check "up: lost interface is an error" not pa up dev=nowhere
}

test_route() {
	check "route: onlink with source and metrics" twice pa route table=434 dst=0.0.0.0/0 dev=va2 \
		via=203.0.113.77 src=192.0.2.1 mtu=1300 advmss=1260
	check "route: all of it is there" says "default via 203.0.113.77 dev va2 proto $PROTO src 192.0.2.1 onlink mtu 1300 advmss 1260" \
		routes 434
	check "route: replaced, no second one" pa route table=434 dst=0.0.0.0/0 dev=va via=192.0.2.254
	check "route: one line" lines 1 routes 434
	check "route: removing the old way is nothing" pa route del=1 table=434 dst=0.0.0.0/0 dev=va2 via=203.0.113.77
	check "route: the new one stays" says "via 192.0.2.254 dev va" routes 434
	check "route: remove, twice" twice pa route del=1 table=434 dst=0.0.0.0/0 dev=va via=192.0.2.254
	check "route: is gone" silent routes 434
	check "route: large table, blackhole" twice pa route type=blackhole table=100099 dst=0.0.0.0/0
	check "route: blackhole is there" says "blackhole default proto $PROTO" routes 100099
	check "route: unreachable replaces it" pa route type=unreachable table=100099 dst=0.0.0.0/0
	check "route: one line, unreachable" says "unreachable default proto $PROTO" routes 100099
	check "route: remove" pa route del=1 type=unreachable table=100099 dst=0.0.0.0/0
	check "route: host route on the link" pa route table=99 dst=10.99.0.5/32 dev=va metric=7
	check "route: scope link, metric" says "10.99.0.5 dev va proto $PROTO scope link metric 7" routes 99
	check "route: remove" pa route del=1 table=99 dst=10.99.0.5/32 dev=va metric=7
	check "route: error is said" says "cannot add route 10.0.0.0/8" pa route table=99 dst=10.0.0.0/8 dev=nowhere
	pa neigh dev=va addr=203.0.113.1 mac="$MAC_R"
	pa neigh dev=va2 addr=203.0.113.2 mac="$MAC_R2"
	pa route table=254 dst=203.0.113.200/32 dev=va via=203.0.113.1 metric=1000
	check "route: a flood never meets a gap while it flips above another" pa flip table=254 dst=203.0.113.200/32 \
		dev=va via=203.0.113.1 dev2=va2 via2=203.0.113.2 ms=1000
	sed 's/^/# /' "$D/out"
}

test_rule() {
	check "rule: from all iif" twice pa rule prio=98 table=99 iif=mip0
	check "rule: is there once" lines 1 rules_of 98
	check "rule: text" says "from all iif mip0" rules_of 98
	check "rule: not iif, to" twice pa rule prio=99 table=100099 to=10.99.0.5/32 iif=mip0 not=1
	check "rule: text" says "not from all to 10.99.0.5 iif mip0 [detached] lookup 100099 proto $PROTO" rules_of 99
	check "rule: second node, same priority" pa rule prio=99 table=100099 to=10.99.0.6/32 iif=mip0 not=1
	check "rule: from" twice pa rule prio=434 table=434 from=10.99.0.5/32
	check "rule: text" says "from 10.99.0.5 lookup 434 proto $PROTO" rules_of 434
	check "rule: mark" twice pa rule prio=432 table=254 mark=0x1b2 mask=0xfff
	check "rule: text" says "fwmark 0x1b2/0xfff lookup main proto $PROTO" rules_of 432
	check "rule: not mark" pa rule prio=435 table=434 mark=0x1b2 mask=0xffffffff not=1
	check "rule: text" says "not from all fwmark 0x1b2 lookup 434" rules_of 435
	check "rule: suppress default" twice pa rule prio=433 table=254 suppress=1
	check "rule: text" says "suppress_prefixlength 0" rules_of 433
	check "rule: nothing" twice pa rule prio=438
	check "rule: text" says "from all nop proto $PROTO" rules_of 438
	check "rule: on to another" twice pa rule prio=437 goto=438 to=10.99.0.0/24
	check "rule: text" says "from all to 10.99.0.0/24 goto 438 proto $PROTO" rules_of 437
	check "rule: remove on to another" twice pa rule del=1 prio=437 goto=438 to=10.99.0.0/24
	check "rule: is gone" silent rules_of 437
	check "rule: remove nothing" twice pa rule del=1 prio=438
	check "rule: is gone" silent rules_of 438
	check "rule: remove one of two" twice pa rule del=1 prio=99 table=100099 to=10.99.0.6/32 iif=mip0 not=1
	check "rule: the other stays" says "to 10.99.0.5" rules_of 99
	check "rule: remove with mark" twice pa rule del=1 prio=432 table=254 mark=0x1b2 mask=0xfff
	check "rule: is gone" silent rules_of 432
	check "rule: remove with suppress" twice pa rule del=1 prio=433 table=254 suppress=1
}

test_neigh() {
	local receiver
	check "neigh: add, twice" twice pa neigh dev=va addr=10.99.0.5 mac=02:00:00:00:00:05
	check "neigh: is permanent and ours" says "lladdr 02:00:00:00:00:05 PERMANENT proto $PROTO" \
		ip -n $NS_A neigh show 10.99.0.5 dev va
	check "neigh: MAC replaced" pa neigh dev=va addr=10.99.0.5 mac=02:00:00:00:00:06
	check "neigh: new MAC" says "02:00:00:00:00:06" ip -n $NS_A neigh show 10.99.0.5 dev va
	check "neigh: remove, twice" twice pa neigh del=1 dev=va addr=10.99.0.5
	check "neigh: is gone" not says PERMANENT ip -n $NS_A neigh show 10.99.0.5 dev va
	ip -n $NS_R addr add 10.99.0.5/32 dev vr
	ip -n $NS_A route add 10.99.0.5 dev va src 192.0.2.1
	pa neigh dev=va addr=10.99.0.5 mac="$MAC_R"
	a sysctl -qw net.ipv4.neigh.va.retrans_time_ms=50
	check "hold: set over a permanent entry" pa hold dev=va addr=10.99.0.5
	start $NS_R udp-recv udp-recv n=2000 ms=3000
	receiver=$LAST
	mkfifo "$D/fifo"
	ip netns exec $NS_A "$PROBE" udp-send dst=10.99.0.5 count=2000 <"$D/fifo" >"$D/udp-send" 2>&1 &
	exec 9>"$D/fifo"
	await "$D/udp-send" ready
	check "hold: the neighbour does not change while several questions would have been asked" \
		silent timeout 0.5 ip -n $NS_A monitor neigh dev va
	check "hold: no ARP" silent quiet timeout 0.3 ip netns exec $NS_R tcpdump -lnn -i vr arp host 10.99.0.5
	check "hold: still waiting" says INCOMPLETE ip -n $NS_A neigh show 10.99.0.5 dev va
	check "hold: released by the MAC" pa neigh dev=va addr=10.99.0.5 mac="$MAC_R"
	wait "$receiver"
	check "hold: 2000 packets, all there, in order" says "received 2000 disorder 0" cat "$D/udp-recv"
	exec 9>&-
	check "give up: nothing waits, nothing is done" pa give-up dev=va
	check "the permanent neighbour stays" says PERMANENT ip -n $NS_A neigh show 10.99.0.5 dev va
	pa hold dev=va addr=203.0.113.9
	a sysctl -qw net.ipv4.neigh.va.retrans_time_ms=1000
	ip -n $NS_A route add 192.0.2.77 dev va
	start $NS_R udp-recv udp-recv n=1 ms=3000
	receiver=$LAST
	echo | ip netns exec $NS_A "$PROBE" udp-send dst=192.0.2.77 count=3 >/dev/null
	check "packets wait for a neighbour" says INCOMPLETE ip -n $NS_A neigh show 192.0.2.77 dev va
	check "give up" pa give-up dev=va
	check "it is asked for no more" not says INCOMPLETE ip -n $NS_A neigh show 192.0.2.77 dev va
	check "what we hold for stays" says INCOMPLETE ip -n $NS_A neigh show 203.0.113.9 dev va
	ip -n $NS_R addr add 192.0.2.77/32 dev vr
	a ip neigh replace 192.0.2.77 lladdr "$MAC_R" dev va nud reachable
	wait "$receiver"
	check "and the packets do not come" says "received 0" cat "$D/udp-recv"
	pa neigh del=1 dev=va addr=203.0.113.9
}

test_purge() {
	pa route table=99 dst=0.0.0.0/0 dev=va via=203.0.113.9
	pa route type=unreachable table=434 dst=0.0.0.0/0
	pa hold dev=va2 addr=203.0.113.9
	ip -n $NS_A route add 10.1.0.0/16 dev va table 99 proto static
	ip -n $NS_A rule add from 10.1.0.0/16 table 99 prio 50
	ip -n $NS_A neigh add 203.0.113.10 lladdr 02:00:00:00:00:0a dev va nud permanent
	for i in $(seq 100); do echo "route add 10.200.0.$i dev va table 434 proto $PROTO"; done | ip -n $NS_A -batch -
	check "purge: succeeds" pa purge
	check "purge: no route of ours" silent routes all proto "$PROTO"
	check "purge: no rule of ours" not says "proto $PROTO" rules
	check "purge: no neighbour of ours" not says "proto $PROTO" ip -n $NS_A neigh show nud all
	check "purge: a foreign route stays" says 10.1.0.0/16 routes 99
	check "purge: a foreign rule stays" lines 1 rules_of 50
	check "purge: a foreign neighbour stays" says 02:00:00:00:00:0a ip -n $NS_A neigh show 203.0.113.10
	check "purge: the kernel's own rules stay" lines 4 rules
	check "purge: again, nothing" pa purge
}

test_sysctl() {
	local f=/proc/sys/net/ipv4/conf/va2/rp_filter
	echo 1 | a tee $f >/dev/null
	check "sysctl: set" says 2 pa sysctl dev=va2 key=rp_filter value=0 then=2 run="cat $f"
	check "sysctl: first value restored" says 1 a cat $f
	check "sysctl: interface lost meanwhile" silent pa sysctl dev=gone key=rp_filter value=1 then=1 \
		run="ip link del gone"
	check "sysctl: unknown key is said" says "cannot set" pa sysctl dev=va2 key=nonsense value=1
}

send_a() { pa link-send dev=va mac="$MAC_R" src=192.0.2.1 dst=192.0.2.254 "$@"; }

test_link() {
	local listener
	start $NS_R link-recv link-recv dev=vr n=6 ms=2000
	listener=$LAST
	send_a sport=5000 dport=5001
	send_a sport=5000 dport=434
	send_a sport=434 dport=5000
	send_a sport=5000 dport=434 options=1
	send_a icmp=8
	send_a icmp=9
	pa link-send dev=va mac=ff:ff:ff:ff:ff:ff src=192.0.2.1 dst=255.255.255.255 icmp=10
	pa link-send dev=va mac=01:00:5e:00:00:0b src=192.0.2.1 dst=224.0.0.11 icmp=10
	pr link-send dev=vr mac="$MAC_A" src=192.0.2.254 dst=192.0.2.1 icmp=10
	a bash -c 'echo hello >/dev/udp/192.0.2.254/434'
	wait "$listener"
	cp "$D/link-recv" "$D/frames"
	check "link: six frames and no other" lines 7 cat "$D/frames"
	check "link: to port 434, with the sender's MAC" says \
		"$MAC_A unicast 192.0.2.1 > 192.0.2.254 udp check 1 5000 > 434" cat "$D/frames"
	check "link: not from port 434: that is a tunnel inside UDP" silent grep "434 > 5000" "$D/frames"
	check "link: behind IP options" lines 3 grep "> 434" "$D/frames"
	check "link: broadcast" says "$MAC_A broadcast 192.0.2.1 > 255.255.255.255 icmp" cat "$D/frames"
	check "link: multicast" says "broadcast 192.0.2.1 > 224.0.0.11 icmp" cat "$D/frames"
	check "link: not ours" not says "192.0.2.254 > 192.0.2.1 icmp" cat "$D/frames"
	check "link: a local sender's unfilled checksum" says "check 0" cat "$D/frames"
	ip -n $NS_R link set vr2 down
	start $NS_R link-recv link-recv dev=vr2 n=1 ms=3000
	listener=$LAST
	ip -n $NS_R link set vr2 up
	ip -n $NS_R link set vr2 down
	ip -n $NS_R link set vr2 up
	pa link-send dev=va2 mac="$MAC_R2" src=192.0.3.1 dst=192.0.3.254 icmp=9
	wait "$listener"
	check "link: opened while down, hears after down and up" says "192.0.3.1 > 192.0.3.254 icmp" cat "$D/link-recv"
	check "link: no such interface is an error" not pa link-send dev=nowhere
}

unreachables() { snmp $NS_R OutDestUnreachs; }
sent_unreachables() {
	local before after
	before=$(unreachables)
	send_a sport=5000 dport=434 count=3
	after=$(unreachables)
	echo "sent $((after - before))"
}

test_sink() {
	check "sink: without it the kernel answers" says "sent 3" sent_unreachables
	start $NS_R sink sink dev=vr port=434
	check "sink: with it, silence" says "sent 0" sent_unreachables
	stop "$LAST"
}

ask() { echo "$1" >&"${TAP[1]}"; IFS= read -r -t 3 answer <&"${TAP[0]}"; echo "$answer"; }

test_tap() {
	local answer
	coproc TAP { ip netns exec $NS_R "$PROBE" tap dev=vr addr=192.0.2.254 2>&1; }
	IFS= read -r -t 3 answer <&"${TAP[0]}"
	check "tap: counts nothing at first" says "count 0" ask count
	check "tap: not readable" says "wait 0" ask "wait 50"
	send_a sport=5000 dport=5001 count=300
	send_a sport=434 dport=5000 count=5
	send_a icmp=9
	pa link-send dev=va mac="$MAC_R" src=192.0.2.1 dst=192.0.2.253 sport=1 dport=2
	check "tap: 300 packets, Replies, advertisements and others not" says "count 300" ask count
	check "tap: the count stays" says "count 300" ask count
	check "tap: readable" says "wait 1" ask "wait 50"
	check "tap: drained" says "drain 1" ask drain
	check "tap: empty" says "drain 0" ask drain
	send_a sport=434 dport=5000
	check "tap: a Reply wakes nobody" says "wait 0" ask "wait 50"
	send_a icmp=8
	check "tap: the next packet does" says "wait 1" ask "wait 1000"
	check "tap: one more" says "count 301" ask count
	ask drain >/dev/null
	ip -n $NS_R link set vr down
	check "tap: an interface that goes down is no packet" says "drain 0" ask drain
	ip -n $NS_R link set vr up
	send_a icmp=8
	check "tap: counts on when it is up again" says "count 302" ask count
	eval "exec ${TAP[1]}>&-"
	wait "$TAP_PID" 2>/dev/null
}

[ "$(id -u)" = 0 ] || { echo "shell.sh: needs root" >&2; exit 2; }
[ -n "$PROBE" ] || build
topology
test_gro
test_tunnel
test_addr
test_route
test_rule
test_neigh
test_purge
ip -n $NS_A link add gone type veth peer name gone2
test_sysctl
test_link
test_sink
test_tap
ended
