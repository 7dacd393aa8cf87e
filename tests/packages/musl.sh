# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind root.sh: what Alpine and OpenWrt have and Debian has not, built of Debian's sources with musl's
# compiler (musl-tools), static, once: the libraries, under ~/.cache/mipclient/musl.
musl=${cache:?}/musl

library() { # NAME COMMAND: in its source; says what went wrong
	(cd "$musl/src/$1" && eval "$2") >"$musl/$1.log" 2>&1 && return
	tail -n 20 "$musl/$1.log"; return 1
}
musl_compiler() { # the kernel's headers are not musl's
	local h arch
	arch=$(gcc -print-multiarch)
	mkdir -p "$musl/kernel" "$musl/root/include" "$musl/root/lib"
	for h in /usr/include/linux /usr/include/asm-generic "/usr/include/$arch/asm"; do ln -sfn "$h" "$musl/kernel/"; done
	printf '#!/bin/sh\nexec musl-gcc "$@" -idirafter %s\n' "$musl/kernel" >"$musl/cc"
	chmod 755 "$musl/cc"
	cp /usr/include/uthash.h /usr/include/utlist.h "$musl/root/include/"
}
described() { # NAME LIBRARY [FOLDER]: for pkg-config
	printf '%s\n' "Name: $1" "Description: $1" "Version: 1" "Cflags: -I$musl/root/include/$3" "Libs: -L$musl/root/lib -l$2" \
		>"$musl/root/lib/pkgconfig/$1.pc"
}
# Debian's source of it cannot be had everywhere; its one object asks nothing of a libc that musl has not.
inih() {
	cp /usr/include/ini.h "$musl/root/include/" && cp "/usr/lib/$(gcc -print-multiarch)/libinih.a" "$musl/root/lib/" && described inih inih
}
musl_libraries() { # says why not
	local configure cmake
	configure="./configure CC=$musl/cc --prefix=$musl/root --libdir=$musl/root/lib --host=$(uname -m)-linux-musl --disable-shared --enable-static"
	cmake="cmake -S . -B b -DCMAKE_C_COMPILER=$musl/cc -DCMAKE_INSTALL_PREFIX=$musl/root -DCMAKE_INSTALL_LIBDIR=lib"
	[ "$(cat "$musl/done" 2>/dev/null)" != "$(cksum <tests/packages/musl.sh)" ] || return 0
	rm -rf "$musl"
	musl_compiler
	echo "# building libraries with musl: some minutes" >&2
	sources "$musl/src" nettle libcap-ng libseccomp jansson libuv1 libnl3 ncurses cunit || return 1
	library nettle "$configure --disable-openssl --disable-documentation --disable-public-key && make && make install" &&
		library libcap-ng "$configure --without-python --without-python3 && make -C src install" &&
		library libseccomp "$configure && make -C include install && make -C src install && make install-pkgconfDATA" &&
		library jansson "$cmake -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON -DJANSSON_EXAMPLES=OFF && make -C b install" &&
		library libuv1 "$cmake -DBUILD_TESTING=OFF -DLIBUV_BUILD_SHARED=OFF && make -C b install && ln -sf libuv_a.a \$musl/root/lib/libuv.a" &&
		library libnl3 "$configure --disable-cli --disable-debug && make && make install" &&
		library ncurses "$configure --enable-widec --without-cxx --without-cxx-binding --without-ada --without-tests \
			--without-progs --without-manpages --without-debug --disable-db-install \
			--with-default-terminfo-dir=/usr/share/terminfo && make libs && make install.libs install.includes" &&
		described ncursesw ncursesw ncursesw && inih &&
		library cunit "$configure && make -C CUnit/Sources install && make -C CUnit/Headers install" &&
		cksum <tests/packages/musl.sh >"$musl/done"
}
# Builds with them: what a distribution of musl has.
with_musl() { # COMMAND...: a build of its own
	env -u B CC="$musl/cc" CPPFLAGS="-I$musl/root/include" LDFLAGS="-static -L$musl/root/lib" PKG_CONFIG_LIBDIR="$musl/root/lib/pkgconfig" "$@"
}
is_musls() { # PROGRAM: static, and nothing of glibc's
	[ -x "$1" ] && ! readelf -lW "$1" | grep -q INTERP && ! grep -qaE 'GNU C Library|GLIBC_' "$1"
}
