# SPDX-License-Identifier: MIT
"""An agent that cannot buffer: the home agent keeps what comes while the node leaves it."""
import lablog
from checks import check, faultless, figures, flows, spans
from stations import verdicts


def walked(folder, name, wanted):
    """Each walk: one of its flows; F4 alone promises no order, of the downlink."""
    stream, walks = lablog.stream(folder, name), spans(folder, name)
    check(f"{name}: {len(wanted)} walks were walked", len(walks) == len(wanted), f"{len(walks)}")
    for i, ((begin, end, to), one_of) in enumerate(zip(walks, wanted), 1):
        found = lablog.reports(folder, begin, end)
        check(f"{name}, walk {i}: one handoff, flow {' or '.join(one_of)}",
              len(found) == 1 and found[0][1]["flow"] in one_of, flows(found))
        for which, direction in stream.items():
            ordered = which == "uplink" or not found or found[0][1]["flow"] != "F4"
            c = direction.count(begin, end)
            good = faultless(c) if ordered else c["sent"] and c["lost"] == c["duplicated"] == 0
            what = "nothing lost, doubled or out of order" if ordered else "nothing lost or doubled"
            check(f"{name}, walk {i} to access point {to}, {which}: {what}", good, figures(c))


def legacy(folder):
    verdicts(folder, "legacy")
    # Back: F4 where other channels had to be looked at under agent 2's buffer, else the home agent keeps again.
    walked(folder, "legacy", [("F9",), ("F4", "F9")])


def legacy_both(folder):
    walked(folder, "legacy_both", [("F9",)] * 4)
