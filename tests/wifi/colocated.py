# SPDX-License-Identifier: MIT
"""Networks without an agent: care-of addresses by DHCP, the home agent keeps what comes."""
import lablog
from checks import ROUND_TRIP_MS, check, faultless, figures, flows, spans


def ask_once(walk, report):
    """From the new address (or agent) being there: one Request, and nothing else is waited for."""
    steps = dict(lablog.steps(report))
    took = steps["registered"] - steps["agent-found"]
    check(f"{walk}: registered with one Request, within two round trips", report["sent"]["requests"] == 1
          and took <= 2 * ROUND_TRIP_MS, f"{report['sent']['requests']} in {took:.0f} ms")


SLACK_MS = 20  # a process costs about 5 ms here, and two round trips pass four of them


def in_time(walk, report, stream, begin, end):
    """The gap, each way: layer 2 and the address, from the grant to the agent (or the address) being
    found, and two round trips: that of BUFFER, that of the registration.  Returns whether the uplink had more."""
    steps = dict(lablog.steps(report))
    most = steps["agent-found"] - steps["granted"] + 2 * ROUND_TRIP_MS + SLACK_MS
    down, up = (stream[which].count(begin, end)["longest_gap_ms"] for which in ("downlink", "uplink"))
    check(f"{walk}, downlink: no gap but layer 2, the address and two round trips", down <= most, f"{down:.0f} of {most:.0f} ms")
    return up > most


def walked(folder, name, wanted):
    """Each walk: its flow, and nothing lost, doubled or reordered."""
    stream, walks = lablog.stream(folder, name), spans(folder, name)
    check(f"{name}: {len(wanted)} walks were walked", len(walks) == len(wanted), f"{len(walks)}")
    longer = 0
    for i, ((begin, end, to), one_of) in enumerate(zip(walks, wanted), 1):
        found = lablog.reports(folder, begin, end)
        check(f"{name}, walk {i}: one handoff, flow {' or '.join(one_of)}", len(found) == 1
              and found[0][1]["flow"] in one_of and found[0][1]["result"] == "done", flows(found))
        flow = found[0][1]["flow"] if found else one_of[0]
        if found and flow != "F9":
            ask_once(f"{name}, walk {i}", found[0][1])
        if flow == "F7" and name == "colocated" and found:
            longer += in_time(f"{name}, walk {i}", found[0][1], stream, begin, end)
        for which, direction in stream.items():
            c = direction.count(begin, end)
            check(f"{name}, walk {i} to access point {to}, {which}: nothing lost, doubled or out of order", faultless(c),
                  figures(c))
    return longer


def colocated(folder):
    longer = walked(folder, "colocated", [("F7",)] * 10)
    # A look at other channels that came to nothing, just before, holds programs' packets, too.
    check("colocated, uplink: no gap but those, and a look that came to nothing in one walk at most", longer <= 1, f"{longer}")
    check("colocated: in a UDP tunnel", (lablog.load_json(folder, "colocated.json") or {}).get("udp_tunnel"))


def half_hidden(folder):
    walked(folder, "half_hidden", [("F7",)] * 2)
    check("half_hidden: at the end in IP-in-IP", (lablog.load_json(folder, "half_hidden.json") or {}).get("udp_tunnel") is False)


def modes(folder):
    # The third is F12 where other channels had to be looked at under the agent's buffer.
    walked(folder, "modes", [("F12",), ("F7",), ("F12", "F9"), ("F7",)])
