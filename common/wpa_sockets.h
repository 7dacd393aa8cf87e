/* SPDX-License-Identifier: MIT */
#ifndef MIP_COMMON_WPA_SOCKETS_H
#define MIP_COMMON_WPA_SOCKETS_H

/* Shell only.  Where libwpa-client puts our ends of the control sockets of wpa_supplicant and
 * hostapd: a private /tmp would hide them from these.  NULL: we may not write there, so where it
 * pleases. */
const char *wpa_sockets_folder(void);
void wpa_sockets_sweep(void); /* those that killed daemons left there */

#endif
