# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# TCP through handoffs: a transfer each way, and a session of short lines.

# counters NAME: what both ends' kernels have counted of retransmissions
counters() {
	local h
	for h in cn mn; do in_ns $h cat /proc/net/snmp /proc/net/netstat > "$L/$1-$h.netstat"; done
}

# transfers_up NAME: until transfers_down
transfers_up() {
	TRANSFERS=$1
	single_segments
	start "$1-ssh-echo" cn "$B/stream" echo $CN:6003
	start "$1-down-recv" mn "$B/stream" recv $NODE:6001
	start "$1-up-recv" cn "$B/stream" recv $CN:6002
	pump 0.5
	start "$1-down-send" cn "$B/stream" send $CN:0 $NODE:6001 200000
	start "$1-up-send" mn "$B/stream" send $NODE:0 $CN:6002 200000
	start "$1-ssh-ping" mn "$B/stream" ping $NODE:0 $CN:6003 100
}
transfers_down() {
	local name
	for name in down-send up-send ssh-ping; do kill "${PID[$TRANSFERS-$name]}"; done
	for name in down-send up-send down-recv up-recv ssh-ping ssh-echo; do
		wait "${PID[$TRANSFERS-$name]}" || true
		unset "PID[$TRANSFERS-$name]"
	done
}

scenario_transfers() {
	client_up
	capture tcp-cn cn up0 96 "tcp portrange 6001-6003"
	capture tcp-mn mn wlan2 96 "tcp portrange 6001-6003"
	transfers_up transfers
	walks transfers 2 1 2 1 2 1 2 1 2 1
	transfers_down
	pump 1.5	# tcpdump takes packets over once a second
	stop capture-tcp-cn
	stop capture-tcp-mn
	client_down
}

# The new agent is slow to answer: everything is kept, but the senders' timers fire.
scenario_late_agent() {
	local to
	client_up
	transfers_up late_agent
	for to in 2 1; do
		signal $to -45
		pump 4
		counters "late-$to-before"
		kill -STOP "${PID[r$to]}"
		signal $((3 - to)) -76
		pump 0.75
		kill -CONT "${PID[r$to]}"
		next_handoff "late agent"
		pump 2
		counters "late-$to-after"
	done
	transfers_down
	client_down
}
