#!/bin/bash
# SPDX-License-Identifier: MIT
# mipclientd and mipclient in a network namespace, a veth for the radio: start, what is missing, stop,
# kill, refusals, configuration errors, exit codes.
# Needs root.  B=build folder.  Prints ok N / not ok N lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

start() { launch $NODE mipclientd node; }
finish() { end_with "$1" "$pid"; } # SIGNAL
has() { traces $NODE | grep -qE "$1"; }
sysctls() { ip netns exec $NODE sysctl -n "net.ipv4.conf.$RADIO.rp_filter" "net.ipv4.conf.$RADIO.arp_ignore" "net.ipv4.conf.$RADIO.arp_announce" | xargs; }
config() { # LINES: of [Radio], and more sections after the smallest configuration
	section Daemon "socket = $D/node.sock"
	node_conf
	echo "$1"
}
logged() { await "$D/node.log" "$1"; }

new_space NODE
config "" >"$D/node.conf"

# ---- configuration ----
gives 0 "-n accepts the smallest configuration" "$B/mipclientd" -n -c "$D/node.conf"
"$B/mipclientd" -nv -c "$D/node.conf" >"$D/effective.conf"
"$B/mipclientd" -nv -c "$D/effective.conf" >"$D/again.conf"
check "printing and reading again is the identity" cmp "$D/effective.conf" "$D/again.conf"
wrong() { # NAME TEXT LINES
	config "$3" >"$D/wrong.conf"
	gives 78 "$1" "$B/mipclientd" -n -c "$D/wrong.conf"
	said "$2"
}
wrong "a bad duration" '[Buffer] lease: "9x"' $'[Buffer]\nlease = 9x'
wrong "an unknown key" 'leave-blow' 'leave-blow = -70'
wrong "a signal out of range" '[Radio] leave-below: "-10"' 'leave-below = -10'
wrong "dead above leave-below" '[Radio] dead' 'dead = -60'
said "wrong.conf:$(grep -n '^dead' "$D/wrong.conf" | cut -d: -f1): "
chmod 644 "$D/node.key"
gives 78 "a key that others may read" "$B/mipclientd" -n -c "$D/node.conf"
said "key-file"
chmod 600 "$D/node.key"
gives 78 "no configuration" "$B/mipclientd" -n -c "$D/none.conf"
gives 2 "an unknown option" "$B/mipclientd" -x
gives 0 "-V" "$B/mipclientd" -V

# ---- nobody there ----
gives 3 "no daemon" node status
said "start mipclientd"
gives 2 "an unknown command" node nonsense
said "valid: status"
gives 2 "too many words" node status now
gives 2 "a replay of nothing" node replay
gives 1 "a trace that is none" node replay "$D/node.conf"
said "node.conf: line 1: "
gives 0 "a replay" node replay tests/traces/step.trace
said "1 handoffs"
gives 2 "an option of another command" node --compare status

# ---- everything is missing ----
check "starts without its interface" start
check "says that the interface is missing, and the remedy" logged "$RADIO: no such interface"
check "says that the supplicant is missing, and the remedy" logged "start it with ctrl_interface="
gives 0 "status" node status
said "interface $RADIO is not there"
gives 0 "status --json" node --json status
said '"state":"detached"'
gives 0 "explain" node explain
said "no access point is known yet"
gives 0 "explain --json" node --json explain
said '"rule":"detached"'
check "uplink waits in the TUN" has "default dev mip0 .*src 10.99.0.5"
check "the last resort is unreachable" has "unreachable default"
ip -n $NODE link add $RADIO type veth peer name peer0
ip -n $NODE link set peer0 up
ip -n $NODE link set $RADIO up
attended() { [ "$(sysctls)" = "2 1 2" ]; }
check "an interface that comes later is used" until_true attended
check "rp_filter, arp_ignore, arp_announce" [ "$(sysctls)" = "2 1 2" ]

# ---- commands ----
gives 4 "handoff without a link" node handoff
gives 2 "handoff to nonsense" node handoff here
gives 4 "register without a link" node register
gives 0 "deregister without a binding" node deregister
gives 4 "deregister twice" node deregister
gives 4 "register again" node register
gives 0 "history" node history
gives 5 "report without a handoff" node report
gives 2 "report of nonsense" node report last
gives 0 "log-level" node log-level debug
gives 2 "log-level of nonsense" node log-level loud
gives 0 "reload" node reload
echo "[Buffer" >>"$D/node.conf"
gives 4 "reload of a broken file is refused" node reload
config $'[Buffer]\nenabled = no' >"$D/node.conf"
gives 0 "reload of a good one" node reload
node status >"$D/out"
said "switched off by [Buffer] enabled"
config "" | sed 's/10.99.0.5/10.99.0.6/' >"$D/node.conf"
gives 4 "reload with another home address is refused" node reload
said "restart mipclientd"
config "" >"$D/node.conf"
node --json watch >"$D/watched" 2>&1 &
check "watch begins with the status" await "$D/watched" '{"event":"status"'
kill $!

# ---- another one, death, goodbye ----
gives 1 "a second daemon on the same interface" ip netns exec $NODE "$B/mipclientd" -f -c "$D/node.conf" -S "$D/two.sock"
said "stop it first"
gives 0 "the first one does not mind" node status
finish KILL
check "starts again after SIGKILL" start
check "one rule of each" [ "$(ip -n $NODE rule list | grep -cE '^43[34]:')" = 2 ]
finish TERM
result $? "SIGTERM ends it with 0"
check "nothing is left in the kernel" nothing $NODE
check "the socket is gone" [ ! -e "$D/node.sock" ]
[ "$(sysctls)" = "2 1 2" ] && ip netns exec $NODE sysctl -qw "net.ipv4.conf.$RADIO.rp_filter=0" \
	"net.ipv4.conf.$RADIO.arp_ignore=0" "net.ipv4.conf.$RADIO.arp_announce=0" # SIGKILL restores nothing
check "starts once more" start
check "the sysctls are set" [ "$(sysctls)" = "2 1 2" ]
ip -n $NODE link del $RADIO
gives 0 "an interface that goes is survived" node status
check "and said" logged "$RADIO: is gone"
gives 0 "status" node status
said "interface $RADIO is not there"
ip -n $NODE link add $RADIO type veth peer name peer0
ip -n $NODE link set $RADIO up
check "and used when it is back" until_true attended
finish TERM
result $? "SIGTERM ends it with 0"
check "nothing is left in the kernel" nothing $NODE
check "the sysctls are as they were" [ "$(sysctls)" = "0 0 0" ]
gives 0 "the background start returns when it is up" launch_behind $NODE mipclientd node
gives 0 "and it is" node status
kill "$(ip netns pids $NODE | head -n 1)"
check "until it is told to stop" wait "$life"

# ---- no right to do it ----
refused() { # CAPABILITY WORDS
	without "$1"
	gives 1 "without ${1^^} of the capabilities" ip netns exec $NODE "${rights[@]}" "$B/mipclientd" -f -c "$D/node.conf"
	said "not allowed without $2: start mipclientd as root"
	check "it is one sentence" [ "$(wc -l <"$D/out")" -eq 1 ]
	check "nothing is left in the kernel" nothing $NODE
}
refused net_admin CAP_NET_ADMIN
refused all "CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE"
for cap in net_raw net_bind_service; do
	without $cap
	check "without ${cap^^} it runs" start
	check "and says what it cannot do" logged "$RADIO: cannot be used without CAP_${cap^^}: start mipclientd as root"
	gives 0 "status" node status
	said "interface $RADIO cannot be used without CAP_${cap^^}"
	finish TERM
	result $? "SIGTERM ends it with 0"
	check "and it said so once" [ "$(grep -c 'cannot' "$D/node.log")" = 1 ]
done

ended
