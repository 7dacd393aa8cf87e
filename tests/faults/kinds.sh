# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind world.sh: each kind of fault, and one cell of the table.  A kind F is F_does WHO, which prints
# what hit.py is to do, and F_after WHO, which is what somebody else would do then: systemd, an administrator.
DAY=86400
said_before=0 # lines of the victim's log, before the fault
says_why() { tail -n +$((said_before + 1)) "$D/$1.log" | grep -E -- "$2"; } # WHO PATTERN
link_of() { case $1 in node) echo radio0 ;; fa1) echo ln1 ;; fa2) echo ln2 ;; ha) echo ha0 ;; esac; } # WHO
is_over() { ! alive "$1"; } # WHO
restarts() { # WHO: as systemd does; $code is what it ended with
	ended_with "$1"; code=$?
	cp "$D/$1.log" "$D/$1.log.ended"
	rises "$1"
}

kill_does() { echo signal 9 "${pids[$1]}"; }
kill_after() { restarts "$1"; }

helper_does() { [ "$1" = node ] && echo signal 9 "$(helper_of)"; }
helper_after() { within 5 says_why node "has ended: restart mipclientd" && node_is '.problems | length > 0'; }

stop_does() { echo signal 19 "${pids[$1]}"; }
stop_after() { sleep 2; kill -CONT "${pids[$1]}"; }

day-later_does() { echo poke "$D/$1.shim" $CLOCK $DAY; }
day-earlier_does() { echo poke "$D/$1.shim" $CLOCK -$DAY; }
day-later_after() { within 20 node register; } # when the handoff is over: it proves itself by that clock
day-earlier_after() { day-later_after; }

# What the kernel says while nobody reads, more than the socket can keep; something of the daemon's goes meanwhile.
events_does() { echo signal 19 "${pids[$1]}"; }
events_after() {
	local ns=${SPACE[$1]} i
	ip -n "$ns" link add flood type dummy
	for i in $(seq 2000); do
		echo "link set flood mtu $((1000 + i % 400))"
		[ "$1" != node ] || { echo "route add 10.250.0.1 dev lo"; echo "route del 10.250.0.1 dev lo"; }
	done | ip -n "$ns" -batch -
	case $1 in
	node) ip -n "$ns" rule flush protocol "$PROTO"; ip -n "$ns" route flush table 434 ;;
	fa*) ip -n "$ns" link set "$(link_of "$1")" down; ip -n "$ns" link set "$(link_of "$1")" up ;;
	esac
	ip -n "$ns" link del flood
	kill -CONT "${pids[$1]}"
}

supplicant_says() { wpa_cli -p "$WPA" -i $RADIO raw SAY "$1" >/dev/null; } # EVENT
associated() { wpa_cli -p "$WPA" -i $RADIO status | sed -n 's/^bssid=//p'; }
# Renaming needs it down, and so it loses its routes; for a second it has another name.
interface_does() {
	local l
	l=$(link_of "$1")
	printf 'link set %s down\nlink set %s name away\nlink set away up\n' "$l" "$l" >"$D/away"
	ip -n "${SPACE[$1]}" route show table main | grep -E "dev $l( |$)" | grep -vE "proto (kernel|$PROTO)" >"$D/away.routes"
	echo run ip -n "${SPACE[$1]}" -batch "$D/away"
}
interface_after() {
	local l
	l=$(link_of "$1")
	sleep 1
	ip -n "${SPACE[$1]}" -batch - <<-END
		link set away down
		link set away name $l
		link set $l up
	END
	# What its supplicant, which is none, would have to say of that.
	[ "$1" != node ] || { supplicant_says "CTRL-EVENT-DISCONNECTED bssid=$(associated) reason=3 locally_generated=1"
		supplicant_says "CTRL-EVENT-CONNECTED - Connection to $(associated) completed [id=0 id_str=]"; }
	# shellcheck disable=SC2086 # a route
	while read -r route; do ip -n "${SPACE[$1]}" route replace $route; done <"$D/away.routes"
}

tun_does() { echo run ip -n "${SPACE[$1]}" link del mip0; }
tun_after() {
	within 5 is_over "$1" || { echo "it goes on without its device"; return 1; }
	restarts "$1"
	[ $code -eq 1 ] && grep -qE "error: .*mip0" "$D/$1.log.ended" || { echo "exit $code, and says:"; tail -n 2 "$D/$1.log.ended"; return 1; }
}

disk_does() {
	case $1 in node | ha) echo fill "$D/$1.disk/fill" ;; *) false ;; esac
}
# What it had just written may have made room once more.
no_room_for() { # WHO
	dd if=/dev/zero of="$D/$1.disk/fill" bs=4096 oflag=append conv=notrunc status=none 2>/dev/null
	says_why "$1" "No space left on device"
}
disk_after() { # the files are whole: they are read again
	within 45 no_room_for "$1" || return 1 # the home agent writes at the next renewal
	end_with KILL "${pids[$1]}"
	rm "$D/$1.disk/fill" # it says it once: the next time is the next cell's
	rises "$1" || return 1
	! grep -q "set aside" "$D/$1.log"
}

allocation_does() { echo poke "$D/$1.shim" $FAIL_AT next+1; }
ended_or_serves() { is_over "$1" || serves; } # WHO
allocation_after() { # it goes on, or ends and says why: maybe not before it is asked something
	within $LIMIT ended_or_serves "$1"
	is_over "$1" || return 0
	restarts "$1"
	no_crash "$1" $code
}
no_crash() { # WHO CODE: it ended by itself, with a sentence
	[ "$2" -gt 0 ] && [ "$2" -lt 128 ] && grep -qiE "memory|cannot" "$D/$1.log.ended" && return
	echo "exit $2, and says:"; tail -n 3 "$D/$1.log.ended"; return 1
}

mends() { # what is left of a fault goes: the next cell begins as this one did
	sound
	rm -f "$D"/*.disk/fill
	[ "$1" != helper ] || { stop "${pids[node]}"; rises node; }
}

cell() { # FAULT PARTY STEP
	local fault=$1 party=$2 step=$3 at to who does began took name="$1, $2, $3" word=
	local -a does
	at=$(where); to=$((3 - at))
	case $party in first) who=fa$at ;; second) who=fa$to ;; *) who=$party ;; esac
	read -ra does < <("${fault}_does" "$who")
	[ ${#does[@]} -gt 0 ] || return 0 # it has nothing that could break so
	said_before=$(wc -l <"$D/$who.log")
	began=$(timeout 30 tests/faults/hit.py "$D/node.sock" "$(at $to)" "$step" "${does[@]}" 2>"$D/hit")
	if [ -z "$began" ]; then
		result 1 "$name: the step was heard"; complain "$D/hit"; node report | complain /dev/stdin
		within $LIMIT serves
		return
	fi
	check "$name: what follows" "${fault}_after" "$who"
	if within $LIMIT serves; then
		took=$(($(now_ms) - began))
		echo "$fault $party $step $took $took" >>"$D/times"
		word="recovered after $took ms"
		result 0 "$name: $word"
	else
		word="NOT RECOVERED"
		result 1 "$name: recovers"
		node status 2>&1 | complain /dev/stdin
		tail -n 5 "$D/$who.log" | complain /dev/stdin
	fi
	mends "$fault"
	within $LIMIT serves
	check "$name: nothing is left" tidied
	word+=$(says_why "$who" "warning|error" 2>/dev/null | head -n 1 | sed -E 's/^[^:]*: /; it says: /' | cut -c1-100)
	printf '%-12s %-7s %-14s %s\n' "$fault" "$party" "$step" "$word" >>"$D/table"
}
