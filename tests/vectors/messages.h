/* SPDX-License-Identifier: MIT */
#ifndef MIP_VECTORS_H
#define MIP_VECTORS_H

/*
 * Whole messages, authenticators computed with Python's hmac module.
 * Keys: KEY16 for HMAC-MD5, KEY32 for HMAC-SHA-256.
 */
#define KEY16 "000102030405060708090a0b0c0d0e0f"
#define KEY32 KEY16 "101112131415161718191a1b1c1d1e1f"

/* T, lifetime 1800, home 10.0.0.5, home agent 10.0.0.1, care-of 192.0.2.2 */
#define REQUEST_FIXED "01 02 0708 0a000005 0a000001 c0000202 e8d4a51012345678 "
#define REQUEST_MD5 REQUEST_FIXED "20 14 00000100 96d1801e70c649b71e15d2a0e64d5bfd "
#define REQUEST_SHA256                                                                             \
	REQUEST_FIXED "20 24 00000100 "                                                            \
		      "9a8aec16cf26b71866fec9a1f5f2c6dcefb1fc3d4e2c55e4a9bd5bed441841f3 "
/* the same with MN-FA (HMAC-MD5, SPI 257) over all that */
#define REQUEST_TWO REQUEST_SHA256 "21 14 00000101 9a5cc7aa79823e57d87856370e369889 "
/* the fixed part under extension 36, subtype 2, SPI 256 */
#define REQUEST_36                                                                                 \
	REQUEST_FIXED "24 02 0024 00000100 "                                                       \
		      "ae53f03d83160bfe9d996d547548031ef3b6868efe9f0b183ccc2e76a48e3d3a "

#define REPLY_FIXED "03 00 0708 0a000005 0a000001 e8d4a51012345678 "
#define REPLY_MD5 REPLY_FIXED "20 14 00000100 505d3a5d26a3295d9d654a83e1fa205b "

/* HKDF: order key KEY32, Identification e8d4a510:12345678, the addresses below */
#define HANDOFF_KEY "3109562ad8541e1aa0c779537f38215e99f22292e9ef7d953b67ffeed69b8b0f"

/* home 10.99.0.5, first agent 198.51.100.7, care-of 198.51.100.135 */
#define ORDER_ADDRS "0a630005 c6336407 c6336487 e8d4a51012345678 "
/* FORWARD, ASKED; 2048 packets, 4096 KiB, 8 s; MN-FA under KEY32 */
#define FORWARD                                                                                    \
	"ff 01 02 80 " ORDER_ADDRS "ff 05 01 0800 1000 ff 05 02 00001f40 21 24 00000100 "          \
	"ebb3d53e1b3857c206b4b9015a6463eb5e2167f04ea66a459b16cec155d8fc4a "
/* granted with less: 1024 packets, 2048 KiB; MN-FA for the node, 36 for the second agent */
#define GRANTED_LESS                                                                               \
	"ff 02 01 00 " ORDER_ADDRS "ff 05 01 0400 0800 21 24 00000100 "                            \
	"e0cb2d05bc06bb910d95b325e60f069d8d6511caee9114a259ab5a6b2c24c43a "                        \
	"24 02 0024 00000100 "                                                                     \
	"656b4b67973c5a569d21b83b7b9540fa6a6afa712e53f37cb4eb115f3d4a287c "

#endif
