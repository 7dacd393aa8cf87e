/* SPDX-License-Identifier: MIT */
#ifndef MIP_CHECK_H
#define MIP_CHECK_H

#include "common/kernel.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * mipclient check: what was seen (check_look.c, shell) and what that means (check_judge.c, pure).
 * What an ordinary user may not see is "not looked at", never "ok".
 */
enum look {	      /* at something */
	    LOOK_NOT, /* it was not possible: not allowed, or what would name it is not known */
	    LOOK_ABSENT,
	    LOOK_WRONG, /* it is there, and not as it should be */
	    LOOK_GOOD,
};

struct check_file {
	char path[256]; /* empty: there is none to look at */
	enum look look; /* LOOK_ABSENT; LOOK_NOT: may not be seen; LOOK_GOOD: what follows is so */
	unsigned mode, uid;
	bool mip; /* the daemon's own user's */
};

struct check_facts {
	bool root;
	/* LOOK_WRONG: the reader has said what on standard error */
	enum look configuration;
	struct check_file config, key; /* the home agent's key, where it is a file of its own */
	bool key_in_config;

	bool filtered; /* its system calls; where the daemon was asked */
	enum look daemon; /* LOOK_WRONG: of another version; LOOK_ABSENT: nobody answers */
	char daemon_version[32];
	unsigned problems; /* that its status names */
	char problem[256]; /* the first */

	enum look tun;	  /* /dev/net/tun */
	enum look policy; /* routing: rules can be listed */
	struct kernel_strangers strangers;
	bool tunl0_up;
	bool sysctl_writable;	     /* /proc/sys/net is no read-only mount */
	char ifname[16];	     /* empty: no Wi-Fi interface */
	enum look interface;	     /* LOOK_WRONG: it is no Wi-Fi one */
	int rp_filter;		     /* of the interface, -1: not known */
	unsigned mtu;		     /* 0: not known */
	char supplicant[256];	     /* its socket */
	enum look supplicant_socket; /* LOOK_WRONG: no socket */

	int64_t now_s;	   /* Unix time */
	bool synchronised; /* adjtimex(2) says so */

	bool networkd, network_manager, iwd; /* run */
	bool networkd_spares; /* what is not its own: ManageForeignRoutingPolicyRules, -Routes */
	char dhcp[16];	      /* a DHCP client that has to be told to ask anew; empty: none */
	bool renew;	      /* [Node] renew tells it */
};

enum verdict { CHECK_OK, CHECK_WARNING, CHECK_ERROR, CHECK_NOT_LOOKED };
const char *verdict_name(enum verdict v); /* "ok", "warning", "error", "not looked at" */

struct finding {
	enum verdict verdict;
	const char *what; /* "clock" */
	char text[400];	  /* a sentence: how it is, or how to mend it */
};
#define CHECK_FINDINGS_MAX 24
/* How many. */
unsigned check_judge(const struct check_facts *f, struct finding out[CHECK_FINDINGS_MAX]);

/* Shell.  config, socket: of the configuration and the daemon; errors of the former go to standard
 * error. */
void check_look(const char *config, const char *socket, struct check_facts *out);

#endif
