#!/bin/bash
# SPDX-License-Identifier: MIT
# OpenWrt's recipe.  Its buildroot is not to be had here: the recipe is read by make with the few words of rules.mk and
# package.mk that it uses (below), and its steps are taken, with musl's libraries (musl.sh).  The agent that it installs
# is musl's, and serves in a handoff that loses nothing, beside a client of this machine's.
# Needs root, `scripts/setup package`, a build in $B.  Prints ok / not ok lines, then a sum; fails when one failed.
cd "$(dirname "$0")/../.." || exit 1
. tests/netns/lib.sh
. tests/packages/root.sh
. tests/packages/musl.sh
unset MAKEFLAGS MAKELEVEL

RECIPE=packaging/openwrt
check "the service script is shell" shellcheck -s sh -e SC2034 $RECIPE/files/mipagentd.init
check "libraries of musl's" musl_libraries
check "wpa_supplicant's source" wpa_tarball
[ $failed = 0 ] || { ended; exit 1; }
mkdir "$D/dl" "$D/build" "$D/top"
wpa_version=${wpa##*wpa_supplicant-}
cp "$wpa" "$D/dl/"
install -D -t "$D/uthash-2.3.0/src" /usr/include/uthash.h /usr/include/utlist.h
tar -C "$D" -czf "$D/dl/uthash-2.3.0.tar.gz" uthash-2.3.0
made_dist() { make -s dist B="$D/dl"; }
check "make dist" made_dist

cat >"$D/top/rules.mk" <<'END'
TARGET_CC = $(CC)
TARGET_CFLAGS = -Os -pipe -ffunction-sections -fdata-sections
TARGET_CPPFLAGS = $(CPPFLAGS)
TARGET_LDFLAGS = $(LDFLAGS)
TAR = tar
CP = cp -fpR
INSTALL_DIR = install -d -m0755
INSTALL_BIN = install -m0755
SHELL = /bin/bash
END
cat >"$D/top/package.mk" <<'END'
PKG_BUILD_DIR = $(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
define Build/Prepare/Default
	$(TAR) -C $(BUILD_DIR) -xf $(DL_DIR)/$(PKG_SOURCE)
endef
define BuildPackage
all:
	$$(call Build/Prepare)
	$$(call Build/Compile)
	$$(call Package/$(1)/install,$(IPKG))
endef
END
built() {
	with_musl make -C $RECIPE -f Makefile TOPDIR="$D/top" INCLUDE_DIR="$D/top" BUILD_DIR="$D/build" DL_DIR="$D/dl" \
		IPKG="$D/ipkg" WPA_VERSION="${wpa_version%.tar.gz}" all >"$D/build.log" 2>&1 || { tail -n 30 "$D/build.log"; return 1; }
}
check "the recipe builds and installs, with musl" built
[ $failed = 0 ] || { ended; exit 1; }
check "what an agent needs, and no more" [ "$(cd "$D/ipkg" && find . ! -type d -printf '%m %P\n' | sort -k2 | xargs)" = \
	"755 etc/init.d/mipagentd 755 usr/bin/mipagent 755 usr/sbin/mipagentd" ]
for p in sbin/mipagentd bin/mipagent; do
	check "${p#*/} is musl's" is_musls "$D/ipkg/usr/$p"
done
# What the program asks for at run time, as a shared build has it, and what the recipe names.
needed() { readelf -d "$B/mipagentd" "$B/mipagent" | sed -n 's/.*NEEDED.*\[lib\(.*\)\.so.*/\1/p' | grep -vE '^(c|qrencode)$' | sort -u; }
named() { sed -n 's/^ *DEPENDS:=//p' $RECIPE/Makefile | xargs -n1 | sed -n 's/^+//p' | grep -v kmod | sed 's/^lib//; s/^nl-core$/nl/; s/^nl-\(.*\)/nl-\1/' | sort -u; }
check "the recipe names the libraries that it needs" diff <(needed | sed 's/^nl-3$/nl/; s/^\(nl-.*\)-3$/\1/') <(named)

# procd, as far as the script uses it: what it would run.
procd() { # WORD: of the script
	cat >"$D/procd" <<-END
		procd_open_instance() { :; }; procd_close_instance() { :; }
		procd_set_param() { [ "\$1" != command ] || { shift; echo "runs \$*"; }; }
		procd_send_signal() { echo "signals \$*"; }
		logger() { cat >/dev/null; }
		. $PWD/$RECIPE/files/mipagentd.init
		PROG=$D/ipkg/usr/sbin/mipagentd CONFIG=$D/mipagent.conf
		$1
	END
	sh "$D/procd"
}
check "the service starts nothing without a configuration" [ -z "$(procd start_service)" ]
: >"$D/mipagent.conf"
check "and the agent, with one" [ "$(procd start_service)" = "runs $D/ipkg/usr/sbin/mipagentd -f" ]
check "it is told to read it again" [ "$(procd reload_service)" = "signals mipagentd" ]

echo "# its agent, in network namespaces"
mkdir "$D/programs"
ln -s "$(realpath "$B")"/{mipclientd,mipclient,stream} "$D"/ipkg/usr/{bin,sbin}/* "$D/programs/"
check "tests/netns/roamed.sh" env B="$D/programs" timeout 300 tests/netns/roamed.sh
grep -E '^# \{|passed' "$D/out" | sed 's/^#* */# /'
ended
