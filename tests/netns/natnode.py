#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A co-located node, behind a NAT or not, whose every packet a test decides upon.

    natnode.py node FOLDER            a command a line on its standard input, an answer a line:
        place ADDRESS                 has that address from now on
        register [144] [F]            "code=1 lifetime=60 udp=0 keepalive=25"; udp=none: no extension 44
        up N                          N numbered packets to the correspondent, by its tunnel
        keepalives N                  how many of N pings of the home agent were answered
        order ACTION                  of the home agent, in the tunnel: the code of its Reply
        largest                       bytes of the largest packet since it was asked last
        before                        how many packets had come, since that was asked, before the last Reply
        got                           how many packets came since it was asked last, "in order" or not
    natnode.py send N                 the correspondent: N numbered packets to the home address
    natnode.py hear                   the correspondent: a line each packet that it gets
    natnode.py spoof WHAT PORT FOLDER a stranger, in the node's name; PORT: the NAT's
FOLDER has node.key, and request, the last Registration Request.
"""
import hashlib
import hmac
import os
import select
import socket
import struct
import sys
import time

from stranger import BUFFER, HA, HOME, MN_HA, PORT, checksum, ip, ipv4, now, udp

CN, NAT = "192.0.2.66", "192.0.2.9"
DATA = 5001
REQUEST, REPLY, TUNNEL, ORDER = 1, 3, 4, 255
ACTIONS = {"buffer": BUFFER, "release": 3}
HEADER = bytes([TUNNEL, 4, 0, 0])


def numbered(src, dst, n):
    return ipv4(src, dst, 17, udp(src, dst, struct.pack("!I", n), DATA, DATA), 64)


def ping(src=HOME, n=0):
    icmp = struct.pack("!BBHHH", 8, 0, 0, 7, n)
    return ipv4(src, HA, 1, icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:], 64)


class Node:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "node.key"), encoding="ascii") as f:
            self.key = bytes.fromhex(f.read())
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)
        self.sock = None
        self.addr = None
        self.inside_udp = False
        self.numbers, self.pongs, self.replies, self.codes = [], 0, [], []
        self.sizes, self.pieces = [], {}

    def sign(self, m):
        m += bytes([MN_HA, 36]) + struct.pack("!I", 256)
        return m + hmac.digest(self.key, m, hashlib.sha256)

    def place(self, addr):
        if self.sock:
            self.sock.close()
        self.addr = addr
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((addr, PORT))
        self.raw.bind((addr, 0))
        return "ok"

    def tunnel(self, packet):
        if self.inside_udp:
            self.sock.sendto(HEADER + packet, (HA, PORT))
        else:
            self.raw.sendto(packet, (HA, 0))

    # ---- what comes ----

    def whole(self, p):
        """The packet that its fragments make, once they are all there."""
        self.sizes.append(len(p))
        at = int.from_bytes(p[6:8], "big")
        if not at & 0x3FFF:
            return p
        parts = self.pieces.setdefault(p[4:6], {})
        parts[(at & 0x1FFF) * 8] = p[20:]
        if not at & 0x2000:
            parts["end"] = (at & 0x1FFF) * 8 + len(p) - 20
        body = b"".join(parts[k] for k in sorted(k for k in parts if k != "end"))
        return p[:20] + body if len(body) == parts.get("end") else None

    def inner(self, p):
        p = self.whole(p)
        if p is None:
            return
        body = p[(p[0] & 15) * 4:]
        if p[16:20] != ip(HOME):
            return
        if p[9] == 1 and body[0] == 0 and p[12:16] == ip(HA) and checksum(body) == 0:
            self.pongs += 1
        elif p[9] == 1 and body[0] == 8:
            answer = b"\0" + body[1:2] + b"\0\0" + body[4:]
            answer = answer[:2] + struct.pack("!H", checksum(answer)) + answer[4:]
            self.tunnel(ipv4(HOME, socket.inet_ntoa(p[12:16]), 1, answer, 64))
        elif p[9] == 17 and body[2:4] == DATA.to_bytes(2, "big"):
            self.numbers.append(struct.unpack("!I", body[8:12])[0])
        elif p[9] == 17 and body[:2] == PORT.to_bytes(2, "big") and body[8] == ORDER:
            # the code, and how many packets had come by then
            self.codes.append((body[10], len(self.numbers)))

    def hear(self, seconds, enough=lambda: False):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not enough():
            for s in select.select([self.raw, self.sock], [], [], left)[0]:
                data, src = s.recvfrom(4096)
                if s is self.raw:
                    if data[12:20] == ip(HA) + ip(self.addr):
                        self.inner(data[20:])
                elif src != (HA, PORT):
                    continue
                elif data[:4] == HEADER:
                    self.inner(data[4:])
                elif data[0] == REPLY:
                    self.behind = len(self.numbers)
                    self.replies.append(data)

    # ---- commands ----

    def register(self, *words):
        flags = 0x20 | 0x02  # D, T
        m = struct.pack("!BBH", REQUEST, flags, 600) + ip(HOME) + ip(HA) + ip(self.addr) + now().to_bytes(8, "big")
        if "144" in words:
            m += bytes([144, 6, 0, 0, 0x80 if "F" in words else 0, 0, 0, 0])
        m = self.sign(m)
        with open(os.path.join(self.folder, "request"), "wb") as f:
            f.write(m)
        self.replies = []
        self.sock.sendto(m, (HA, PORT))
        self.hear(3, lambda: self.replies)
        if not self.replies:
            return "no answer"
        r = self.replies[0]
        said = ""
        if r[20] == 44:
            said = f" udp={r[23]} keepalive={int.from_bytes(r[26:28], 'big')}"
        if r[1] in (0, 1):
            self.inside_udp = r[20] == 44 and r[23] == 0
        return f"code={r[1]} lifetime={int.from_bytes(r[2:4], 'big')}" + (said or " udp=none")

    def before(self):
        return str(self.behind)

    def up(self, count):
        for n in range(int(count)):
            self.tunnel(numbered(HOME, CN, n))
        return "ok"

    def keepalives(self, count):
        self.pongs = 0
        for n in range(int(count)):
            self.tunnel(ping(n=n))
        self.hear(0.3, lambda: self.pongs == int(count))
        return str(self.pongs)

    def order(self, action):
        m = bytes([ORDER, 1, ACTIONS[action], 0]) + ip(HOME) + ip(HA) + bytes(4) + now().to_bytes(8, "big")
        m = self.sign(m)
        self.codes = []
        self.tunnel(ipv4(HOME, HA, 17, udp(HOME, HA, m, PORT), 64))
        self.hear(2, lambda: self.codes)
        return "code={} after={}".format(*self.codes[0]) if self.codes else "no answer"

    def largest(self):
        self.hear(0.3)
        n, self.sizes = max(self.sizes, default=0), []
        return str(n)

    def got(self, count="0"):
        self.hear(2 if int(count) else 0.1, lambda: int(count) and len(self.numbers) >= int(count))
        n = self.numbers
        self.numbers = []
        order = "in order" if n == sorted(set(n)) else f"not in order: {n}"
        return f"{len(n)} {order}"

    def run(self):
        print("ready", flush=True)
        while True:
            for s in select.select([sys.stdin, self.raw] + ([self.sock] if self.sock else []), [], [])[0]:
                if s is not sys.stdin:
                    self.hear(0.001)
                    continue
                words = sys.stdin.readline().split()
                if not words:
                    return
                print(getattr(self, words[0])(*words[1:]), flush=True)


def send(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((CN, DATA - 1))
    for n in range(int(count)):
        s.sendto(struct.pack("!I", n), (HOME, DATA))
        time.sleep(0.001)


def hear():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((CN, DATA))
    print("ready", flush=True)
    while True:
        data, src = s.recvfrom(4096)
        print(src[0], struct.unpack("!I", data)[0], flush=True)


def spoof(what, port, folder):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    port = int(port)
    with open(os.path.join(folder, "request"), "rb") as f:
        request = f.read()
    home, other = numbered(HOME, CN, 9), numbered("10.99.0.6", CN, 9)
    src, sport, payload = {
        "address": ("192.0.2.66", port, HEADER + home),
        "port": (NAT, port + 1, HEADER + home),
        "inner": (NAT, port, HEADER + other),
        "itself": (NAT, port, HEADER + numbered(HA, CN, 9)),
        "keepalive": (NAT, port + 1, HEADER + ping()),
        "next-header": (NAT, port, b"\4\x2f\0\0" + home),
        "short": (NAT, port, b"\4\4\0"),
        "no-packet": (NAT, port, HEADER + home[:30]),
        "request": ("192.0.2.66", 6666, request),
        "ipip": (NAT, 0, home),
    }[what]
    body = payload if what == "ipip" else udp(src, HA, payload, sport)
    for _ in range(10):
        s.sendto(ipv4(src, HA, 4 if what == "ipip" else 17, body, 64), (HA, 0))


if sys.argv[1] == "node":
    Node(sys.argv[2]).run()
else:
    globals()[sys.argv[1]](*sys.argv[2:])
