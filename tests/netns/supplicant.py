#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""supplicant.py SOCKET BSSID: says what wpa_supplicant says of a station that is associated with
that access point and hears no other: for a mipclientd whose radio is a veth."""
import os
import socket
import sys

path, bssid = sys.argv[1:]
answers = {
    "ATTACH": "OK\n",
    "PING": "PONG\n",
    "STATUS": f"bssid={bssid}\nfreq=2412\nssid=lab\nwpa_state=COMPLETED\n",
    "BSS": "",
}
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
os.makedirs(os.path.dirname(path), exist_ok=True)
server.bind(path)
while True:
    command, client = server.recvfrom(4096)
    word = command.decode().split()[0]
    server.sendto(answers.get(word, "FAIL\n").encode(), client)
