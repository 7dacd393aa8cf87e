#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""names.py ADDRESS FILE: a name server that answers every question for an A record with the address
in FILE, as it is then; no answer while it is empty.  Says who asked for what."""
import socket
import struct
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
while True:
    asked, client = server.recvfrom(512)
    end, labels = 12, []
    while asked[end]:
        labels.append(asked[end + 1 : end + 1 + asked[end]].decode())
        end += 1 + asked[end]
    print(client[0], ".".join(labels), flush=True)
    with open(sys.argv[2], encoding="ascii") as f:
        address = f.read().strip()
    if address:
        server.sendto(
            asked[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + asked[12 : end + 5]
            + struct.pack("!3HIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(address), client)
