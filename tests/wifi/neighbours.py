# SPDX-License-Identifier: MIT
"""The walk under other programs that look after the radio, its addresses or the firewall."""
import colocated
from checks import check


def neighbours(folder):
    for name in "networkmanager", "ifupdown", "networkd", "firewalld":
        colocated.walked(folder, name, [("F12",), ("F7",)])
        before, meanwhile, after = (open(f"{folder}/foreign-{name}-{when}.txt", encoding="ascii").read()
                                    for when in ("before", "while", "after"))
        check(f"{name}: rules and routes of others are as before", before and before == meanwhile == after)
