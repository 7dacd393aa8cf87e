#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""walkers.py EVERY BSSID BSSID SOCKET...: the nodes behind those sockets hand off, one after the other and
again from the first, one in EVERY seconds at most, each to the one of the two access points where it is not.  Each is waited for,
until its uplink is open again.  A line "N handoffs" as they go; SIGTERM: the last one is finished, and
the sum printed: "handoffs N failed N"; what failed is said when it does."""
import json
import signal
import socket
import sys
import time

every, first, second, *paths = sys.argv[1:]
PATIENCE = 10  # seconds, until a node has arrived
going = True


def stop(*_):
    global going
    going = False


class Node:
    def __init__(self, path):
        self.path = path
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(path)
        self.lines = self.s.makefile("r", encoding="utf-8")

    def ask(self, command, *args):
        self.s.sendall((json.dumps({"command": command, "args": args}) + "\n").encode())
        for line in self.lines:
            answer = json.loads(line)
            if "ok" in answer:
                return answer
        return {"ok": False, "error": "the daemon is gone"}

    def arrived(self, bssid):
        now = self.ask("status")
        return now.get("bssid") == bssid and now.get("state") == "registered" and now["uplink"]["path"] != "held"

    def hands_off(self):
        to = second if self.ask("status").get("bssid") == first else first
        answer = self.ask("handoff", to)
        end = time.monotonic() + PATIENCE
        while answer["ok"] and time.monotonic() < end:
            if self.arrived(to):
                return None
            time.sleep(0.01)  # nobody tells when the uplink is open
        return answer.get("error", f"not at {to} after {PATIENCE} s")


signal.signal(signal.SIGTERM, stop)
nodes = [Node(p) for p in paths]
done = failed = 0
while going:
    for node in nodes:
        if not going:
            break
        began = time.monotonic()
        wrong = node.hands_off()
        done += 1
        failed += wrong is not None
        print(f"{node.path}: {wrong}" if wrong else f"{done} handoffs", flush=True)
        time.sleep(max(0, began + float(every) - time.monotonic()))
print(f"handoffs {done} failed {failed}", flush=True)
