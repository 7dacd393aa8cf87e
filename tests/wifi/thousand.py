# SPDX-License-Identifier: MIT
"""Handoffs without end, and kills: nothing is stuck."""
import lablog
from checks import check


def thousand(folder):
    texts = [text[len("thousand: "):] for _, text in lablog.marks(folder) if text.startswith("thousand: ")]
    done = texts.count("done")
    kills = [(int(w[1]), w[3], w[4]) for w in map(str.split, texts) if w[0] == "recovered"]
    stuck = [t for t in texts if t.startswith("stuck") or "does not start" in t]
    missed = sum(t.endswith("did not come") for t in texts)
    check("thousand: nothing is stuck", done + len(kills) and not stuck,
          f"{done} handoffs without a kill, {len(kills)} with, {missed} where its step did not come; {stuck[:3]}")
    check("thousand: each is accounted for", done + len(kills) + missed > 0)
    if kills:
        ms, who, step = max(kills)
        print(f"# thousand: longest recovery {ms} ms, {who} killed at {step}; median {sorted(kills)[len(kills) // 2][0]} ms")
