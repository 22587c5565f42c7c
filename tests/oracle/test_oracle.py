# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our mapping of media settings against mediasoup's and mediasoup-client's own (oracle.mjs)."""

import os
import subprocess
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = os.environ.get("TUTTI_NODE", "node")
BUILD = Path(os.environ.get("TUTTI_BUILD_DIR", HERE.parents[1] / "build" / "app"))
PROGRAM = BUILD / "tests" / "unit" / "net" / "tutti-oracle-mapping"


class Oracle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (HERE / "node_modules" / "mediasoup-client").is_dir():
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True,
                           timeout=300, stdout=subprocess.DEVNULL)

    def test_mapping(self):
        environment = {**os.environ, "TUTTI_SOURCE_DIR": str(HERE.parents[1])}
        done = subprocess.run([NODE, str(HERE / "oracle.mjs"), str(PROGRAM)], env=environment, timeout=120,
                              stdout=subprocess.PIPE, text=True)
        cases = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "not ok "))]
        print(done.stdout, end="")
        self.assertGreaterEqual(len(cases), 15, done.stdout)
        for case in cases:
            with self.subTest(case.removeprefix("not ").removeprefix("ok ")):
                self.assertTrue(case.startswith("ok "), done.stdout)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
