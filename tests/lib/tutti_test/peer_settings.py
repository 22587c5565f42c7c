# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers at their best: for each condition, the setting with the lowest delay that still keeps its gaps below a limit."""

from . import measure
from .stats import good, per_minute, percentile, pooled_p50

# Every leg alike, both ways. Where there is jitter the mean is three times σ, so that the Gaussian is whole; it stays in order.
CONDITIONS = {
    "clean": {},
    "jitter-2": {"delay": 6, "jitter": 2},
    "jitter-5": {"delay": 15, "jitter": 5},
    "loss-1": {"loss": 1},
    "loss-5": {"loss": 5},
}


def _queues(*packets, **more):
    return [{"queue": n, **more} for n in packets]


_REGULATED = [{"queue": "auto", "strategy": s} for s in (3, 4)]
_JITTERS = {"clean": (1, 2, 3, 4, 6, "auto"), "jitter-2": (4, 6, 8, 10, "auto"), "jitter-5": (8, 12, 16, 20, "auto"),
            "loss-1": (1, 2, 3, 4, 6, "auto"), "loss-5": (1, 2, 3, 4, 6, "auto")}
_CLEAN = [*_queues(2, 3, strategy=3), *_queues(2, 3, strategy=4), *_REGULATED, *_queues(2, 3, 4, 6)]
_LOSSY = [*_queues(2, 4, strategy=4), *_REGULATED, {"queue": "auto", "strategy": 4, "redundancy": 2},
          *_queues(4, 8, redundancy=2), *_queues(8, redundancy=3)]
CANDIDATES = {
    "jamulus": {condition: [{"jitter": n} for n in jitters] for condition, jitters in _JITTERS.items()},
    "jacktrip": {
        "clean": _CLEAN,
        "jitter-2": [*_queues(6, 8, 10, 12, 16), *_REGULATED, *_queues(6, 8, strategy=4), {"queue": "auto"}],
        "jitter-5": [*_queues(12, 16, 20, 24, 32), *_REGULATED, *_queues(16, 20, strategy=4), {"queue": "auto"}],
        "loss-1": _LOSSY, "loss-5": _LOSSY,
    },
}

# Without a search: what searches on machines with two cores ended with. All of them are measured in full, and the best
# of them is chosen afterwards, by the same rule.
SHORTLIST = {
    "jamulus": {"clean": [{"jitter": 3}, {"jitter": 5}], "jitter-2": [{"jitter": 8}], "jitter-5": [{"jitter": 20}],
                "loss-1": [{"jitter": 3}, {"jitter": 5}], "loss-5": [{"jitter": 3}, {"jitter": 5}]},
    "jacktrip": {"clean": [{"queue": "auto", "strategy": 4}, *_queues(4, 8)], "jitter-2": [{"queue": 10}, {"queue": "auto", "strategy": 4}],
                 "jitter-5": [{"queue": 24}], "loss-1": [*_REGULATED, {"queue": 2, "strategy": 4}],
                 "loss-5": [{"queue": "auto", "strategy": 4}, {"queue": 2, "strategy": 4}, {"queue": "auto", "strategy": 4, "redundancy": 2}]},
    "jacktrip-p2p": {"clean": [{"queue": 2}]},
}
# As they are when nobody changes anything.
DEFAULTS = {"jamulus": {"jitter": "auto", "small": False, "quality": "normal", "rt": False}, "jacktrip": {"rt": False}}


def choose(screened, limit):
    """@screened: (settings, runs) pairs. Those within the limit, quickest first. Where there is none: the quickest of
    those that have at most half as many gaps again as the steadiest."""
    heard = [(settings, good(runs)) for settings, runs in screened if good(runs)]
    if not heard:
        return []
    gaps = [per_minute(runs, "gaps") for _, runs in heard]
    bound = max(limit, 1.5 * min(gaps))
    fine = [each for each, rate in zip(heard, gaps) if rate <= bound]
    return [settings for settings, runs in sorted(fine, key=lambda each: pooled_p50(each[1]))]


def search(stage, system_class, condition, limit, say, seconds=8, confirm=20):
    """Screens every candidate shortly, then confirms the quickest of the fine ones on new graphs, twice."""
    name = system_class.name
    screened = []
    for settings in CANDIDATES[name][condition]:
        run = measure.run(stage, system_class(**settings), seconds)
        screened.append((settings, [run]))
        say(f"    {name} {system_class(**settings).describe()}: {brief(run)}")
    # A gap more or less decides nothing in so short a time.
    shortlist = choose(screened, limit + 60 / seconds)
    confirmed = []
    for settings in shortlist[:4]:
        runs = []
        for _ in range(2):
            stage.new_graphs()
            runs.append(measure.run(stage, system_class(**settings), confirm))
        confirmed.append((settings, runs))
        say(f"    {name} {system_class(**settings).describe()} confirmed: {', '.join(map(brief, runs))}")
        fine = good(runs)
        if len(fine) == 2 and per_minute(fine, "gaps") <= limit:
            break
    best = choose(confirmed, limit)
    return best[0] if best else SHORTLIST[name][condition][0]


def brief(run):
    if "failed" in run:
        return f"failed: {run['failed'][:200]}"
    return (f"{percentile(run['ways_ms'], 0.5):.2f} ms, p95 {percentile(run['ways_ms'], 0.95):.2f}, {run['gaps']} gaps "
            f"(and {run['meter_gaps']} of the meter) in {run['checked_s']:.0f} s")
