# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by lib.sh: networks of namespaces, configuration files for the usual addresses, what a test asks
# the daemons, and the streams that judge a handoff.

# ---- networks ----
cable() { # NAMESPACE INTERFACE ADDRESS NAMESPACE INTERFACE [ADDRESS]: both ends up; "": no address
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	[ -z "$3" ] || ip -n "$1" addr add "$3" dev "$2"
	[ -z "$6" ] || ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
bridges() { # NAME...: in the namespace $SW
	local name
	for name; do
		ip -n "$SW" link add "$name" type bridge mcast_snooping 0
		ip -n "$SW" link set "$name" up
	done
}
plug() { # BRIDGE NAMESPACE INTERFACE [ADDRESS]: a cable to one of them, port p-INTERFACE there
	cable "$2" "$3" "$4" "$SW" "p-$3"
	ip -n "$SW" link set "p-$3" master "$1"
}
mac() { ip -n "$1" -br link show "$2" | awk '{ print $3 }'; } # NAMESPACE INTERFACE
forwards() { ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1; } # NAMESPACE: it is a router
masquerades() { # NAMESPACE INTERFACE: a router whose own address is on all that goes out there
	forwards "$1"
	ip netns exec "$1" nft -f - <<-END
		table ip nat {
			chain post { type nat hook postrouting priority srcnat; oifname "$2" masquerade; }
		}
	END
}
came() { ip -n "$1" -j -s link show "$2" | jq '.[0].stats64.rx.packets'; } # NAMESPACE INTERFACE: packets
pings() { ip netns exec "$1" ping -c 1 -W 2 "${@:3}" "$2"; } # NAMESPACE ADDRESS [OPTION...]: it answers
# A radio that is a cable: $D/port BSSID moves p-$RADIO of $SW into the bridge of that access point; where
# $D/dhcp is there, it does what a DHCP client would: .5 of the network, if it has one, the way out by .1.
access_points() { # "BSSID BRIDGE [NETWORK]"...
	printf '%s\n' "$@" >"$D/places"
	cat >"$D/port" <<-END
		#!/bin/sh
		set -- \$(grep "^\$1 " $D/places)
		ip -n $SW link set p-$RADIO master \$2 || exit 1
		[ -e $D/dhcp ] || exit 0
		[ -z "\$3" ] || ip -n $NODE addr replace \$3.5/24 dev $RADIO
		while read -r _ _ old; do
			[ -z "\$old" ] || [ "\$old" = "\$3" ] || ip -n $NODE addr del \$old.5/24 dev $RADIO 2>/dev/null
		done <$D/places
		[ -z "\$3" ] || exec ip -n $NODE route replace default via \$3.1 dev $RADIO
	END
	chmod +x "$D/port"
}
# What says of the radio that it is at an access point, before a node starts, or it looks again after a
# second; with more than one it moves it: $D/port.  Sets $radio.
radio() { # [BSSID [OTHER...]]
	local there=("${1:-02:00:00:00:00:00}")
	[ $# -lt 2 ] || there+=("$D/port" "${@:2}")
	tests/netns/supplicant.py "$WPA/$RADIO" "${there[@]}" &
	# shellcheck disable=SC2034 # for the caller
	radio=$!
	until_true test -S "$WPA/$RADIO"
}

# ---- configuration files; the usual addresses, which a test may set anew before it writes them ----
HA_ADDR=192.0.2.1 HOME_NET=10.99.0.0/24 HOME_ADDR=10.99.0.5 # the home agent, its network, the node
CARE_OF=192.0.2.7 LINKS=ln0 # a foreign agent
RADIO=radio0 WPA=$D/wpa # the node's, and where the supplicant says where that is
# shellcheck disable=SC2034 # for the caller
FAR=203.0.113.9 # a correspondent
for name in node agents; do new_key "$D/$name.key"; done

section() { printf '%s\n' "[$1]" "${@:2}"; } # NAME LINE...
ha_conf() { # [LINE...]: of [Home]
	section Home "address = $HA_ADDR" "network = $HOME_NET" "$@"
	section "Node $HOME_ADDR" "key-file = node.key"
}
fa_conf() { section Foreign "care-of = $CARE_OF" "interface = $LINKS" "$@"; } # [LINE...]: of [Foreign]
knows_agent() { section "Agent $1" "key-file = agents.key"; } # ADDRESS
radio_conf() { # what follows is of [Radio]
	section Supplicant "control = $WPA"
	section Radio "interface = $RADIO"
}
node_conf() { # [LINE...]: of [Node]; what follows is of [Radio]
	section Node "home-address = $HOME_ADDR" "home-agent = $HA_ADDR" "key-file = node.key" "$@"
	radio_conf
}

# Of the one JSON value there: nobody's answer is none, which jq -e alone takes for true.
holds() { jq -se "length == 1 and (.[0] | $1)" ${2:+"$2"}; } # CONDITION [FILE]

# ---- what the daemons say: NODE is $D/node.sock, an agent $D/NAME.sock ----
node() { "$B/mipclient" -S "$D/node.sock" "$@"; } # COMMAND...
node_is() { node --json status | holds "$1"; } # CONDITION: of its status
agent() { "$B/mipagent" -S "$D/$1.sock" "${@:2}"; } # NAME COMMAND...
agent_is() { agent "$1" --json "$2" | holds "$3"; } # NAME COMMAND CONDITION
counter() { agent "$1" --json status | jq ".counters[\"$2\"]"; } # NAME COUNTER
dropped() { agent "$1" --json drops | jq "[.drops[] | select(.reason == \"$2\").count] | add // 0"; } # NAME REASON
# The node has gone there: by its own word, and then as it says itself.
is_at() { node_is ".bssid == \"$1\" and (.state == \"registered\" or .state == \"at-home\")"; } # BSSID
moves() { node --json handoff "$1" && until_true is_at "$1"; } # BSSID

# ---- streams: 500 packets a second each way, one end in each of two namespaces ----
declare -A flow # NAME: its process
flow() { # NAMESPACE LOCAL PEER NAME: one end, named after what it receives
	ip netns exec "$1" "$B/stream" udp "$2" "$3" 500 200 "$D/$4.log" >"$D/$4.json" &
	flow[$4]=$!
}
flows() { [ "$(grep -c "^r " "$D/$1.log" 2>/dev/null)" -gt "${2:-50}" ]; } # NAME [PACKETS]: more than that came
flows_on() { until_true flows "$1" $(($(grep -c "^r " "$D/$1.log") + ${2:-100})); } # NAME [PACKETS]: more come
streams() { # NAMESPACE ADDRESS: cn is the end there, node is $NODE's, by the home address; both hear
	flow "$1" "$2:5000" "$HOME_ADDR:5000" cn
	flow "$NODE" "$HOME_ADDR:5000" "$2:5000" node
	until_true flows cn 0 && until_true flows node 0
}
end_flows() { # NAME...: they end together, and show what each has got
	local name
	for name; do kill "${flow[$name]}"; done
	for name; do
		wait "${flow[$name]}"
		sed 's/^/# /' "$D/$name.json"
	done
}
whole() { # NAME [MORE-THAN]: all that the other side sent, once and in order
	holds ".complete and .received == .peer_sent and .received > ${2:-300}
		and .lost + .duplicated + .reordered == 0" "$D/$1.json" && return
	cat "$D/$1.json"; return 1
}
nat_port() { # PORT: that of $NAT on its interface pub, for UDP
	ip netns exec $NAT nft -f - <<-END
		table ip nat
		delete table ip nat
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname "pub" meta l4proto udp masquerade to :$1
				oifname "pub" masquerade
			}
		}
	END
}
