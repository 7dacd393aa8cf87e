# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced behind lib.sh: a machine boots here, in namespaces, from a root that an overlay keeps as it is; this
# tree is its /work.  There the script that asked for it is run again with MIP_GUEST set; what it says counts here.
# Needs root, and cgroups of version 2.
first=first_systemd # what prints the end of the commands of its first process; first_shell: that is the script

machine() { # LOWER [SOURCE TARGET]...: how it begins; namespaces are those of whoever runs it
	cat <<-END
		set -e
		mount --make-rprivate /
		mount -t tmpfs none $D/ram
		mkdir $D/ram/upper $D/ram/work $D/ram/new
		mount -t overlay -o lowerdir=$1,upperdir=$D/ram/upper,workdir=$D/ram/work overlay $D/ram/new
		cd $D/ram/new
		mkdir -p old work
		mount --bind "$PWD" work
	END
	shift
	while [ $# -gt 0 ]; do
		echo "mkdir -p ./$2; mount --bind '$1' ./$2"
		shift 2
	done
	cat <<-END
		mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t cgroup2 cgroup2 sys/fs/cgroup
		for at in run tmp dev; do mount -t tmpfs -o mode=755 none \$at; done
		mkdir -m 1777 dev/shm; mkdir dev/net dev/pts
		mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx
		for n in null zero full random urandom tty; do touch dev/\$n; mount --bind /dev/\$n dev/\$n; done
		touch dev/net/tun; mknod -m 666 $D/ram/tun c 10 200; mount --bind $D/ram/tun dev/net/tun
		touch work-out; mount --bind "$D/guest" work-out
	END
}
first_systemd() { # SCRIPT
	cat <<-END
		mkdir -p run/systemd/system
		cat >run/systemd/system/test.service <<-UNIT
			[Unit]
			DefaultDependencies=no
			Wants=systemd-journald.service
			After=systemd-journald.service
			SuccessAction=exit
			FailureAction=exit
			[Service]
			Type=oneshot
			Environment=MIP_GUEST=1 TMPDIR=/root
			ExecStart=/bin/bash -c '/work/$1 >/work-out 2>&1'
			TimeoutStartSec=240
		UNIT
		pivot_root . old; umount -l old
		exec env -i container=test /lib/systemd/systemd --unit=test.service --log-target=journal --show-status=false
	END
}
first_shell() { # SCRIPT
	cat <<-END
		pivot_root . old; umount -l old
		exec env -i MIP_GUEST=1 TMPDIR=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin /work/$1 >/work-out 2>&1
	END
}
booted() {
	echo $BASHPID >"$group/cgroup.procs"
	exec timeout 300 unshare -mpfCnui --kill-child bash "$D/init"
}
boots() { # SCRIPT LOWER [SOURCE TARGET]...: of the overlay, what is mounted in it; to its end
	local script=$1
	shift
	mkdir -p "$D/ram" "$D/cgroup"; : >"$D/guest"
	mount -t cgroup2 none "$D/cgroup" || exit 2
	group=$D/cgroup/mip-$$
	mkdir "$group"
	{ machine "$@"; $first "$script"; } >"$D/init"
	(booted) >"$D/boot" 2>&1 || complain "$D/boot"
	grep -v " passed, " "$D/guest"
	passed=$((passed + $(grep -c '^ok ' "$D/guest"))) failed=$((failed + $(grep -c '^not ok ' "$D/guest")))
	grep -q ' passed, 0 failed$' "$D/guest"; result $? "the machine came to its end"
	[ -s "$D/guest" ] || complain "$D/boot"
	find "$group" -depth -type d -exec rmdir {} \;
	umount "$D/cgroup"
}
