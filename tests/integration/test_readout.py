# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delay on screen is the delay that clicks take, and the metronome is in phase, though computers' clocks and sound cards'
crystals differ."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair, skew  # noqa: E402
from tutti_test.process import BUILD_DIR, Process  # noqa: E402

ONSETS = BUILD_DIR / "tests" / "tools" / "pw-onsets"
BENCH = Path(__file__).resolve().parents[1] / "bench" / "readout"
BAR_MS = 2.0
MISSING = impair.why_not() or skew.why_not()


@unittest.skipIf(MISSING, MISSING)
class Readout(unittest.TestCase):
    def test_readout(self):
        # The two hard ones; the bench itself has the clean line as well.
        done = subprocess.run([sys.executable, BENCH, "--conditions", "jitter-1,asymmetric", "--seconds", "12", "--settle", "10"],
                              capture_output=True, text=True, timeout=420)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        result = json.loads(done.stdout.splitlines()[-1])
        rows = {row["condition"]: row for row in result["rows"]}
        self.assertEqual(len(rows), 2)
        for condition, row in rows.items():
            with self.subTest(condition=condition, row=row):
                # Enough of both to speak of a comparison.
                self.assertGreater(row["n"], 30)
                self.assertGreater(min(row["ab_shown"], row["ba_shown"]), 7)
                self.assertLess(abs(row["sum_error_ms"]), BAR_MS)
                for way in ("ab", "ba"):
                    # Never further off than it says of itself.
                    self.assertLess(abs(row[f"{way}_error_ms"]), row[f"{way}_uncertainty_ms"] + 0.5)
                    if condition != "asymmetric":
                        self.assertLess(abs(row[f"{way}_error_ms"]), BAR_MS)
        # The line that is 18 ms slower one way: a single direction cannot know it. Else this test saw no asymmetry.
        self.assertGreater(abs(rows["asymmetric"]["ab_error_ms"]), 5)


@unittest.skipIf(MISSING, MISSING)
class Metronome(unittest.TestCase):
    BPM = 132

    def test_both_play_the_same_beat_at_the_same_time(self):
        """Over 20 ms of line with jitter, clocks 5000 s and cards 200 ppm apart."""
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-metronome-"))
        stage = self.enterContext(skew.SkewedStage(folder, {"a": (5000, 100), "b": (10000, -100)}))
        stage.network.set_all(delay=10, jitter=1)
        bots = {name: self.enterContext(stage.bot(name, "jam")) for name in stage.clocks}
        bots["a"].wait_hears({"b"}, 40)
        bots["b"].wait_hears({"a"}, 40)
        time.sleep(8)  # for the clocks
        for bot in bots.values():
            self.assertTrue(bot.control("click 1")["ok"])
        self.assertTrue(bots["b"].control(f"tempo {self.BPM} 3 1 1")["ok"])
        time.sleep(1)
        ears = {name: self.enterContext(Process([ONSETS, graph.socket, "speaker", stage.clocks[name].offset, 15]))
                for name, graph in stage.graphs.items()}
        heard = {}
        for name, ear in ears.items():
            self.assertEqual(ear.wait(40), 0, ear.error_lines)
            heard[name] = json.loads(ear.lines[-1])["onsets_ms"]

        period = 60000 / self.BPM
        for name, onsets in heard.items():
            with self.subTest(name=name, onsets=onsets):
                self.assertGreater(len(onsets), 0.9 * 15000 / period - 2)
                self.assertLess(len(onsets), 15000 / period + 3)
                # Against this computer's clock, which is the room's: no card's crystal is in it.
                self.assertAlmostEqual((onsets[-1] - onsets[0]) / round((onsets[-1] - onsets[0]) / period), period, delta=0.1)
        apart = [min((one - other for other in heard["b"]), key=abs) for one in heard["a"]]
        apart = [each for each in apart if abs(each) < period / 2]
        self.assertGreater(len(apart), 0.8 * len(heard["a"]))
        print(f"beats apart: median {statistics.median(apart):.3f} ms, at most {max(map(abs, apart)):.3f} ms, {len(apart)} beats", file=sys.stderr)
        self.assertLess(abs(statistics.median(apart)), BAR_MS, apart)
        self.assertLess(max(map(abs, apart)), 2 * BAR_MS, apart)


if __name__ == "__main__":
    unittest.main()
