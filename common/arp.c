/* SPDX-License-Identifier: MIT */
#include "common/arp.h"

#include "common/bytes.h"
#include "common/link_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARP_LEN 28 /* Ethernet and IPv4 */

static struct sockaddr_ll place(const struct arp *a)
{
	return (struct sockaddr_ll){ .sll_family = AF_PACKET,
				     .sll_protocol = htons(ETH_P_ARP),
				     .sll_ifindex = (int)a->ifindex,
				     .sll_halen = ETH_ALEN,
				     .sll_addr = { 255, 255, 255, 255, 255, 255 } };
}

int arp_about(struct arp *a, uint32_t about)
{
	/* a busy link is full of questions */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 2, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 14), /* whose word it is */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, about, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ARP_LEN),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return link_attach(a->sock, code, sizeof(code) / sizeof(*code));
}

int arp_open(struct arp *a, const char *ifname, uint32_t about)
{
	struct sockaddr_ll sa;
	struct ifreq r = { 0 };
	int err = 0;

	*a = (struct arp){ .fd = -1, .sock = -1, .ifindex = if_nametoindex(ifname) };
	if (!a->ifindex)
		return -ENODEV;
	a->sock = link_socket();
	if (a->sock < 0)
		return a->sock;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", ifname);
	sa = place(a);
	err = arp_about(a, about);
	if (!err && (ioctl(a->sock, SIOCGIFHWADDR, &r) < 0 ||
		     bind(a->sock, (struct sockaddr *)&sa, sizeof(sa)) < 0))
		err = -errno;
	memcpy(a->mac.b, r.ifr_hwaddr.sa_data, sizeof(a->mac.b));
	if (!err)
		a->fd = link_shield(a->sock);
	if (!err && a->fd >= 0)
		return 0;
	err = err ? err : a->fd;
	arp_close(a);
	return err;
}

void arp_close(struct arp *a)
{
	if (a->fd >= 0)
		close(a->fd);
	if (a->sock >= 0)
		close(a->sock);
	a->fd = a->sock = -1;
}

static int send_request(const struct arp *a, uint32_t src, uint32_t addr, const struct mac *mac)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0, ARPOP_REQUEST };
	static const struct mac nobody;
	struct sockaddr_ll to = place(a);
	uint8_t buf[ARP_LEN];
	struct wbuf w = wb_init(buf, sizeof(buf));

	if (mac)
		memcpy(to.sll_addr, mac->b, sizeof(mac->b));
	wb_bytes(&w, head, sizeof(head));
	wb_bytes(&w, a->mac.b, sizeof(a->mac.b));
	wb_u32(&w, src);
	wb_bytes(&w, nobody.b, sizeof(nobody.b));
	wb_u32(&w, addr);
	return sendto(a->sock, buf, w.len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

int arp_ask(struct arp *a, uint32_t src, uint32_t addr, const struct mac *to)
{
	return send_request(a, src, addr, to);
}

/*
 * The frame itself is from the interface's own MAC address, whoever the word is about: a switch
 * would take it for the place where that one is plugged in.
 */
int arp_announce(int sock, unsigned ifindex, uint32_t addr, const struct mac *mac)
{
	struct arp a = { .sock = sock, .ifindex = ifindex, .mac = *mac };

	return send_request(&a, addr, addr, NULL);
}

bool arp_answer(struct arp *a, uint32_t *addr, struct mac *mac)
{
	uint8_t buf[64];
	ssize_t n;

	while ((n = recv(a->sock, buf, sizeof(buf), 0)) >= 0 || errno == ENETDOWN) {
		struct rbuf r = rb_init(buf, n < 0 ? 0 : (size_t)n);

		rb_take(&r, 8);
		rb_bytes(&r, mac->b, sizeof(mac->b));
		*addr = rb_u32(&r);
		if (rb_ok(&r))
			return true;
	}
	return false;
}
