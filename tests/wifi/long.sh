# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# An hour: a walk every 20 s, a stream both ways, and what the daemons hold meanwhile.

held() { # WALKS-SO-FAR: a line for each daemon
	local h pid rss
	for h in mn ha r1 r2; do
		pid=${PID[$h]}
		rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
		echo "$1 $h $rss $(find "/proc/$pid/fd" -type l | wc -l) $(ip -n $h route show table all | wc -l)" \
			"$(ip -n $h rule | wc -l) $(ip -n $h addr | grep -c inet) $(ip -n $h neigh show proxy | wc -l)" >> "$L/held.txt"
	done
}
scenario_long() {
	local i to end now
	client_up
	streams_up long 100
	for ((i = 1; i <= WALKS; i++)); do
		stamp
		end=$((now + 20 * 1000000))
		to=$((i % 2 + 1))
		mark "long: walk to $to begins"
		walk $to
		next_handoff "walk $i"
		pump 1
		mark "long: walk to $to ends"
		while stamp; ((now < end)); do pump 1; done
		# By then each has been where it goes, and all is back where it began.
		((i % 10)) || held "$i"
	done
	streams_down
	client_down
}
