# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling a difference from noise: rows out of runs, and bootstrap intervals over whole runs.

Clicks of one run share its clock phases and its luck, so they are no independent samples: what is drawn again is the run.
Runs of one round (one index in the lists) were made on the same graphs, and are drawn together."""

import random


def percentile(values, part):
    """The value that a part of all lies below, as in the meter."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def good(runs):
    return [run for run in runs if run and "failed" not in run]


def per_minute(runs, key):
    seconds = sum(run["checked_s"] for run in runs)
    return 60 * sum(run[key] for run in runs) / seconds if seconds else None


def pooled_p50(runs):
    return percentile([way for run in runs for way in run["ways_ms"]], 0.5)


def summarize(runs):
    """The figures of a row from its runs (those that failed are counted only)."""
    fine = good(runs)
    row = {"runs": len(fine), "failed_runs": len(runs) - len(fine), "n": sum(len(run["ways_ms"]) for run in fine)}
    if not row["n"]:
        return row
    ways = [way for run in fine for way in run["ways_ms"]]
    for part in (50, 95, 99):
        row[f"p{part}_ms"] = round(percentile(ways, part / 100), 3)
    row["gaps_per_min"] = round(per_minute(fine, "gaps"), 2)
    row["meter_gaps_per_min"] = round(per_minute(fine, "meter_gaps"), 2)
    row["cpu_percent"] = round(sum(run["cpu_percent"] for run in fine) / len(fine), 1)
    row["server_cpu_percent"] = round(sum(run["server_cpu_percent"] for run in fine) / len(fine), 1)
    row["lost_clicks"] = sum(run["sent"] - len(run["ways_ms"]) for run in fine)
    row["run_p50_ms"] = [round(percentile(run["ways_ms"], 0.5), 3) for run in fine]
    return row


def interval(sample, n, resamples=2000, seed=1, level=0.95):
    """Bootstrap: sample(indices) is called with draws of @n indices with replacement. Returns (low, high), the ends of the
    interval that holds @level of what it returned; None for a draw that says nothing."""
    source = random.Random(seed)
    drawn = [sample([source.randrange(n) for _ in range(n)]) for _ in range(resamples)]
    drawn = sorted(value for value in drawn if value is not None)
    if not drawn:
        return None, None
    outside = (1 - level) / 2
    return percentile(drawn, outside), percentile(drawn, 1 - outside)


def _drawn(runs, indices):
    return good([runs[i] for i in indices if i < len(runs)])


def compare(own, peers, resamples=2000, seed=1):
    """@own: runs of ours, by round; @peers: name → runs. The better peer is the one with the lower pooled median; it is
    chosen anew in each draw, so that luck in choosing it is in the interval. Both ends are those of a 95 % interval."""
    n = max(len(own), *(len(runs) for runs in peers.values()))

    def better(indices):
        medians = {name: pooled_p50(_drawn(runs, indices)) for name, runs in peers.items() if _drawn(runs, indices)}
        return min(medians, key=medians.get) if medians else None

    def ratio(indices):
        name, mine = better(indices), _drawn(own, indices)
        return pooled_p50(mine) / pooled_p50(_drawn(peers[name], indices)) if name and mine else None

    def gap_difference(indices):
        name, mine = better(indices), _drawn(own, indices)
        return per_minute(mine, "gaps") - per_minute(_drawn(peers[name], indices), "gaps") if name and mine else None

    everything = list(range(n))
    if ratio(everything) is None:
        return {}
    return {
        "better_peer": better(everything),
        "ratio_p50_to_better_peer": round(ratio(everything), 3),
        "ratio_upper95": round(interval(ratio, n, resamples, seed)[1], 3),
        "gaps_per_min_difference": round(gap_difference(everything), 2),
        "gaps_difference_upper95": round(interval(gap_difference, n, resamples, seed)[1], 2),
    }
