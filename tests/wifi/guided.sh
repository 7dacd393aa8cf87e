# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The station moves, and it is not the client that says so: the access point asks for it (802.11v),
# or somebody at the supplicant.

wpa() { wpa_cli -p /run/wpa_supplicant -i wlan2 "$@" > /dev/null; }
# neighbour BSSID CHANNEL: as an element of hostapd's, in a 2.4 GHz class
neighbour() { printf '%s,0x0000,81,%d,7' "$1" "$2"; }
asks() { # AP BSSID CHANNEL: a BSS Transition Management Request with that one on its list
	hostapd_cli -p "/run/hostapd$1" -i "wlan$(($1 - 1))" bss_tm_req 02:00:00:00:02:00 pref=1 \
		valid_int=255 "neighbor=$(neighbour "$2" "$3")" > /dev/null
}
moves_by() { # NAME TO COMMAND...: one handoff
	local name=$1 to=$2
	shift 2
	mark "$name: walk to $to begins"
	"$@" || say "$name: $* failed"
	next_handoff "$name"
	pump 0.5
	mark "$name: walk to $to ends"
}
looked() { # so the supplicant needs no scan before it goes
	wpa scan TYPE=ONLY freq=2412,2437
	pump 0.7
}

# Who is on the list: nobody that is there; one that it has just seen, and one that it has forgotten.
scenario_asked() {
	both_in_sight
	client_up
	streams_up asked
	mark "asked: walk to nobody begins"
	asks 1 02:00:00:00:09:00 6
	pump 2.5
	mark "asked: walk to nobody ends"
	streams_down
	pump 10
	streams_up asked2
	wpa bss_flush 0
	moves_by asked2 2 asks 1 $BSSID2 6
	looked
	moves_by asked2 1 asks 2 $BSSID1 1
	streams_down
	client_down
}

# By a user's order, and by bgscan: the client itself would stay.
scenario_roamed() {
	both_in_sight
	sed 's/^\[Radio\]/&\nautomatic = no/' $L/mn.conf > $L/mn-obeys.conf
	client_up mn-obeys
	looked
	streams_up roamed
	moves_by roamed 2 wpa roam $BSSID2
	moves_by roamed 1 wpa roam $BSSID1
	wpa set_network 0 bgscan '"simple:2:-30:2"'
	moves_by roamed 2 wpa roam $BSSID2
	signal 1 -45
	signal 2 -74
	moves_by roamed 1 true
	streams_down
	wpa set_network 0 bgscan '""'
	client_down
}
