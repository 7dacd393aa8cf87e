/* SPDX-License-Identifier: MIT */
#ifndef MIP_ADDR_H
#define MIP_ADDR_H

#include <stdbool.h>
#include <stdint.h>

/* IPv4 addresses are uint32_t in host order everywhere
 * but in the shell's socket calls (_be there). */

#define ADDR_STRLEN 16
#define MAC_STRLEN 18

#define ADDR_BROADCAST 0xffffffffu
#define ADDR_ALL_SYSTEMS 0xe0000001u /* 224.0.0.1 */
#define ADDR_ALL_AGENTS 0xe000000bu  /* 224.0.0.11, RFC 5944 2.4 */

struct mac {
	uint8_t b[6];
};

bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_is_zero(const struct mac *m);
bool addr_is_multicast(uint32_t addr);

/* A usable unicast address: not 0/8, 127/8, multicast, class E or broadcast. */
bool addr_is_unicast(uint32_t addr);

/* Text forms.  The formatters return buf; the parsers
 * write *out only when the whole of s is valid. */
char *addr_fmt(char buf[ADDR_STRLEN], uint32_t addr);
char *mac_fmt(char buf[MAC_STRLEN], const struct mac *m);
bool addr_parse(const char *s, uint32_t *out);
int hex_digit(char c); /* -1: none */
bool mac_parse(const char *s, struct mac *out);

#endif
