# SPDX-License-Identifier: MIT
"""The figures of tests/bench/peers_figures as one SVG, legible on light and on dark pages."""
import html
import math
import statistics

from peers_judge import OURS, ROWS

PANELS = ("lost", "late", "longest_gap_ms", "after_layer2_ms", "goodput_kbit_s")
ACROSS, WIDTH, LEFT, GAP = 3, 900, 150, 34
HEAD, ROW, FOOT = 26, 25, 26
STYLE = """text{font:12px system-ui,sans-serif;fill:#59636e}.t{font-weight:600}.g{stroke:#8c959f;stroke-opacity:.3}
.o{stroke:#0969da;fill:#0969da}.p{stroke:#bc4c00;fill:#bc4c00}line.o,line.p{stroke-width:2;stroke-linecap:round}
.n{font-size:11px;font-style:italic}@media(prefers-color-scheme:dark){text{fill:#9198a1}.o{stroke:#4493f8;fill:#4493f8}
.p{stroke:#db6d28;fill:#db6d28}}"""


class Scale:
    """Milliseconds by their logarithm, all else from 0."""

    def __init__(self, values, unit, x0, x1):
        self.log = unit == "ms"
        high, low = max(values, default=1) or 1, max(1, min(values, default=1))
        self.low = 10 ** math.floor(math.log10(low)) if self.log else 0
        self.high = max(high, self.low * 10) * 1.05 if self.log else high * 1.05
        self.x0, self.x1 = x0, x1

    def at(self, v):
        a, b, c = (math.log10(max(x, self.low)) for x in (v, self.low, self.high)) if self.log else (v, self.low, self.high)
        return self.x0 + (a - b) / (c - b) * (self.x1 - self.x0)

    def ticks(self):
        if self.log:
            return [t for n in range(7) for t in (10 ** n, 3 * 10 ** n) if self.low <= t <= self.high]
        step = next(s * 10 ** n for n in range(9) for s in (1, 2, 5) if self.high / (s * 10 ** n) <= 4)
        return [n * step for n in range(int(self.high / step) + 1)]


def known(values):
    return [v for v in values or [] if v is not None]


def panel(figures, row, x0, y0, width):
    name, unit, _ = ROWS[row]
    contenders = list(figures["contenders"].items())
    distances = figures["distances_ms"]
    every = [v for _, c in contenders for at in c["at"].values() for v in known(at.get(row))]
    scale = Scale(every, unit, x0, x0 + width)
    bottom = y0 + HEAD + ROW * len(contenders)
    out = [f'<text class="t" x="{x0}" y="{y0 + 14}">{html.escape(name + (", " + unit if unit else " packets"))}</text>']
    for t in scale.ticks():
        out.append(f'<path class="g" d="M{scale.at(t):.1f} {y0 + HEAD - 4}V{bottom}"/>'
                   f'<text x="{scale.at(t):.1f}" y="{bottom + 14}" text-anchor="middle">{t:g}</text>')
    for i, (who, contender) in enumerate(contenders):
        middle = y0 + HEAD + ROW * i + ROW / 2
        cls = "o" if who in OURS else "p"
        drawn = False
        for k, ms in enumerate(distances):
            values = known(contender["at"].get(str(ms), {}).get(row))
            if not values:
                continue
            drawn = True
            y = middle + (k - (len(distances) - 1) / 2) * 6
            faint = 0.4 + 0.6 * (k + 1) / len(distances)
            out.append(f'<g opacity="{faint:.2f}"><line class="{cls}" x1="{scale.at(min(values)):.1f}" '
                       f'x2="{scale.at(max(values)):.1f}" y1="{y:.1f}" y2="{y:.1f}"/><circle class="{cls}" '
                       f'cx="{scale.at(statistics.median(values)):.1f}" cy="{y:.1f}" r="3"/></g>')
        if not drawn:
            out.append(f'<text class="n" x="{x0 + 4}" y="{middle + 4:.1f}">{html.escape(contender["absent"].get(row, "none"))}</text>')
    return out


def walks(figures, distances):
    """How many walks stand behind a figure: a run that was broken off has fewer."""
    counts = {len(known(values)) for c in figures["contenders"].values() for ms, at in c["at"].items() if int(ms) in distances
              for row, values in at.items() if row in ROWS} - {0} or {0}
    return str(min(counts)) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"


def svg(figures):
    contenders = [c["name"] for c in figures["contenders"].values()]
    high = HEAD + ROW * len(contenders) + FOOT
    width = (WIDTH - LEFT - GAP * ACROSS) / ACROSS
    rows = -(-len(PANELS) // ACROSS)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {rows * high}" role="img" '
           f'aria-label="this client beside its peers"><style>{STYLE}</style>']
    for n, row in enumerate(PANELS):
        x, y = LEFT + (n % ACROSS) * (width + GAP), n // ACROSS * high
        if n % ACROSS == 0:
            out += [f'<text x="{LEFT - 10}" y="{y + HEAD + ROW * i + ROW / 2 + 4:.1f}" text-anchor="end">{html.escape(c)}</text>'
                    for i, c in enumerate(contenders)]
        out += panel(figures, row, x, y, width)
    x, y = LEFT + (len(PANELS) % ACROSS) * (width + GAP), (rows - 1) * high + HEAD + 14
    away = [f"{ms} ms" for ms in figures["distances_ms"]]
    order = ", ".join(away[:-1]) + " and " + away[-1] if len(away) > 1 else away[0]
    for line in ("Per walk: the median and the range", f"of {walks(figures, figures['distances_ms'])} walks.", "Three lines, from the top: home" if len(away) == 3
                 else "From the top: the home", f"agent {order} away.", "Blue: this client."):
        out.append(f'<text x="{x:.1f}" y="{y}">{html.escape(line)}</text>')
        y += 18
    return "\n".join(out) + "\n</svg>\n"
