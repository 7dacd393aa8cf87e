# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# To be sourced behind lib.sh: machines that have what `make install` puts on them and nothing else of ours.
check "it is installed" make install B="$B" DESTDIR="$D/root" PREFIX=/usr/local
# `make install` runs systemd-sysusers, which makes this user, in wpa_supplicant's group.
for db in passwd group; do grep -vE '^(mip|netdev):' /etc/$db >"$D/$db"; done
echo "mip:x:64434:64434::/nonexistent:/usr/sbin/nologin" >>"$D/passwd"
printf '%s\n' "mip:x:64434:" "netdev:x:64435:mip" >>"$D/group"
declare -A to from
machines=()
# A machine: its network and its processes, its own /etc/mip, /run and /var/lib, and what was installed.
machine() { # NAMESPACE NAME
	local fd
	mkdir -p "$D/$2/home"
	cat >"$D/$2.sh" <<-END
		for at in /run /etc/mip /var/lib; do mkdir -p \$at; mount -t tmpfs none \$at; done
		mount --bind "$D/root/usr/local" /usr/local
		for db in passwd group; do mount --bind "$D/\$db" /etc/\$db; done
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		cd "$D/$2/home"
		while read -r file; do
			sh -e "\$file" >"\$file.out" 2>&1
			echo "ended \$?"
		done
	END
	mkfifo "$D/$2.to" "$D/$2.from"
	ip netns exec "$1" unshare -mpf --mount-proc --kill-child bash "$D/$2.sh" \
		<"$D/$2.to" >"$D/$2.from" 2>"$D/$2.err" &
	machines+=($!)
	exec {fd}>"$D/$2.to"; to[$2]=$fd
	exec {fd}<"$D/$2.from"; from[$2]=$fd
}
on() { # MACHINE FILE: runs it there
	local code
	echo "$2" >&"${to[$1]}"
	read -r -t 60 -u "${from[$1]}" code
	cat "$2.out" "$D/$1.err"
	[ "$code" = "ended 0" ]
}
asks() { # MACHINE COMMAND...
	local machine=$1; shift
	echo "$*" >"$D/ask"
	on "$machine" "$D/ask"
}
# Its wpa_supplicant, which says that it is at the first of these; another one before ends.
has_wifi() { # MACHINE BSSID [COMMAND OTHER...]: as supplicant.py has them
	local machine=$1 socket=/run/wpa_supplicant/wlan0; shift
	cat >"$D/wifi" <<-END
		mkdir -p ${socket%/*}
		[ ! -e /run/supplicant ] || kill \$(cat /run/supplicant)
		rm -f $socket
		$PWD/tests/netns/supplicant.py $socket $* >/dev/null 2>&1 &
		echo \$! >/run/supplicant
		until [ -S $socket ]; do sleep 0.02; done
		chgrp netdev ${socket%/*} $socket; chmod 750 ${socket%/*}; chmod 770 $socket
	END
	on "$machine" "$D/wifi"
}
trap 'for machine in "${machines[@]}"; do end_with KILL "$machine"; done; cleanup' EXIT # unshare ends by nothing less
