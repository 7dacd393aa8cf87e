/* SPDX-License-Identifier: MIT */
#ifndef MIP_INSTANCE_H
#define MIP_INSTANCE_H

/*
 * Shell: at most one of our daemons a network namespace.  Each removes at its start what a killed
 * one left behind, which it knows by a mark that all of them share: beside another it would take
 * that one's routes and rules away.
 */

/* A descriptor to be kept open while the daemon lives; the kernel lets go of it when it dies.
 * -1: said why. */
int instance_lock(void);

#endif
