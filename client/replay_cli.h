/* SPDX-License-Identifier: MIT */
#ifndef MIP_REPLAY_CLI_H
#define MIP_REPLAY_CLI_H

#include "common/cli.h"

/* `mipclient replay`: reads traces, plays them, prints; asks no daemon. */
extern const char *replay_compare; /* --compare */
int replay_command(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

#endif
