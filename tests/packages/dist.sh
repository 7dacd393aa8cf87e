#!/bin/bash
# SPDX-License-Identifier: MIT
# `make dist` is the same twice, wherever and by whomever; and every recipe is of the Makefile's version.
# B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
unset MAKEFLAGS MAKELEVEL

version=$(sed -n 's/^VERSION = //p' Makefile)
tarball=mipclient-$version.tar.gz
dist() { make -s -C "${2:-.}" dist B="$1" >"$D/dist" && sha256sum <"$1/$tarball" >>"$D/hashes"; } # FOLDER [TREE]
elsewhere() { # another folder, umask, time zone, user's git, and times of its files
	git clone -q "file://$(git rev-parse --path-format=absolute --git-common-dir)" "$D/clone" &&
		git -C "$D/clone" checkout -q "$(git rev-parse HEAD)" &&
		git -C "$D/clone" config tar.umask 0077 &&
		(umask 027; TZ=Asia/Tokyo LC_ALL=C dist "$D/there" "$D/clone")
}
check "make dist" dist "$D/first"
check "again" dist "$D/second"
check "in a clone of its own" elsewhere
check "the same bytes" [ "$(sort -u "$D/hashes" | wc -l) $(wc -l <"$D/hashes")" = "1 3" ]
sed 's/^/# /' "$D/dist"
tar -xf "$D/first/$tarball" -C "$D"
check "it has what is committed" diff <(git ls-tree -r --name-only HEAD | sort) <(cd "$D/${tarball%.tar.gz}" && find . ! -type d -printf '%P\n' | sort)
is_of() { [ "$("${@:2}")" = "$version" ] || { echo "$1: $("${@:2}"), the Makefile: $version"; return 1; }; } # FILE COMMAND...
says() { sed -n "s/^$2 *\(:=\|[:=]\) *//p" "packaging/$1"; } # FILE WORD
check "Debian's version" is_of debian sed -n '1s/.*(\(.*\)-[^-]*).*/\1/p' packaging/debian/changelog
check "the RPM's" is_of rpm says rpm/mipclient.spec Version
check "Alpine's" is_of alpine says alpine/APKBUILD pkgver
check "OpenWrt's" is_of openwrt says openwrt/Makefile PKG_VERSION
ended
