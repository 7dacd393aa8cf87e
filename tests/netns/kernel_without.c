/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a daemon: a kernel, or a device, that lacks what makes the data path fast.
 *   WITHOUT=large    no large packets at the TUN, no bursts out of and into a UDP socket
 *   WITHOUT=uso      a TUN that takes no gathered datagrams
 *   WITHOUT=gathered a TUN that said that it takes them, and does not
 *   WITHOUT=device   a device that cannot send bursts
 *   WITHOUT=room     two bursts of nine have no room in the device's queue
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static bool without(const char *what)
{
	const char *w = getenv("WITHOUT");

	return w && !strcmp(w, what);
}

static int refuse(int err)
{
	errno = err;
	return -1;
}

static void *original(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, void *) =
		(int (*)(int, unsigned long, void *))original("ioctl");
	const struct ifreq *r;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	r = arg;
	if (request == TUNSETIFF && without("large") && r->ifr_flags & IFF_VNET_HDR)
		return refuse(EINVAL);
	if (request == TUNSETOFFLOAD && without("uso") && (unsigned long)arg & 0x60)
		return refuse(EINVAL);
	return next(fd, request, arg);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t n)
{
	int (*next)(int, int, int, const void *, socklen_t) =
		(int (*)(int, int, int, const void *, socklen_t))original("setsockopt");

	if (level == SOL_UDP && without("large"))
		return refuse(ENOPROTOOPT);
	return next(fd, level, option, value, n);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	ssize_t (*next)(int, const struct iovec *, int) =
		(ssize_t(*)(int, const struct iovec *, int))original("writev");
	const struct virtio_net_hdr *h = iov->iov_base;

	if (without("gathered") && n == 2 && iov->iov_len == sizeof(*h) && h->gso_type)
		return refuse(EINVAL);
	return next(fd, iov, n);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) =
		(ssize_t(*)(int, const struct msghdr *, int))original("sendmsg");
	static unsigned bursts;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_SEGMENT)
			continue;
		if (without("device"))
			return refuse(EIO);
		if (without("room") && ++bursts % 9 < 2)
			return refuse(ENOBUFS);
	}
	return next(fd, m, flags);
}
