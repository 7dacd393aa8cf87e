#!/bin/bash
# SPDX-License-Identifier: MIT
# The RPM spec file: it is understood, builds by rpmbuild on this machine with the library that it has and, as on
# Fedora, with wpa_supplicant's source in its place, twice the same, and packs all that `make install` installs.
# Needs `scripts/setup package`.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/packages/root.sh
unset MAKEFLAGS MAKELEVEL

SPEC=packaging/rpm/mipclient.spec
rpms=()
hashes() { (cd "$B/rpm/RPMS" && sha256sum ./*/*.rpm); }
macros=()
command -v dnf >/dev/null || macros=(--load packaging/rpm/macros)
names() { rpmspec "${macros[@]}" -q --qf '%{NAME}\n' "$SPEC" | sort | xargs; }
check "rpmspec reads the spec file: three packages" [ "$(names)" = "mip-common mipagent mipclient" ]
check "make rpm" make -s rpm B="$B"
hashes >"$D/first"
check "again" make -s rpm B="$B"
check "the same bytes" diff "$D/first" <(hashes)
mapfile -t rpms < <(find "$(realpath "$B")/rpm/RPMS" -name '*.rpm')
lint() { [ "$(rpmlint -c packaging/rpm/rpmlint.toml "$SPEC" "${rpms[@]}" | tee /dev/stderr | grep -cE ': [EW]: ')" = 0 ]; }
check "rpmlint has nothing to say" lint
unpacked() { # FOLDER: all of them
	local r
	mkdir -p "$1" && for r in "${rpms[@]}"; do rpm2cpio "$r" | (cd "$1" && cpio --quiet -idmu) || return 1; done
}
check "they are unpacked" unpacked "$D/packed"
files() { (cd "$1" && find . \( -type f -o -type l \) ! -path './usr/share/doc/*' ! -path './usr/share/licenses/*' ! -path './usr/lib/.build-id/*' | sort); }
check "make install, beside them" make -s install B="$B" DESTDIR="$D/installed" PREFIX=/usr
check "they have all that it installs, and nothing else" diff <(files "$D/installed") <(files "$D/packed")
runs() { [ "$("$1" -V)" = "${1##*/} $(sed -n 's/^VERSION = //p' Makefile)" ]; } # PROGRAM
for p in sbin/mipclientd bin/mipclient sbin/mipagentd bin/mipagent; do
	check "$p runs" runs "$D/packed/usr/$p"
done
check "scriptlets are shell" sh -c 'for r; do rpm -qp --scripts "$r"; done | sed "/ scriptlet (/d; /^[a-z]* program:/d" | sh -n' sh "${rpms[@]}"
check "wpa_supplicant's source is here" wpa_tarball
check "make rpm, with it" make -s rpm B="$B" WPA_TARBALL="$wpa"
mapfile -t rpms < <(find "$(realpath "$B")/rpm/RPMS" -name '*.rpm')
rm -rf "$D/packed"
check "they are unpacked" unpacked "$D/packed"
check "the client runs" runs "$D/packed/usr/sbin/mipclientd"
check "the library was built from it" grep -q 'obj/wpa/common/wpa_ctrl.o' "$B/rpm/build.log"
ended
