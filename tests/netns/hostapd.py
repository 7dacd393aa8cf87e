#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hostapd.py SOCKET [STATION...]: says what hostapd says, with these stations there; each line of its
standard input is an event for all who have asked for events."""
import os
import select
import socket
import sys

path, stations = sys.argv[1], sys.argv[2:]
watchers = set()
events = open(0, "rb", buffering=0)  # what is read must not wait here
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
os.makedirs(os.path.dirname(path), exist_ok=True)
if os.path.exists(path):
    os.unlink(path)
server.bind(path)


def station(n):
    return f"{stations[n]}\nflags=[AUTH][ASSOC][AUTHORIZED]\n" if n < len(stations) else ""


def answer(command, client):
    word, _, rest = command.partition(" ")
    if word == "ATTACH":
        watchers.add(client)
        return "OK\n"
    if word == "STA-FIRST":
        return station(0)
    if word == "STA-NEXT":
        return station(stations.index(rest) + 1)
    return "PONG\n" if word == "PING" else "UNKNOWN COMMAND\n"


while True:
    for ready in select.select([server, events], [], [])[0]:
        if ready is server:
            text, client = server.recvfrom(4096)
            print(text.decode(), flush=True)
            server.sendto(answer(text.decode(), client).encode(), client)
            continue
        event = events.readline().decode()
        if not event:
            sys.exit()
        for client in watchers:
            try:
                server.sendto(f"<3>{event.rstrip()} ".rstrip().encode(), client)
            except OSError:
                pass
