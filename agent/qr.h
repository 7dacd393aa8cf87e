/* SPDX-License-Identifier: MIT */
#ifndef MIP_QR_H
#define MIP_QR_H

#include <stdbool.h>
#include <stdio.h>

/* QR codes on a terminal, by libqrencode where it was there when this was built.  Shell. */
bool qr_can(void);
/* -1: said. */
int qr_print(const char *text, FILE *to);

#endif
