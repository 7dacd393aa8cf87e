# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind tests/netns/lib.sh: a clean Debian root of this machine's release, from the mirrors that its apt
# has, made once and kept under ~/.cache/mipclient; and roots on top of it.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mipclient
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# A system, a supplicant, and what the tests run; none of ours.
KIT=systemd-sysv,ca-certificates,gcc,iproute2,iputils-ping,jq,libc6-dev,nftables,procps,python3,wpasupplicant

mirrors() { # "URI RELEASE COMPONENT", the release itself first
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' "Created-By: Packages" "Origin: Debian" |
		awk -v r="$codename" 'index($2, r) == 1 && !seen[$0]++ {print ($2 == r ? 0 : 1), $0}' | sort -s -k1,1 | cut -d' ' -f2-
}
has_network() { # ROOT: what apt there needs to reach them
	cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
	mirrors | sed 's/^/deb /' >"$1/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::(http|https|ftp)::(.*::)?Proxy ' >"$1/etc/apt/apt.conf.d/80-here"
	# Debian starts what it installs: not in a folder.
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"
}
base_root() { # sets $base; says why not
	local mirror
	base=$cache/debian-$codename
	mkdir -p "$cache"
	exec 8>"$cache/debian.lock"
	flock 8
	[ "$(cat "$base/.kit" 2>/dev/null)" != "$KIT" ] || return 0
	mirror=$(mirrors | awk '{print $1; exit}')
	[ -n "$mirror" ] || { echo "apt knows no mirror of $codename: apt-get update"; return 1; }
	echo "# making a root of $codename" >&2
	rm -rf "$base" "$base.new"
	debootstrap --variant=minbase --include="$KIT" "$codename" "$base.new" "$mirror" || return 1
	rm -f "$base.new"/var/cache/apt/archives/*.deb
	echo "$KIT" >"$base.new/.kit"
	mv "$base.new" "$base"
}
# Sources as Debian has them, unpacked in FOLDER/NAME.
sources() { # FOLDER NAME...
	local at=$1 options name; shift
	mkdir -p "$at/lists/partial"
	mirrors | sed -n '1s/^/deb-src /p' >"$at/sources.list"
	options=(-q -o "Dir::Etc::SourceList=$at/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$at/lists"
		-o "Dir::Cache=$at" -o APT::Sandbox::User=root)
	apt-get "${options[@]}" update || return 1
	for name; do
		(cd "$at" && apt-get "${options[@]}" source --download-only "$name") && mkdir -p "$at/$name" &&
			tar -C "$at/$name" --strip-components=1 -xf "$(compgen -G "$at/${name}_*.orig.tar.*z*" | grep -v '\.asc$')" || return 1
	done
}
# What the distributions that package no libwpa_client take it from, named and packed as its authors do.  Sets $wpa.
wpa_tarball() {
	local at=$cache/wpa version
	wpa=$(compgen -G "$at/wpa_supplicant-*.tar.gz") && return
	rm -rf "$at"
	sources "$at" wpa || return 1
	version=$(cd "$at" && echo wpa_*.orig.tar.* | sed 's/^wpa_//; s/\.orig.*//')
	mv "$at/wpa" "$at/wpa_supplicant-$version"
	wpa=$at/wpa_supplicant-$version.tar.gz
	tar -C "$at" -czf "$wpa.new" "wpa_supplicant-$version" && mv "$wpa.new" "$wpa"
}
# A root on top of it, where apt may be asked: $D/NAME, what is new there in $D/NAME.upper.
root_upon() { # NAME
	mkdir -p "$D/$1" "$D/$1.upper" "$D/$1.work"
	mount -t overlay -o "lowerdir=$base,upperdir=$D/$1.upper,workdir=$D/$1.work" overlay "$D/$1" &&
		mount -t proc proc "$D/$1/proc" && mount --bind /dev "$D/$1/dev" && mount -t sysfs sysfs "$D/$1/sys" &&
		has_network "$D/$1" && inside "$1" apt-get -q update
}
inside() { # NAME COMMAND...
	chroot "$D/$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "${@:2}"
}
away() { # NAME: unmounted; what is new stays
	umount -R "$D/$1"
	rm -f "$D/$1.upper"/usr/sbin/policy-rc.d "$D/$1.upper"/etc/{resolv.conf,hosts}
}
trap 'for at in "$D"/*/; do mountpoint -q "$at" && umount -R "$at"; done; cleanup' EXIT
