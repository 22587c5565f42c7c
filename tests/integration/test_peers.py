# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
# headless-session: --no-compositor
"""The comparison with other programs: its fixture, its figures, and what is concluded from them."""

import json
import random
import runpy
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair, measure, peer_settings, regression, report, stats, systems  # noqa: E402
from tutti_test.process import SOURCE_ROOT  # noqa: E402

WHY_NOT = impair.why_not()


def run(ways, gaps=0, seconds=30.0):
    return {"ways_ms": ways, "sent": len(ways), "gaps": gaps, "meter_gaps": 1, "checked_s": seconds, "cpu_percent": 5.0, "server_cpu_percent": 1.0}


def runs_around(centre, source, spread=0.3, n=6, gaps=0):
    """Runs whose whole delay is shifted by their phase."""
    found = []
    for _ in range(n):
        phase = source.uniform(-spread, spread)
        found.append(run([centre + phase + source.gauss(0, 0.02) for _ in range(100)], gaps))
    return found


class Statistics(unittest.TestCase):
    def test_row(self):
        row = stats.summarize([run([1.0, 2.0, 3.0], 2), run([4.0, 5.0], 1), {"failed": "why"}])
        self.assertEqual((row["n"], row["runs"], row["failed_runs"]), (5, 2, 1))
        self.assertEqual((row["p50_ms"], row["p99_ms"]), (3.0, 5.0))
        self.assertEqual(row["gaps_per_min"], 3.0)
        self.assertEqual(row["meter_gaps_per_min"], 2.0)

    def test_faster_is_told_from_noise(self):
        source = random.Random(3)
        found = stats.compare(runs_around(3, source), {"one": runs_around(5, source), "other": runs_around(7, source, gaps=60)})
        self.assertEqual(found["better_peer"], "one")
        self.assertAlmostEqual(found["ratio_p50_to_better_peer"], 0.6, delta=0.08)
        self.assertLess(found["ratio_upper95"], 0.75)
        self.assertGreater(found["ratio_upper95"], found["ratio_p50_to_better_peer"])
        self.assertEqual(found["gaps_difference_upper95"], 0)

    def test_equal_is_not_faster(self):
        source = random.Random(4)
        won = sum(stats.compare(runs_around(5, source, 0.6), {"one": runs_around(5, source, 0.6)}, resamples=300)["ratio_upper95"] < 1
                  for _ in range(100))
        # One end of a 95 % interval: 2.5 % of true draws would be called wins; few runs make it a little more.
        self.assertLess(won, 15)

    def test_choice_of_a_setting(self):
        screened = [({"queue": 2}, [run([2.0], gaps=40)]), ({"queue": 4}, [run([4.0], gaps=1)]), ({"queue": 8}, [run([8.0], gaps=0)]),
                    ({"queue": 1}, [{"failed": "nothing heard"}])]
        self.assertEqual(peer_settings.choose(screened, limit=5)[0], {"queue": 4})
        # None holds: not the quickest of all, but of those nearly as steady as the steadiest.
        for _, runs in screened[:3]:
            runs[0]["gaps"] += 300
        screened[0][1][0]["gaps"] = 3000
        self.assertEqual(peer_settings.choose(screened, limit=5)[0], {"queue": 4})


class Gate(unittest.TestCase):
    @staticmethod
    def row(ms, source, gaps=0.0, n=8):
        pairs = []
        for _ in range(n):
            loop = 1.4 + source.uniform(0, 1.33)
            pairs.append([loop + ms + source.gauss(0, 0.05), loop])
        return {"pairs": pairs, "gaps_per_min": [gaps + source.choice((0, 7.5)) for _ in range(n)]}

    def test_same_is_fine(self):
        source = random.Random(1)
        verdicts = [regression.judge("row", self.row(2, source), self.row(2, source), 0.05, 2)["verdict"] for _ in range(40)]
        self.assertGreaterEqual(verdicts.count("fine"), 38)

    def test_slower_is_seen(self):
        source = random.Random(2)
        for _ in range(20):
            verdict = regression.judge("row", self.row(2.5, source), self.row(2, source), 0.05, 2)
            self.assertEqual(verdict["verdict"], "regression: slower than the baseline", verdict)

    def test_more_gaps_are_seen(self):
        source = random.Random(3)
        verdict = regression.judge("row", self.row(2, source, gaps=30), self.row(2, source), 0.05, 2)
        self.assertEqual(verdict["verdict"], "regression: more gaps than the baseline")

    def test_nothing_measured_is_no_success(self):
        source = random.Random(4)
        self.assertTrue(regression.judge("row", self.row(2, source, n=2), self.row(2, source), 0.05, 2)["verdict"].startswith("not measured"))
        self.assertTrue(regression.judge("row", self.row(2, source), None, 0.05, 2)["verdict"].startswith("not measured"))

    def test_the_baseline_has_every_row(self):
        bench = SOURCE_ROOT / "tests" / "bench"
        baseline = json.loads((bench / "baseline.json").read_text())["rows"]
        check = runpy.run_path(str(bench / "check"))
        self.assertEqual({regression.row_name(row) for row in check["ROWS"]}, set(baseline))
        for name, row in baseline.items():
            self.assertGreaterEqual(len(row["pairs"]), 3, name)
            self.assertAlmostEqual(row["ratio"], round(regression.own_ratio(row["pairs"]), 3), msg=name)


class Report(unittest.TestCase):
    def test_table_and_picture(self):
        source = random.Random(1)
        rows = []
        for condition in peer_settings.CONDITIONS:
            for system, kind, ms in (("tutti", "tutti", 2.5), ("jacktrip", "best", 4), ("jamulus", "defaults", 14)):
                rows.append({"condition": condition, "system": system, "kind": kind, "settings": "-", **stats.summarize(runs_around(ms, source))})
        result = {"rows": rows, "settings": {"versions": {"tutti": "1"}, "machine": {"cpu": "C", "cores": 2, "kernel": "6"}, "runs": 6, "seconds": 9,
                                             "quantum": 64, "network_us": {"p50": 16, "p99": 50}, "gap_limit_per_min": 5}}
        self.assertEqual(report.table(result).count("\n| "), len(rows))
        picture = xml.etree.ElementTree.fromstring(report.svg(result))
        names = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
        self.assertEqual(names.count("Tutti, automatic"), 5)
        document = (SOURCE_ROOT / "docs" / "LATENCY.md").read_text()
        self.assertIn("Tutti, automatic", report.into_document(document, result, "picture.svg"))


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Fixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.stage = systems.Stage(folder.name)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)

    def p50(self, system, **options):
        found = measure.run(self.stage, system, 5, click_ms=100, settle=1, **options)
        self.assertNotIn("failed", found)
        self.assertGreater(len(found["ways_ms"]), 20)
        return stats.percentile(found["ways_ms"], 0.5)

    def test_reads_zero(self):
        self.assertAlmostEqual(self.p50(systems.Loop()), 0, delta=0.022)

    def test_delay_of_the_legs_is_in_it(self):
        self.stage.network.set_all(delay=10)
        self.addCleanup(self.stage.network.set_all)
        # Both legs, and up to a quantum until the far graph's next cycle.
        way = self.p50(systems.Wire())
        self.assertGreater(way, 20)
        self.assertLess(way, 20 + 2 * 64 / 48)

    def test_devices_cost_a_quantum(self):
        straight, through = self.p50(systems.Wire()), self.p50(systems.Wire(), devices=True)
        self.assertAlmostEqual(through - straight, 64 / 48, delta=1.4)
        self.assertGreater(through, 64 / 48)

    def test_tutti_is_heard(self):
        self.assertLess(self.p50(systems.Tutti(frame="2.5"), devices=True), 60)

    def test_a_peer_is_heard(self):
        if systems.missing():
            self.skipTest(f"not installed: {', '.join(systems.missing())}; ci/bench peers does that")
        for system in (systems.Jamulus(jitter="auto"), systems.JackTrip(queue="auto", strategy=3), systems.JackTripDirect(queue=4)):
            with self.subTest(system=system.name):
                self.assertLess(self.p50(system), 60)


class Bench(unittest.TestCase):
    def test_refuses_what_it_does_not_know(self):
        done = subprocess.run([sys.executable, SOURCE_ROOT / "tests" / "bench" / "peers", "--conditions", "rain"], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("rain", done.stderr)


if __name__ == "__main__":
    unittest.main()
