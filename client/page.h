/* SPDX-License-Identifier: MIT */
#ifndef MIP_PAGE_H
#define MIP_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * A report as one HTML page that needs nothing else: `mipclient report --html`.  Nothing is asked
 * of anybody; what is not in the report is not drawn.  `make demo` takes style and steps from it.
 */
void page_report(const json_t *report, FILE *to);

/* ---- page_style.c, page_chart.c: what it is made of ---- */
extern const char page_style[];

/* Text between tags or in an attribute: no letter of it ends either. */
void page_text(FILE *to, const char *s);
/* When each step was reached. */
void page_steps(const json_t *steps, FILE *to);
/* Where packets waited, and how long there was no link. */
void page_waits(const json_t *report, FILE *to);
/* The signal of both access points, the thresholds, the handoff. */
void page_signal(const json_t *report, FILE *to);
/* The step's time from the trigger; false: it was not reached. */
bool page_step_ms(const json_t *report, const char *step, double *ms);

#endif
