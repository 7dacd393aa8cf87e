/* SPDX-License-Identifier: MIT */
#include "tests/unit/conf_fixture.h"

static void keyfile_case(const char *content, mode_t mode, const char *reason)
{
	char want[512];

	write_file("k", content, strlen(content), mode);
	snprintf(want, sizeof(want), "[Node] key-file: \"k\" %s", reason);
	refused("key-file = k", want);
}

static void test_keyfiles(void)
{
	static const char no_key[] =
	    "holds no key (expected one line of 32 to 128 hex digits, an even number)";
	char path[128], other[128], longest[140], want[300];
	struct everything c;

	write_file("k", KEY "\n", strlen(KEY) + 1, 0600);
	CU_ASSERT_TRUE_FATAL(accepted("key-file = k", &c));
	CU_ASSERT_EQUAL(c.key.key.len, 16);
	CU_ASSERT_EQUAL(c.key.key.b[15], 0x0f);
	in_folder(path, "k");
	CU_ASSERT_STRING_EQUAL(c.key.path, path);
	conf_free(&spec, &c);
	CU_ASSERT_EQUAL(c.key.key.len, 0);
	CU_ASSERT_EQUAL(c.key.key.b[15], 0);

	write_file("k", "AbCdEf" KEY KEY, 70, 0400);
	CU_ASSERT_TRUE_FATAL(accepted("key-file = k", &c));
	CU_ASSERT_EQUAL(c.key.key.len, 35);
	CU_ASSERT_EQUAL(c.key.key.b[0], 0xab);
	conf_free(&spec, &c);

	keyfile_case(KEY, 0640,
		     "has mode 0640, others than its owner may use it (do: chmod 600 k)");
	keyfile_case(KEY, 0604,
		     "has mode 0604, others than its owner may use it (do: chmod 600 k)");
	keyfile_case("", 0600, no_key);
	keyfile_case("000102030405060708090a0b0c0d0e", 0600, no_key);
	keyfile_case(KEY "0", 0600, no_key);
	keyfile_case(KEY "zz", 0600, no_key);
	keyfile_case(KEY "\n" KEY "\n", 0600, no_key);
	memset(longest, 'a', sizeof(longest));
	longest[128] = '\0';
	write_file("k", longest, 128, 0600);
	CU_ASSERT_TRUE_FATAL(accepted("key-file = k", &c));
	CU_ASSERT_EQUAL(c.key.key.len, 64);
	conf_free(&spec, &c);
	longest[128] = 'a';
	longest[130] = '\0';
	keyfile_case(longest, 0600, no_key);

	in_folder(other, "link");
	CU_ASSERT_EQUAL(symlink("k", other), 0);
	refused("key-file = link",
		"[Node] key-file: \"link\" is a symbolic link (name the file that it points to)");
	unlink(other);
	unlink(path);
	refused("key-file = k", "[Node] key-file: \"k\" does not exist (make one: umask 077; "
				"openssl rand -hex 32 > k)");
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	refused("key-file = k", "[Node] key-file: \"k\" is not a regular file (expected a file "
				"with one line of hex digits)");
	unlink(path);
	if (geteuid() == 0) {
		write_file("k", KEY, strlen(KEY), 0600);
		CU_ASSERT_EQUAL(chown(path, 12345, 0), 0);
		snprintf(want, sizeof(want),
			 "[Node] key-file: \"k\" belongs to somebody else (do: chown root k)");
		refused("key-file = k", want);
		unlink(path);
	}
}

/* Of the key file, and of the file with the key in it: refused with these words, or taken. */
static void folder_case(mode_t mode, uid_t owner, gid_t group, const char *words)
{
	static const char *const settings[] = { "key-file = k", "key = " KEY };
	char text[256], path[128];
	struct everything c;

	in_folder(path, "c.conf");
	CU_ASSERT_EQUAL_FATAL(chown(folder, owner, group), 0);
	CU_ASSERT_EQUAL_FATAL(chmod(folder, mode), 0);
	for (size_t i = 0; i < 2; i++) {
		int n = snprintf(text, sizeof(text), "[Node]\nhome-address = 10.99.0.5\n%s\n",
				 settings[i]);
		bool taken;

		write_file("c.conf", text, (size_t)n, 0600);
		taken = read_path(path, &c) == 0;
		if (taken)
			conf_free(&spec, &c);
		CU_ASSERT_EQUAL(taken, words == NULL);
		CU_ASSERT_TRUE(words == NULL || strstr(said, words) != NULL);
		unlink(path);
	}
}

/* Where others may put another file in the place of a key, it is none. */
static void test_folders(void)
{
	char path[128];

	write_file("k", KEY "\n", strlen(KEY) + 1, 0600);
	in_folder(path, "k");
	folder_case(0700, geteuid(), getegid(), NULL);
	folder_case(0755, geteuid(), getegid(), NULL);
	folder_case(0757, geteuid(), getegid(),
		    "stands in a folder of mode 0757, where others may put another one in its "
		    "place (do: chmod go-w ");
	folder_case(01777, geteuid(), getegid(), NULL); /* as /tmp */
	if (geteuid() == 0) {
		folder_case(0770, 0, 0, NULL);
		folder_case(0770, 0, 12345, "stands in a folder of mode 0770");
		folder_case(0700, 12345, 0, "stands in a folder that belongs to somebody else");
	}
	chown(folder, geteuid(), getegid());
	chmod(folder, 0700);
	unlink(path);
}

static void print_to(const struct everything *c, char *out, size_t size)
{
	FILE *f;

	memset(out, 0, size);
	f = fmemopen(out, size, "w");
	if (!f)
		abort();
	conf_print(&spec, c, f);
	fclose(f);
}

static void round_trip(const char *text, const char *must_have)
{
	char first[4096], second[4096];
	struct everything c;

	CU_ASSERT_EQUAL_FATAL(read_text(text, &c), 0);
	print_to(&c, first, sizeof(first));
	conf_free(&spec, &c);
	CU_ASSERT_EQUAL_FATAL(read_text(first, &c), 0);
	print_to(&c, second, sizeof(second));
	conf_free(&spec, &c);
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_PTR_NOT_NULL(strstr(first, must_have));
	CU_ASSERT_PTR_NULL(strstr(first, KEY));
}

static void test_round_trip(void)
{
	char path[128];

	in_folder(path, "k");
	write_file("k", KEY "\n", strlen(KEY) + 1, 0600);
	round_trip("[Node]\nhome-address = 10.99.0.5\n", "lease = 8 s\n");
	round_trip(
	    "[Node]\nhome-address = 0.0.0.0\nnetwork = 10.99.0.0/24\n"
	    "networks = 10.0.0.0/8 0.0.0.0/5\nreverse-tunnel = "
	    "no\nleave-below = -71\n"
	    "lease = 1500 ms\nsettle = 0 s\nsize = 0 B\nper-node = 7 packets, 1000 B\ncontrol =\n"
	    "interface = wlan0\nlinks = wlan0 wlan1\nmacs = 02:00:00:00:01:00\n"
	    "overflow = drop-newest\nkey-file = k\n"
	    "[Foreign]\ncare-of = 198.51.100.7\nbusy = yes\n"
	    "[Agent 192.0.2.1]\nspi = 300\n[Agent 192.0.2.2]\nspi = 301\nalgorithm = "
	    "hmac-md5\nkey-file = ./k\n",
	    "\n[Foreign]\ncare-of = 198.51.100.7\nbusy = yes\n\n[Agent 192.0.2.1]\nspi = 300\n"
	    "algorithm = hmac-sha256\n\n[Agent 192.0.2.2]\nspi = 301\n");
	round_trip("[Node]\nhome-address = 10.99.0.5\nsettle = 61 s\nsize = 1025 B\n",
		   "settle = 61 s\nsize = 1025 B\n");
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

UNIT_MAIN("conf key files", { "key files", test_keyfiles }, { "their folders", test_folders },
	  { "round trip", test_round_trip })
