#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""portal.py: a hotspot that wants its visitor to log in, in its own namespace: whatever comes to its
port 434 it answers with rubbish, and whatever page is asked for (port 80) with its own.  Prints "ready",
then a line a Request, and how many answers that has had.

portal.py echo PORT: gives back what it is sent.
portal.py dial ADDRESS PORT: a program that is there before and after: says from which address it speaks,
then sends each line that it reads, and prints what comes back ("nothing" within 2 s)."""
import os
import select
import socket
import struct
import sys

PORT = 434


def listen(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", port))
    s.listen()
    return s


def reply(request, code, home=None, lifetime=600):
    home, agent, number = request[4:8] if home is None else home, request[8:12], request[16:24]
    return bytes([3, code]) + struct.pack("!H", lifetime) + home + agent + number


def rubbish(request):
    signed = bytes([32, 36]) + struct.pack("!I", 256) + os.urandom(32)
    yield from (reply(request, code) for code in (0, 1, 65, 69, 78, 130, 133, 136))
    yield from (reply(request, code) + signed for code in (0, 1, 65, 69, 129, 130, 133, 136))
    yield reply(request, 0, socket.inet_aton("10.99.0.66")) + signed
    yield from (reply(request, 0)[:n] for n in (1, 3, 19))
    yield b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"
    yield request
    yield b""
    yield os.urandom(1400)


def serve():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", PORT))
    page = listen(80)
    print("ready", flush=True)
    while True:
        for s in select.select([udp, page], [], [])[0]:
            if s is udp:
                request, src = udp.recvfrom(2048)
                answers = list(rubbish(request)) if len(request) >= 24 else []
                for answer in answers:
                    udp.sendto(answer, src)
                print("request", len(answers), flush=True)
            else:
                c, src = s.accept()
                c.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n" + src[0].encode())
                c.close()


def echo(port):
    server = listen(int(port))
    while True:
        c = server.accept()[0]
        while data := c.recv(2048):
            c.sendall(data)


def dial(addr, port):
    s = socket.create_connection((addr, int(port)), timeout=2)
    print(s.getsockname()[0], flush=True)
    for line in sys.stdin:
        s.sendall(line.encode())
        try:
            print(s.recv(2048).decode().strip(), flush=True)
        except socket.timeout:
            print("nothing", flush=True)


{"serve": serve, "echo": echo, "dial": dial}[(sys.argv + ["serve"])[1]](*sys.argv[2:])
