/* SPDX-License-Identifier: MIT */
#include "tests/unit/conf_fixture.h"

static void test_defaults(void)
{
	struct everything c;

	memset(&c, 0xff, sizeof(c));
	CU_ASSERT_EQUAL_FATAL(read_text("[Node]\nhome-address = 10.99.0.5\n", &c), 0);
	CU_ASSERT_STRING_EQUAL(said, "");
	CU_ASSERT_EQUAL(c.address, 0x0a630005);
	CU_ASSERT_EQUAL(c.network.len, 0);
	CU_ASSERT_TRUE(c.reverse);
	CU_ASSERT_EQUAL(c.level, -70);
	CU_ASSERT_EQUAL(c.lease, SEC(8));
	CU_ASSERT_EQUAL(c.settle, 0);
	CU_ASSERT_EQUAL(c.size, 4 << 20);
	CU_ASSERT_EQUAL(c.per_node.packets, 2048);
	CU_ASSERT_EQUAL(c.per_node.bytes, 4 << 20);
	CU_ASSERT_STRING_EQUAL(c.control, "/run/x");
	CU_ASSERT_STRING_EQUAL(c.interface, "");
	CU_ASSERT_EQUAL(c.links.n, 0);
	CU_ASSERT_EQUAL(c.key.key.len, 0);
	CU_ASSERT_FALSE(c.foreign);
	CU_ASSERT_EQUAL(c.n_peers, 0);
	conf_free(&spec, &c);
}

static void test_good_values(void)
{
	struct everything c;

	CU_ASSERT_TRUE_FATAL(
	    accepted("network=10.99.0.0/24\nreverse-tunnel = off\nleave-below = -40 ; a comment\n"
		     "\tlease = 200ms\nsettle = 10 min\nsize = 1500 B\nper-node = 1 packet,64 KiB\n"
		     "# another\n; and another\ncontrol = a b\ninterface = wlan0\n"
		     "links = a  b\tc\n"
		     "macs = 02:00:00:00:01:00\t02:00:00:00:01:01\n"
		     "overflow = drop-newest\r\n\n[Foreign]\ncare-of: "
		     "198.51.100.7",
		     &c));
	CU_ASSERT_EQUAL(c.network.net, 0x0a630000);
	CU_ASSERT_EQUAL(c.network.len, 24);
	CU_ASSERT_FALSE(c.reverse);
	CU_ASSERT_EQUAL(c.level, -40);
	CU_ASSERT_EQUAL(c.lease, MSEC(200));
	CU_ASSERT_EQUAL(c.settle, SEC(600));
	CU_ASSERT_EQUAL(c.size, 1500);
	CU_ASSERT_EQUAL(c.per_node.packets, 1);
	CU_ASSERT_EQUAL(c.per_node.bytes, 64 << 10);
	CU_ASSERT_STRING_EQUAL(c.control, "a b");
	CU_ASSERT_STRING_EQUAL(c.interface, "wlan0");
	CU_ASSERT_EQUAL(c.links.n, 3);
	CU_ASSERT_STRING_EQUAL(c.links.name[2], "c");
	CU_ASSERT_EQUAL(c.macs.n, 2);
	CU_ASSERT_EQUAL(c.macs.mac[1].b[5], 1);
	CU_ASSERT_EQUAL(c.overflow, 1);
	CU_ASSERT_TRUE(c.foreign);
	CU_ASSERT_EQUAL(c.care_of, 0xc6336407);
	conf_free(&spec, &c);

	CU_ASSERT_TRUE_FATAL(
	    accepted("lease = 100 ms\nsettle = 1 h\nsize = 1 GiB\nnetwork = 0.0.0.0/0\ncontrol =",
		     &c));
	CU_ASSERT_EQUAL(c.lease, MSEC(100));
	CU_ASSERT_EQUAL(c.settle, SEC(3600));
	CU_ASSERT_EQUAL(c.size, 1 << 30);
	CU_ASSERT_STRING_EQUAL(c.control, "");
	conf_free(&spec, &c);
	CU_ASSERT_TRUE_FATAL(accepted("lease = 60 s\nsettle = 7 us\nnetwork = 1.2.3.4/32", &c));
	CU_ASSERT_EQUAL(c.lease, SEC(60));
	CU_ASSERT_EQUAL(c.settle, 7);
	conf_free(&spec, &c);
}

static void test_bad_values(void)
{
	refused("network = 10.99.0.0", "[Node] network: \"10.99.0.0\" is not a network (expected "
				       "for example \"10.99.0.0/24\")");
	refused("network = 10.99.0.0/33", "[Node] network: \"10.99.0.0/33\" is not a network "
					  "(expected for example \"10.99.0.0/24\")");
	refused("network = 10.99.0.5/24",
		"[Node] network: \"10.99.0.5/24\" has host bits set (expected \"10.99.0.0/24\")");
	refused("reverse-tunnel = maybe", "[Node] reverse-tunnel: \"maybe\" is neither yes nor no");
	refused("leave-below = x",
		"[Node] leave-below: \"x\" is not a whole number (expected -90 to -40)");
	refused("leave-below = -39",
		"[Node] leave-below: \"-39\" is out of range (expected -90 to -40)");
	refused("leave-below = -91",
		"[Node] leave-below: \"-91\" is out of range (expected -90 to -40)");
	refused("leave-below = 99999999999999999999",
		"[Node] leave-below: \"99999999999999999999\" is not a whole number (expected -90 "
		"to -40)");
	refused("lease = 9x", "[Node] lease: \"9x\" is not a duration (expected for example \"8 "
			      "s\" or \"200 ms\")");
	refused("lease = 8", "[Node] lease: \"8\" is not a duration (expected for example \"8 s\" "
			     "or \"200 ms\")");
	refused("lease = -8 s", "[Node] lease: \"-8 s\" is not a duration (expected for example "
				"\"8 s\" or \"200 ms\")");
	refused("lease = 99 ms",
		"[Node] lease: \"99 ms\" is out of range (expected 100 ms to 1 min)");
	refused("lease = 61 s",
		"[Node] lease: \"61 s\" is out of range (expected 100 ms to 1 min)");
	refused("settle = 9999999999999 h", "[Node] settle: \"9999999999999 h\" is not a duration "
					    "(expected for example \"8 s\" or \"200 ms\")");
	refused("size = 4 MB", "[Node] size: \"4 MB\" is not a size (expected for example \"4 "
			       "MiB\", \"64 KiB\" or \"1500 B\")");
	refused("per-node = 2048 packets",
		"[Node] per-node: \"2048 packets\" is not a pair of limits (expected for example "
		"\"2048 packets, 4 MiB\")");
	refused("per-node = 0 packets, 4 MiB", "[Node] per-node: \"0 packets, 4 MiB\" is not a "
					       "pair of limits (expected for example "
					       "\"2048 packets, 4 MiB\")");
	refused("interface = a/b", "[Node] interface: \"a/b\" is not an interface name (expected "
				   "for example \"wlan0\", at most 15 "
				   "characters)");
	refused("interface = sixteen-letters-",
		"[Node] interface: \"sixteen-letters-\" is not an interface name (expected for "
		"example \"wlan0\", at "
		"most 15 characters)");
	refused("links = a b c d e f g h i", "[Node] links: \"a b c d e f g h i\" names too many "
					     "interfaces (expected at most 8)");
	refused("links =",
		"[Node] links: \"\" names no interface (expected for example \"wlan0 wlan1\")");
	refused("macs = 02:00:00:00:01", "[Node] macs: \"02:00:00:00:01\" is not "
					  "a list of hardware "
					 "addresses (expected for example "
					 "\"02:00:00:00:01:00\")");
	refused("macs = 02:00:00:00:01:000",
		"[Node] macs: \"02:00:00:00:01:000\" is not a list of hardware addresses (expected "
		"for example \"02:00:00:00:01:00\")");
	refused("macs =", "[Node] macs: \"\" is empty (expected for example "
			  "\"02:00:00:00:01:00\")");
	refused("overflow = drop",
		"[Node] overflow: \"drop\" is none of: drop-oldest, drop-newest");
	refused("overflow = drop-oldest2",
		"[Node] overflow: \"drop-oldest2\" is none of: drop-oldest, drop-newest");
	refused("lease = \033[2J", "[Node] lease: \"?[2J\" is not a duration (expected for example "
				   "\"8 s\" or \"200 ms\")");
}

static void test_structure(void)
{
	char text[1024];

	refused("home-adress = 1.2.3.4",
		"[Node] home-adress: is not a key (did you mean home-address?)");
	refused("Lease = 8 s", "[Node] Lease: is not a key (did you mean lease?)");
	refused("care-of = 1.2.3.4",
		"[Node] care-of: is not a key of this section (it belongs to [Foreign])");
	refused("home-address = 10.99.0.6", "[Node] home-address: is set twice in this section");
	refused("[Node]", "[Node]: stands in line 1 already (join the two)");
	refused("[Foriegn]", "[Foriegn]: is not a section (did you mean [Foreign]?)");
	refused("[Agnet 1.2.3.4]",
		"[Agnet 1.2.3.4]: is not a section (did you mean [Agent ADDRESS]?)");
	refused("[Completely]",
		"[Completely]: is not a section (valid here: [Node], [Foreign], [Agent ADDRESS])");
	refused("[Agent]",
		"[Agent]: \"\" is not an IPv4 address (expected for example [Agent 192.0.2.1])");
	refused("[Agent x]",
		"[Agent x]: \"x\" is not an IPv4 address (expected for example [Agent 192.0.2.1])");
	refused("[Node", "\"[Node\" is not a section heading (expected [NAME])");
	refused("[Foreign] x", "\"[Foreign] x\" is not a section heading (expected [NAME])");
	refused("lease", "\"lease\" is not a setting (expected KEY = VALUE)");
	refused("lease ; = 8 s", "is not a setting (expected KEY = VALUE)");
	refused("[Foreign]", "[Foreign] care-of: is missing");
	refused("[Agent 1.2.3.4]", "[Agent 1.2.3.4] spi: is missing");
	memset(text, 'x', sizeof(text));
	memcpy(text, "control = ", 10);
	text[300] = '\0';
	refused(text, "is too long a line (expected at most 197 characters)");
}

static void test_whole_file(void)
{
	struct everything c;
	char many[1024] = "[Node]\n";
	unsigned lines = 0;

	CU_ASSERT_EQUAL(read_text("", &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "c.conf: [Node]: this section is missing\n");
	CU_ASSERT_EQUAL(read_text("lease = 8 s\n\n[Node] ; here\nlease = 8 s\n", &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "c.conf:1: lease: stands before the first [section]\n"
				     "c.conf:3: [Node] home-address: is missing (the address that "
				     "stays)\n");
	CU_ASSERT_EQUAL(read_text("\xef\xbb\xbf[Node]\nhome-address = 1.2.3\nlease = 1\n[Agent "
				  "1.2.3.4]\nspi = 1\n",
				  &c),
			-1);
	CU_ASSERT_STRING_EQUAL(
	    said,
	    "c.conf:2: [Node] home-address: \"1.2.3\" is not an IPv4 address (expected for example "
	    "\"10.99.0.5\")\n"
	    "c.conf:3: [Node] lease: \"1\" is not a duration (expected for example \"8 s\" or "
	    "\"200 "
	    "ms\")\n"
	    "c.conf:5: [Agent 1.2.3.4] spi: \"1\" is out of range (expected 256 to 2147483647)\n");
	CU_ASSERT_EQUAL(read_text("[Node]\nhome-address = 1.2.3.4\n[Agent "
				  "1.1.1.1]\nspi=256\n[Agent 1.1.1.1]\n"
				  "spi=300\n[Agent 2.2.2.2]\nspi=256\n[Agent 3.3.3.3]\n",
				  &c),
			-1);
	CU_ASSERT_STRING_EQUAL(
	    said, "c.conf:5: [Agent 1.1.1.1]: stands in the file already (join the two)\n"
		  "c.conf:9: [Agent 3.3.3.3]: is one section too many (expected at most 2 of its "
		  "kind)\n");
	CU_ASSERT_EQUAL(read_bytes("[Node]\nhome-address = 1.2.3.4\nlease = 8 s\0x\n", 43, &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "c.conf:3: holds a zero byte (expected text)\n");
	for (int i = 0; i < 30; i++)
		strcat(many, "lease = z\n");
	CU_ASSERT_EQUAL(read_text(many, &c), -1);
	for (const char *s = said; (s = strchr(s, '\n')); s++)
		lines++;
	CU_ASSERT_EQUAL(lines, 21);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "c.conf: and 11 more errors\n"));
	CU_ASSERT_EQUAL(read_path("/proc", &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "/proc: cannot be read: Is a directory\n");
	CU_ASSERT_EQUAL(read_path("/nonexistent/c.conf", &c), -1);
	CU_ASSERT_STRING_EQUAL(said, "/nonexistent/c.conf: cannot be opened: No such file or "
				     "directory\n");
}

static void test_networks(void)
{
	struct everything c;

	CU_ASSERT_EQUAL_FATAL(read_text("[Node]\nhome-address = 10.99.0.5\n", &c), 0);
	CU_ASSERT_EQUAL(c.networks.n, 0);
	conf_free(&spec, &c);
	CU_ASSERT_TRUE_FATAL(accepted("networks = all", &c));
	CU_ASSERT_EQUAL(c.networks.n, 0);
	conf_free(&spec, &c);
	CU_ASSERT_TRUE_FATAL(
	    accepted("networks = 10.0.0.0/8\t 192.0.2.1/32 0.0.0.0/5  11.0.0.0/8", &c));
	CU_ASSERT_EQUAL_FATAL(c.networks.n, 4);
	CU_ASSERT_EQUAL(c.networks.p[0].net, 0x0a000000);
	CU_ASSERT_EQUAL(c.networks.p[0].len, 8);
	CU_ASSERT_EQUAL(c.networks.p[1].net, 0xc0000201);
	CU_ASSERT_EQUAL(c.networks.p[1].len, 32);
	conf_free(&spec, &c);

	refused("networks =", "[Node] networks: \"\" is empty (expected \"all\", or for example "
			      "\"10.0.0.0/8 192.0.2.0/24\")");
	refused("networks = all 10.0.0.0/8",
		"[Node] networks: \"all 10.0.0.0/8\" has all, which is not a network (expected "
		"for example \"10.99.0.0/24\")");
	refused("networks = 10.0.0.0/8, 11.0.0.0/8",
		"[Node] networks: \"10.0.0.0/8, 11.0.0.0/8\" has 10.0.0.0/8,, which is not a "
		"network (expected for example \"10.99.0.0/24\")");
	refused("networks = 10.0.0.1/8",
		"[Node] networks: \"10.0.0.1/8\" has 10.0.0.1/8, which has host bits set "
		"(expected \"10.0.0.0/8\")");
	refused("networks = 100.100.100.100/32x",
		"[Node] networks: \"100.100.100.100/32x\" has 100.100.100.100/32..., which is not "
		"a network");
	refused("networks = 0.0.0.0/0",
		"[Node] networks: \"0.0.0.0/0\" has 0.0.0.0/0, which is everything");
	refused("networks = 10.0.0.0/8 10.0.0.0/8",
		"[Node] networks: \"10.0.0.0/8 10.0.0.0/8\" has 10.0.0.0/8 twice");
	refused("networks = 11.0.0.0/8 10.1.0.0/16 10.0.0.0/8",
		"[Node] networks: \"11.0.0.0/8 10.1.0.0/16 10.0.0.0/8\" has 10.1.0.0/16 and "
		"10.0.0.0/8, which overlap (take one out)");
	refused("networks = 10.0.0.0/8 10.1.0.0/16",
		"[Node] networks: \"10.0.0.0/8 10.1.0.0/16\" has 10.0.0.0/8 and 10.1.0.0/16, "
		"which overlap (take one out)");
	CU_ASSERT_TRUE_FATAL(accepted("networks = 1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 "
				      "5.0.0.0/8 6.0.0.0/8 7.0.0.0/8 8.0.0.0/8 9.0.0.0/8 "
				      "10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 13.0.0.0/8 14.0.0.0/8 "
				      "15.0.0.0/8 16.0.0.0/8",
				      &c));
	CU_ASSERT_EQUAL(c.networks.n, CONF_PREFIXES_MAX);
	conf_free(&spec, &c);
	refused("networks = 1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 5.0.0.0/8 6.0.0.0/8 7.0.0.0/8 "
		"8.0.0.0/8 9.0.0.0/8 10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 13.0.0.0/8 14.0.0.0/8 "
		"15.0.0.0/8 16.0.0.0/8 17.0.0.0/8",
		"[Node] networks: \"1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 5.0.0.0/8 6.0.0.0/8 "
		"7.0.0.0/8 8.0.0.0/8 9.0.0.0/8 10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 13.0.0.0/8 "
		"14.0.0.0/8 15.0.0.0/8 16.0.0.0/8 17.0.0.0/8\" has too many networks (expected at "
		"most 16)");
}

static void test_within(void)
{
	static const struct conf_prefix all = { 0, 0 }, ten = { 0x0a000000, 8 },
					lower = { 0x0a000000, 16 }, other = { 0x0b000000, 8 },
					host = { 0x0a0000ff, 32 };

	CU_ASSERT_TRUE(conf_prefix_within(&all, &all));
	CU_ASSERT_TRUE(conf_prefix_within(&all, &host));
	CU_ASSERT_FALSE(conf_prefix_within(&host, &all));
	CU_ASSERT_TRUE(conf_prefix_within(&ten, &ten));
	CU_ASSERT_TRUE(conf_prefix_within(&ten, &lower));
	CU_ASSERT_FALSE(conf_prefix_within(&lower, &ten));
	CU_ASSERT_FALSE(conf_prefix_within(&ten, &other));
	CU_ASSERT_TRUE(conf_prefix_within(&lower, &host));
	CU_ASSERT_TRUE(conf_prefix_within(&host, &host));
	CU_ASSERT_FALSE(conf_prefix_within(&other, &host));
}

static void tidy(void)
{
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void test_hosts(void)
{
	static const char *const good[] = { "ha", "ha.example.net", "3com.example", "a-b_c.d." };
	static const char *const bad[] = { "",	     "192.0.2",	  "192.0.2.300", "1",	"a..b",
					   ".a",     "-a",	  "a b",	 "a/b", "a:1",
					   "\xc3\xa4" };
	struct conf_host h;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CU_ASSERT_TRUE(conf_host_parse(good[i], &h));
		CU_ASSERT_STRING_EQUAL(h.name, good[i]);
		CU_ASSERT_EQUAL(h.addr, 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(conf_host_parse(bad[i], &h));
	CU_ASSERT_TRUE(conf_host_parse("192.0.2.1", &h));
	CU_ASSERT_EQUAL(h.addr, 0xc0000201);
	CU_ASSERT_STRING_EQUAL(h.name, "192.0.2.1");
}

UNIT_MAIN("conf", { "defaults", test_defaults }, { "good values", test_good_values },
	  { "bad values", test_bad_values }, { "sections and keys", test_structure },
	  { "whole files", test_whole_file }, { "hosts", test_hosts },
	  { "lists of networks", test_networks }, { "within", test_within },
	  { "nothing left behind", tidy })
