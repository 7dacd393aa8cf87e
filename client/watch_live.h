/* SPDX-License-Identifier: MIT */
#ifndef MIP_WATCH_LIVE_H
#define MIP_WATCH_LIVE_H

#include "common/cli.h"

/* mipclient watch: on a terminal the live view, until q or a signal; else, and with --json, a line
 * for each event. */
int watch_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

#endif
