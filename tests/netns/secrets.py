#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where a process has a key: secrets.py PID HEXDIGITS.  One line for each copy in its memory, as bytes or as digits:
what it is, the mapping, and whether that is locked.  Prints nothing where there is none.  As root."""
import re
import sys

pid, digits = sys.argv[1], sys.argv[2].strip()
wanted = {"bytes": bytes.fromhex(digits), "digits": digits.encode()}


def mappings():
    """(begin, end, name, locked) of each that may be written."""
    with open(f"/proc/{pid}/smaps", encoding="ascii") as f:
        for line in f:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw.. \S+ \S+ \S+ *(.*)", line)
            if head:
                begin, end, name = int(head[1], 16), int(head[2], 16), head[3]
            elif re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                begin = None
            elif line.startswith("VmFlags:") and begin is not None:
                yield begin, end, name or "anonymous", " lo " in line.rstrip("\n") + " "


with open(f"/proc/{pid}/mem", "rb", 0) as mem:
    for begin, end, name, locked in mappings():
        mem.seek(begin)
        content, at = b"", 0
        while len(content) < end - begin:
            part = mem.read(end - begin - len(content))
            if not part:
                break
            content += part
        for what, text in wanted.items():
            at = content.find(text)
            while at >= 0:
                print(f"{what} {begin + at:x} {name} {'locked' if locked else 'unlocked'}")
                at = content.find(text, at + 1)
