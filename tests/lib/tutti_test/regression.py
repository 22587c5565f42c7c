# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ci/bench check` concludes from its runs.

A round is one set of graphs, and so of clock phases, which move every delay in it by up to a quantum: Tutti's and the bare
loop's alike. So a row's ratio to the loop is (ℓ + median of the differences within the rounds) / ℓ, where ℓ is the mean of all
loops, of the baseline's and of now's: the phases' luck is neither in the difference nor in what it is compared with."""

import random

from .stats import median, percentile


def row_name(settings):
    return " ".join(f"{key}={value}" for key, value in settings.items())


def reduce_rounds(rounds):
    """By row: its median way and the loop's (ms) of each round, and its gaps a minute."""
    rows = {}
    for of_round in rounds:
        loop = of_round["loop"]
        for name, run in of_round.items():
            if name == "loop":
                continue
            row = rows.setdefault(name, {"pairs": [], "gaps_per_min": []})
            if "failed" not in run and "failed" not in loop:
                row["pairs"].append([percentile(run["ways_ms"], 0.5), percentile(loop["ways_ms"], 0.5)])
                row["gaps_per_min"].append(round(60 * run["gaps"] / run["checked_s"], 2))
    for row in rows.values():
        row["ratio"] = round(own_ratio(row["pairs"]), 3) if row["pairs"] else None
    return rows


def mean(values):
    return sum(values) / len(values)


def ratio_to_loop(pairs, loop):
    # The median: a round in which the machine stood still says nothing about the program.
    return (loop + median([way - of_loop for way, of_loop in pairs])) / loop


def own_ratio(pairs):
    """With the phases that these rounds happened to have: for people to read."""
    return ratio_to_loop(pairs, mean([of_loop for _, of_loop in pairs]))


def bootstrap(now, before, combine, resamples=4000, seed=1):
    """The 95 % interval of combine(now, before): both are drawn again, for both were measured."""
    source = random.Random(seed)
    drawn = sorted(combine(source.choices(now, k=len(now)), source.choices(before, k=len(before))) for _ in range(resamples))
    return percentile(drawn, 0.025), percentile(drawn, 0.975)


def judge(name, now, before, slower, more_gaps):
    """A regression is a change whose whole interval lies beyond what is allowed."""
    verdict = {"row": name, "n": len(now["pairs"])}
    if len(now["pairs"]) < 3:
        return {**verdict, "verdict": "not measured: fewer than three rounds came through"}
    loop = mean([of_loop for _, of_loop in now["pairs"] + (before["pairs"] if before else [])])
    verdict.update(loop_ms=round(loop, 3), ratio=round(ratio_to_loop(now["pairs"], loop), 3), gaps_per_min=round(mean(now["gaps_per_min"]), 2))
    if before is None:
        return {**verdict, "verdict": "not measured: the baseline does not have it; run check --update"}

    def change(one, other):
        return ratio_to_loop(one, loop) / ratio_to_loop(other, loop)

    low, high = bootstrap(now["pairs"], before["pairs"], change)
    gaps_low, gaps_high = bootstrap(now["gaps_per_min"], before["gaps_per_min"], lambda one, other: mean(one) - mean(other))
    verdict.update(baseline_ratio=round(ratio_to_loop(before["pairs"], loop), 3), change=round(change(now["pairs"], before["pairs"]), 3),
                   change_low95=round(low, 3), change_high95=round(high, 3),
                   gaps_change_low95=round(gaps_low, 2), gaps_change_high95=round(gaps_high, 2))
    if low > 1 + slower:
        verdict["verdict"] = "regression: slower than the baseline"
    elif gaps_low > more_gaps:
        verdict["verdict"] = "regression: more gaps than the baseline"
    else:
        verdict["verdict"] = "fine"
    return verdict
