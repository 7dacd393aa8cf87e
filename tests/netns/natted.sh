# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: a co-located node (natnode.py) behind a NAT, and what is before that.
#   node 192.168.1.23 -- 192.168.1.1 NAT 192.0.2.9 -- back -- home agent 192.0.2.1, EV 192.0.2.66
# EV is the correspondent and the stranger.
new_space SW HA NAT NODE EV
bridges back
plug back $HA ha0 192.0.2.1/24
plug back $NAT pub 192.0.2.9/24
plug back $EV e0 192.0.2.66/24
cable $NODE lan0 192.168.1.23/24 $NAT lan 192.168.1.1/24
ip -n $NODE route add default via 192.168.1.1
ip -n $EV route add 10.99.0.0/16 via 192.0.2.1
forwards $NAT
nat_port 40000

begin_natnode() { # 0: it takes commands
	ip netns exec $EV tests/netns/natnode.py hear >>"$D/heard" &
	await "$D/heard" ready
	coproc N { exec ip netns exec $NODE tests/netns/natnode.py node "$D"; }
	hears && [ "$answer" = ready ]
}
hears() { read -r -t 10 answer <&"${N[0]}"; } # $answer
tells() { echo "$*" >&"${N[1]}"; } # COMMAND...: does not wait for the answer
asks() { tells "$@"; hears; } # COMMAND...: $answer
does() { # ANSWER COMMAND...: of the node's
	local wanted=$1; shift
	asks "$@"
	[ "$answer" = "$wanted" ] || { echo "it says: $answer"; return 1; }
}
send() { ip netns exec $EV tests/netns/natnode.py send "$1"; } # COUNT: packets to the node
heard() { [ "$(grep -c '^10.99.0.5 ' "$D/heard")" = "$1" ] && sort -c -n -k2 "$D/heard"; } # COUNT: of the node's, in order
spoof() { ip netns exec $EV tests/netns/natnode.py spoof "$1" "$2" "$D"; } # WHAT PORT
