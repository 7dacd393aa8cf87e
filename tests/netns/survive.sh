#!/bin/bash
# SPDX-License-Identifier: MIT
# A home agent that is killed and started again: a co-located node behind a NAT (natnode.py) does not
# notice; state files that are not believed, disks that take none; and all nodes at once.
# Needs root.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh

S=$D/kept/state # its folder is not there yet
trap 'umount "$D/full" "$D/ro" 2>/dev/null; cleanup' EXIT
. tests/netns/natted.sh

conf() { # NETWORK NODE STATE
	cat <<-END
		[Home]
		address = 192.0.2.1
		network = $1
		state = $3
		[Node $2]
		key-file = node.key
	END
}
conf 10.99.0.0/24 10.99.0.5 "$S" >"$D/ha.conf"
cp "$D/ha.conf" "$D/first.conf"

status() { agent_is ha status "$1"; } # CONDITION
udp() { agent_is ha bindings ".bindings[0].udp == \"$1\""; }
REGISTERED="code=1 lifetime=60 udp=0 keepalive=25"
answers() { ip netns exec $EV ping -c 3 -i 0.02 -W 2 10.99.0.5 | grep -q ' 0% packet loss'; }
die() { end_with KILL "$ha"; }
rise() { launch $HA mipagentd ha; ha=$pid; }
written() { [ -n "$(find "$S" -newer "$D/mark" 2>/dev/null)" ]; } # since $D/mark
lines() { [ "$(grep -cF -- "$1" "$D/ha.log")" = "$2" ]; } # TEXT HOW-MANY

check "the home agent starts" rise
begin_natnode && [ $failed -eq 0 ] || { complain "$D/ha.log"; ended; exit 1; }

echo "# killed"
check "nothing is written before something is known" [ ! -e "$S" ]
asks place 192.168.1.23
touch "$D/mark"
check "the node registers" does "$REGISTERED" register 144
check "it is written" until_true written
check "for nobody else to read" [ "$(stat -c '%a %U' "$S")" = "600 root" ]
no_key() { ! od -An -v -tx1 "$S" | tr -d ' \n' | grep -qFf "$D/node.key"; }
check "without its key" no_key
check "mipagent says where" agent ha status
said "$S"
ip netns exec $EV ping -i 0.05 10.99.0.5 >"$D/pings" &
check "pings go and come" await "$D/pings" "icmp_seq=5 "
die
check "killed with pings under way, and started again" rise
said "1 bindings, 1 nodes" "$D/ha.log"
before=$(wc -l <"$D/pings")
more() { [ "$(wc -l <"$D/pings")" -ge $((before + 10)) ]; }
check "they go on" until_true more
check "by the same tunnel" udp 192.0.2.9:40000
check "and nobody has registered" status '.counters["registration-requests"] == 0'
check "said of a binding" status '.bindings == 1 and .counters["bindings-restored"] == 1'
: >"$D/heard"
asks up 20
check "what the node sends arrives" until_true heard 20
asks got
send 20
check "what is sent to it arrives" does "20 in order" got 20
spoof request 40000
check "its Request, recorded, sent by a stranger: a replay" until_true status '.dropped >= 10'
check "which moves nothing" udp 192.0.2.9:40000
asks register 144
check "it registers as before" [ "$answer" = "$REGISTERED" ]

echo "# killed between two networks"
size=$(stat -c %s "$S")
check "the home agent is asked to keep" does "code=0 after=0" order buffer
larger() { [ "$(stat -c %s "$S")" -gt "$size" ]; }
check "that is written" until_true larger
die
check "killed, and started again" rise
check "it keeps" agent ha --json buffers
said '"state":"buffering"'
asks got
send 50
check "nothing comes" does "0 in order" got
touch "$D/mark"
check "the node registers" does "$REGISTERED" register 144
check "which is written" until_true written
check "and has what came since, in order" does "50 in order" got 50
touch "$D/mark"
asks register 144 # the same again: no hurry
stop "$ha"
check "told to stop, it has written" written
check "and knows all when it starts" rise
check "as before" answers

echo "# not believed"
spoil() { # WHAT...: a command that spoils the file
	die
	"$@" "$S"
	rise
}
anew() { # WHY
	said "$1: set aside as $S.damaged; nodes have to register anew" "$D/ha.log"
	check "there it is" [ -e "$S.damaged" ]
	check "no binding is made of it" status '.bindings == 0'
	touch "$D/mark"
	check "the node registers anew" does "$REGISTERED" register 144
	check "and that is kept" until_true written
	rm -rf "$S.damaged"
}
flip() { printf '\377' | dd of="$1" bs=1 seek=60 conv=notrunc status=none; }
check "one byte is another" spoil flip
anew "it is damaged or cut short"
check "cut short" spoil truncate -s -40
anew "it is damaged or cut short"
check "empty" spoil truncate -s 0
anew "it is no state file"
version() { printf '\0\1' | dd of="$1" bs=1 seek=8 conv=notrunc status=none; }
check "of another version" spoil version
anew "it is of another version of mipagentd"
check "writable for others" spoil chmod 666
anew "others may have written it"
link() { mv "$1" "$D/elsewhere"; ln -s "$D/elsewhere" "$1"; }
check "a symbolic link" spoil link
anew "it is a symbolic link"
large() { truncate -s 1G "$1"; }
check "of a gigabyte" spoil large
anew "it is too large"
die
conf 10.98.0.0/24 10.98.0.5 "$S" >"$D/ha.conf"
check "of another home network" rise
said "it is of another home agent or home network: set aside as" "$D/ha.log"
die
rm -rf "$S"*

echo "# disks"
mkdir "$D/full" "$D/ro"
mount -t tmpfs -o size=64k tmpfs "$D/full"
mount -t tmpfs -o ro tmpfs "$D/ro"
cat /dev/zero >"$D/full/fill" 2>/dev/null
conf 10.99.0.0/24 10.99.0.5 "$D/full/state" >"$D/ha.conf"
check "on a full one" rise
check "the node registers" does "$REGISTERED" register 144
check "it says what that means" await "$D/ha.log" "No space left on device: bindings would not outlive a restart"
check "and serves" answers
check "nothing half is left" [ "$(ls "$D/full")" = fill ]
made=$(stat -c %.9Y "$D/full")
tried() { [ "$(stat -c %.9Y "$D/full")" != "$made" ]; } # a file of its was there
again() { within 10 tried && status true && lines "No space left on device" 1; } # it answers when it has tried
asks register 144
check "it says so once" again
rm "$D/full/fill"
asks register 144
check "with room it is written again" await "$D/ha.log" "written again"
die
check "and good" rise
said "1 bindings, 1 nodes" "$D/ha.log"
die
conf 10.99.0.0/24 10.99.0.5 "$D/ro/state" >"$D/ha.conf"
check "a read-only one" rise
check "the node registers" does "$REGISTERED" register 144
check "it says so" await "$D/ha.log" "Read-only file system: bindings would not outlive a restart"
check "and serves" answers
stop "$ha"
check "it ends as it should" [ $? -eq 0 ]

echo "# on and off"
conf 10.99.0.0/24 10.99.0.5 none >"$D/ha.conf"
check "none" rise
check "is said" status '.home.state_file == null'
die
conf 10.99.0.0/24 10.99.0.5 auto >"$D/ha.conf"
check "auto, and no systemd" rise
check "is none" status '.home.state_file == null'
die
export STATE_DIRECTORY=$D/kept:/nowhere
check "auto, with a folder of systemd's" rise
check "is there" status ".home.state_file == \"$D/kept/mipagentd.state\""
unset STATE_DIRECTORY
die
conf 10.99.0.0/24 10.99.0.5 somewhere >"$D/bad.conf"
gives 78 "a path that depends on where we are" "$B/mipagentd" -n -c "$D/bad.conf"
said "[Home] state: a path that begins with /"

echo "# all at once"
storm() { ip netns exec $EV tests/netns/storm.py 192.0.2.66 1000 "$1" "$D/node.key"; } # CLOCK
soon() { # TOLD CLOCK: all registered, with a repeat or two at most
	storm "$2" | tee "$D/storm"
	grep -qE "^1000 registered, $1 told the time, asked [123] times" "$D/storm"
}
{
	conf 10.99.0.0/16 10.99.0.5 "$S"
	for i in $(seq 0 999); do printf '[Node 10.99.%d.%d]\nkey-file = node.key\n' $((1 + i / 256)) $((i % 256)); done
} >"$D/ha.conf"
check "a home agent of a thousand nodes" rise
check "they register at once" soon 0 0
check "and are bound" status '.bindings == 1000'
touch "$D/mark"
die
check "killed, and started again" rise
check "all but the last second's are there" status '.bindings >= 1'
check "they register again at once" soon 0 0
check "and are bound" status '.bindings == 1000'
kept() { [ "$(od -An -j28 -N4 -tu4 --endian=big "$S" | tr -d ' ')" = 1000 ]; }
check "they are written" until_true kept
check "two hundred bytes each" [ "$(stat -c %s "$S")" -lt 200064 ]
die
check "killed again" rise
check "all are there" status '.bindings == 1000 and .counters["bindings-restored"] == 1000'
die
rm "$S"
check "one that has lost its file" rise
check "every other node's clock is a day off" soon 500 86400
check "and all are bound" status '.bindings == 1000'
ended
