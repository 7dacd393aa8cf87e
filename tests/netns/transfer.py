#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""transfer.py serve ADDR PORT | transfer.py ADDR PORT BYTES: a TCP stream each way at once; either end
sees whether what arrives is what was sent.  The client prints "whole"."""
import random
import socket
import sys
import threading


def content(seed, count):
    return random.Random(seed).randbytes(count)


def exchange(s, mine, theirs, count):
    """Each closes when it has got all: who sees the other's end knows that nothing of his own is under way any more."""
    sender = threading.Thread(target=s.sendall, args=(content(mine, count),))
    sender.start()
    got = b""
    while len(got) < count and (data := s.recv(1 << 16)):
        got += data
    sender.join()
    s.shutdown(socket.SHUT_WR)
    return got == content(theirs, count) and s.recv(1) == b""


if sys.argv[1] == "serve":
    server = socket.create_server((sys.argv[2], int(sys.argv[3])))
    print("ready", flush=True)
    while True:
        with server.accept()[0] as s:
            count = int.from_bytes(s.recv(4, socket.MSG_WAITALL), "big")
            print("whole" if exchange(s, 1, 2, count) else "spoilt", flush=True)
else:
    count = int(sys.argv[3])
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30) as s:
        s.sendall(count.to_bytes(4, "big"))
        print("whole" if exchange(s, 2, 1, count) else "spoilt")
