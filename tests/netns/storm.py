#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many nodes behind one address that register at once, and again once a second has brought no answer.

    storm.py ADDRESS NODES OFF KEYFILE   the clock of every other node is OFF seconds off

The home addresses are those from 10.99.1.0 on.  Prints a line: how many were registered, how many
had to be told the time, and how often the last of them had asked.
"""
import hashlib
import hmac
import select
import socket
import struct
import sys

from stranger import HA, MN_HA, PORT, ip, now

REQUEST, ACCEPTED, ID = 1, (0, 1), 133
ROUNDS = 10
SO_RCVBUFFORCE = 33


def main(address, nodes, off, keyfile):
    with open(keyfile, encoding="ascii") as f:
        key = bytes.fromhex(f.read())
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    s.bind((address, 5434))
    first = int.from_bytes(ip("10.99.1.0"), "big")
    waiting = {(first + i).to_bytes(4, "big"): float(off) * (i % 2) for i in range(int(nodes))}
    told = set()

    def ask(home):
        m = struct.pack("!BBH", REQUEST, 0x22, 600) + home + ip(HA) + ip("192.168.1.23")
        m += now(waiting[home]).to_bytes(8, "big") + bytes([144, 6, 0, 0, 0, 0, 0, 0])
        m += bytes([MN_HA, 36]) + struct.pack("!I", 256)
        s.sendto(m + hmac.digest(key, m, hashlib.sha256), (HA, PORT))

    for asked in range(1, ROUNDS + 1):
        for home in list(waiting):
            ask(home)
        while waiting and select.select([s], [], [], 1)[0]:
            r = s.recv(2048)
            home = r[4:8]
            if home not in waiting:
                continue
            if r[1] in ACCEPTED:
                del waiting[home]
            elif r[1] == ID:
                told.add(home)
                waiting[home] += int.from_bytes(r[12:16], "big") - (now(waiting[home]) >> 32)
                ask(home)
        if not waiting:
            break
    print(f"{int(nodes) - len(waiting)} registered, {len(told)} told the time, asked {asked} times")


main(*sys.argv[1:])
