/* SPDX-License-Identifier: MIT */
/*
 * What the agent's core costs, through its own doors, on one core and virtual time.
 *
 *	engine		figures, each beside what is required of it
 *	engine check	what no other load can change: memory, allocations
 */
#include "agent/agent.h"
#include "agent/state.h"
#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FEW 1000u
#define MANY 100000u
#define FIRST_HOME 0x0a000001u /* 10.0.0.1 */
#define HOME_NET 0x0a000000u
#define HA_ADDR 0xc0000201u
#define CARE_OF 0xc6336407u
#define LINK_ADDR 0xc0a80001u
#define FROM 0xcb007109u
#define PACKET 200
#define ROUND 2000 /* packets kept at once */
#define POOL (64u << 20)

#define PACKETS_A_SECOND 5e6 /* what is required */
#define RSS_MIB 100
#define NODE_BYTES 1024

/* ---- memory: every allocation of the core comes by here (ld --wrap) ---- */

static size_t allocations, allocated;

void *__real_malloc(size_t n);
void *__real_calloc(size_t k, size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t k, size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static void *counted(void *p)
{
	allocations++;
	allocated += malloc_usable_size(p);
	return p;
}

void *__wrap_malloc(size_t n)
{
	return counted(__real_malloc(n));
}

void *__wrap_calloc(size_t k, size_t n)
{
	return counted(__real_calloc(k, n));
}

void *__wrap_realloc(void *p, size_t n)
{
	allocated -= malloc_usable_size(p);
	return counted(__real_realloc(p, n));
}

void __wrap_free(void *p)
{
	allocated -= malloc_usable_size(p);
	__real_free(p);
}

static size_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t all, rss = 0;

	if (f && fscanf(f, "%zu %zu", &all, &rss) != 2)
		rss = 0;
	if (f)
		fclose(f);
	return rss * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- an agent and its nodes ---- */

struct bench {
	struct agent_conf c;
	struct agent *a;
	void *pool;
	mtime t;
	uint64_t id;
	uint64_t delivered;
	struct agent_out out;
};

static struct bench b;

static struct sa key(uint32_t spi)
{
	struct sa sa = { .spi = spi, .alg = AUTH_HMAC_SHA256, .key.len = 32 };

	memset(sa.key.b, (int)spi, 32);
	return sa;
}

static struct instant now(void)
{
	return (struct instant){ .t = b.t, .ntp = (0xe9000000u + (uint64_t)(b.t / SEC(1))) << 32 };
}

static uint64_t next_id(void)
{
	uint64_t id = now().ntp;

	b.id = id > b.id ? id : b.id + 1;
	return b.id;
}

static struct mac station(unsigned i)
{
	return (struct mac){ { 2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
			       (uint8_t)i } };
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "engine: %s\n", what);
	exit(1);
}

/* nodes: keys for so many; they are no visitors yet */
static void start(unsigned nodes, bool home)
{
	struct instant at = { .t = 0, .ntp = 0xe9000000ull << 32 };

	memset(&b, 0, sizeof(b));
	agent_conf_default(&b.c);
	b.c.max_visitors = b.c.max_bindings = nodes;
	b.c.foreign = !home;
	b.c.home = home;
	b.c.home_agent = home ? HA_ADDR : 0;
	b.c.home_net = HOME_NET;
	b.c.home_prefix_len = 8;
	b.c.care_of = CARE_OF;
	b.c.link_addr = LINK_ADDR;
	b.c.n_links = 1;
	b.c.foreign_reverse = true;
	b.c.buffer_total = POOL;
	b.c.n_nodes = nodes;
	b.c.nodes = calloc(nodes, sizeof(*b.c.nodes));
	b.pool = aligned_alloc(4096, POOL);
	must(b.c.nodes && b.pool, "no memory");
	for (unsigned i = 0; i < nodes; i++) {
		b.c.nodes[i].home_addr = FIRST_HOME + i;
		b.c.nodes[i].sa = key(1000);
	}
	b.a = agent_new(&b.c, b.pool, &at);
	must(b.a, "no memory for the agent");
	b.t = SEC(10); /* orders older than its start are refused */
}

static void stop(void)
{
	agent_free(b.a);
	free(b.c.nodes);
	free(b.pool);
	malloc_trim(0);
}

static size_t request(unsigned i, uint64_t id, uint8_t *buf, size_t cap)
{
	struct mip_request m = { .flags = MIP_T, .lifetime_s = 1800, .home_addr = FIRST_HOME + i,
				 .home_agent = HA_ADDR, .care_of = CARE_OF, .id = id };
	struct sa sa = key(1000);
	struct wbuf w = wb_init(buf, cap);

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &sa);
	if (b.c.foreign)
		auth_append(&w, EXT_MN_FA, 0, &sa);
	return w.len;
}

static size_t reply(unsigned i, uint64_t id, uint8_t *buf, size_t cap)
{
	struct mip_reply m = { .lifetime_s = 1800, .home_addr = FIRST_HOME + i,
			       .home_agent = HA_ADDR, .id = id };
	struct sa sa = key(1000);
	struct wbuf w = wb_init(buf, cap);

	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &sa);
	return w.len;
}

static void register_node(unsigned i)
{
	struct instant at = now();
	struct mac mac = station(i);
	uint64_t id = next_id();
	uint8_t buf[300];
	size_t n = request(i, id, buf, sizeof(buf));

	if (b.c.home) {
		agent_udp(b.a, CARE_OF, 434, HA_ADDR, buf, n, &at, &b.out);
		return;
	}
	agent_link_udp(b.a, 0, &mac, FIRST_HOME + i, 5434, LINK_ADDR, 255, buf, n, &at, &b.out);
	n = reply(i, id, buf, sizeof(buf));
	agent_udp(b.a, HA_ADDR, 434, CARE_OF, buf, n, &at, &b.out);
}

static void order(unsigned i, uint8_t action)
{
	struct order o = { .message = ORDER_REQUEST, .action = action,
			   .home_addr = FIRST_HOME + i, .first_agent = CARE_OF, .id = next_id() };
	struct instant at = now();
	struct mac mac = station(i);
	struct sa sa = key(1000);
	uint8_t buf[ORDER_MAX];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	agent_link_udp(b.a, 0, &mac, FIRST_HOME + i, 5434, LINK_ADDR, 255, buf, w.len, &at, &b.out);
}

static size_t packet(unsigned i, uint8_t *buf)
{
	struct ipv4_out h = { .src = FROM, .dst = FIRST_HOME + i, .ttl = 60 };
	uint8_t payload[PACKET - 28] = { 0 };

	return udp_build(buf, PACKET, &h, 5000, 5001, payload, sizeof(payload));
}

/* Ticks until nothing is due; what it delivers is counted. */
static void run(void)
{
	struct instant at = now();
	bool more = true;

	while (more) {
		more = agent_tick(b.a, &at, &b.out);
		for (unsigned i = 0; i < b.out.n; i++)
			b.delivered += b.out.a[i].act == AGENT_DELIVER;
	}
}

/* BUFFER, a round of packets out of the home agent's tunnel, RELEASE, and all are delivered. */
static void keep_and_deliver(const uint8_t *pkt)
{
	struct instant at;
	uint8_t copy[PACKET];

	b.t += MSEC(1);
	at = now();
	order(0, ORDER_BUFFER);
	for (int i = 0; i < ROUND; i++) {
		memcpy(copy, pkt, PACKET);
		agent_tunnel(b.a, HA_ADDR, CARE_OF, copy, PACKET, &at, &b.out);
	}
	order(0, ORDER_RELEASE);
	run();
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Packets a second of CPU, the best of five: the others were disturbed. */
static double throughput(size_t *during)
{
	uint8_t pkt[PACKET];
	double best = 0;

	start(FEW, false);
	for (unsigned i = 0; i < FEW; i++)
		register_node(i);
	run();
	packet(0, pkt);
	keep_and_deliver(pkt);
	must(b.delivered == ROUND, "not every packet was kept and delivered");
	*during = allocations;
	for (int k = 0; k < 5; k++) {
		double from = seconds(), took;

		b.delivered = 0;
		for (int i = 0; i < 250; i++)
			keep_and_deliver(pkt);
		took = seconds() - from;
		must(b.delivered == 250ul * ROUND, "not every packet was kept and delivered");
		if ((double)b.delivered / took > best)
			best = (double)b.delivered / took;
	}
	*during = allocations - *during;
	stop();
	return best;
}

/* ---- idle nodes ---- */

struct idle {
	size_t bytes, rss; /* a node; of all, with their keys */
};

static struct idle idle_nodes(unsigned nodes, bool home)
{
	size_t rss = resident(), bytes;
	struct agent_binding_info x;
	struct agent_visitor_info v;
	struct agent_cursor at = { 0 };
	struct idle r;
	unsigned n = 0;

	start(nodes, home);
	bytes = allocated;
	for (unsigned i = 0; i < nodes; i++) {
		register_node(i);
		if (i % 1000 == 0) {
			b.t += SEC(1);
			run();
		}
	}
	b.t += SEC(61);
	run(); /* what is kept of a registration for a while is gone */
	r.bytes = (allocated - bytes) / nodes;
	r.rss = resident() - rss;
	while (home ? agent_binding_next(b.a, &at, &x) : agent_visitor_next(b.a, &at, &v))
		n++;
	must(n == nodes, "not every node was registered");
	return r;
}

struct events {
	double packet, query, tick; /* nanoseconds */
};

/* Of nodes taken at random, so that the caches are as cold as they would be. */
static struct events events(unsigned nodes)
{
	uint8_t pkt[PACKET];
	struct instant at = now();
	struct events e;
	uint32_t seed = 1;
	double from = seconds();

	for (int i = 0; i < 200000; i++) {
		seed = seed * 1664525u + 1013904223u;
		packet((seed >> 8) % nodes, pkt);
	}
	e.packet = from - seconds();
	from = seconds();
	for (int i = 0; i < 200000; i++) {
		seed = seed * 1664525u + 1013904223u;
		packet((seed >> 8) % nodes, pkt);
		agent_tunnel(b.a, HA_ADDR, CARE_OF, pkt, PACKET, &at, &b.out);
	}
	e.packet = (e.packet + seconds() - from) / 200000 * 1e9;
	from = seconds();
	for (int i = 0; i < 900; i++) {
		seed = seed * 1664525u + 1013904223u;
		order((seed >> 8) % nodes, ORDER_QUERY);
	}
	e.query = (seconds() - from) / 900 * 1e9;
	from = seconds();
	for (int i = 0; i < 200000; i++)
		agent_tick(b.a, &at, &b.out);
	e.tick = (seconds() - from) / 200000 * 1e9;
	return e;
}

/* Milliseconds that the home agent's loop stands while all that it keeps is taken down; *bytes. */
static double taken_down(size_t *bytes)
{
	struct instant at = now();
	size_t room = state_room(b.a, &b.c);
	uint8_t *p = malloc(room);
	double from;

	must(p, "no memory for the state");
	memset(p, 1, room);
	from = seconds();
	*bytes = state_encode(b.a, &b.c, &at, p, room);
	from = (seconds() - from) * 1e3;
	must(*bytes, "no room for the state");
	free(p);
	return from;
}

static void print_event(const char *name, double few, double many)
{
	printf("  %-34s %8.0f %8.0f %7.1f\n", name, few, many, many / few);
}

static int figures(void)
{
	struct events few, many;
	struct idle visitors, bindings;
	size_t during, state;
	double rate, stands;

	printf("The agent's engine, on one core\n\n");
	rate = throughput(&during);
	printf("  kept and delivered, %u bytes       %6.2f million a second (required: %.0f)\n",
	       PACKET, rate / 1e6, PACKETS_A_SECOND / 1e6);
	printf("  allocations in 2.5 million of them  %6zu (required: 0)\n", during);
	idle_nodes(FEW, false);
	few = events(FEW);
	stop();
	visitors = idle_nodes(MANY, false);
	many = events(MANY);
	stop();
	bindings = idle_nodes(MANY, true);
	stands = taken_down(&state);
	stop();
	printf("  an idle visitor                     %6zu bytes\n", visitors.bytes);
	printf("  %u of them, with their keys     %6.1f MiB resident (required: under %u)\n", MANY,
	       (double)visitors.rss / (1 << 20), RSS_MIB);
	printf("  a binding, at the home agent        %6zu bytes\n", bindings.bytes);
	printf("  %u of them, with their keys     %6.1f MiB resident (required: under %u)\n", MANY,
	       (double)bindings.rss / (1 << 20), RSS_MIB);
	printf("  their state, %4.1f MB, taken down     %6.1f ms\n", (double)state / 1e6, stands);
	printf("\n  nanoseconds of an event, with      %8u %8u   ratio\n", FEW, MANY);
	print_event("a packet to an idle visitor", few.packet, many.packet);
	print_event("a signed order, its Reply signed", few.query, many.query);
	print_event("a tick with nothing due", few.tick, many.tick);
	return 0;
}

static bool holds(bool ok, const char *what, size_t n)
{
	printf("%sok: %s: %zu\n", ok ? "" : "not ", what, n);
	return ok;
}

static int check(void)
{
	struct idle visitors, bindings;
	unsigned good = 0;
	size_t during;

	throughput(&during);
	visitors = idle_nodes(FEW * 10, false);
	stop();
	bindings = idle_nodes(FEW * 10, true);
	stop();
	good += holds(!during, "allocations in 2.5 million packets", during);
	good += holds(visitors.bytes < NODE_BYTES, "bytes of an idle visitor", visitors.bytes);
	good += holds(bindings.bytes < NODE_BYTES, "bytes of a binding", bindings.bytes);
	printf("%u passed, %u failed\n", good, 3 - good);
	return good != 3;
}

int main(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[1], "check") ? check() : figures();
}
