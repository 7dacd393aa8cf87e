/* SPDX-License-Identifier: MIT */
/*
 * Many nodes register with a real mipagentd, with signed messages, as fast as it answers.
 *
 *   enroll home NODES KEY HOME_AGENT CARE_OF PID     as a foreign agent that relays for them
 *   enroll visit NODES KEY HOME_AGENT IFACE MAC AGENT CARE_OF PID
 *                                                    as the nodes on a link of a foreign agent
 *   enroll reverse ...                               the same, and they want reverse tunnels
 *   enroll reach NODES COUNT ADDRESS SINK PID
 *                                   COUNT packets from ADDRESS to nodes taken at random, which
 *                                   come out at SINK: an interface, or - for a tunnel's end
 *   enroll leave NODES COUNT IFACE MAC ADDRESS PID
 *                                   COUNT packets to ADDRESS from visitors taken at random
 *
 * The first three register each node once, and then ROUND of them at most, taken at random, again:
 * what a registration costs where so many are bound.  Each Reply's authenticator is checked.  PID:
 * the daemon whose processor time is told.  Prints one line of JSON.  At most WINDOW Requests are
 * unanswered at a time; after PATIENCE one is sent anew, with another Identification.
 */
#include "common/clock.h"
#include "common/mip.h"
#include "tests/bench/nodes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define WINDOW 64
#define ROUND 2000u
#define PATIENCE 5.0 /* seconds, then it is sent again */
#define GIVE_UP 60.0 /* without one answer */

struct waiting {
	unsigned node;
	uint64_t id; /* 0: nobody waits here */
	double since;
};

static struct {
	unsigned nodes;
	struct sa sa;
	uint32_t home_agent, care_of, agent;
	int fd;
	bool on_link, reverse;
	struct mac agent_mac;
	struct waiting waiting[WINDOW];
	unsigned n_waiting;
	uint64_t last_id;
	unsigned long answered, repeated, wrong;
	uint32_t seed;
	double heard;
} e = { .seed = 1 };

static unsigned any_node(void)
{
	e.seed = e.seed * 1664525u + 1013904223u;
	return (e.seed >> 8) % e.nodes;
}

static uint64_t next_id(void)
{
	uint64_t id = instant_now().ntp;

	e.last_id = id > e.last_id ? id : e.last_id + 1;
	return e.last_id;
}

static void request(struct waiting *w)
{
	struct mip_request m = { .flags = e.reverse ? MIP_T : 0,
				 .lifetime_s = 1800,
				 .home_addr = NODES_FIRST + w->node,
				 .home_agent = e.home_agent,
				 .care_of = e.care_of };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(MIP_PORT),
				  .sin_addr.s_addr = htonl(e.home_agent) };
	struct ipv4_out h = { .src = m.home_addr, .dst = e.agent, .ttl = 255 };
	struct mac mac = nodes_mac(w->node);
	uint8_t msg[300], pkt[400];
	struct wbuf b = wb_init(msg, sizeof(msg));

	w->id = m.id = next_id();
	w->since = nodes_seconds();
	mip_request_encode(&b, &m);
	auth_append(&b, EXT_MN_HA, 0, &e.sa);
	if (!e.on_link) {
		sendto(e.fd, msg, b.len, 0, (struct sockaddr *)&to, sizeof(to));
		return;
	}
	nodes_send(e.fd, &mac, &e.agent_mac, pkt,
		   udp_build(pkt, sizeof(pkt), &h, MIP_PORT, MIP_PORT, msg, b.len));
}

static void reply(const uint8_t *p, size_t n)
{
	struct mip_exts x;
	struct mip_reply m;

	if (mip_reply_decode(p, n, &m, &x) != DROP_NONE)
		return;
	for (unsigned i = 0; i < e.n_waiting; i++) {
		struct waiting *w = &e.waiting[i];

		if (w->id != m.id || NODES_FIRST + w->node != m.home_addr)
			continue;
		if (!mip_code_accepted(m.code) || !auth_check(p, n, &x.mn_ha, &e.sa)) {
			if (!e.wrong++)
				fprintf(stderr, "enroll: node %u: %s\n", w->node,
					mip_code_text(m.code));
		}
		e.answered++;
		e.heard = nodes_seconds();
		*w = e.waiting[--e.n_waiting];
		return;
	}
}

static void hear(void)
{
	uint8_t buf[FRAME_MAX];
	struct ipv4 ip;
	struct udp udp;
	int64_t at;
	ssize_t n;

	while (!e.on_link && (n = recv(e.fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		reply(buf, (size_t)n);
	while (e.on_link && (n = (ssize_t)nodes_receive(e.fd, buf, &at)) > 0)
		if (ipv4_decode(buf + ETHER_LEN, (size_t)n - ETHER_LEN, &ip) == DROP_NONE &&
		    ip.protocol == PROTO_UDP && udp_decode(&ip, false, &udp) == DROP_NONE)
			reply(udp.payload.p, udp.payload.left);
}

static void again(void)
{
	double now = nodes_seconds();

	if (now - e.heard > GIVE_UP) {
		fprintf(stderr, "enroll: no answer, with %lu answered\n", e.answered);
		exit(1);
	}
	for (unsigned i = 0; i < e.n_waiting; i++) {
		if (now - e.waiting[i].since < PATIENCE)
			continue;
		e.repeated++;
		request(&e.waiting[i]);
	}
}

struct took {
	double seconds, cpu_us;
};

/* So many registrations: of each node once, in turn, or of nodes taken at random. */
static struct took enroll(unsigned count, bool in_turn, const char *pid)
{
	double from = nodes_seconds(), cpu = nodes_cpu_us(pid);
	struct pollfd p = { .fd = e.fd, .events = POLLIN };
	unsigned begun = 0;

	e.answered = 0;
	e.heard = from;
	while (e.answered < count) {
		while (begun < count && e.n_waiting < WINDOW) {
			e.waiting[e.n_waiting].node = in_turn ? begun : any_node();
			request(&e.waiting[e.n_waiting++]);
			begun++;
		}
		poll(&p, 1, 100);
		hear();
		again();
	}
	return (struct took){ nodes_seconds() - from, nodes_cpu_us(pid) - cpu };
}

static int registrations(const char *pid)
{
	unsigned round = e.nodes < ROUND ? e.nodes : ROUND;
	struct took new = enroll(e.nodes, true, pid), renewed = enroll(round, false, pid);

	printf("{\"nodes\": %u, \"new_per_s\": %.0f, \"new_cpu_us\": %.1f, \"again_per_s\": %.0f, "
	       "\"again_cpu_us\": %.1f, \"repeated\": %lu, \"wrong\": %lu}\n",
	       e.nodes, e.nodes / new.seconds, new.cpu_us / e.nodes, round / renewed.seconds,
	       renewed.cpu_us / round, e.repeated, e.wrong);
	return e.wrong != 0;
}

/* ---- packets, a few at a time: no queue on the way has to drop any ---- */

#define FEW 64u
#define PAYLOAD 72
#define LOST 5.0 /* seconds: it does not come any more */

static double own_cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void packet_to(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(7000),
				  .sin_addr.s_addr = htonl(NODES_FIRST + any_node()) };
	uint8_t payload[PAYLOAD] = { 0 };

	sendto(e.fd, payload, sizeof(payload), 0, (struct sockaddr *)&to, sizeof(to));
}

static void packet_from(void)
{
	unsigned i = any_node();
	struct ipv4_out h = { .src = NODES_FIRST + i, .dst = e.agent, .ttl = 64 };
	struct mac mac = nodes_mac(i);
	uint8_t payload[PAYLOAD] = { 0 }, pkt[PAYLOAD + 28];

	nodes_send(e.fd, &mac, &e.agent_mac, pkt,
		   udp_build(pkt, sizeof(pkt), &h, 7000, 7000, payload, sizeof(payload)));
}

/* Advertisements go to all.  Packets to one node that came at once may be one for the kernel. */
static unsigned arrived(int sink, bool link)
{
	static uint8_t buf[65536];
	unsigned some = 0;
	ssize_t n;

	while ((n = recv(sink, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		some += !link ? 1 : buf[0] & 1 ? 0 : (unsigned)(n - ETHER_LEN - 28) / PAYLOAD;
	return some;
}

/* What the daemon takes for each, and what this process does: on a link the kernel on its other
 * end works at the sender's expense. */
static int packets(unsigned count, void (*packet)(void), int sink, bool link, const char *pid)
{
	double cpu = nodes_cpu_us(pid), own = 0, from, since;
	struct pollfd p = { .fd = sink, .events = POLLIN };
	unsigned sent = 0, came = 0;

	while (sent < count) {
		from = own_cpu_us();
		for (unsigned i = 0; i < FEW && sent < count; i++, sent++)
			packet();
		own += own_cpu_us() - from;
		since = nodes_seconds();
		while (came < sent && nodes_seconds() - since < LOST) {
			poll(&p, 1, 100);
			came += arrived(sink, link);
		}
		if (came < sent)
			break;
	}
	printf("{\"nodes\": %u, \"packets\": %u, \"cpu_us\": %.2f, \"sender_us\": %.2f}\n",
	       e.nodes, came, (nodes_cpu_us(pid) - cpu) / count, own / count);
	return came != count;
}

int main(int argc, char **argv)
{
	e.nodes = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	if (e.nodes < 1 || e.nodes > NODES_MAX)
		goto usage;
	if (argc == 7 && !strcmp(argv[1], "reach")) {
		bool link = strcmp(argv[5], "-") != 0;
		int sink = link ? nodes_link(argv[5]) : socket(AF_INET, SOCK_RAW, IPPROTO_IPIP);

		e.fd = nodes_udp(argv[4], 0);
		return packets((unsigned)atoi(argv[3]), packet_to, sink, link, argv[6]);
	}
	if (argc == 8 && !strcmp(argv[1], "leave") && mac_parse(argv[5], &e.agent_mac)) {
		e.fd = nodes_link(argv[4]);
		e.agent = nodes_addr(argv[6]);
		return packets((unsigned)atoi(argv[3]), packet_from, nodes_udp(argv[6], 7000),
			       false, argv[7]);
	}
	if (argc < 7)
		goto usage;
	e.sa = nodes_key(argv[3]);
	e.home_agent = nodes_addr(argv[4]);
	if (argc == 7 && !strcmp(argv[1], "home")) {
		e.reverse = true;
		e.care_of = nodes_addr(argv[5]);
		e.fd = nodes_udp(argv[5], MIP_PORT);
		return registrations(argv[6]);
	}
	e.reverse = !strcmp(argv[1], "reverse");
	if (argc == 10 && (e.reverse || !strcmp(argv[1], "visit")) &&
	    mac_parse(argv[6], &e.agent_mac)) {
		e.on_link = true;
		e.fd = nodes_link(argv[5]);
		e.agent = nodes_addr(argv[7]);
		e.care_of = nodes_addr(argv[8]);
		return registrations(argv[9]);
	}
usage:
	fprintf(stderr, "usage: see the head of tests/bench/enroll.c\n");
	return 2;
}
