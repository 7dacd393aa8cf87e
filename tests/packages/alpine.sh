#!/bin/bash
# SPDX-License-Identifier: MIT
# Alpine's recipe, with musl.  Debian has neither abuild nor musl's libraries: the recipe's own functions are run in
# abuild's order (below, what it calls), with the libraries built of Debian's sources (musl.sh).  Everything is
# compiled and linked, the unit tests run, and what is packed hands off, and loses nothing.
# Needs root, `scripts/setup package`.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/packages/root.sh
. tests/packages/musl.sh
unset MAKEFLAGS MAKELEVEL

RECIPE=packaging/alpine
check "the recipe is shell" shellcheck -s sh -e SC2034,SC2154,SC3043 $RECIPE/APKBUILD $RECIPE/mip-common.pre-install
check "libraries of musl's" musl_libraries
check "wpa_supplicant's source" wpa_tarball
[ $failed = 0 ] || { ended; exit 1; }

# abuild, as far as the recipe uses it.
cat >"$D/abuild" <<'END'
set -eu
amove() {
	for at; do
		mkdir -p "$subpkgdir/${at%/*}"
		mv "$pkgdir/$at" "$subpkgdir/$at"
	done
}
default_openrc() { amove etc/init.d; }
doc() { amove usr/share/doc; amove usr/share/man; }
. "$startdir/APKBUILD"
builddir=$srcdir/$pkgname-$pkgver
for s in $source; do
	case $s in
	*.tar.gz) tar -C "$srcdir" -xf "$srcdir/$s" ;;
	*) [ -s "$startdir/$s" ] ;;
	esac
done
pkgdir=$pkgbase/$pkgname
mkdir -p "$pkgdir"
cd "$builddir"
build
[ -z "$CHECK" ] || check
package
for s in $subpackages; do
	subpkgname=${s%%:*} split=${s#*:} install=
	[ "$split" != "$s" ] || split=${s##*-}
	subpkgdir=$pkgbase/$subpkgname
	mkdir -p "$subpkgdir"
	(${split%%:*})
done
END
mkdir "$D/src" "$D/pkg"
cp "$wpa" "$D/src/"
made_dist() { make -s dist B="$D/src"; }
check "make dist" made_dist
made() {
	local version=${wpa##*wpa_supplicant-}
	sed "s/^_wpaver=.*/_wpaver=${version%.tar.gz}/" $RECIPE/APKBUILD >"$D/recipe/APKBUILD" &&
		with_musl env CHECK=1 startdir="$D/recipe" srcdir="$D/src" pkgbase="$D/pkg" sh "$D/abuild" >"$D/build.log" 2>&1 ||
		{ tail -n 30 "$D/build.log"; return 1; }
}
cp -r $RECIPE "$D/recipe"
check "the recipe builds, tests and packs, with musl" made
[ $failed = 0 ] || { ended; exit 1; }
ran() { awk '/^ +tests +[0-9]/ {p += $4; f += $5} END {print p, "unit tests, failed:", f; exit !(p > 500 && f == 0)}' "$D/build.log"; }
check "its unit tests ran" ran
complain
packed() { (cd "$D/pkg" && find . ! -type d -printf '%P\n' | grep -vE '^mipclient-doc/' | sort); }
wanted() {
	printf '%s\n' mipagent/usr/bin/mipagent mipagent/usr/sbin/mipagentd mipagent-openrc/etc/init.d/mipagentd \
		mipclient/usr/bin/mipclient mipclient/usr/sbin/mipclientd mipclient-openrc/etc/init.d/mipclientd \
		mipclient-bash-completion/usr/share/bash-completion/completions/mip{agent,client} \
		mipclient-fish-completion/usr/share/fish/vendor_completions.d/mip{agent,client}.fish \
		mipclient-zsh-completion/usr/share/zsh/site-functions/_mip | sort
}
check "each package has what it is for" diff <(wanted) <(packed)
check "the folder of the configuration is there" [ -d "$D/pkg/mip-common/etc/mip" ]
check "manuals: eight" [ "$(find "$D/pkg/mipclient-doc/usr/share/man" -type f | wc -l)" = 8 ]
init_scripts() { grep -hE '^command=' "$D"/pkg/*-openrc/etc/init.d/* | sort | xargs; }
check "init scripts name the installed programs" [ "$(init_scripts)" = "command=/usr/sbin/mipagentd command=/usr/sbin/mipclientd" ]
programs=("$D"/pkg/mip{client,agent}/usr/{bin,sbin}/*)
for p in "${programs[@]}"; do
	check "${p##*/} is musl's" is_musls "$p"
done

echo "# what was packed, in network namespaces"
mkdir "$D/programs"
ln -s "${programs[@]}" "$D/src/mipclient-$(sed -n 's/^VERSION = //p' Makefile)/build/stream" "$D/programs/"
for t in roamed keys privileges; do
	check "tests/netns/$t.sh, with musl's programs" env B="$D/programs" timeout 300 tests/netns/$t.sh
	grep -E '^# \{|passed' "$D/out" | sed 's/^#* */# /'
done
ended
