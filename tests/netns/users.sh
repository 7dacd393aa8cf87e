# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh, by a script that is in a mount namespace of its own: a user mip and some
# people, a /run/mip and a /var/lib/mip, that this test alone sees.  Daemons that are started as root go on
# as mip.  Before lib.sh:
#   [ -n "${MIP_PRIVATE:-}" ] || exec env MIP_PRIVATE=1 unshare -m "$0" "$@"
chmod 711 "$D"
ID=64434 # nobody's, and the next ones neither
for at in /run/mip /var/lib/mip; do mkdir -p $at && mount -t tmpfs -o mode=755 none $at; done
people=(looker actor both member stranger) # see the groups
for db in passwd group; do grep -vE "^(mip|$(IFS=\|; echo "${people[*]}")):" /etc/$db >"$D/$db"; done
echo "mip:x:$ID:$ID::/nonexistent:/usr/sbin/nologin" >>"$D/passwd"
printf '%s\n' "mip:x:$ID:member" "supplicants:x:$((ID + 1)):mip" \
	"lookers:x:$((ID + 2)):looker,both" "actors:x:$((ID + 3)):actor,both" >>"$D/group"
for n in "${!people[@]}"; do
	echo "${people[n]}:x:$((ID + 10 + n)):$((ID + 10 + n))::/nonexistent:/bin/sh" >>"$D/passwd"
	echo "${people[n]}:x:$((ID + 10 + n)):" >>"$D/group"
done
for db in passwd group; do mount --bind "$D/$db" /etc/$db; done
as=mip
# People have no way to where this was built.
install -m 755 "$B/mipclient" "$B/mipagent" "$D"
by() { setpriv --reuid="$1" --regid="$1" --init-groups "${@:2}"; } # USER COMMAND...

# The sockets are where the daemons may make them.
launch() { # NAMESPACE PROGRAM NAME
	: >"$D/$3.log"
	# A user's umask: what the daemon makes must not depend on it.
	ip netns exec "$1" "${rights[@]}" sh -c 'umask 077; exec "$@"' sh "$B/$2" -f -c "$D/$3.conf" -S "/run/mip/$3.sock" 2>>"$D/$3.log" &
	pid=$!
	await "$D/$3.log" " is up: " $pid && filtered $pid
}
node() { "$B/mipclient" -S /run/mip/node.sock "$@"; }
agent() { "$B/mipagent" -S "/run/mip/$1.sock" "${@:2}"; }
for_group() { chgrp supplicants "$WPA" "$WPA/$RADIO"; chmod 750 "$WPA"; chmod 770 "$WPA/$RADIO"; }
of() { awk -v f="$2:" '$1 == f {$1 = ""; print substr($0, 2)}' "/proc/$1/status"; } # PID FIELD
helper_of() { pgrep -P "$1" -x mip-helper; } # PID: of a mipclientd
two=0000000000003000 # CAP_NET_ADMIN, CAP_NET_RAW
none=0000000000000000
