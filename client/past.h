/* SPDX-License-Identifier: MIT */
#ifndef MIP_PAST_H
#define MIP_PAST_H

#include "common/cli.h"

/* mipclient report: one handoff as text, JSON or a page. */
extern struct past_options {
	const char *html, *from; /* NULL: not given */
} past_options;

int past_report(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

#endif
