/* SPDX-License-Identifier: MIT */
#ifndef MIP_CHECK_RUN_H
#define MIP_CHECK_RUN_H

#include "common/cli.h"

/* mipclient check: one line for each thing that was looked at.  EXIT_FAILED where one is wrong. */
extern const char *check_config; /* --config; NULL: the usual one */

int check_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

#endif
