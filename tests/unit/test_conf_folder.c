/* SPDX-License-Identifier: MIT */
#include "tests/unit/conf_fixture.h"

/* Sections in files of their own, and keys that stand in the configuration itself. */
#define MAIN "[Node]\nhome-address = 10.99.0.5\n[Agent 192.0.2.1]\nspi = 300\n"

static int read_main(const char *text, mode_t mode, struct everything *out)
{
	char path[128];

	write_file("c.conf", text, strlen(text), mode);
	in_folder(path, "c.conf");
	return read_path(path, out);
}

static void make_folder(void)
{
	char path[128];

	in_folder(path, "c.conf.d");
	if (mkdir(path, 0700))
		abort();
}

static void drop_folder(void)
{
	char command[160], path[128];

	in_folder(path, "c.conf.d");
	snprintf(command, sizeof(command), "rm -r %s", path);
	if (system(command))
		abort();
}

static void says(const char *want)
{
	CU_ASSERT_STRING_EQUAL(said, want);
	if (strcmp(said, want))
		fprintf(stderr, "got:  %swant: %s", said, want);
}

static void put(const char *name, const char *text)
{
	write_file(name, text, strlen(text), 0600);
}

static void test_folder(void)
{
	struct everything c;
	char path[128];

	make_folder();
	put("c.conf.d/b.key", KEY);
	put("c.conf.d/b.conf", "[Agent 192.0.2.2]\nspi = 301\nkey-file = b.key\n");
	put("c.conf.d/.x.conf", "half a fi");
	put("c.conf.d/notes", "read me");
	CU_ASSERT_EQUAL_FATAL(read_main(MAIN, 0644, &c), 0);
	CU_ASSERT_EQUAL_FATAL(c.n_peers, 2);
	CU_ASSERT_EQUAL(c.peers[0].addr, 0xc0000201);
	CU_ASSERT_EQUAL(c.peers[1].addr, 0xc0000202);
	CU_ASSERT_EQUAL(c.peers[1].spi, 301);
	CU_ASSERT_EQUAL(c.peers[1].key.key.len, 16);
	in_folder(path, "c.conf.d/b.key");
	CU_ASSERT_STRING_EQUAL(c.peers[1].key.path, path);
	conf_free(&spec, &c);

	put("c.conf.d/a.conf", "# by hand\n[Agent 192.0.2.1]\nspi = 300\n");
	CU_ASSERT_EQUAL(read_main(MAIN, 0644, &c), -1);
	says("c.conf.d/a.conf:2: [Agent 192.0.2.1]: stands in another file, or in this one, "
	     "already (join the two)\n");
	put("c.conf.d/a.conf", "spi = 300\n");
	CU_ASSERT_EQUAL(read_main(MAIN, 0644, &c), -1);
	says("c.conf.d/a.conf:1: spi: stands before the first [section]\n");
	put("c.conf.d/a.conf", "[Agent 192.0.2.9]\n");
	CU_ASSERT_EQUAL(read_main("[Node]\nhome-address = 10.99.0.5\n", 0644, &c), -1);
	says("c.conf.d/a.conf:1: [Agent 192.0.2.9] spi: is missing\n");
	put("c.conf.d/a.conf", "[Foreign]\ncare-of = 192.0.2.1\n");
	CU_ASSERT_EQUAL(read_main(MAIN, 0644, &c), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "c.conf.d/a.conf:1: [Foreign]: belongs into "));
	put("c.conf.d/a.conf", "");
	CU_ASSERT_EQUAL(read_main("", 0644, &c), -1); /* the sections of the file itself */
	says("c.conf: [Node]: this section is missing\n");
	drop_folder();
}

static void test_inline(void)
{
	static const char with[] = "[Node]\nhome-address = 10.99.0.5\nkey = " KEY "\n";
	char text[4096] = "";
	struct everything c;
	FILE *to;

	CU_ASSERT_EQUAL_FATAL(read_main(with, 0600, &c), 0);
	CU_ASSERT_EQUAL(c.here.len, 16);
	CU_ASSERT_EQUAL(c.here.b[15], 0x0f);
	to = fmemopen(text, sizeof(text), "w");
	conf_print(&spec, &c, to);
	fclose(to);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# key: is set, and not shown\n"));
	CU_ASSERT_PTR_NULL(strstr(text, KEY));
	conf_free(&spec, &c);
	CU_ASSERT_EQUAL(c.here.len, 0);
	CU_ASSERT_EQUAL(c.here.b[15], 0);
	CU_ASSERT_EQUAL(read_main(with, 0640, &c), -1);
	says("c.conf:3: [Node] key: this file has mode 0640, others than its owner may use it "
	     "(do: chmod 600 c.conf)\n");
	CU_ASSERT_EQUAL(read_main(with, 0602, &c), -1);
}

/* Whoever puts a key at the wrong place does not find it in a log. */
static void test_never_repeated(void)
{
	static const char *const text[] = {
		"[Node]\nhome-address = 10.99.0.5\nkey = " KEY "f\n",
		"[Node]\nhome-address = 10.99.0.5\nkey = nokey" KEY "\n",
		"[Node]\nhome-address = 10.99.0.5\nkey-file = " KEY KEY "\n",
		"[Node]\nhome-address = 10.99.0.5\n" KEY "\n",
		"[Node]\nhome-address = " KEY "\n",
	};
	struct everything c;

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		CU_ASSERT_EQUAL(read_main(text[i], 0600, &c), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"...\" is "));
		CU_ASSERT_PTR_NULL(strstr(said, KEY));
	}
}

UNIT_MAIN("conf_folder", {"a folder of files", test_folder}, {"a key inside", test_inline},
	  {"a key is never repeated", test_never_repeated})
