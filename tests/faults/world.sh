# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: walk.sh's networks with a node that goes between the first two, its agents, all
# of them with shim.c in them; what is broken, and how one sees that nothing is.
# State files are on $D/WHO.disk, which may be full.
. tests/netns/walk.sh
WHO=(node fa1 fa2 ha)
declare -A SPACE=([node]=$NODE [fa1]=$FA1 [fa2]=$FA2 [ha]=$HA) pids
declare -A PROGRAM=([node]=mipclientd [fa1]=mipagentd [fa2]=mipagentd [ha]=mipagentd)

${CC:-gcc} -Wall -Wextra -O1 -shared -fPIC -o "$D/shim.so" tests/faults/shim.c -ldl || exit 2
mkdir "$D/node.disk" "$D/ha.disk" "$D/kept" /run/mip
for who in node ha; do mount -t tmpfs -o size=256k none "$D/$who.disk"; done
trap 'umount "$D"/*.disk; cleanup' EXIT
# What a killed home agent forgot it knows again when the node renews its binding: that must not take minutes.
{ section Daemon "state = $D/node.disk/node.state"; configure "lifetime = 30 s"; } >"$D/node.conf"
sed -i "/^\[Home\]/a state = $D/ha.disk/ha.state" "$D/ha.conf"

# ---- shim.c's numbers ----
CLOCK=0 COUNT=1 FAIL_AT=2 FAILED=3 ON=4
poke() { # WHO INDEX VALUE
	local v=$3 bytes= i
	for i in 1 2 3 4 5 6 7 8; do bytes+=$(printf '\\x%02x' $((v & 255))); v=$((v >> 8)); done
	# shellcheck disable=SC2059 # bytes
	printf "$bytes" | dd of="$D/$1.shim" bs=8 seek="$2" conv=notrunc status=none
}
peek() { od -An -td8 -j$((8 * $2)) -N8 "$D/$1.shim" | tr -d ' '; } # WHO INDEX
sound() { # [WHO]: all zero
	local who
	for who in ${1:-"${WHO[@]}"}; do dd if=/dev/zero of="$D/$who.shim" bs=40 count=1 conv=notrunc status=none; done
}
sound

# ---- daemons ----
rises() { # WHO
	local rc
	rights=(env "LD_PRELOAD=$D/shim.so" "SHIM=$D/$1.shim")
	launch "${SPACE[$1]}" "${PROGRAM[$1]}" "$1"; rc=$?
	rights=()
	pids[$1]=$pid
	return $rc
}
helper_of() { pgrep -P "${pids[node]}" | head -n 1; }
alive() { kill -0 "${pids[$1]}" 2>/dev/null; } # WHO
ended_with() { wait "${pids[$1]}" 2>/dev/null; } # WHO: its exit code
all_rise() { local who; for who in ha fa1 fa2 node; do rises $who || { complain "$D/$who.log"; return 1; }; done; }
all_stop() { # each ends well
	local who bad=0
	for who in node fa1 fa2 ha; do stop "${pids[$who]}" || { echo "$who: exit $?"; bad=1; }; done
	return $bad
}

# ---- what there is ----
state_of() { # NAMESPACE: what a daemon could leave behind in a host
	{
		ip -4 -n "$1" -o addr | sed -E 's/^[0-9]+: //; s/ *valid_lft.*//; s/\\.*//'
		ip -n "$1" -o link | sed -E 's/^[0-9]+: ([^:@]*).*/link \1/'
		ip -4 -n "$1" rule
		ip -4 -n "$1" route show table all
		ip -4 -n "$1" neigh show nud permanent
		ip -4 -n "$1" neigh show proxy
		ip netns exec "$1" nft list tables
	} | sed -E 's/ (linkdown|\[(unresolved|detached)\])//g; s/ *$//' | sort -u
}
descriptors() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; } # PID
all_descriptors() { # "WHO COUNT"; clients that have just gone are still being closed
	local who
	for who in "${WHO[@]}"; do echo "$who $(descriptors "${pids[$who]}")"; done | sort
}
where() { node --json status | jq -r '.bssid // "" | .[-1:]'; } # the network that it is in
names_left() { # files that nobody should find
	find "$D" /run/mip -name '*.new' -o -name '*.damaged'
	find /run/mip -name 'wpa_ctrl_*' ! -name "wpa_ctrl_${pids[node]:-none}-*"
}
notes() { # what is there while all is well, with the node in network 1, and in 2
	local who n
	for who in "${WHO[@]}"; do state_of "${SPACE[$who]}" >"$D/kept/$who.$(where)"; done
	all_descriptors >"$D/kept/fd.$(where)"
	for who in fa1 fa2 ha; do sort -u "$D/kept/$who".[12] >"$D/kept/$who" 2>/dev/null; done
	for n in 1 2; do cp "$D/kept/node.$n" "$D/kept/node" 2>/dev/null; done
	sort -u "$D/kept"/fd.[12] 2>/dev/null | sort -k1,1 -k2,2nr | sort -u -k1,1 >"$D/kept/fd"
}
# Nothing more than there was: an agent may have forgotten a visitor, but the node has all that is its own.
tidy() {
	local who bad=0 at
	at=$(where)
	for who in "${WHO[@]}"; do
		state_of "${SPACE[$who]}" >"$D/now.$who"
		if [ "$who" = node ]; then
			diff "$D/kept/node.$at" "$D/now.node" || bad=1
		else
			comm -13 "$D/kept/$who" "$D/now.$who" | sed "s/^/$who has: /" | grep . && bad=1
		fi
	done
	all_descriptors | join "$D/kept/fd" - | awk '$3 > $2 { print $1 ": " $3 " descriptors, it had " $2; bad = 1 } END { exit bad }' || bad=1
	[ -z "$(names_left)" ] || { names_left; bad=1; }
	return $bad
}
tidied() { within 20 tidy || tidy; } # what is in the way goes, or is said
pristine() { # as before there was any daemon
	local who bad=0
	for who in "${WHO[@]}"; do state_of "${SPACE[$who]}" | diff "$D/kept/$who.before" - || bad=1; done
	pids=()
	[ -z "$(names_left)" ] || { names_left; bad=1; }
	[ -z "$(ls "$D"/*.sock 2>/dev/null)" ] || { ls "$D"/*.sock; bad=1; }
	return $bad
}

serves() { # registered, and packets go both ways, whoever begins
	node_is '.state == "registered" and .uplink.path != "held"' &&
		ip netns exec $NODE ping -q -c 1 -W 0.5 $FAR && ip netns exec $CN ping -q -c 1 -W 0.5 -I $FAR 10.99.0.5
}
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# ---- the world, up ----
world_rises() {
	local who
	ip netns exec $NODE true
	supplicant 1
	for who in "${WHO[@]}"; do state_of "${SPACE[$who]}" >"$D/kept/$who.before"; done
	check "all daemons start" all_rise
	check "packets go both ways" within 10 serves
	check "a handoff" goes_to 2
	check "and back" goes_to 1
	within 10 serves; notes
	check "a handoff" goes_to 2
	within 10 serves; notes
	check "all is tidy" tidied
}
