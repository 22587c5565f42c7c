# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short part of the long evening of ci/bench soak ($TUTTI_SOAK: how long, 120s)."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

SOAK = Path(__file__).resolve().parents[1] / "bench" / "soak"


class Soak(unittest.TestCase):
    def test_nobody_is_silenced_and_nothing_grows(self):
        done = subprocess.run([sys.executable, SOAK, "--for", os.environ.get("TUTTI_SOAK", "120s")], capture_output=True, text=True,
                              timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        row = json.loads(done.stdout.splitlines()[-1])["rows"][0]
        print(json.dumps(row), flush=True)
        self.assertEqual(row["failures"], [])
        self.assertGreater(sum(row["events"].values()), 20)
        for name, (first, last) in row["rss_kb"].items():
            self.assertLess(last - first, 24 * 1024, f"memory of {name}, kB: {row['rss_kb']}")
        for name, (first, last) in row["threads"].items():
            # Two stay behind per departure until the transport is rebuilt after 24.
            self.assertLess(last - first, 2 * 24, f"threads of {name}: {row['threads']}")
        first, last = row["delay_ms"]
        self.assertLess(last, 2 * first + 20, "the delay creeps")


if __name__ == "__main__":
    unittest.main()
