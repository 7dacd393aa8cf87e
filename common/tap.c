/* SPDX-License-Identifier: MIT */
#include "common/link.h"

#include "common/link_priv.h"
#include "common/log.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIP_PORT 434
#define ADVERTISEMENT 9 /* ICMP type */

static int attach_filter(int fd, uint32_t addr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, PACKET_MULTICAST, 12, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, addr, 0, 10),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 8, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_UDP, 0, 2),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MIP_PORT, 3, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_ICMP, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0), /* an agent answers a solicitation so */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ADVERTISEMENT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 1),
	};

	return link_attach(fd, code, sizeof(code) / sizeof(*code));
}

int tap_open(struct tap *t, const char *ifname, uint32_t addr)
{
	unsigned ifindex = if_nametoindex(ifname);
	int err = ifindex ? 0 : -ENODEV, size = 1;

	*t = (struct tap){ .fd = -1, .sock = -1 };
	if (!err) {
		t->sock = link_socket();
		err = t->sock < 0 ? t->sock : attach_filter(t->sock, addr);
	}
	/* The kernel's minimum: one packet or two; the others are counted as drops, at no cost. */
	if (!err && setsockopt(t->sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		err = -errno;
	if (!err)
		err = link_bind(t->sock, ifindex);
	if (!err) {
		t->fd = link_shield(t->sock);
		err = t->fd < 0 ? t->fd : 0;
	}
	if (!err)
		return 0;
	log_error("tap %s: cannot open: %s", ifname, strerror(-err));
	tap_close(t);
	return err;
}

int tap_about(struct tap *t, uint32_t addr)
{
	return attach_filter(t->sock, addr);
}

void tap_close(struct tap *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->sock >= 0)
		close(t->sock);
	t->fd = t->sock = -1;
}

uint64_t tap_count(struct tap *t)
{
	struct tpacket_stats s;
	socklen_t n = sizeof(s);

	/* tp_packets includes tp_drops, and reading starts both anew. */
	if (!getsockopt(t->sock, SOL_PACKET, PACKET_STATISTICS, &s, &n))
		t->total += s.tp_packets;
	return t->total;
}

bool tap_drain(struct tap *t)
{
	bool any = false;
	char byte;

	for (;;) {
		if (recv(t->sock, &byte, sizeof(byte), 0) >= 0)
			any = true;
		else if (errno != ENETDOWN) /* told once when the interface goes down */
			return any;
	}
}
