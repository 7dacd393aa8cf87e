#!/bin/bash
# SPDX-License-Identifier: MIT
# Started as root, the daemons go on as a user of their own with two capabilities, and do all that they
# have to do: register, hand off, read their configuration again, follow interfaces and addresses that
# change, clean up; and what they have others do: hooks, a command that renews a lease, as that user, too.
# walk.sh's four networks, with a user mip that this test alone sees.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
# Its own /run/mip, /var/lib/mip and user database: those of this machine are not touched.
[ -n "${MIP_PRIVATE:-}" ] || exec env MIP_PRIVATE=1 unshare -m "$0" "$@"
. tests/netns/lib.sh
. tests/netns/walk.sh

. tests/netns/users.sh

no_supplicant() { end_with TERM "$radio" >/dev/null; rm -f "$D/wpa/radio0"; }
is() { [ "$2" = "$3" ] || { echo "$1: $2, wanted $3"; return 1; }; } # WHAT IS WANTED
dropped_to_two() { # PID
	local bad=0 t
	is "user: mip, no other" "$(of "$1" Uid)" "$ID $ID $ID $ID" || bad=1
	is "group: mip, and those that mip is in" "$(of "$1" Gid) $(of "$1" Groups | xargs -n1 | sort | xargs)" "$ID $ID $ID $ID $ID $((ID + 1))" || bad=1
	is "capabilities: two" "$(of "$1" CapPrm) $(of "$1" CapEff)" "$two $two" || bad=1
	is "none for whom it starts, none to be had" "$(of "$1" CapInh) $(of "$1" CapAmb) $(of "$1" CapBnd)" "$none $none $none" || bad=1
	is "no new privileges" "$(of "$1" NoNewPrivs)" 1 || bad=1
	for t in "/proc/$1/task"/*/status; do is "system calls: filtered, in each thread" "$(awk '/^Seccomp:/ {print $2}' "$t")" 2 || bad=1; done
	is "core dumps: none" "$(awk '/^Max core file size/ {print $5, $6}' "/proc/$1/limits")" "1 1" || bad=1
	is "memory: root's to read" "$(stat -c %u "/proc/$1/mem")" 0 || bad=1
	return $bad
}

echo "# agents"
agents
ha=$(pgrep -f "$B/mipagentd .*$D/ha.conf") fa1=$(pgrep -f "$B/mipagentd .*$D/fa1.conf") fa2=$(pgrep -f "$B/mipagentd .*$D/fa2.conf")
check "mipagentd: user mip, two capabilities, no more to be had, filtered, no core dumps" dropped_to_two "$fa1"
check "the run folder is mip's" [ "$(stat -c '%U %a' /run/mip)" = "mip 755" ]
check "the control socket is its group's" [ "$(stat -c '%U %G %a' /run/mip/ha.sock)" = "mip mip 660" ]
check "the state folder is mip's, and nobody else's" [ "$(stat -c '%U %a' /var/lib/mip)" = "mip 700" ]

echo "# a node"
H=$D/hooks.d
mkdir "$H" "$D/told"; chown mip "$D/told"; chmod 755 "$H"
program() { { echo '#!/bin/sh'; cat; } >"$1.new"; chmod 755 "$1.new"; mv "$1.new" "$1"; } # PATH < BODY
install -m 4755 "$(command -v id)" "$D/root-id" # for anybody, root's
tells() { # NAME: who it is that runs this, and what he may
	cat <<-END
		{ id -un; "$D/root-id" -un; grep -E '^(Uid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status; } >$D/told/.$1
		mv $D/told/.$1 $D/told/$1
	END
}
tells hook | program "$H/50-hook"
tells renew | program "$D/renew"
{ configure "renew = $D/renew IFNAME"; section Hooks "directory = $H" "time-limit = 60 s"; } >"$D/node.conf"
supplicant 1
for_group
check "the node starts" launch $NODE mipclientd node; node=$pid
check "mipclientd: user mip, two capabilities, no more to be had, filtered, no core dumps" dropped_to_two "$node"
check "it reaches the supplicant by its group, and registers" until_true settled 1
check "rp_filter is set without root" [ "$(ip netns exec $NODE cat /proc/sys/net/ipv4/conf/radio0/rp_filter)" = 2 ]
check "a handoff" goes_to 2
check "another one, back" goes_to 1
leases 1
check "to a network without an agent" goes_to 3
check "behind a NAT" goes_to 4
check "packets go both ways" until_true pings $NODE $OURS
no_leases
check "to an agent again" goes_to 1

echo "# what it has others do"
helper=$(helper_of "$node")
check "a helper is beside it: user mip" [ "$(of "$helper" Uid)" = "$ID $ID $ID $ID" ]
check "without a capability, none to be had" [ "$(of "$helper" CapPrm) $(of "$helper" CapEff) $(of "$helper" CapInh) $(of "$helper" CapAmb) $(of "$helper" CapBnd)" = "$none $none $none $none $none" ]
check "nor new privileges" [ "$(of "$helper" NoNewPrivs)" = 1 ]
check "of what the daemon has open, it has one socket" [ "$(find "/proc/$helper/fd" -type l -printf '%l\n' | sed 's/:.*//' | sort | xargs)" = "/dev/null /dev/null /dev/null anon_inode socket" ]
check "pidof finds the daemon alone" [ "$(ip netns pids $NODE | grep -xF "$(pidof mipclientd | tr ' ' '\n')")" = "$node" ]
gives 0 "the hooks' program makes others root" by stranger "$D/root-id" -un
said root
as_mip() { # NAME: what has told of itself
	local bad=0
	is "user" "$(sed -n 1p "$D/told/$1")" mip || bad=1
	is "whom a program makes it that makes others root" "$(sed -n 2p "$D/told/$1")" mip || bad=1
	is "capabilities, none to be had" "$(sed -n 's/^Cap[PEBA][a-z]*:.//p' "$D/told/$1" | sort -u)" $none || bad=1
	is "no new privileges, system calls as it likes" "$(sed -n 's/^\(NoNewPrivs\|Seccomp\):.//p' "$D/told/$1" | xargs)" "1 0" || bad=1
	return $bad
}
check "a hook was run" until_true test -e "$D/told/hook"
check "as user mip, without a capability, with no way to more" as_mip hook
check "so was the command that renews" until_true test -e "$D/told/renew"
check "as user mip, too, without a capability, with no way to more" as_mip renew
cp "$D/node.conf" "$D/first.conf"
chown mip "$D/node.key"
sed -i "s|^directory = .*|directory = /usr/bin|" "$D/node.conf"
gives 4 "another folder of hooks is not taken while it runs" node reload
said "[Hooks] directory or [Node] renew changed: restart mipclientd"
sed "s|^renew = .*|renew = /bin/true|" "$D/first.conf" >"$D/node.conf"
gives 4 "nor another command" node reload
said "[Hooks] directory or [Node] renew changed: restart mipclientd"
cp "$D/first.conf" "$D/node.conf"
chown root "$D/node.key"
program "$H/60-hangs" <<<'exec sleep 1000'
hung() { pgrep -f "^sleep 1000$" >"$D/sleepers" && ip netns pids $NODE | grep -qxFf "$D/sleepers"; }
check "a hook hangs" node power saving
check "for long" until_true hung
kill -KILL "$helper"
broken() { node_is '.problems | map(test("restart mipclientd")) | any'; }
check "where the helper is killed status says so" until_true broken
check "and the log" await "$D/node.log" "the process that runs hooks and [Node] renew, and looks names up, has ended"
check "handoffs go on" goes_to 2
check "hooks do not" await "$D/node.log" "hook 50-hook: cannot be run"
# shellcheck disable=SC2046 # a list
kill $(ip netns pids $NODE | grep -xFf "$D/sleepers")
stop "$node"; result $? "it ends with 0"
check "it starts again" launch $NODE mipclientd node; node=$pid
check "with a helper" until_true settled 2
check "a hook hangs" node power saving
check "for long" until_true hung
end_with KILL "$node"
check "where the daemon is killed both go" until_true not hung
check "the helper, too" until_true sh -c "! ip netns pids $NODE | xargs -I@ cat /proc/@/comm | grep -q mip-helper"
rm "$H/60-hangs"
check "it starts again" launch $NODE mipclientd node; node=$pid
check "and registers" until_true settled 2
check "a handoff" goes_to 1

echo "# what changes"
no_supplicant
check "the supplicant ends" await "$D/node.log" "trying again"
supplicant 1; for_group
check "another one is found" await "$D/node.log" "radio0 is there"
check "and the node is registered" until_true settled 1
no_supplicant
ip -n $NODE link del radio0; node status >/dev/null
check "the interface goes" await "$D/node.log" "radio0: is gone"
plug net1 $NODE radio0
supplicant 1; for_group
check "another one of the name is used, port 434 with it" within 20 settled 1
check "packets go both ways" until_true pings $NODE $OURS
ip -n $FA1 link set ln1 down; ip -n $FA1 link set ln1 up
check "an agent's link goes and comes" until_true agent fa1 status
chown mip "$D/agents.key"
gives 4 "a key that is root's alone is not read again" agent ha reload
check "it says what to do" await "$D/ha.log" "may not be read by user mip (do: chown mip $D/node.key)"
chown mip "$D/node.key"
check "an agent's reload" agent ha reload
check "reload" node reload

echo "# whose files"
chmod 600 "$D/node.conf"
gives 4 "a configuration that mip may not read is not read again" node reload
check "it says what to do" await "$D/node.log" "node.conf: may not be read by user mip (do: chown mip"
chown mip "$D/node.conf"
chown root "$D/node.key"
gives 4 "so is a key" node reload
check "it says what to do" await "$D/node.log" "may not be read by user mip (do: chown mip $D/node.key)"
chown mip "$D/node.key"
check "with both mip's it is" node reload
gives 0 "root takes them, too" "$B/mipclientd" -n -c "$D/node.conf"
chown 65534 "$D/node.key"
gives 78 "but nobody else's" "$B/mipclientd" -n -c "$D/node.conf"
said "node.key\" belongs to somebody else"
chown mip "$D/node.key"; chmod 640 "$D/node.key"
gives 78 "nor what a group reads" "$B/mipclientd" -n -c "$D/node.conf"
said "others than its owner may use it"
chmod 600 "$D/node.key"; mv "$D/node.key" "$D/real.key"; ln -s real.key "$D/node.key"
gives 78 "nor a symbolic link" "$B/mipclientd" -n -c "$D/node.conf"
said "is a symbolic link"
rm "$D/node.key"; cp -p "$D/real.key" "$D/node.key"
check "a node is added" "$B/mipagent" -S /run/mip/ha.sock -c "$D/ha.conf" node add phone
check "its files are mip's" [ "$(stat -c '%U %a' "$D/ha.conf.d" "$D/ha.conf.d/phone.key" | xargs)" = "mip 700 mip 600" ]
check "and known at once" sh -c "'$B/mipagent' -S /run/mip/ha.sock -c '$D/ha.conf' node list | grep -q phone"

echo "# the end"
stop "$node"; result $? "the node ends with 0"
check "nothing of it is left" nothing $NODE
check "its socket neither" [ ! -e /run/mip/node.sock ]
stop "$fa1"; result $? "an agent ends with 0"
check "nothing of it is left" nothing $FA1
[ "$(ip netns exec $NODE cat /proc/sys/net/ipv4/conf/radio0/rp_filter)" = 0 ]; result $? "the sysctls are as they were"
stop "$fa2"; stop "$ha"

echo "# other users"
gives 1 "one that is not there" ip netns exec $NODE "$B/mipclientd" -f -u nobody-of-that-name -c "$D/node.conf"
said "there is no user nobody-of-that-name here"
as=root
ip netns exec $NODE "$B/mipclientd" -f -u root -c "$D/node.conf" -S "$D/node.sock" 2>"$D/node.log" &
node=$!
check "root, where that is meant" await "$D/node.log" " is up: "
check "it is root" [ "$(of $node Uid)" = "0 0 0 0" ]
check "without new privileges, filtered, its memory root's to read" [ "$(of $node NoNewPrivs) $(of $node Seccomp) $(stat -c %u /proc/$node/mem)" = "1 2 0" ]
stop $node
without setuid
gives 1 "who may not become mip does not go on as root" ip netns exec $NODE "${rights[@]}" "$B/mipclientd" -f -c "$D/node.conf"
said "cannot become user mip"
check "nothing is left" nothing $NODE
ended
