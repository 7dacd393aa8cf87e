/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_TELL_H
#define MIP_CLIENT_TELL_H

/*
 * Shell: what happened, as JSON (event.h), to those who watch, to commands that wait for it, and to
 * hooks.
 */
struct daemon;
struct mobile_action;

void tell_event(struct daemon *d, const struct mobile_action *a); /* MOBILE_EVENT */
void tell_signal(struct daemon *d, int dbm);			  /* to who watches */

#endif
