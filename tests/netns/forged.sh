#!/bin/bash
# SPDX-License-Identifier: MIT
# A node, its foreign agent and its home agent, all real; a stranger (stranger.py) on their link and on
# their backbone sends what is forged, recorded, cut short, too long, unasked.  Each is counted by its
# reason and by no other, changes nothing, and is answered once a second at most.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

# ---- a hub for the backbone, a hub for the link: everybody hears everything ----
port() { # NAMESPACE INTERFACE HUB [ADDRESS [NAME]]: plugged in; its MAC address is written down
	plug "$3" "$1" "$2" "$4"
	echo "${5:-$2} $(mac "$1" "$2")" >>"$D/macs"
}
new_space HA FA NODE EV SW
bridges back air
for hub in back air; do ip -n $SW link set $hub type bridge ageing_time 0; done
port $HA ha0 back 192.0.2.1/24 ha
port $FA fa0 back 192.0.2.7/24 fa
port $EV e0 back 192.0.2.66/24
port $FA ln0 air 10.1.0.1/24
port $NODE radio0 air "" node
port $EV e1 air 10.1.0.66/24
ip -n $EV route add 10.99.0.0/24 via 192.0.2.1

for k in link peer; do new_key "$D/$k.key"; done
{ ha_conf; section "Agent $CARE_OF" "key-file = peer.key"; } >"$D/ha.conf"
{
	fa_conf
	section "Node $HOME_ADDR" "key-file = link.key"
	section "Agent $HA_ADDR" "key-file = peer.key"
} >"$D/fa.conf"
{
	node_conf
	section "Agent $CARE_OF" "key-file = link.key"
	section Buffer "uplink = 4 packets, 64 KiB"
} >"$D/node.conf"

# ---- what is counted, what is known ----
counts() { # "WHO.REASON COUNT" of all three
	{ agent ha --json drops; agent fa --json drops; node --json status; } | jq -rs '
		(.[0].drops[] | "ha.\(.reason) \(.count)"), (.[1].drops[] | "fa.\(.reason) \(.count)"),
		(.[2].drops | to_entries[] | select(.value > 0) | "node.\(.key) \(.value)")'
}
state() { # what a forged message would change; not what time changes
	{ agent ha --json bindings; agent fa --json visitors; agent fa --json buffers; node --json status; } | jq -cs '
		([.[0].bindings[], .[1].visitors[]] | .[] | del(.expires_in_s, .packets_to_node, .packets_from_node)),
		.[2].buffers,
		(.[3] | [.state, .attached, .agent, .care_of, .home_agent, .lifetime_s, .uplink.path, .last_handoff])'
	for ns in $HA $FA $NODE; do traces $ns; done
}
growth() { # since $D/before: "WHO.REASON=HOW-MANY", sorted
	counts >"$D/counts"
	awk 'NR == FNR { old[$1] = $2; next } $2 > old[$1] { print $1 "=" $2 - old[$1] }' "$D/before" "$D/counts" | sort
}
grown() { growth >"$D/growth"; cmp -s "$D/wanted" "$D/growth"; }
answered() { [ "$1" -ge "${3:-0}" ] && [ "$1" -le "$2" ]; } # HOW-OFTEN AT-MOST [AT-LEAST]

does() { # WHAT: of the stranger; $heard: how many he sent, and how many were answered
	echo "$1" >&"${EVIL[1]}"
	read -r -t 30 heard <&"${EVIL[0]}"
}

# WHO.REASON=N where N is a number, `sent`, or `silent`: what was sent and not answered.
stranger() { # NAME ANSWERS-AT-MOST[-AT-LEAST] WHAT WHO.REASON=N...
	local name=$1 most=${2%-*} least=${2#*-} what=$3 sent answers w
	shift 3
	[ "$least" != "$most" ] || least=0
	does "$what"
	read -r sent answers <<<"$heard"
	for w; do
		w=${w/=sent/=$sent}
		w=${w/=silent/=$((sent - answers))}
		[ "${w#*=}" = 0 ] || echo "$w"
	done | sort >"$D/wanted"
	check "$name: counted" until_true grown
	diff "$D/wanted" "$D/growth" | sed 's/^/# /'
	mv "$D/counts" "$D/before"
	check "$name: answered $answers times of $sent" answered "$answers" "$most" "$least"
	state >"$D/state.after"
	check "$name: nothing changed" diff "$D/state" "$D/state.after"
}

# ---- they start; what the node's programs say meanwhile waits, and is too much ----
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
check "the node starts" launch $NODE mipclientd node
ip netns exec $NODE bash -c 'for i in 1 2 3 4 5 6 7; do echo hello >/dev/udp/203.0.113.9/9; done'
held() { node_is '.uplink.queued == 4 and .drops["uplink-full"] == 3 and .uplink.dropped == 3'; }
check "what does not fit into the uplink queue is counted" until_true held
ip netns exec $EV tests/netns/stranger.py record "$D/record" >"$D/recorder" &
await "$D/recorder" ready
coproc EVIL { exec ip netns exec $EV tests/netns/stranger.py does "$D"; }
radio
check "the node registers" await "$D/node.log" "registered through 10.1.0.1"
settled() { [ "$(node --json status | jq -r .uplink.path)" = agent ] && grep -q "^$(sed -n 's/^ln0 //p' "$D/macs" | tr -d :)" "$D/record"; }
check "and its uplink is open" until_true settled
[ $failed -eq 0 ] || { complain "$D/node.log"; ended; exit 1; }
state >"$D/state"
counts >"$D/before"
said 10.99.0.5 "$D/state"

echo "# to the home agent"
stranger "forged" 3-2 "ha-forged 2.2" ha.bad-auth=sent
stranger "unknown SPI" 0 ha-unknown-spi ha.no-key=sent
stranger "unknown node" 0 ha-unknown-node ha.no-key=sent
stranger "unsigned" 0 ha-unsigned ha.no-auth=sent
stranger "in the agent's name, without its key" 0 ha-bad-agent ha.bad-auth=sent
stranger "old" 1 ha-old ha.replay=sent
stranger "ahead of time" 1 "ha-old 3600" ha.stale=1 ha.replay=19
stranger "recorded" 0 ha-recorded ha.replay=sent fa.unmatched=sent
stranger "cut short" 0 ha-cut ha.short=61 ha.no-auth=1
stranger "too long" 0 ha-long ha.malformed=sent
stranger "of another type" 0 ha-other-types ha.type=sent
stranger "tunnelled from elsewhere" 0 ha-tunnel ha.outer-source=sent

echo "# to the foreign agent"
stranger "forged" 3-2 "fa-forged 2.2" fa.bad-auth=sent fa.rate=silent
stranger "unknown SPI" 1 fa-unknown-spi fa.bad-auth=sent fa.rate=silent
stranger "unsigned" 1 fa-unsigned fa.no-auth=sent fa.rate=silent
stranger "recorded, another station" 0 fa-copied fa.replay=sent
stranger "recorded, the same station" 0 fa-recorded ha.replay=sent node.unmatched=sent
stranger "cut short" 0 fa-cut fa.short=sent
stranger "wrong checksum" 0 fa-checksum fa.udp-checksum=sent
stranger "a Reply that nobody asked for" 0 fa-reply-unasked fa.unmatched=sent
stranger "tunnelled from elsewhere" 0 fa-tunnel fa.outer-source=sent
stranger "tunnelled to nobody" 0 fa-tunnel-unknown fa.not-visitor=sent
stranger "a forged marker" 0 fa-marker fa.bad-auth=sent
stranger "a marker outside of the tunnel" 0 fa-marker-outside fa.type=sent

echo "# orders"
stranger "forged" 3-2 "order-forged 2.2" fa.bad-auth=sent
stranger "to the home agent" 1 order-home-forged ha.bad-auth=sent
stranger "unknown SPI" 1 order-unknown-spi fa.no-key=sent
stranger "unsigned" 0 order-unsigned fa.no-auth=sent
stranger "old" 11 order-old fa.replay=20
stranger "ahead of time" 11 "order-old 3600" fa.stale=20
stranger "recorded" 10 order-recorded fa.rate=silent
stranger "cut short" 0 order-cut fa.short=61 fa.no-auth=1
stranger "too long" 0 order-long fa.malformed=sent
stranger "for another agent" 1 order-not-mine fa.not-mine=sent
stranger "to a third party" 1 order-care-of fa.care-of=sent
stranger "a Reply that nobody asked for" 0 order-reply-unasked fa.unmatched=sent

echo "# to the node"
stranger "a Reply that it did not ask for" 0 node-unasked node.unmatched=sent
stranger "recorded" 0 node-recorded node.unmatched=sent
stranger "for another node" 0 node-not-mine node.not-mine=sent
stranger "cut short" 0 node-cut node.short=sent
stranger "wrong checksum" 0 node-checksum node.udp-checksum=sent
stranger "of another type" 0 node-type node.type=sent
stranger "a forged answer to an order" 0 node-order-forged node.bad-auth=sent
stranger "an unsigned one" 0 node-order-unsigned node.no-auth=sent
stranger "one of an unknown agent" 0 node-order-no-key node.no-key=sent
stranger "one that it did not ask for" 0 node-order-unasked node.unmatched=sent

echo "# before the home agent's own word, which comes and is believed"
echo "$ha" >"$D/ha.pid"
stranger "forged" 0 node-forged node.bad-auth=sent
stranger "unsigned" 0 node-unsigned node.no-auth=sent
# The node hears of these from its agent: code 68.
stranger "forged, to the agent" 1 fa-reply-forged fa.bad-auth=sent fa.rate=silent
stranger "unsigned, to the agent" 1 fa-reply-unsigned fa.no-auth=sent fa.rate=silent
stranger "from elsewhere, to the agent" 0 fa-reply-elsewhere fa.unmatched=sent
asks_again() { node register && node_is '.lifetime_s > 0 and .expires_s > .lifetime_s - 5'; }
check "the node registers again" until_true asks_again

echo "# larger than the path"
ip -n $HA route add 192.0.2.7/32 dev ha0 mtu 1400
too_big() { ip netns exec $EV ping -c 1 -W 2 -M 'do' -s 1420 10.99.0.5; }
too_big >"$D/out" 2>&1
said "mtu = 1380"
echo "ha.too-big=1" >"$D/wanted"
check "the packet is counted" until_true grown

echo "# what came first is handled first"
stop "$fa"
kill -STOP "$ha" # nobody registers before the stranger is there
printf '[Buffer]\nenabled = no\n' >>"$D/fa.conf"
check "an agent that keeps nothing starts" launch $FA mipagentd fa; echo "$pid" >"$D/fa.pid"
does arrival
echo "$heard" >"$D/out"
said "got [1, 2, 3]"
not_visitor() { [ "$(dropped fa not-visitor)" = 1 ]; }
check "and the one before the Registration Reply is counted" until_true not_visitor

ended
