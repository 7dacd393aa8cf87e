#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""named.py ADDRESS KEYFILE NAI [HOME [LIFETIME]]: a co-located node that knows its name (RFC 2794) registers from
ADDRESS, and says what it is answered: "1 10.99.0.3 laptop@example.net"."""
import hashlib
import hmac
import socket
import struct
import sys

from stranger import HA, MN_HA, PORT, ip, now

addr, key, nai = sys.argv[1:4]
home, lifetime = (sys.argv[4:] + ["0.0.0.0", "600"][len(sys.argv) - 4:])[:2]
with open(key, encoding="ascii") as f:
    secret = bytes.fromhex(f.read())


def sign(m):
    m += bytes([MN_HA, 36]) + struct.pack("!I", 256)
    return m + hmac.digest(secret, m, hashlib.sha256)


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((addr, PORT))
sock.settimeout(2)
request = bytes([1, 0x22]) + struct.pack("!H", int(lifetime)) + ip(home) + ip(HA) + ip(addr)
request += struct.pack("!Q", now()) + bytes([131, len(nai)]) + nai.encode()
sock.sendto(sign(request), (HA, PORT))
reply = sock.recv(2048)
covered = len(reply) - 32
assert reply[0] == 3 and sign(reply[:covered - 6]) == reply, "not the home agent's"
assert reply[20] == 131, "no name"
print(reply[1], socket.inet_ntoa(reply[4:8]), reply[22:22 + reply[21]].decode())
