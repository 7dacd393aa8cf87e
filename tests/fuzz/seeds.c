/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/seeds.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* seeds FOLDER: in the top of the tree. */
static const char *folder;
static unsigned written;

void seed(const char *harness, const void *p, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fuzz_%s", folder, harness);
	if (mkdir(path, 0777) && errno != EEXIST) {
		perror(path);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/fuzz_%s/%08x", folder, harness, auth_sha256_32(p, n));
	f = fopen(path, "we");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f)) {
		perror(path);
		exit(1);
	}
	written++;
}

static char *whole(const char *path, size_t *n)
{
	static char buf[1 << 20];
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		exit(1);
	}
	*n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[*n] = '\0';
	fclose(f);
	return buf;
}

/* ---- texts of C ---- */

static char escaped(const char **s)
{
	static const char names[] = "nrt\"\\", values[] = "\n\r\t\"\\";
	const char *at = strchr(names, *++*s);
	unsigned v = 0;

	if (at && *at)
		return values[at - names];
	if (**s == 'x')
		while (isxdigit((unsigned char)(*s)[1]))
			v = v * 16 + (unsigned)(isdigit((unsigned char)*++*s)
						    ? **s - '0'
						    : tolower((unsigned char)**s) - 'a' + 10);
	else
		v = (unsigned)(**s - '0');
	return (char)v;
}

void seed_texts(const char *file, void (*take)(const char *text, size_t n))
{
	size_t size, n = 0;
	char *text = malloc(1 << 20);

	assert(text);
	for (const char *s = whole(file, &size); *s; s++) {
		if (*s == '\'' && s[1] && s[2] == '\'') {
			s += 2;
		} else if (*s == '"') {
			while (*++s && *s != '"')
				text[n++] = *s == '\\' ? escaped(&s) : *s;
		} else if (n && *s != '\\' && !isspace((unsigned char)*s)) {
			text[n] = '\0';
			take(text, n);
			n = 0;
		}
		if (!*s)
			break;
	}
	free(text);
}

/* A byte first that says what it is: fuzz_supplicant.c. */
static void supplicant(const char *text, size_t n)
{
	char buf[8192];

	if (n < 3 || n >= sizeof(buf) - 2)
		return;
	buf[0] = strstr(text, "wpa_state=")			      ? '0'
		 : strstr(text, "====") || strstr(text, "####")	      ? '2'
		 : strstr(text, "ie=")				      ? '4'
		 : *text == '<'					      ? 'E'
		 : *text == '"'					      ? '7'
		 : strncmp(text, "OK", 2) && strncmp(text, "FAIL", 4) ? 'R'
								      : '6';
	memcpy(buf + 1, text, n + 1);
	seed("supplicant", buf, n + 2);
	if (strstr(text, "op_class="))
		seed("element", text, n);
}

static void hostapd(const char *text, size_t n)
{
	if (n > 8 && n < 200)
		seed("hostapd", text, n + 1);
}

static void elements(const char *text, size_t n)
{
	uint8_t out[300];
	size_t len = 0;

	if (!strncmp(text, "ie=", 3))
		text += 3;
	for (; n > 8 && len < sizeof(out) && hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0;
	     text += 2)
		out[len++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
	if (len > 4)
		seed("element", out, len);
}

static void control(const char *text, size_t n)
{
	char buf[2048];

	if (*text != '{' || n >= sizeof(buf) - 4)
		return;
	for (char side = 0; side < 2; side++) {
		int len = snprintf(buf + 2, sizeof(buf) - 2, "%s\n", text);

		buf[0] = side;
		buf[1] = 1;
		seed("control", buf, (size_t)len + 2);
	}
}

static void json(const char *text, size_t n)
{
	if (*text == '{' && n > 20)
		seed("report", text, n);
}

static void trace(const char *text, size_t n)
{
	if (n > 12 && strchr(text, '\n'))
		seed("trace", text, n);
}

/* ---- files ---- */

/* The first lines of each. */
static void traces(void)
{
	static const char *const names[] = {"step", "ping-pong", "liar", "lift", "corridor"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[100], *text, *end;
		size_t n;

		snprintf(path, sizeof(path), "tests/traces/%s.trace", names[i]);
		end = text = whole(path, &n);
		for (int lines = 0; lines < 40 && *end; lines++)
			end += strcspn(end, "\n") + 1;
		seed("trace", text, (size_t)(end - text));
	}
}

/* The example with its comments taken off, so that each key is there; their files become ours. */
static void example(const char *path, const char *harness)
{
	static char out[1 << 16];
	size_t n, len = 0;

	for (char *line = whole(path, &n); *line; line += *line == '\n') {
		size_t end = strcspn(line, "\n");
		const char *from = *line == '#' && line[1] && line[1] != ' ' ? line + 1 : line;

		if (!strncmp(from, "key = ", 6))
			len += (size_t)snprintf(out + len, sizeof(out) - len,
						"key = 000102030405060708090a0b0c0d0e0f\n");
		else if (!strncmp(from, "key-file", 8))
			len += (size_t)snprintf(out + len, sizeof(out) - len, "key-file = k\n");
		else
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%.*s\n",
						(int)(line + end - from), from);
		line += end;
	}
	seed(harness, out, len);
}

static void configurations(void)
{
	static const char client[] =
	    "[Node]\nhome-address = 10.99.0.5\nhome-agent = ha.example.net\nkey-file = k\n"
	    "lifetime = 10 min\nreverse-tunnel = yes\ncare-of = any\ndestinations = 10.0.0.0/8 "
	    "203.0.113.0/24\nexcept = 10.42.0.0/16\n[Radio]\nleave-below = -70\ndead = -82\n"
	    "[Buffer]\nlease = 8 s\nsize = 4 MiB\nuplink = 2048 packets, 4 MiB\n"
	    "[Agent 198.51.100.7]\nspi = 300\nkey-file = k\n[Interfaces]\nprefer = eth0 wlan0\n";
	static const char agent[] =
	    "[Home]\naddress = 192.0.2.1\nnetwork = 10.99.0.0/24\npool = 10.99.0.128-10.99.0.191\n"
	    "lifetime = 30 min\n[Node 10.99.0.5]\nkey-file = k\n[Agent 198.51.100.7]\nkey-file = "
	    "k\n"
	    "[Foreign]\ncare-of = 198.51.100.7\ninterface = wlan0\n[Buffer]\nper-node = 2048 "
	    "packets,"
	    " 4 MiB\n[Neighbour 198.51.100.135]\naddress = 10.2.0.1\nmac = 02:00:00:00:00:0b\n"
	    "bssid = 02:00:00:00:01:00\n\xff[Node laptop@example.net]\nspi = 257\nkey-file = k\n";

	seed("client_conf", client, sizeof(client) - 1);
	seed("agent_conf", agent, sizeof(agent) - 1);
	example("packaging/mipclient.conf", "client_conf");
	example("packaging/mipagent.conf", "agent_conf");
}

int main(int argc, char **argv)
{
	char *text;
	size_t n;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	folder = argv[1];
	mkdir(folder, 0777);
	seed_texts("tests/unit/test_wifi_parse.c", supplicant);
	seed_texts("tests/unit/fake_supplicant.h", supplicant);
	seed_texts("tests/unit/test_wifi_element.c", elements);
	seed_texts("tests/unit/test_stations.c", hostapd);
	seed_texts("tests/unit/test_control.c", control);
	seed_texts("tests/unit/test_control_call.c", control);
	seed_texts("tests/unit/test_watch.c", json);
	seed_texts("tests/unit/test_trace.c", trace);
	text = whole("tests/vectors/report.json", &n);
	seed("report", text, n);
	traces();
	configurations();
	seeds_messages();
	seeds_kernel();
	seeds_kept();
	seeds_sequences();
	printf("seeds: %u in %s\n", written, folder);
	return 0;
}
