# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benches run and say what they promise; a short run of each."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

BENCHES = Path(__file__).resolve().parents[1] / "bench"
CLICKS = {"frame_ms", "quantum", "n", "p50_ms", "p95_ms", "p99_ms", "loop_p50_ms", "above_loop_p50_ms", "gaps", "witness_gaps", "cpu_percent"}


class Bench(unittest.TestCase):
    def run_bench(self, name, *options):
        done = subprocess.run([sys.executable, BENCHES / name, *options], capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        result = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(result["bench"], name)
        self.assertIn("machine", result["settings"])
        return result["rows"]

    def test_latency(self):
        row, = self.run_bench("latency", "--frames", "2.5", "--seconds", "20")
        self.assertLessEqual(CLICKS, row.keys())
        self.assertGreater(row["n"], 100)
        self.assertEqual(row["protocol"], "udp")
        self.assertEqual(row["granted_quantum"], 64)
        # One quantum for the devices, whatever the machine does.
        self.assertAlmostEqual(row["loop_p50_ms"], 1.333, delta=0.1)
        # A frame, the codec's look-ahead and the way there and back take at least this.
        self.assertGreater(row["above_loop_p50_ms"], 4.5)

    def test_fanout(self):
        rows = self.run_bench("fanout", "--musicians", "2,5", "--seconds", "6")
        self.assertEqual([row["musicians"] for row in rows], [2, 5])
        for row in rows:
            self.assertLessEqual(CLICKS | {"packets_out_per_s", "worker_cores", "packets_out_per_s_per_core"}, row.keys())
            self.assertGreater(row["packets_out_per_s"], 0.9 * row["packets_out_planned_per_s"])
            self.assertGreater(row["worker_cores"], 0)


if __name__ == "__main__":
    unittest.main()
