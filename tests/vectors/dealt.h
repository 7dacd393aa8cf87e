/* SPDX-License-Identifier: MIT */
#ifndef MIP_VECTORS_DEALT_H
#define MIP_VECTORS_DEALT_H

/*
 * One dealing, made with other implementations of HMAC and AES; printed in mip-buffer(7), too.
 * MN-HA: SPI 256, 00..1f; FA-HA: SPI 257, 20..3f; home agent 192.0.2.1, care-of 198.51.100.7,
 * home address 10.99.0.5, 600 s.
 */
#define DEALT_MN_HA "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DEALT_FA_HA "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define DEALT_NONCE "404142434445464748494a4b4c4d4e4f"
#define DEALT_SPI 0x8badf00du
#define DEALT_KEK "f35608ca4b771f18f9c381be04e01160da10cc148153eea2b313b6695d9925a5"
#define DEALT_ORDER_KEY "26aaeeb2dac8578c9819bad0e6385ea14fd51ad71c6975b79788d4ae030d41c1"
#define DEALT_WRAPPED                                                                              \
	"a08bca6f422906cf2e9702421db05ad67340482d29329544853ed604fd970b9c95fb491e55faa754"
/* Registration Reply code 1: 11, MN-HA, 10, FA-HA */
#define DEALT_REPLY_FIXED "03010258 0a630005 c0000201 e8d4a510 12345678"
#define DEALT_NODE_NONCE "ff190b 8badf00d" DEALT_NONCE "00000258"
#define DEALT_REPLY_MN_HA                                                                          \
	"202400000100f3d8a232f4fe597df0f1c03ff955f4421c801ff96c19d91eeaa9d94a9e00e04e"
#define DEALT_AGENT_KEY "ff310a 8badf00d 00000258" DEALT_WRAPPED
#define DEALT_REPLY_FA_HA                                                                          \
	"222400000101cfec5dfd888e31c2ce9711bd3228476d97fa10daef96b9a0a17a077aa06233d5"
#define DEALT_REPLY                                                                                \
	DEALT_REPLY_FIXED DEALT_NODE_NONCE DEALT_REPLY_MN_HA DEALT_AGENT_KEY DEALT_REPLY_FA_HA
/* BUFFER, ELASTIC, signed with it */
#define DEALT_BUFFER                                                                               \
	"ff010140 0a630005 c6336407 00000000 e8d4a510 12345678 2124 8badf00d"                      \
	"eaed66ab9e62822cc50630ee30695d52351edcdbc10c94a198cbd7a26c5de8d9"

#endif
