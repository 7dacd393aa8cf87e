/* SPDX-License-Identifier: MIT */
#include "tests/unit/conf_fixture.h"

/* Sections of one kind, as many as there may be: by address and by name, in turn. */
#define MOST 1000u

struct one {
	uint32_t addr;
	char name[CONF_NAME_MAX];
	int spi;
	struct secret key;
};

struct all {
	struct one *nodes;
	unsigned n;
};

static const struct conf_section kinds[] = {
	{ .name = "Node *",
	  .present_offset = SIZE_MAX,
	  .array_offset = offsetof(struct all, nodes),
	  .count_offset = offsetof(struct all, n),
	  .element_size = sizeof(struct one),
	  .addr_offset = offsetof(struct one, addr),
	  .max = MOST,
	  .named = true,
	  .name_offset = offsetof(struct one, name) },
};

static const struct conf_key their_keys[] = {
	{ .section = "Node *",
	  .key = "spi",
	  .type = CONF_INT,
	  .offset = offsetof(struct one, spi),
	  .min = 256,
	  .max = INT32_MAX,
	  .preset = "256" },
	{ .section = "Node *",
	  .key = "key",
	  .type = CONF_KEY,
	  .offset = offsetof(struct one, key) },
};

static const struct conf_spec many = {
	.sections = kinds,
	.n_sections = 1,
	.keys = their_keys,
	.n_keys = 2,
};

/* n of them, and then what follows. */
static int read_many(unsigned n, const char *more, struct all *out)
{
	static char text[256 * (MOST + 2)];
	char path[128];
	size_t len = 0;
	int ret;

	for (unsigned i = 0; i < n; i++) {
		len += i % 2 ? (size_t)sprintf(text + len, "[Node n%u@home]\n", i)
			     : (size_t)sprintf(text + len, "[Node 10.0.%u.1]\n", i / 2);
		len += (size_t)sprintf(text + len, "spi = %u\nkey = " KEY "\n", 300 + i);
	}
	len += (size_t)sprintf(text + len, "%s", more);
	write_file("m.conf", text, len, 0600);
	in_folder(path, "m.conf");
	ret = read_by(&many, path, out);
	unlink(path);
	return ret;
}

static void test_all_there(void)
{
	static const unsigned sizes[] = { 0, 1, 15, 16, 17, 31, 32, 33, 500 };
	char name[32];
	struct all c;

	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		CU_ASSERT_EQUAL_FATAL(read_many(sizes[k], "", &c), 0);
		CU_ASSERT_EQUAL_FATAL(c.n, sizes[k]);
		for (unsigned i = 0; i < c.n; i++) {
			sprintf(name, "n%u@home", i);
			CU_ASSERT_EQUAL(c.nodes[i].spi, (int)(300 + i));
			CU_ASSERT_EQUAL(c.nodes[i].key.len, 16);
			CU_ASSERT_EQUAL(c.nodes[i].addr,
					i % 2 ? 0 : 0x0a000001 + (i / 2 << 8));
			CU_ASSERT_STRING_EQUAL(c.nodes[i].name, i % 2 ? name : "");
		}
		conf_free(&many, &c);
	}
}

static void twice(const char *title, unsigned of)
{
	char more[64], want[128];
	struct all c;

	sprintf(more, "[%s]\n", title);
	sprintf(want, "m.conf:%u: [%s]: stands in the file already (join the two)\n", 3 * of + 1,
		title);
	CU_ASSERT_EQUAL(read_many(of, more, &c), -1);
	CU_ASSERT_STRING_EQUAL(said, want);
}

static void test_twice(void)
{
	twice("Node 10.0.0.1", 500);
	twice("Node 10.0.249.1", 500);
	twice("Node n1@home", 500);
	twice("Node n499@home", 500);
	twice("Node 10.0.0.1", 1);
	twice("Node 10.0.8.1", 17);
}

static void test_too_many(void)
{
	static char more[MOST * 20];
	struct all c;
	size_t len = 0;

	for (unsigned i = 0; i < MOST - 500; i++)
		len += (size_t)sprintf(more + len, "[Node m%u@home]\n", i);
	CU_ASSERT_EQUAL_FATAL(read_many(500, more, &c), 0);
	CU_ASSERT_EQUAL(c.n, MOST);
	conf_free(&many, &c);
	sprintf(more + len, "[Node 192.0.2.1]\n");
	CU_ASSERT_EQUAL(read_many(500, more, &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "m.conf:2001: [Node 192.0.2.1]: is one section too many "
				     "(expected at most 1000 of its kind)\n");
}

UNIT_MAIN("conf_many", {"all are there", test_all_there}, {"one that is there twice", test_twice},
	  {"one too many", test_too_many})
