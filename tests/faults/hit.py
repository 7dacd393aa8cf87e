#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hit.py SOCKET BSSID STEP FAULT...: tells the mipclientd behind that socket to hand off to that access point, and
does the fault in the moment in which the step is heard (`mipclient watch`).  A fault is
    signal NUMBER PID       poke FILE INDEX VALUE (of shim.c; next+N: that allocation from now)
    run COMMAND...          fill FILE, until its disk is full       nothing
Prints the time of it, in ms of the wall clock; exit 3: the handoff ended, or could not begin, without that step."""
import errno
import json
import os
import socket
import struct
import subprocess
import sys
import time

path, bssid, step, fault, *args = sys.argv[1:]
PATIENCE = 20  # seconds


def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(PATIENCE)
    s.connect(path)
    return s


def ask(s, command, *words):
    s.sendall((json.dumps({"command": command, "args": words}) + "\n").encode())


def handoff_runs(lines):
    """Of one before: it has its address, and is not over yet."""
    ask(command, "report")
    answer = json.loads(next(lines))
    return answer["ok"] and answer["report"]["result"] == "running"


def poke(file, index, value):
    with open(file, "r+b", buffering=0) as f:
        if value.startswith("next+"):
            f.seek(8)
            value = struct.unpack("q", f.read(8))[0] + int(value[len("next+"):])
        f.seek(8 * int(index))
        f.write(struct.pack("q", int(value)))


def fill(file):
    with open(file, "wb", buffering=0) as f:
        for size in (4096, 1):
            try:
                while f.write(bytes(size)) == size:
                    pass
            except OSError as e:
                assert e.errno == errno.ENOSPC, e


def hit():
    print(int(time.time() * 1000), flush=True)
    if fault == "signal":
        os.kill(int(args[1]), int(args[0]))
    elif fault == "poke":
        poke(*args)
    elif fault == "fill":
        fill(*args)
    elif fault == "run":
        subprocess.run(args, check=True)


watch, command = connect(), connect()
answers = command.makefile("r", encoding="utf-8")
while handoff_runs(answers):
    time.sleep(0.02)
ask(watch, "watch")
lines = watch.makefile("r", encoding="utf-8")
next(lines)  # its status: from now on it tells
ask(command, "handoff", bssid)
for line in lines:
    event = json.loads(line)
    if event.get("step") == step:
        hit()
        sys.exit(0)
    if event["event"] == "Link_Handover_Complete":
        break
sys.exit(3)
