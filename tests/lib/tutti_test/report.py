# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of `ci/bench peers` as a Markdown table and as a picture (SVG, for light and dark pages)."""

from xml.sax.saxutils import escape

TITLES = {"clean": "clean", "jitter-2": "jitter, σ = 2 ms", "jitter-5": "jitter, σ = 5 ms", "loss-1": "1 % loss", "loss-5": "5 % loss"}
NAMES = {"tutti": "Tutti", "jamulus": "Jamulus", "jacktrip": "JackTrip", "jacktrip-p2p": "JackTrip, no server", "loop": "bare loop",
         "wire": "bare wire"}
KINDS = {"best": "at its best", "candidate": "another setting", "defaults": "defaults", "direct": "no server", "fixture": "fixture", "tutti": ""}
ORDER = ("tutti", "best", "candidate", "defaults", "direct", "fixture")

WIDTH, LABEL, RIGHT, LINE, PANEL_GAP, TOP = 860, 230, 165, 26, 46, 64
STYLE = """
  .page { fill: #ffffff } .text { fill: #2e2e33 } .dim { fill: #6f6f76 } .grid { stroke: #d8d8dc }
  .tutti { fill: #3584e4; stroke: #3584e4 } .jamulus { fill: #e66100; stroke: #e66100 } .jacktrip { fill: #26a269; stroke: #26a269 }
  .other { fill: #9a9996; stroke: #9a9996 } .defaults { opacity: .5 }
  text { font-family: "Adwaita Sans", Inter, Cantarell, "Segoe UI", sans-serif; font-size: 13px }
  .title { font-size: 17px; font-weight: 700 } .panel { font-weight: 700 } .small { font-size: 11.5px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #242428 } .text { fill: #f2f2f4 } .dim { fill: #a9a9b2 } .grid { stroke: #47474d }
    .tutti { fill: #78aeed; stroke: #78aeed } .jamulus { fill: #ffa348; stroke: #ffa348 } .jacktrip { fill: #57e389; stroke: #57e389 }
  }
"""


def label(row):
    kind = KINDS.get(row["kind"], row["kind"])
    name = NAMES.get(row["system"], row["system"])
    if row["kind"] == "tutti":
        return f"{name}, {'automatic' if row['settings'] == '-' else row['settings']}"
    return f"{name}, {kind}" if row["kind"] in ("best", "candidate", "defaults") else name


def number(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}"


def ordered(rows):
    return sorted(rows, key=lambda row: (list(TITLES).index(row["condition"]) if row["condition"] in TITLES else 99, ORDER.index(row["kind"])))


def table(result):
    lines = ["| condition | system | settings | n | p50 ms | p95 ms | p99 ms | gaps/min | meter's own | CPU % | to the better peer (≤) | gaps/min more (≤) |",
             "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for row in ordered(result["rows"]):
        ratio = gaps = ""
        if "ratio_p50_to_better_peer" in row:
            ratio = f"**{number(row['ratio_p50_to_better_peer'])}** ({number(row['ratio_upper95'])})"
            gaps = f"{number(row['gaps_per_min_difference'], 1)} ({number(row['gaps_difference_upper95'], 1)})"
        settings = "" if row["settings"] == "-" else f"`{row['settings']}`"
        lines.append(f"| {TITLES.get(row['condition'], row['condition'])} | {label(row)} | {settings} | {row['n']} | "
                     + " | ".join(number(row.get(f"p{part}_ms")) for part in (50, 95, 99))
                     + f" | {number(row.get('gaps_per_min'), 1)} | {number(row.get('meter_gaps_per_min'), 1)} | {number(row.get('cpu_percent'), 1)}"
                     + f" | {ratio} | {gaps} |")
    return "\n".join(lines)


def summary(result):
    settings = result["settings"]
    machine = settings["machine"]
    versions = ", ".join(f"{NAMES.get(name, 'PipeWire')} {version}" for name, version in settings["versions"].items())
    return (f"{versions}; {machine['cores']} cores ({machine['cpu']}), Linux {machine['kernel']}. {settings['runs']} runs of {settings['seconds']:g} s a row, "
            f"interleaved; quantum {settings['quantum']}; one leg of the network takes {settings['network_us']['p50']:g} µs by itself (p99 "
            f"{settings['network_us']['p99']:g}). A peer's setting holds with at most {settings['gap_limit_per_min']:g} gaps a minute above the meter's own.")


def nice_step(most):
    for step in (0.5, 1, 2, 5, 10, 20, 50, 100):
        if most / step <= 8:
            return step
    return 200


def panel(rows, top):
    """One condition: a bar from zero to p50 with a whisker to p99, on a scale of its own."""
    width = WIDTH - LABEL - RIGHT
    step = nice_step(max(row["p99_ms"] for row in rows))
    most = step * (int(max(row["p99_ms"] for row in rows) / step) + 1)
    bottom = top + 12 + LINE * len(rows)
    out = [f'<text class="text panel" x="20" y="{top}">{escape(TITLES.get(rows[0]["condition"], rows[0]["condition"]))}</text>']
    value = 0
    while value <= most + 1e-9:
        x = LABEL + width * value / most
        out.append(f'<line class="grid" x1="{x:.1f}" y1="{top + 8}" x2="{x:.1f}" y2="{bottom}"/>')
        out.append(f'<text class="dim small" x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:g}</text>')
        value += step
    for i, row in enumerate(rows):
        out += bar(row, top + 12 + LINE * i, width / most)
    return out, bottom + 15


def bar(row, top, scale):
    name = row["system"].split("-")[0]
    colour = name if name in ("tutti", "jamulus", "jacktrip") else "other"
    group = f"{colour}{' defaults' if row['kind'] == 'defaults' else ''}"
    middle = top + LINE / 2
    ends = [LABEL + row[f"p{part}_ms"] * scale for part in (50, 99)]
    return [
        f'<text class="text" x="{LABEL - 10}" y="{middle + 4.5:.1f}" text-anchor="end">{escape(label(row))}</text>',
        f'<g class="{group}"><rect x="{LABEL}" y="{top + 5}" width="{max(ends[0] - LABEL, 1):.1f}" height="{LINE - 10}" rx="3" stroke="none"/>',
        f'<line x1="{ends[0]:.1f}" y1="{middle}" x2="{ends[1]:.1f}" y2="{middle}" stroke-width="2"/>'
        f'<line x1="{ends[1]:.1f}" y1="{middle - 5}" x2="{ends[1]:.1f}" y2="{middle + 5}" stroke-width="2"/></g>',
        f'<text class="text small" x="{ends[1] + 8:.1f}" y="{middle + 4:.1f}">{row["p50_ms"]:.2f} ms'
        f'<tspan class="dim" dx="6">{row["gaps_per_min"]:.0f} gaps/min</tspan></text>',
    ]


def svg(result):
    """Labels stand right of the whisker: the widest panel keeps RIGHT free for them."""
    rows = [row for row in ordered(result["rows"]) if "p50_ms" in row and row["system"] != "loop"]
    body, top = [], TOP + 26
    for condition in dict.fromkeys(row["condition"] for row in rows):
        part, bottom = panel([row for row in rows if row["condition"] == condition], top)
        body += part
        top = bottom + PANEL_GAP - 10
    height = top - 10
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-label="Delay from microphone to loudspeaker of Tutti, Jamulus and JackTrip under five network conditions">',
        f"<style>{STYLE}</style>", f'<rect class="page" width="{WIDTH}" height="{height}" rx="12"/>',
        '<text class="text title" x="20" y="34">From microphone to loudspeaker, one way, through a server</text>',
        f'<text class="dim small" x="20" y="54">Milliseconds without sound devices, quantum {result["settings"]["quantum"]}: '
        'bar to the median, line to the 99th percentile. Each panel has a scale of its own.</text>',
    ]
    return "\n".join([*head, *body, "</svg>"]) + "\n"


def into_document(text, result, picture):
    """@text with what stands between its two marks replaced."""
    begin, end = "<!-- peers: begin, written by tests/tools/latency-report -->", "<!-- peers: end -->"
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n\n{summary(result)}\n\n![Delays by condition and system]({picture})\n\n{table(result)}\n\n{end}{after}"
