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

/*
 * A handoff of a node that asks nothing, made with other implementations; printed in mip-buffer(7),
 * as is FORWARD.  Association of node and A: KEY32, SPI 256; MN-HA: WALK_MN_HA, SPI 258; FA-HA:
 * WALK_FA_HA, SPI 257.
 */
#define WALK_MN_HA "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define WALK_FA_HA "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define WALK_FORWARD                                                                               \
	"ff010200 " ORDER_ADDRS "2124 00000100 "                                                   \
	"ec67213b37ef6499bb692cced6d1972548dbe23c645d12b4121f7617e285aa21 "
/* T, 600 s, home agent 192.0.2.1; MN-HA, the order, the handoff key */
#define WALK_REQUEST                                                                               \
	"01020258 0a630005 c0000201 c6336487 e8d4a51012345679 2024 00000102 "                      \
	"b69a299956101076e51d4203819fed2d9235a246a009c9e058f03537be91a825 "                        \
	"ff3f08 " WALK_FORWARD "ff210d " HANDOFF_KEY
/* B's own */
#define WALK_BUFFER                                                                                \
	"ff010100 " ORDER_ADDRS "ff3f08 " WALK_FORWARD "2402 0024 00000100 "                       \
	"3a9a3e4f9509aed0a63b6e7a35a7aa7aab0530450fd7657f44636e3e3345d74f "
/* its Reply: 2048 packets, 4096 KiB, 8 s, none delivered since it came */
#define WALK_BUFFER_REPLY                                                                          \
	"ff020080 " ORDER_ADDRS "ff0501 0800 1000 ff0502 00001f40 ff050e 00000000 2124 00000100 "  \
	"3460c614cb95e717efecae4cbe2264aeb0cc1cde16632c196515191a49bc3efa 2402 0024 00000100 "     \
	"a8589ad52a9193719b0c530a85308885518045365423a8b485e58f5cade3fe26 "
/* when it has accepted the Request */
#define WALK_HOME_MARKER                                                                           \
	"ff030000 0a630005 c6336407 c6336487 e8d4a51012345679 2224 00000101 "                      \
	"2adfac80fc605ae1eea333bb7d5bd8490222f339125b99fc0b4fadbc6f5b28b0 "
/* to FORWARD, 60 ms later: three packets */
#define WALK_FORWARD_REPLY                                                                         \
	"ff020000 " ORDER_ADDRS "ff0501 0800 1000 ff0502 00001f04 ff050c 00000003 2124 00000100 "  \
	"02f67e0ff8402df413116ec2ebb7ced223626577dc2d6475880fa8efa3ce9d14 2402 0024 00000100 "     \
	"b28002f8cf0dd9d79243dbe523ebeda695381bf865070bdbe07c9bf0fb043425 "
/* A waits; then all three have gone */
#define WALK_PENDING                                                                               \
	"ff030080 " ORDER_ADDRS "2402 0024 00000100 "                                              \
	"0ca05a91dad4be59181a7e44f9bac46e877298012d98084ae29f99e1a23f8984 "
#define WALK_MARKER                                                                                \
	"ff030000 " ORDER_ADDRS "ff050c 00000003 2402 0024 00000100 "                              \
	"d06caf1c711691378b52461fe0844488a2105b3398a7c0e234279fe43631856c "

#endif
