# SPDX-License-Identifier: MIT
"""Daemons that must not start, and what one that ended has left behind: asked in the lab, repeated here."""
import lablog
from checks import check


def said_there(folder, scenario, count):
    rows = [x.split("\t") for x in lablog.lines(folder, "verdicts.txt")]
    rows = [(result, name) for where, result, name in rows if where == scenario]
    for result, name in rows:
        check(name, result == "ok")
    check(f"{scenario}: everything was asked", len(rows) == count, f"{len(rows)} verdicts")


def refusals(folder):
    said_there(folder, "refusals", 4)


def kills(folder):
    said_there(folder, "kills", 8)
