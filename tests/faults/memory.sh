# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind kinds.sh: each daemon is started again and again, and each time another one of its
# allocations fails, until none is left; then, once it is up and in a handoff, each EVERY-th.
EVERY=${EVERY:-1}

# glibc's own look-ups of users crash where there is no memory; they come before anything is touched.
is_theirs() { grep -a shim: "$D/$1.log.ended" | grep -qE "get(pw|gr)(nam|uid|gid)|getgrouplist|initgroups|nss"; } # WHO
# One start.  Sets $became: up, said, or what is wrong.
start_failing_at() { # WHO N
	local code
	sound "$1"
	poke "$1" $FAIL_AT "$2"
	if rises "$1"; then
		became=up
		within 20 ended_or_serves "$1" || { became="up, and does not serve"; return; }
	fi
	if ! alive "$1"; then
		ended_with "$1"; code=$?
		cp "$D/$1.log" "$D/$1.log.ended"
		became=said
		no_crash "$1" $code >"$D/out" || became="exit $code"
		! is_theirs "$1" || became=theirs
	fi
}
each_start() { # WHO
	local who=$1 n=0 up=0 said=0 bad=0 theirs=0 last
	stop "${pids[$who]}"
	while n=$((n + EVERY)); do
		start_failing_at "$who" $n
		case $became in
		up) up=$((up + 1)) ;;
		said) said=$((said + 1)) ;;
		theirs) theirs=$((theirs + 1)) ;;
		*) bad=$((bad + 1)); echo "# $who, allocation $n: $became"; grep -a shim: "$D/$who.log" | complain /dev/stdin; tail -n 2 "$D/$who.log" | complain /dev/stdin ;;
		esac
		[ -z "${VERBOSE:-}" ] || echo "# $who, allocation $n: $became"
		last=$(peek "$who" $FAILED)
		if alive "$who"; then end_with KILL "${pids[$who]}"; fi
		[ "$last" != 0 ] || break
	done
	sound
	check "$who: starts again" rises "$who"
	check "$who: without the first, the second ... of $n allocations it ends and says why ($said), or goes on ($up); $theirs crashed in the C library" [ $bad -eq 0 ]
	printf '%-12s %-7s %-14s %s\n' memory "$who" start "$n starts: $said said why, $up went on, $theirs crashed in the C library, $bad did neither" >>"$D/table"
	within $LIMIT serves
}
# The k-th allocation of a handoff fails.
each_of_a_handoff() { # WHO
	local who=$1 k=0 up=0 said=0 bad=0 code before
	while k=$((k + EVERY)); do
		sound
		poke "$who" $FAIL_AT $(($(peek "$who" $COUNT) + k))
		tests/faults/hit.py "$D/node.sock" "$(at $((3 - $(where))))" done nothing >/dev/null 2>&1
		failed_now=$(peek "$who" $FAILED)
		poke "$who" $FAIL_AT 0
		if is_over "$who"; then
			restarts "$who"
			if no_crash "$who" $code >"$D/out"; then said=$((said + 1)); else
				bad=$((bad + 1)); echo "# $who, allocation $k of a handoff: exit $code"; tail -n 3 "$D/$who.log.ended" | complain /dev/stdin
			fi
		else
			up=$((up + 1))
		fi
		within $LIMIT serves || { bad=$((bad + 1)); echo "# $who, allocation $k of a handoff: not recovered"; grep -a shim: "$D/$who.log" | complain /dev/stdin; node status | complain /dev/stdin; }
		[ "$failed_now" != 0 ] || break
	done
	check "$who: without the first, the second ... of $k allocations of a handoff it ends and says why ($said), or goes on ($up)" [ $bad -eq 0 ]
	printf '%-12s %-7s %-14s %s\n' memory "$who" handoff "$k handoffs: $said said why, $up went on, $bad did neither" >>"$D/table"
	check "$who: nothing is left" tidied
}
starts_without_memory() {
	local who
	for who in node fa1 ha; do
		each_start $who
		each_of_a_handoff $who
	done
}
