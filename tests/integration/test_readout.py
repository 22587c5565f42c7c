# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delay on screen is the delay that clicks take, though computers' clocks and sound cards' crystals differ."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair, skew  # noqa: E402

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


if __name__ == "__main__":
    unittest.main()
