#!/bin/bash
# SPDX-License-Identifier: MIT
# mipagentd and mipagent in network namespaces: start, stop, kill, refusals, errors, exit codes.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

start() { launch "$1" mipagentd "$2"; } # NAMESPACE CONFIG
advertises() { ip netns exec $MN timeout 5 tcpdump --immediate-mode -nn -c 1 -i mn0 'icmp[0] == 9'; }

new_space HA FA MN
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $MN mn0 10.1.0.5/24
ip netns exec $FA sysctl -qw net.ipv4.conf.ln0.rp_filter=1 net.ipv4.conf.ln0.forwarding=0
{ ha_conf; echo "spi = 256"; } >"$D/ha.conf"
fa_conf "advertise-interval = 200 ms" >"$D/fa.conf"

echo "# configuration"
gives 0 "a good file passes -n" "$B/mipagentd" -n -c "$D/ha.conf"
"$B/mipagentd" -nv -c "$D/ha.conf" >"$D/a.conf" && "$B/mipagentd" -nv -c "$D/a.conf" >"$D/b.conf"
check "what -nv prints reads back the same" cmp "$D/a.conf" "$D/b.conf"
check "a key is never printed" sh -c "! grep -qF \"\$(cat '$D/node.key')\" '$D/a.conf'"
gives 78 "a missing file" "$B/mipagentd" -n -c "$D/none.conf"
printf '[Home]\naddress = 192.0.2.1\nnetwork = 10.99.0.0/24\n\n[Buffer]\nlease = 9x\n' >"$D/bad.conf"
gives 78 "a wrong value" "$B/mipagentd" -n -c "$D/bad.conf"
said "bad.conf:6: [Buffer] lease: \"9x\""
printf '[Home]\naddress = 192.0.2.1\nnetwrk = 10.99.0.0/24\n' >"$D/bad.conf"
gives 78 "an unknown key" "$B/mipagentd" -n -c "$D/bad.conf"
said "bad.conf:3:"
for policy in drop-oldest drop-newest drop-lowest; do
	{ cat "$D/ha.conf"; printf '[Buffer]\noverflow = %s\n' $policy; } >"$D/policy.conf"
	gives 0 "overflow: $policy" "$B/mipagentd" -nv -c "$D/policy.conf"
	said "overflow = $policy"
done
printf '[Home]\naddress = 192.0.2.1\nnetwork = 10.99.0.0/24\nkeepalive = 9 s\n' >"$D/bad.conf"
gives 78 "keepalives that no node sends" "$B/mipagentd" -n -c "$D/bad.conf"
said "[Home] keepalive: 0, or 10 s and more"
for policy in no nat forced; do
	printf '[Home]\naddress = 192.0.2.1\nnetwork = 10.99.0.0/24\nudp-tunnel = %s\nkeepalive = 0 s\n' $policy >"$D/policy.conf"
	gives 0 "udp-tunnel: $policy" "$B/mipagentd" -nv -c "$D/policy.conf"
	said "udp-tunnel = $policy"
done
printf '[Buffer]\nlease = 4 s\n' >"$D/bad.conf"
gives 78 "neither home nor foreign agent" "$B/mipagentd" -n -c "$D/bad.conf"
said "neither [Home] nor [Foreign]"
chmod 644 "$D/node.key"
gives 78 "a key file that others may read" "$B/mipagentd" -n -c "$D/ha.conf"
said "node.key"
chmod 600 "$D/node.key"
gives 2 "wrong words" "$B/mipagentd" -n -c "$D/ha.conf" extra

echo "# start and stop"
check "a home agent starts" start $HA ha; ha=$pid
check "a foreign agent starts" start $FA fa; fa=$pid
ip -n $HA route show table main | grep -q '^10.99.0.0/24 dev mip0'; result $? "the home network is routed into the TUN"
ip -n $FA rule list | grep -q '^433:.*iif mip0 lookup 435'; result $? "packets from the TUN have their own table"
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/rp_filter)" = 2 ]; result $? "rp_filter on the link is loose"
check "advertisements are on the link" advertises
said "10.1.0.1 >"

echo "# a second one"
gives 1 "is refused" ip netns exec $HA "$B/mipagentd" -f -c "$D/ha.conf" -S "$D/ha.sock"
said "stop it first"
{ cat "$D/ha.conf"; printf '[Daemon]\ntun = mip1\n'; } >"$D/other.conf"
gives 1 "is refused with a socket and a TUN of its own" ip netns exec $HA "$B/mipagentd" -f -c "$D/other.conf" -S "$D/other.sock"
said "stop it first"
ip -n $HA route show table main | grep -q '^10.99.0.0/24 dev mip0'; result $? "the first one lost nothing"

echo "# mipagent"
for c in status bindings visitors buffers drops; do
	gives 0 "$c" agent ha $c
	gives 0 "$c --json" agent ha $c --json
	check "$c --json is JSON with ok" agent_is ha $c '.ok == true'
	gives 0 "$c --json again" agent ha --json $c
done
check "a foreign agent's status has its care-of address" \
	agent_is fa status '.foreign.care_of == "192.0.2.7"'
gives 2 "an unknown word" agent ha nonsense
said "status bindings visitors buffers drops reload node watch"
gives 2 "too many words" agent ha status now
gives 2 "no word at all" agent ha
gives 0 "help" agent ha -h
said "bindings"
gives 3 "no daemon" agent nobody status
said "start mipagentd"
if id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
	cp "$B/mipagent" "$D/mipagent"; chmod 755 "$D" "$D/mipagent"
	gives 6 "somebody else's socket" setpriv --reuid 65534 --regid 65534 --clear-groups "$D/mipagent" -S "$D/ha.sock" status
fi

echo "# bad input"
ip netns exec $FA bash -c 'printf "\1\2\3" >/dev/udp/192.0.2.1/434'
cut_short() { [ "$(dropped ha short)" = 1 ]; }
check "a truncated message is counted by its reason" until_true cut_short
kill -0 $ha; result $? "and does no harm"

echo "# stop, kill, restart"
stop $ha; result $? "SIGTERM: exit 0"
check "nothing is left of the home agent" nothing $HA
end_with INT $fa; result $? "SIGINT: exit 0"
check "nothing is left of the foreign agent" nothing $FA
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/rp_filter)" = 1 ]; result $? "rp_filter is what it was"
[ "$(ip netns exec $FA cat /proc/sys/net/ipv4/conf/ln0/forwarding)" = 0 ]; result $? "forwarding is what it was"
start $FA fa; fa=$pid
ip -n $FA rule add pref 434 to 10.99.0.77 lookup 436 protocol "$PROTO"
ip -n $FA route add 10.99.0.77/32 dev ln0 table 435 proto "$PROTO"
ip -n $FA rule add pref 434 to 10.99.0.78 lookup 7
end_with KILL $fa
check "a killed one starts again" start $FA fa; fa=$pid
ip -n $FA rule list | grep -q 10.99.0.77; [ $? -ne 0 ]; result $? "rules of the killed one are gone"
ip -n $FA route show table 435 | grep -q 10.99.0.77; [ $? -ne 0 ]; result $? "so are its routes"
ip -n $FA rule list | grep -q 10.99.0.78; result $? "another program's rule is still there"
ip -n $FA rule del pref 434 to 10.99.0.78 lookup 7
stop $fa
check "nothing is left" nothing $FA

echo "# in the background, and where it cannot run"
gives 0 "without -f it returns once it is up" launch_behind $HA mipagentd ha
gives 0 "and answers at once" agent ha status
kill "$(ip netns pids $HA | head -n 1)"
check "and ends when it is told to" wait "$life"
check "and cleans up" nothing $HA
sed 's/192\.0\.2\.1$/192.0.2.99/' "$D/ha.conf" >"$D/wrong.conf"
gives 1 "an address that is not here" ip netns exec $HA "$B/mipagentd" -f -c "$D/wrong.conf" -S "$D/ha.sock"
said "no interface of this host has the address"
check "a failed start leaves nothing" nothing $HA
refused() { # CAPABILITY WORDS
	without "$1"
	gives 1 "without ${1^^} of the capabilities" ip netns exec $HA "${rights[@]}" "$B/mipagentd" -f -c "$D/ha.conf" -S "$D/ha.sock"
	said "not allowed without $2: start mipagentd as root"
	check "it is one sentence" [ "$(wc -l <"$D/out")" -eq 1 ]
	check "nothing is left in the kernel" nothing $HA
	rights=()
}
refused net_admin CAP_NET_ADMIN
refused net_raw CAP_NET_RAW
refused net_bind_service CAP_NET_BIND_SERVICE
refused all "CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE"

echo "# an interface that comes later, and one that goes away"
sed -i 's/ln0/ln9/; $ a address = 10.1.0.1' "$D/fa.conf"
check "it starts without its interface" start $FA fa; fa=$pid
ip -n $FA link set ln0 down; ip -n $FA link set ln0 name ln9; ip -n $FA link set ln9 up
check "and advertises once it is there" advertises
ip -n $FA link del ln9
check "it says that the interface went away" await "$D/fa.log" "ln9 went away"
cable $FA ln9 10.1.0.1/24 $MN mn0
check "and after it was made anew" advertises
ip -n $FA link del mip0
wait $fa; [ $? -eq 1 ]; result $? "a TUN that somebody removed ends it with 1"

ended
