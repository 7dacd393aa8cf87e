#!/bin/bash
# SPDX-License-Identifier: MIT
# `make deb` builds the Debian packages, its unit tests among it, twice the same; lintian has nothing to say.
# Needs `scripts/setup package`.  B=build folder.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
unset MAKEFLAGS MAKELEVEL
export DEB_BUILD_OPTIONS

hashes() { (cd "$B/deb" && sha256sum ./*.deb ./*.dsc ./*.tar.*); }
check "make deb" make -s deb B="$B"
hashes >"$D/first"
check "its unit tests ran" grep -q "Run Summary" "$B/deb/build.log"
DEB_BUILD_OPTIONS=nocheck
check "again" make -s deb B="$B"
check "the same bytes: packages, debug symbols, source" diff "$D/first" <(hashes)
lintian --pedantic --display-info --profile debian "$B"/deb/*.changes >"$D/lintian" 2>"$D/err"
check "lintian --pedantic ran" grep -qvE 'E:|internal error' <(echo; cat "$D/err")
check "and has nothing to say" [ ! -s "$D/lintian" ]
complain "$D/lintian"
ended
