#!/bin/bash
# SPDX-License-Identifier: MIT
# What a visited network may do to a co-located node: a portal that lets nothing pass, an address that
# vanishes between Request and Reply, two DHCP servers, a clock that is a day off.  Nothing sticks, and
# nothing but the home agent is believed.  Real mipclientd and mipagentd; "DHCP" is what it does.
#   node radio0 -- sw -- r1 10.1.0.1, r2 10.7.0.1 -- back -- home agent 192.0.2.1, correspondent 203.0.113.9
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
set -o pipefail
umask 077

new_space SW HA R1 R2 NODE
bridges back net
plug back $HA ha0 192.0.2.1/24
plug back $R1 up1 192.0.2.251/24
plug back $R2 up2 192.0.2.252/24
plug net $R1 ln1 10.1.0.1/24
plug net $R2 ln2 10.7.0.1/24
plug net $NODE radio0
ip -n $HA addr add $FAR/32 dev lo
ip -n $HA route add 10.1.0.0/24 via 192.0.2.251
ip -n $HA route add 10.7.0.0/24 via 192.0.2.252
for r in $R1 $R2; do
	ip -n $r route add default via 192.0.2.1
	forwards $r
done
ha_conf >"$D/ha.conf"
node_conf >"$D/node.conf"

status() { node --json status; }
bound() { agent_is ha bindings ".bindings | map(.care_of) == $1"; } # CARE-OF-ADDRESSES
count() { status | jq ".counters.$1"; }
registered() { node_is ".state == \"registered\" and .care_of == \"$1\""; }
soon() { within 20 "$@"; } # a pause is of 16 s at most
lease() { # LAST-BYTES ROUTER [METRIC]: 1 or 7, what a DHCP client does
	ip -n $NODE addr add "10.$1/24" dev radio0
	ip -n $NODE route add default via "10.$2" dev radio0 src "10.$1" metric "${3:-0}"
}
lost() { ip -n $NODE addr del "10.$1/24" dev radio0; } # its route goes with it
filter() { # NAMESPACE RULE...: what its forwarding does; none: all passes
	local ns=$1; shift
	ip netns exec "$ns" nft -f - <<-END
		table ip visited
		delete table ip visited
		table ip visited {
			chain login { type nat hook prerouting priority dstnat; $1
			}
			chain pass { type filter hook forward priority 0; $2
			}
		}
	END
}
silence() { # the home agent's Replies are lost
	ip netns exec $HA nft -f - <<-END
		table ip quiet {
			chain out { type filter hook output priority 0; udp sport 434 counter drop; }
		}
	END
}
silence_ends() { ip netns exec $HA nft delete table ip quiet; }
page() { ip netns exec $NODE bash -c 'exec 3<>/dev/tcp/203.0.113.9/80 && timeout 2 cat <&3'; }
asked() { [ "$(grep -c '^request' "$D/portal")" -ge "$1" ]; }
problem() { node_is ".problems | map(select(startswith(\"no answer from the home agent 192.0.2.1\"))) | length == $1"; }
aside() { ip -n $NODE rule list | grep -cE '^(429|430|431):'; }
let_pass() { [ "$(aside)" = "$1" ]; } # RULES

check "the home agent starts" launch $HA mipagentd ha; ha=$pid
radio
check "the node starts" launch $NODE mipclientd node; node=$pid

echo "# a portal that lets nothing pass"
ip netns exec $R1 tests/netns/portal.py >"$D/portal" & portal=$!
ip netns exec $HA tests/netns/portal.py echo 8080 &
await "$D/portal" ready
garden="tcp dport 8080 accept; tcp sport 8080 accept;" # what a visitor may see before
filter $R1 "tcp dport 80 dnat to 10.1.0.1" "$garden drop;"
lease 1.0.5 1.0.1
check "it has no answer" await "$D/node.log" "no answer from the home agent 192.0.2.1 through this network"
check "status says so" problem 1
node status >"$D/out"
said "open a page in a browser"
check "with the third Request" node_is '.counters.requests == 3'
check "it is not registered" node_is '.state == "registering" and .uplink.path == "held"'
check "what begins now may use the network itself" until_true let_pass 3
check "a browser finds the portal" page
said "Location: http://portal.example/"
said "10.1.0.5"
coproc OLD { exec ip netns exec $NODE tests/netns/portal.py dial 203.0.113.9 8080; }
read -r -t 5 answer <&"${OLD[0]}"
check "a program begins by the network" [ "$answer" = 10.1.0.5 ]
from_home() { ip netns exec $NODE timeout 1 bash -c 'exec 3<>/dev/tcp/203.0.113.9/80'; }
held() { node_is ".uplink.queued >= $1"; }
ip netns exec $NODE ping -q -c 1 -W 1 -I 10.99.0.5 203.0.113.9 >/dev/null &
check "what speaks from the home address waits" until_true held 1

echo "# that answers in the home agent's place"
filter $R1 "tcp dport 80 dnat to 10.1.0.1; udp dport 434 dnat to 10.1.0.1;" "$garden drop;"
before=$(status | jq '[.drops[]] | add')
node register >/dev/null 2>&1 &
check "it is asked" until_true asked 2
refused() { [ "$(status | jq '[.drops[]] | add')" -ge $((before + $(awk '{ n += $2 } END { print n }' "$D/portal"))) ]; }
check "each of its answers is refused, and counted" until_true refused
check "none is believed" node_is '.state == "registering" and .last_code == null and .home_address == "10.99.0.5"'
check "status says what it is" soon problem 1
check "the home agent knows of nothing" bound '[]'

echo "# that says that nobody is there"
filter $R1 "" "$garden reject with icmp type port-unreachable;"
was=$(count requests)
more() { [ "$(count requests)" -gt "$was" ]; }
node register >/dev/null 2>&1 &
check "it asks on" until_true more
check "and is not registered" node_is '.state == "registering"'

echo "# that opens"
soon problem 1
requests=$(count requests)
filter $R1 "" ""
check "it registers by itself" soon registered 10.1.0.5
check "with one Request" [ "$(count requests)" -le $((requests + 1)) ]
check "bound" bound '["10.1.0.5"]'
check "nothing is said against it" problem 0
check "all goes through the home agent again" until_true let_pass 0
check "packets go both ways" until_true pings $NODE $FAR
echo hello >&"${OLD[1]}"
read -r -t 5 answer <&"${OLD[0]}"
check "and what has begun by the network goes on there" [ "$answer" = hello ]
kill $portal
kill "$OLD_PID"

echo "# that is not wanted"
sed -i 's/^key-file.*/&\nfall-back = no/' "$D/node.conf"
check "without fall-back" node reload
filter $R1 "" "drop;"
lost 1.0.5
lease 1.0.6 1.0.1
check "it has no answer" soon problem 1
check "and all waits" let_pass 0
filter $R1 "" ""
check "until it has" soon registered 10.1.0.6

echo "# an address that vanishes between Request and Reply"
lost 1.0.6
silence
lease 1.0.7 1.0.1
check "the home agent has accepted" until_true bound '["10.1.0.7"]'
lost 1.0.7
check "the address is gone before the node knows" node_is '.state == "registering" and .address == null'
silence_ends
lease 1.0.7 1.0.1
check "it comes back: registered" until_true registered 10.1.0.7
check "packets go both ways" until_true pings $NODE $FAR
silence
lost 1.0.7
lease 1.0.8 1.0.1
check "the home agent has accepted again" until_true bound '["10.1.0.8"]'
lost 1.0.8
silence_ends
check "it asks from nowhere" node_is '.address == null'
lease 1.0.9 1.0.1
check "another address comes: registered" until_true registered 10.1.0.9
check "there" bound '["10.1.0.9"]'
check "packets go both ways" until_true pings $NODE $FAR
check "bound once" bound '["10.1.0.9"]'

echo "# two DHCP servers"
lease 7.0.5 7.0.1 100
check "a second one, behind the first: nothing changes" node_is '.care_of == "10.1.0.9" and .address == "10.1.0.9"'
check "packets go both ways" pings $NODE $FAR
lost 1.0.9
check "the first one's address goes: the second one's" until_true registered 10.7.0.5
check "packets go both ways" until_true pings $NODE $FAR
lease 1.0.5 1.0.1 50
check "the first one is back, before the second" until_true registered 10.1.0.5
check "packets go both ways" until_true pings $NODE $FAR
ip -n $NODE route del default via 10.1.0.1
check "its route goes: the second one" until_true registered 10.7.0.5
ip -n $NODE route add default via 10.1.0.1 dev radio0 src 10.1.0.5 metric 50
check "and comes back" until_true registered 10.1.0.5
lost 7.0.5
check "the second one's address goes: nothing changes" node_is '.care_of == "10.1.0.5" and .state == "registered"'
check "packets go both ways" until_true pings $NODE $FAR
for _ in 1 2 3 4 5; do lease 7.0.5 7.0.1; lost 7.0.5; done # a quarrel
check "however often they quarrel: the one that stays" until_true registered 10.1.0.5
check "bound there" until_true bound '["10.1.0.5"]'
check "packets go both ways" until_true pings $NODE $FAR
check "and what is sent from there goes by the network" [ "$(ip -n $NODE rule list | grep -c '^432:')" = 1 ]

echo "# a clock that is a day off"
stop $node
check "nothing is left" nothing $NODE
stop "$ha" # one that has not just heard ten registrations in a second
check "another home agent" launch $HA mipagentd ha
cat >"$D/off.c" <<-END
	#define _GNU_SOURCE
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <time.h>
	#include <unistd.h>
	int clock_gettime(clockid_t id, struct timespec *ts)
	{
		int rc = (int)syscall(SYS_clock_gettime, id, ts);

		if (id == CLOCK_REALTIME)
			ts->tv_sec += atol(getenv("OFF"));
		return rc;
	}
END
if ! ${CC:-gcc} -shared -fPIC -o "$D/off.so" "$D/off.c" 2>/dev/null; then
	echo "# no compiler: the clock is not put wrong"
	ended
	exit
fi
last=5
for off in 86400 -86400; do
	# Who proves nothing by his Request hears of it once a second, by his address.
	lost 1.0.$last
	lease 1.0.$((++last)) 1.0.1
	export OFF=$off LD_PRELOAD=$D/off.so
	launch $NODE mipclientd node; node=$pid
	unset OFF LD_PRELOAD
	check "$off s: registered" until_true registered 10.1.0.$last
	said "asking again" "$D/node.log"
	check "with one Request more" node_is '.counters.requests == 2 and .counters.replies == 2'
	check "packets go both ways" until_true pings $NODE $FAR
	node register >/dev/null
	check "and from then on with none" node_is '.counters.requests == 3 and .last_code == 1'
	stop $node
	check "it leaves" bound '[]'
	check "nothing is left" nothing $NODE
done
ended
