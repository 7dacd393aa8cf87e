# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What every test of this folder shares: checks, waiting, namespaces, daemons; and net.sh.  To be sourced
# from the top folder; from then on $D is a folder that goes away with the test, as do the namespaces and
# all that runs in the background.
B=${B:-build}
D=$(mktemp -d)
PATH=$PATH:/usr/sbin:/sbin
PROTO=$(sed -n 's/^#define KERNEL_PROTOCOL \([0-9]*\).*/\1/p' common/kernel.h)
passed=0 failed=0
spaces=()

cleanup() {
	local running ns
	running=$(jobs -pr)
	# shellcheck disable=SC2086 # a list
	[ -n "$running" ] && kill $running 2>/dev/null
	wait 2>/dev/null
	for ns in "${spaces[@]}"; do ip netns del "$ns" 2>/dev/null; rm -rf "/etc/netns/$ns"; done
	rm -rf "$D"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# ---- checks ----
result() { # CODE NAME: what has just been done
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1)); echo "ok $((passed + failed)) $2"
	else
		failed=$((failed + 1)); echo "not ok $((passed + failed)) $2"
	fi
}
complain() { sed 's/^/# /' "${1:-$D/out}"; } # [FILE]
check() { # NAME COMMAND...: it succeeds
	local name=$1 rc; shift
	"$@" >"$D/out" 2>&1; rc=$?
	result $rc "$name"
	[ $rc -eq 0 ] || complain
}
gives() { # CODE NAME COMMAND...: it ends with that code
	local code=$1 name=$2 got; shift 2
	"$@" >"$D/out" 2>&1; got=$?
	[ $got -eq "$code" ]; result $? "$name"
	[ $got -eq "$code" ] || { echo "# exit $got, wanted $code"; complain; }
}
said() { # TEXT [FILE]: the last command's output
	local rc
	grep -qF -- "$1" "${2:-$D/out}"; rc=$?
	result $rc "it says: $1"
	[ $rc -eq 0 ] || complain "${2:-$D/out}"
}
not() { ! "$@"; } # COMMAND...: it fails
ended() { # the sum; the test's exit code
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}

# ---- waiting ----
# Waits until the text stands in the file; 1: not within 30 s, or the process ended without a word.
await() { # FILE TEXT [PID]
	local fd tail rc
	exec {fd}< <(exec timeout 30 tail -n +1 ${3:+--pid="$3"} -F "$1" 2>/dev/null)
	tail=$!
	grep -qm1 -F -- "$2" <&"$fd"; rc=$?
	kill $tail 2>/dev/null
	exec {fd}<&-
	return $rc
}
# For what tells nobody when it happens, a counter or a word of `ip`: looks until it has, with a pause that
# leaves the processor to those who are waited for.
within() { # SECONDS COMMAND...
	local end=$((SECONDS + $1)); shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { "$@"; return; } # and says what it finds
		sleep 0.02
	done
}
until_true() { within 20 "$@"; } # COMMAND...

# ---- namespaces ----
# Each variable gets the name of a new namespace, of this run's own: two runs do not meet.
new_space() { # VARIABLE...
	local variable ns
	for variable; do
		ns=mip-$$-${variable,,}
		printf -v "$variable" %s "$ns"
		ip netns add "$ns" || exit 2
		spaces+=("$ns")
		ip -n "$ns" link set lo up
	done
}
left_over() { # the namespaces of runs that were killed
	local ns pid
	for ns in $(ip netns list | grep -oE '^mip-[0-9]+-[a-z0-9_]+'); do
		pid=${ns#mip-}
		[ -d "/proc/${pid%%-*}" ] || ip netns del "$ns" 2>/dev/null
	done
}
left_over

# ---- daemons ----
new_key() { (umask 077; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$1"); } # FILE
pid='' life='' # of the last one started
rights=() # before a program: what it may not do
as=root # as whom it goes on, whoever there is on this machine
without() { rights=(setpriv --bounding-set="-$1" --inh-caps="-$1"); } # CAPABILITY: net_raw, all
filtered() { grep -q '^Seccomp:.2$' "/proc/$1/status" || { echo "its system calls are not filtered"; return 1; }; } # PID
# A daemon with $D/NAME.conf, $D/NAME.sock and $D/NAME.log (anew); sets $pid.  0: it is up, and in its sandbox.
launch() { # NAMESPACE PROGRAM NAME
	: >"$D/$3.log"
	ip netns exec "$1" "${rights[@]}" "$B/$2" -f -u "$as" -c "$D/$3.conf" -S "$D/$3.sock" 2>>"$D/$3.log" &
	pid=$!
	await "$D/$3.log" " is up: " $pid && filtered $pid
}
# A daemon that goes to the background; `wait $life` then waits for its end.
launch_behind() { # NAMESPACE PROGRAM NAME
	rm -f "$D/life"; mkfifo "$D/life"
	cat "$D/life" >"$D/$3.log" &
	# shellcheck disable=SC2034 # for the caller
	life=$!
	ip netns exec "$1" "$B/$2" -u "$as" -c "$D/$3.conf" -S "$D/$3.sock" 2>"$D/life"
}
end_with() { { kill -"$1" "$2"; wait "$2"; } 2>/dev/null; } # SIGNAL PID: its exit code
stop() { end_with TERM "$1"; } # PID
traces() { # NAMESPACE: what a daemon leaves in the kernel
	ip -n "$1" rule list | grep -E '^(429|43[0-9]):'
	ip -n "$1" route show table all proto "$PROTO"
	ip -n "$1" -o link show mip0 2>/dev/null
	ip -n "$1" -o addr show | grep -E '10\.99\.0\.5|192\.0\.0\.8'
	ip -n "$1" -o neigh show nud permanent
	ip -n "$1" neigh show proxy
}
nothing() { [ -z "$(traces "$1")" ] || { traces "$1"; return 1; }; } # NAMESPACE: nothing of that

. tests/netns/net.sh
