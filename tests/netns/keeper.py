#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""keeper.py order KEY-FILE ACTION | send FROM TO | listen N: an order to the home agent 192.0.2.1, signed with
MN-HA, and a numbered stream to 10.99.0.5."""
import hashlib
import hmac
import socket
import struct
import sys
import time

ACTIONS = {"BUFFER": 1, "RELEASE": 3}


def order(key_file, action):
    with open(key_file, encoding="ascii") as f:
        key = bytes.fromhex(f.read().strip())
    ntp = int((time.time() + 2208988800) * 2**32)
    msg = struct.pack(">4B", 255, 1, ACTIONS[action], 0) + socket.inet_aton("10.99.0.5")
    msg += socket.inet_aton("192.0.2.1") + bytes(4) + struct.pack(">Q", ntp) + struct.pack(">BBI", 32, 36, 256)
    msg += hmac.new(key, msg, hashlib.sha256).digest()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(msg, ("192.0.2.1", 434))
        print(s.recv(1500)[2])


def send(first, end):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for i in range(int(first), int(end)):
            s.sendto(struct.pack(">I", i), ("10.99.0.5", 5001))
            time.sleep(0.002)


def listen(n):
    seen = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("10.99.0.5", 5001))
        s.settimeout(20)
        try:
            while len(seen) < int(n):
                seen.append(struct.unpack(">I", s.recv(1500))[0])
        except socket.timeout:
            pass
    print(f"{len(seen)} of {n}, {'in order' if seen == list(range(int(n))) else seen}")


{"order": order, "send": send, "listen": listen}[sys.argv[1]](*sys.argv[2:])
