#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""supplicant.py SOCKET BSSID [COMMAND OTHER...]: says what wpa_supplicant says of a station that is
associated with that access point: for a mipclientd whose radio is a veth.  It hears the others, too;
told to ROAM to one of them, by whomever, it says so, runs COMMAND BSSID and is there.  Told to SAY
something it says that: what a real one says because of others.  SIGUSR1: it hears a stranger and
loses him again."""
import os
import signal
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
    if to not in others:
        return "FAIL\n"
    say(f"SME: Trying to authenticate with {to} (SSID='lab' freq=2412 MHz)")
    if subprocess.run([command, to], check=False).returncode:
        return "FAIL\n"
    others[others.index(to)] = bssid
    bssid = to
    return "OK\n"


def say(event):
    for client in attached:
        tell(client, f"<3>{event}")


def tell(client, text):
    try:
        server.sendto(text.encode(), client)
    except OSError:  # it has gone
        pass


def stranger(*_):
    for what in "ADDED", "REMOVED":
        say(f"CTRL-EVENT-BSS-{what} 7 02:00:00:00:77:00")


signal.signal(signal.SIGUSR1, stranger)
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
    if word == "SAY":
        say(" ".join(args))
    answer = roam(args[0]) if word == "ROAM" else answers.get(word, "FAIL\n")
    tell(client, answer)
    if word == "ROAM" and answer == "OK\n":
        say(f"CTRL-EVENT-CONNECTED - Connection to {bssid} completed [id=0 id_str=]")
