#!/bin/bash
# SPDX-License-Identifier: MIT
# WireGuard above Mobile IP: the peer knows the laptop by its home address, which does not change; what is
# inside is whole over every handoff.  Then with wg-quick's default route, begun before and behind us.
# WireGuard is the kernel's where it has one, else wireguard-go.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/netns/walk.sh
OFFICE=office$$ LAPTOP=laptop$$ # devices; wireguard-go's sockets are named after them
trap 'ip netns exec $NODE wg-quick down "$D/$LAPTOP.conf" 2>/dev/null; cleanup' EXIT

device() { # NAMESPACE NAME ADDRESS
	local go
	if ! ip -n "$1" link add "$2" type wireguard 2>/dev/null; then
		in_kernel=false
		ip netns exec "$1" wireguard-go -f "$2" >"$D/$2.log" 2>&1 & go=$!
		until_true ip -n "$1" link show "$2" || { kill $go; return 1; }
		until_true test -S "/var/run/wireguard/$2.sock"
	fi
	ip netns exec "$1" wg setconf "$2" "$D/$2.wg" &&
		ip -n "$1" addr add "$3" dev "$2" && ip -n "$1" link set "$2" mtu 1380 up
}
in_kernel=true
umask 077
wg genkey >"$D/office.key"
wg genkey >"$D/laptop.key"
peers() { # OWN PEER INSIDE ENDPOINT: a configuration
	cat <<-END
		[Interface]
		PrivateKey = $(cat "$D/$1.key")
		ListenPort = 51820
		[Peer]
		PublicKey = $(wg pubkey <"$D/$2.key")
		AllowedIPs = $3
		Endpoint = $4:51820
	END
}
peers office laptop 10.8.0.2/32 $HOME_ADDR >"$D/$OFFICE.wg"
peers laptop office 10.8.0.0/24 $OURS >"$D/$LAPTOP.wg"
# wg-quick's: everything into it
sed -e 's|10.8.0.0/24|0.0.0.0/0|' -e '/ListenPort/a Address = 10.8.0.2/24\nMTU = 1380' "$D/$LAPTOP.wg" >"$D/$LAPTOP.conf"
ip netns exec $CN tests/netns/whoami.py answer $OTHER >"$D/whoami" &
await "$D/whoami" ready

seen() { # AS: what is beyond sees the laptop so
	local got
	got=$(ip netns exec $NODE tests/netns/whoami.py ask $OTHER)
	[ "$got" = "$1" ] || { echo "$got"; return 1; }
}
endpoint() { ip netns exec $CN wg show $OFFICE endpoints | awk '{ print $2 }'; } # the laptop's
same() { endpoint >>"$D/endpoints"; [ "$(endpoint)" = "$HOME_ADDR:51820" ]; }
tunnelled_walk() { # NETWORK...: the stream goes on inside, from the same endpoint
	local n
	for n; do walks node "$n" && same || { endpoint; return 1; }; done
}
begin() {
	ip netns exec $NODE ping -c 1 -W 9 10.8.0.1 >/dev/null # one end alone begins: two may wait for each other
	flow $NODE 10.8.0.2:5000 10.8.0.1:5000 node
	flow $CN 10.8.0.1:5000 10.8.0.2:5000 cn
	until_true flows node
}
finish() {
	end_flows node cn
	check "all that was sent inside to the node arrived, once and in order" whole node
	if $in_kernel; then
		check "the other way, too" whole cn
	else # mipclientd(8), CAVEATS: wireguard-go names the interface that it sends by
		check "the other way once and in order" holds '.complete and .received > 300 and .duplicated + .reordered == 0' "$D/cn.json"
	fi
}
quick() { ip netns exec $NODE wg-quick "$1" "$D/$LAPTOP.conf"; } # up, down
start() { launch $NODE mipclientd node; node=$pid; until_true settled 1; }

configure "" >"$D/node.conf"
agents
check "the peer has WireGuard" device $CN $OFFICE 10.8.0.1/24
leases 1
supplicant 1
check "the node registers" start

echo "# some networks inside"
check "the node has WireGuard" device $NODE $LAPTOP 10.8.0.2/24
check "a stream inside" begin
check "the peer knows it by the home address" same
check "over six handoffs, that stays" tunnelled_walk 2 3 4 3 2 1
finish
ip -n $NODE link del $LAPTOP

echo "# everything inside, by wg-quick: begun behind us"
stop $node
configure "destinations = $OURS/32" >"$D/node.conf"
check "the node starts" start
check "wg-quick up" quick up
check "what is beyond sees the address inside" until_true seen 10.8.0.2
check "a stream inside" begin
check "over four handoffs, from the home address" tunnelled_walk 2 3 4 1
check "still inside" seen 10.8.0.2
finish
no_leases
check "also where the link gives no address" until_true seen 10.8.0.2
leases 1

echo "# everything inside, by wg-quick: begun before us"
stop $node
quick down 2>/dev/null
check "wg-quick up" quick up
check "without us WireGuard has the link's address" until_true seen 10.8.0.2
not_home() { [ "$(endpoint)" = 10.1.0.5:51820 ]; }
check "as the peer sees" not_home
check "the node starts" start
ip netns exec $NODE wg set $LAPTOP peer "$(wg pubkey <"$D/office.key")" endpoint $OURS:51820
check "told its peer again" seen 10.8.0.2
check "it has the home address" same
check "a stream inside" begin
check "over four handoffs, from the home address" tunnelled_walk 2 3 4 1
check "what is beyond sees the address inside" seen 10.8.0.2
finish

echo "# everything in both"
configure "" >"$D/node.conf"
check "everything through the home agent, begun behind wg-quick" node reload
check "goes outside of WireGuard: the manual warns" seen $HOME_ADDR
quick down 2>/dev/null
check "wg-quick, begun behind it" quick up
check "goes first" until_true seen 10.8.0.2
check "from the home address" same
quick down 2>/dev/null
stop $node
check "nothing is left" nothing $NODE
ended
