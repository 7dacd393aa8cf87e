#!/bin/bash
# SPDX-License-Identifier: MIT
# mipagentd and mipagent in network namespaces: start, stop, kill, refusals, errors, exit codes.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
D=$(mktemp -d)
PROTO=$(sed -n 's/^#define KERNEL_PROTOCOL \([0-9]*\).*/\1/p' common/kernel.h)
HA=mipt-ha FA=mipt-fa MN=mipt-mn
passed=0 failed=0
pids=()

result() { # CODE NAME
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1)); echo "ok - $2"
	else
		failed=$((failed + 1)); echo "not ok - $2"
	fi
}
check() { # NAME COMMAND...
	local name=$1; shift
	"$@" >"$D/out" 2>&1
	result $? "$name"
}
gives() { # CODE NAME COMMAND...
	local code=$1 name=$2 got; shift 2
	"$@" >"$D/out" 2>&1; got=$?
	[ $got -eq "$code" ]; result $? "$name"
	[ $got -eq "$code" ] || { echo "# exit $got, wanted $code"; sed 's/^/# /' "$D/out"; }
}
says() { # TEXT: the last command's output
	grep -qF -- "$1" "$D/out"; local rc=$?
	result $rc "it says: $1"
	[ $rc -eq 0 ] || sed 's/^/# /' "$D/out"
}
cleanup() {
	[ ${#pids[@]} -gt 0 ] && kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	for ns in $HA $FA $MN; do ip netns del $ns 2>/dev/null; done
	rm -rf "$D"
}
trap cleanup EXIT

# Waits until the socket answers, or the daemon has gone.
ready() { # SOCKET PID
	for _ in $(seq 100); do
		"$B/mipagent" -S "$1" status >/dev/null 2>&1 && return 0
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}
start() { # NAMESPACE CONFIG: sets $pid
	ip netns exec "$1" "$B/mipagentd" -f -c "$D/$2.conf" -S "$D/$2.sock" 2>>"$D/$2.log" &
	pid=$!
	pids+=("$pid")
	ready "$D/$2.sock" $pid
}
traces() { # NAMESPACE: what an agent leaves in the kernel
	ip -n "$1" rule list | grep -E '^(433|434):'
	ip -n "$1" route show table all proto "$PROTO"
	ip -n "$1" -o link show mip0 2>/dev/null
	ip -n "$1" -o neigh show nud permanent
}

for ns in $HA $FA $MN; do ip netns add $ns || exit 1; ip -n $ns link set lo up; done
ip link add ha0 netns $HA type veth peer name fa0 netns $FA
ip link add ln0 netns $FA type veth peer name mn0 netns $MN
ip -n $HA addr add 192.0.2.1/24 dev ha0
ip -n $FA addr add 192.0.2.7/24 dev fa0
ip -n $FA addr add 10.1.0.1/24 dev ln0
ip -n $MN addr add 10.1.0.5/24 dev mn0
for l in "$HA ha0" "$FA fa0" "$FA ln0" "$MN mn0"; do set -- $l; ip -n "$1" link set "$2" up; done
ip netns exec $FA sysctl -qw net.ipv4.conf.ln0.rp_filter=1 net.ipv4.conf.ln0.forwarding=0

(umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$D/node.key")
cat >"$D/ha.conf" <<-END
	[Home]
	address = 192.0.2.1
	network = 10.99.0.0/24
	[Node 10.99.0.5]
	spi = 256
	key-file = $D/node.key
END
cat >"$D/fa.conf" <<-END
	[Foreign]
	care-of = 192.0.2.7
	interface = ln0
	advertise-interval = 200 ms
END

echo "# configuration"
gives 0 "a good file passes -n" "$B/mipagentd" -n -c "$D/ha.conf"
"$B/mipagentd" -nv -c "$D/ha.conf" >"$D/a.conf" && "$B/mipagentd" -nv -c "$D/a.conf" >"$D/b.conf"
check "what -nv prints reads back the same" cmp "$D/a.conf" "$D/b.conf"
check "a key is never printed" sh -c "! grep -qF \"\$(cat '$D/node.key')\" '$D/a.conf'"
gives 78 "a missing file" "$B/mipagentd" -n -c "$D/none.conf"
printf '[Home]\naddress = 192.0.2.1\nnetwork = 10.99.0.0/24\n\n[Buffer]\nlease = 9x\n' >"$D/bad.conf"
gives 78 "a wrong value" "$B/mipagentd" -n -c "$D/bad.conf"
says "bad.conf:6: [Buffer] lease: \"9x\""
printf '[Home]\naddress = 192.0.2.1\nnetwrk = 10.99.0.0/24\n' >"$D/bad.conf"
gives 78 "an unknown key" "$B/mipagentd" -n -c "$D/bad.conf"
says "bad.conf:3:"
printf '[Buffer]\nlease = 4 s\n' >"$D/bad.conf"
gives 78 "neither home nor foreign agent" "$B/mipagentd" -n -c "$D/bad.conf"
says "neither [Home] nor [Foreign]"
chmod 644 "$D/node.key"
gives 78 "a key file that others may read" "$B/mipagentd" -n -c "$D/ha.conf"
says "node.key"
chmod 600 "$D/node.key"
gives 2 "wrong words" "$B/mipagentd" -n -c "$D/ha.conf" extra

echo "# start and stop"
start $HA ha; result $? "a home agent starts"; ha=$pid
start $FA fa; result $? "a foreign agent starts"; fa=$pid
ip -n $HA route show table main | grep -q '^10.99.0.0/24 dev mip0'; result $? "the home network is routed into the TUN"
ip -n $FA rule list | grep -q '^433:.*iif mip0 lookup 435'; result $? "packets from the TUN have their own table"
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/rp_filter)" = 2 ]; result $? "rp_filter on the link is loose"
ip netns exec $MN timeout 5 tcpdump -nn -c 1 -i mn0 'icmp[0] == 9' >"$D/out" 2>&1; result $? "advertisements are on the link"
says "10.1.0.1 >"

echo "# a second one"
gives 1 "is refused" ip netns exec $HA "$B/mipagentd" -f -c "$D/ha.conf" -S "$D/ha.sock"
says "stop it first"
{ cat "$D/ha.conf"; printf '[Daemon]\ntun = mip1\n'; } >"$D/other.conf"
gives 1 "is refused with a socket and a TUN of its own" ip netns exec $HA "$B/mipagentd" -f -c "$D/other.conf" -S "$D/other.sock"
says "stop it first"
ip -n $HA route show table main | grep -q '^10.99.0.0/24 dev mip0'; result $? "the first one lost nothing"

echo "# mipagent"
A="$B/mipagent -S $D/ha.sock"
for c in status bindings visitors buffers drops; do
	gives 0 "$c" $A $c
	gives 0 "$c --json" $A $c --json
	check "$c --json is JSON with ok" jq -e '.ok == true' "$D/out"
	gives 0 "$c --json again" $A --json $c
done
check "a foreign agent's status has its care-of address" sh -c \
	"'$B/mipagent' -S '$D/fa.sock' --json status | jq -e '.foreign.care_of == \"192.0.2.7\"'"
gives 2 "an unknown word" $A nonsense
says "status bindings visitors buffers drops watch"
gives 2 "too many words" $A status now
gives 2 "no word at all" $A
gives 0 "help" $A -h
says "bindings"
gives 3 "no daemon" "$B/mipagent" -S "$D/nobody.sock" status
says "start mipagentd"
if id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
	cp "$B/mipagent" "$D/mipagent"; chmod 755 "$D" "$D/mipagent"
	gives 6 "somebody else's socket" setpriv --reuid 65534 --regid 65534 --clear-groups "$D/mipagent" -S "$D/ha.sock" status
fi

echo "# bad input"
ip netns exec $FA bash -c 'printf "\1\2\3" >/dev/udp/192.0.2.1/434'
for _ in $(seq 40); do
	[ "$($A --json status | jq .dropped)" -gt 0 ] && break
	sleep 0.05
done
check "a truncated message is counted by its reason" sh -c "$A --json drops | jq -e '.drops[] | select(.reason == \"short\")'"
kill -0 $ha; result $? "and does no harm"

echo "# stop, kill, restart"
kill $ha; wait $ha; result $? "SIGTERM: exit 0"
[ -z "$(traces $HA)" ]; result $? "nothing is left of the home agent"
kill -INT $fa; wait $fa; result $? "SIGINT: exit 0"
[ -z "$(traces $FA)" ]; result $? "nothing is left of the foreign agent"
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/rp_filter)" = 1 ]; result $? "rp_filter is what it was"
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/forwarding)" = 0 ]; result $? "forwarding is what it was"
start $FA fa; fa=$pid
ip -n $FA rule add pref 434 to 10.99.0.77 lookup 436 protocol "$PROTO"
ip -n $FA route add 10.99.0.77/32 dev ln0 table 435 proto "$PROTO"
ip -n $FA rule add pref 434 to 10.99.0.78 lookup 7
{ kill -KILL $fa; wait $fa; } 2>/dev/null
start $FA fa; result $? "a killed one starts again"; fa=$pid
ip -n $FA rule list | grep -q 10.99.0.77; [ $? -ne 0 ]; result $? "rules of the killed one are gone"
ip -n $FA route show table 435 | grep -q 10.99.0.77; [ $? -ne 0 ]; result $? "so are its routes"
ip -n $FA rule list | grep -q 10.99.0.78; result $? "another program's rule is still there"
ip -n $FA rule del pref 434 to 10.99.0.78 lookup 7
kill $fa; wait $fa
[ -z "$(traces $FA)" ]; result $? "nothing is left"

echo "# in the background, and where it cannot run"
gives 0 "without -f it returns once it is up" ip netns exec $HA "$B/mipagentd" -c "$D/ha.conf" -S "$D/ha.sock"
gives 0 "and answers at once" $A status
ha=$(ip netns pids $HA | head -n 1)
kill "$ha"
for _ in $(seq 100); do kill -0 "$ha" 2>/dev/null || break; sleep 0.05; done
[ -z "$(traces $HA)" ]; result $? "and cleans up"
sed 's/192\.0\.2\.1$/192.0.2.99/' "$D/ha.conf" >"$D/wrong.conf"
gives 1 "an address that is not here" ip netns exec $HA "$B/mipagentd" -f -c "$D/wrong.conf" -S "$D/ha.sock"
says "no interface of this host has the address"
[ -z "$(traces $HA)" ]; result $? "a failed start leaves nothing"
gives 1 "no right to do it" setpriv --bounding-set=-all --inh-caps=-all "$B/mipagentd" -f -c "$D/ha.conf" -S "$D/ha.sock"

echo "# an interface that comes later, and one that goes away"
sed -i 's/ln0/ln9/; $ a address = 10.1.0.1' "$D/fa.conf"
start $FA fa; result $? "it starts without its interface"; fa=$pid
ip -n $FA link set ln0 down; ip -n $FA link set ln0 name ln9; ip -n $FA link set ln9 up
ip netns exec $MN timeout 5 tcpdump -nn -c 1 -i mn0 'icmp[0] == 9' >"$D/out" 2>&1; result $? "and advertises once it is there"
ip -n $FA link del ln9; sleep 1.5
ip link add ln9 netns $FA type veth peer name mn0 netns $MN
ip -n $FA addr add 10.1.0.1/24 dev ln9; ip -n $FA link set ln9 up; ip -n $MN link set mn0 up
ip netns exec $MN timeout 5 tcpdump -nn -c 1 -i mn0 'icmp[0] == 9' >"$D/out" 2>&1; result $? "and after it was made anew"
ip -n $FA link del mip0
wait $fa; [ $? -eq 1 ]; result $? "a TUN that somebody removed ends it with 1"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
