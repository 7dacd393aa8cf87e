#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""whoami.py answer ADDRESS... | ask ADDRESS [FROM]: a server says from which address it is asked; one that
asks gets no answer within 2 s: "nobody", has no way there: "unreachable"."""
import select
import socket
import sys

PORT = 7000


def answer(addresses):
    servers = []
    for address in addresses:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, PORT))
        servers.append(s)
    print("ready", flush=True)
    while True:
        for s in select.select(servers, [], [])[0]:
            client = s.recvfrom(100)[1]
            s.sendto(client[0].encode(), client)


def ask(address, source=""):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((source, 0))
        s.settimeout(2)
        try:
            s.connect((address, PORT))
            s.send(b"?")
            print(s.recv(100).decode())
        except socket.timeout:
            print("nobody")
        except OSError:
            print("unreachable")


if sys.argv[1] == "answer":
    answer(sys.argv[2:])
else:
    ask(*sys.argv[2:])
