#!/bin/bash
# SPDX-License-Identifier: MIT
# Where keys are: in the daemons' memory, locked, and nowhere else in it, not as digits, not in the helper, not
# when there are others; and which files are not taken for keys.
#   node radio0 -- foreign agent 10.1.0.1 -- home agent 192.0.2.1
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${MIP_PRIVATE:-}" ] || exec env MIP_PRIVATE=1 unshare -m "$0" "$@"
. tests/netns/lib.sh
. tests/netns/users.sh

new_space HA FA NODE
cable $HA ha0 192.0.2.1/24 $FA fa0 192.0.2.7/24
cable $FA ln0 10.1.0.1/24 $NODE radio0
{ ha_conf; knows_agent 192.0.2.7; } >"$D/ha.conf"
{ fa_conf; knows_agent $HA_ADDR; section "Node $HOME_ADDR" "key-file = visitor.key"; } >"$D/fa.conf"
new_key "$D/visitor.key"
{ node_conf; section "Agent 10.1.0.1" "key-file = visitor.key"; } >"$D/node.conf"
chown mip "$D"/*.key
check "the home agent starts" launch $HA mipagentd ha; ha=$pid
check "the foreign agent starts" launch $FA mipagentd fa; fa=$pid
radio 02:00:00:00:00:00
for_group
check "the node starts" launch $NODE mipclientd node; node=$pid
registered() { node_is '.state == "registered"'; }
check "it registers" until_true registered

copies() { tests/netns/secrets.py "$1" "$2"; } # PID HEXDIGITS
kept() { # PID HEXDIGITS: it has it, as bytes, in locked memory alone
	copies "$1" "$2" | tee "$D/copies" | awk '{n++} $1 != "bytes" || $NF != "locked" {bad = 1} END {exit bad || !n}' || { cat "$D/copies"; return 1; }
}
free_of() { # PID HEXDIGITS
	copies "$1" "$2" >"$D/copies" && [ ! -s "$D/copies" ] || { cat "$D/copies"; return 1; }
}
key() { cat "$D/$1.key"; }
all_kept() {
	check "the home agent: the node's key" kept "$ha" "$(key node)"
	check "the home agent: the foreign agent's" kept "$ha" "$(key agents)"
	check "the foreign agent: the home agent's" kept "$fa" "$(key agents)"
	check "the foreign agent: the node's" kept "$fa" "$(key visitor)"
	check "the node: the home agent's" kept "$node" "$(key node)"
	check "the node: the foreign agent's" kept "$node" "$(key visitor)"
}
echo "# locked"
all_kept
check "the foreign agent has nothing of the node's and the home agent's" free_of "$fa" "$(key node)"
for k in node visitor; do check "the helper has none: $k" free_of "$(helper_of "$node")" "$(key $k)"; done

echo "# other keys"
for k in node agents visitor; do cp "$D/$k.key" "$D/$k.old"; new_key "$D/$k.key"; chown mip "$D/$k.key"; done
check "the home agent reads them" agent ha reload
check "the foreign agent, too" agent fa reload
check "and the node" node reload
check "it registers with them" node register
all_kept
for k in node agents; do check "the home agent has the old ones no more: $k" free_of "$ha" "$(cat "$D/$k.old")"; done
for k in agents visitor; do check "nor the foreign agent: $k" free_of "$fa" "$(cat "$D/$k.old")"; done
for k in node visitor; do check "nor the node: $k" free_of "$node" "$(cat "$D/$k.old")"; done
echo "nonsense" >>"$D/node.conf"
gives 4 "errors while they are read" node reload
sed -i '$d' "$D/node.conf"
check "leave nothing" kept "$node" "$(key node)"

echo "# a key in the configuration itself"
stop "$node"
sed -i "s/^key-file = node.key/key = $(key node)/" "$D/node.conf"
chmod 600 "$D/node.conf"; chown mip "$D/node.conf"
check "the node starts" launch $NODE mipclientd node; node=$pid
check "it registers" until_true registered
check "the key, but not the digits" kept "$node" "$(key node)"
check "the helper has none" free_of "$(helper_of "$node")" "$(key node)"
check "reload" node reload
check "no more of it then" kept "$node" "$(key node)"
stop "$node"

echo "# where nothing may be locked"
unlocked() {
	: >"$D/node.log"
	ip netns exec $NODE prlimit --memlock=0 setpriv --reuid=mip --regid=mip --init-groups --inh-caps=+net_admin,+net_raw,+net_bind_service \
		--ambient-caps=+net_admin,+net_raw,+net_bind_service "$B/mipclientd" -f -c "$D/node.conf" -S /run/mip/node.sock 2>>"$D/node.log" &
	node=$!
	await "$D/node.log" " is up: " $node
}
chown -R mip /run/mip
mknod -m 666 "$D/tun" c 10 200 && mount --bind "$D/tun" /dev/net/tun # as udev has it
check "it runs" unlocked
check "as user mip from the beginning, with two capabilities" [ "$(of "$node" Uid | cut -d' ' -f1) $(of "$node" CapPrm) $(of "$node" NoNewPrivs) $(of "$node" Seccomp)" = "$ID $two 1 2" ]
said "memory with keys may be written to a swap device: mlock: " "$D/node.log"
check "and registers" until_true registered
check "its memory is root's to read" [ "$(stat -c %u "/proc/$node/mem")" = 0 ]
stop "$node"

echo "# folders"
chmod 757 "$D"
gives 78 "others may put another file in a key's place" "$B/mipclientd" -n -c "$D/node.conf"
said "[Node] key: this file stands in a folder of mode 0757, where others may put another one in its place (do: chmod go-w $D)"
gives 78 "a key file's" "$B/mipagentd" -n -c "$D/ha.conf"
said "key-file: \"node.key\" stands in a folder of mode 0757"
chmod 711 "$D"; chown stranger "$D"
gives 78 "somebody else's folder" "$B/mipagentd" -n -c "$D/ha.conf"
said "stands in a folder that belongs to somebody else (do: chown root $D)"
chown root "$D"
check "and the right one is taken" "$B/mipagentd" -n -c "$D/ha.conf"
cat "$D"/*.log >"$D/logs"
cat "$D"/*.key "$D"/*.old | fold -w 64 >"$D/keys"
check "no key stands in a log" not grep -qFf "$D/keys" "$D/logs"
ended
