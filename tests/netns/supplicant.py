#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""supplicant.py SOCKET BSSID [COMMAND OTHER...]: says what wpa_supplicant says of a station that is
associated with that access point: for a mipclientd whose radio is a veth.  It hears the others, too;
told to ROAM to one of them it runs COMMAND BSSID and is there."""
import os
import socket
import subprocess
import sys

path, bssid, command, *others = (sys.argv[1:] + [""])[:max(3, len(sys.argv) - 1)]
attached = []
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def table():
    entries = [f"id={i}\nbssid={ap}\nfreq=2412\nlevel=-50\nage=0\nssid=lab\n"
               for i, ap in enumerate([bssid, *others])] if others else []
    return "====\n".join(entries) + ("####\n" if others else "")


def roam(to):
    global bssid
    if to not in others or subprocess.run([command, to], check=False).returncode:
        return "FAIL\n"
    others[others.index(to)] = bssid
    bssid = to
    return "OK\n"


def say(event):
    for client in attached:
        server.sendto(f"<3>{event}".encode(), client)


os.makedirs(os.path.dirname(path), exist_ok=True)
server.bind(path)
while True:
    line, client = server.recvfrom(4096)
    word, *args = line.decode().split()
    answers = {
        "ATTACH": "OK\n",
        "PING": "PONG\n",
        "STATUS": f"bssid={bssid}\nfreq=2412\nssid=lab\nwpa_state=COMPLETED\n",
        "BSS": table(),
    }
    if word == "ATTACH":
        attached = [client]
    answer = roam(args[0]) if word == "ROAM" else answers.get(word, "FAIL\n")
    server.sendto(answer.encode(), client)
    if word == "ROAM" and answer == "OK\n":
        say(f"CTRL-EVENT-CONNECTED - Connection to {bssid} completed [id=0 id_str=]")
