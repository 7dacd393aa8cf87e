/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONF_H
#define MIP_CONF_H

#include "common/addr.h"
#include "common/auth.h"
#include "common/mtime.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Configuration files: INI (inih), read through a table of keys.  Shell (it opens files).
 * An error is one line on stderr:
 *   FILE:LINE: [Section] key: "value" is not a duration (expected ...)
 * Printing the effective configuration (-nv) and reading it again is the identity.
 */
enum conf_type {
	CONF_ADDR,   /* uint32_t: 10.99.0.5 */
	CONF_HOST,   /* struct conf_host: an address, or a name that has one */
	CONF_RANGE,  /* struct conf_range: 10.99.0.128-10.99.0.191 */
	CONF_PREFIX, /* struct conf_prefix: 10.99.0.0/24 */
	CONF_PREFIXES, /* struct conf_prefixes: 10.0.0.0/8 192.0.2.0/24, up to 16, blanks between,
			* none within another; or the word in `words`, for an empty list */
	CONF_BOOL,   /* bool: yes/no/true/false/on/off */
	CONF_INT,    /* int: within min..max */
	/* mtime: "8 s", "200 ms", "50 us", "10 min", "1 h"; a
	 * bare number is refused; min..max in mtime */
	CONF_DURATION,
	CONF_SIZE,    /* uint64_t bytes: "4 MiB", "64 KiB", "1500 B" */
	CONF_LIMITS,  /* struct conf_limits: "2048 packets, 4 MiB" */
	CONF_STRING,  /* char[CONF_STRING_MAX] */
	CONF_IFNAME,  /* char[16] */
	CONF_IFNAMES, /* struct conf_ifnames: up to 8, blanks between */
	CONF_MACS,    /* struct conf_macs: 02:00:00:00:01:00, up to 8, blanks between */
	CONF_ENUM,    /* int: one of the words in `words`, "a|b|c" */
	CONF_KEYFILE, /* struct conf_keyfile: reads the file now: hex digits on one line, 16..64
		       * bytes; refused when group or others may read it, when it is a symlink or no
		       * regular file */
	CONF_KEY,     /* struct secret: the digits themselves; refused where the configuration is
		       * not its owner's alone.  Never printed */
};

#define CONF_STRING_MAX 256
#define CONF_NAME_MAX 73 /* RFC 7542's advice, and a zero */

struct conf_prefix {
	uint32_t net;
	uint8_t len;
};
/* Each becomes a rule or two, which the kernel walks for every packet that has no route yet. */
#define CONF_PREFIXES_MAX 16
struct conf_prefixes {
	struct conf_prefix p[CONF_PREFIXES_MAX];
	unsigned n;
};
struct conf_range {
	uint32_t first, last;
};
struct conf_limits {
	uint32_t packets;
	uint64_t bytes;
};
struct conf_ifnames {
	char name[8][16];
	unsigned n;
};
struct conf_macs {
	struct mac mac[8];
	unsigned n;
};
struct conf_host {
	char name[CONF_STRING_MAX]; /* as it was written */
	uint32_t addr;		    /* 0: it is a name */
};
struct conf_keyfile {
	char path[CONF_STRING_MAX];
	struct secret key;
};

struct conf_key {
	/* "Node"; "Agent *": a section with an address in its name, repeated */
	const char *section;
	const char *key;     /* "leave-below" */
	enum conf_type type;
	size_t offset; /* into the struct; for "X *" sections, into one element */
	int64_t min, max; /* CONF_INT, CONF_DURATION (us), CONF_SIZE; both 0: no range */
	const char *words; /* CONF_ENUM, CONF_PREFIXES */
	const char *preset; /* default as text, parsed before the file; NULL: none */
	/* required where the section is present (or, for sections marked required, always) */
	bool required;
	const char *help;
};

struct conf_section {
	const char *name;      /* "Home", or "Agent *" */
	bool required;
	size_t present_offset; /* bool set when the section is in the file; SIZE_MAX: none */
	/* "X *": where the element array (allocated by conf_read, for as many as there are, `max`
	 * at most; NULL: none) and its unsigned count live */
	size_t array_offset, count_offset;
	/* where the uint32_t of the section's name goes in an element */
	size_t element_size, addr_offset;
	unsigned max;
	/* and its char[CONF_NAME_MAX], where it may also be a name with an @ in it, as RFC 2794 has
	 * them: then the address is 0 */
	bool named;
	size_t name_offset;
};

struct conf_spec {
	const struct conf_section *sections;
	size_t n_sections;
	const struct conf_key *keys;
	size_t n_keys;
	bool folder; /* FILE.d/NAME.conf, in the order of the names, may hold more sections "X *" */
};

/* 0; -1: said on stderr (every error of the file, at most 20), *out freed.  Every field that the
 * spec names is zeroed first, presets applied; what it does not name is left alone. */
int conf_read(const struct conf_spec *spec, const char *path, void *out);
/* keys: the file's path, never the bytes */
void conf_print(const struct conf_spec *spec, const void *conf, FILE *to);
void conf_free(const struct conf_spec *spec, void *conf); /* wipes keys */

/* "10.0.0.0/8 192.0.2.0/24"; `empty` for none. */
#define CONF_PREFIXES_TEXT 512
void conf_prefixes_format(const struct conf_prefixes *list, const char *empty,
			  char out[CONF_PREFIXES_TEXT]);
/* Every address of b is one of a. */
bool conf_prefix_within(const struct conf_prefix *a, const struct conf_prefix *b);

/* user@realm, of printable letters. */
bool conf_is_nai(const char *s);
/* An address, or what may be a host's name. */
bool conf_host_parse(const char *text, struct conf_host *out);

/* FILE.d, absolute; false: there is no such FILE. */
bool conf_folder(const char *path, char out[PATH_MAX]);

/*
 * Says on stderr what is wrong between keys that are right by themselves, with the line where
 * the first of them stands.  what: "[Section] key: ...", or "[Section]: ..." for a whole section.
 */
void conf_blame(const char *path, const char *what);

#endif
