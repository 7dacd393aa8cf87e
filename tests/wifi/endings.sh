# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Daemons that must not start, and what one that ended has left behind.

# What a daemon could leave behind in a host.
kernel_state() { # HOST
	ip -n "$1" -o addr | sed 's/^[0-9]*: //; s/ *valid_lft.*//'
	ip -n "$1" rule
	ip -n "$1" route show table all
	ip -n "$1" neigh show nud permanent
}
settings() { # HOST
	# shellcheck disable=SC2016  # expanded there
	in_ns "$1" sh -c 'grep . /proc/sys/net/ipv4/conf/[uw]*/rp_filter /proc/sys/net/ipv4/conf/[uw]*/arp_*'
}
state_is() { # HOST NAME: as it was when that was noted?
	kernel_state "$1" > "$L/state-$1-now.txt"
	diff "$L/state-$1-$2.txt" "$L/state-$1-now.txt" > "$L/state-$1-$2.diff"
}
settings_are() { # HOST
	settings "$1" | diff "$L/settings-$1.txt" - > "$L/settings-$1.diff"
}
note_states() { local h; for h in ha r1 r2 mn; do kernel_state $h > "$L/state-$h-$1.txt"; done; }

refuses() { # HOST COMMAND...: ends by itself, with a sentence
	local ns=$1 code=0
	shift
	in_ns "$ns" timeout 10 "$@" > $L/refusal.log 2>&1 || code=$?
	cat $L/refusal.log >> $L/refusals.log
	[ $code != 0 ] && [ $code != 124 ] && [ -s $L/refusal.log ]
}

scenario_refusals() {
	client_up
	verdict "a second client on the same radio refuses to start" \
		refuses mn "$B/mipclientd" -f -c $L/mn.conf -S $L/mn2.sock
	verdict "a second agent on the same interface refuses to start" \
		refuses r1 "$B/mipagentd" -f -c $L/r1.conf -S $L/r12.sock
	chmod 644 $L/node.key
	verdict "a key file that others may read is refused" refuses mn "$B/mipclientd" -n -c $L/mn.conf
	chmod 600 $L/node.key
	client_down
	verdict "a client that ended in order has put the radio's settings back" settings_are mn
}

# Each daemon dies without a word, and comes back.
scenario_kills() {
	local h
	as_they_were # no lease of a scenario before ends in the middle of this one
	client_up
	note_states running
	stop mn KILL
	stop watch
	for h in ha r1 r2; do stop $h KILL; done
	agents_up
	client_up
	for h in ha r1 r2 mn; do
		verdict "$h: killed and restarted, the kernel is as it was" state_is $h running
	done
	client_down
	for h in ha r1 r2; do stop $h; done
	for h in ha r1 r2 mn; do
		verdict "$h: ended, nothing is left behind" state_is $h before
	done
	agents_up
}
