# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
# headless-session: --no-compositor
# needs: build
"""The impaired network between namespaces: real packets, and what became of them."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair  # noqa: E402
from tutti_test.impair import SERVER, Network  # noqa: E402
from tutti_test.stats import percentile  # noqa: E402

WHY_NOT = impair.why_not()


def ways_ms(probe):
    return [way / 1000 for way in probe["ways_us"]]


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Impair(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network(["a", "b"], seed=5)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)

    def setUp(self):
        self.network.set_all()

    def test_costs_next_to_nothing(self):
        # Beside what the same two programs need without it: one more wakes up in between, which is about as much again.
        tries = []
        for _ in range(5):
            bare = percentile(self.network.probe(SERVER, SERVER, 500)["ways_us"], 0.5)
            tries.append(percentile(self.network.probe("a", SERVER, 500)["ways_us"], 0.5) / bare)
        self.assertLess(percentile(tries, 0.5), 3, tries)
        stats = self.network.stats()
        self.assertEqual(stats["refused"], 0)
        self.assertEqual(stats["overflowed"], 0)

    def test_delay_one_way(self):
        self.network.set("a", "up", delay=20)
        up = ways_ms(self.network.probe("a", SERVER, 300))
        down = ways_ms(self.network.probe(SERVER, "a", 300))
        self.assertGreaterEqual(min(up), 20)
        self.assertLess(percentile(up, 0.5), 20.5)
        self.assertLess(percentile(down, 0.5), 0.5)

    def test_musicians_reach_each_other_over_both_legs(self):
        self.network.set("a", "up", delay=10)
        self.network.set("b", "down", delay=5)
        ways = ways_ms(self.network.probe("a", "b", 300))
        self.assertGreaterEqual(min(ways), 15)
        self.assertLess(percentile(ways, 0.5), 15.6)

    def test_jitter_keeps_order(self):
        self.network.set_all(delay=15, jitter=5)
        probe = self.network.probe("a", SERVER, 2000)
        ways = ways_ms(probe)
        self.assertEqual(probe["n"], 2000)
        self.assertEqual(probe["reordered"], 0)
        self.assertGreater(percentile(ways, 0.5), 15)
        self.assertGreater(percentile(ways, 0.95) - percentile(ways, 0.05), 5)
        self.network.set_all(delay=15, jitter=5, reorder=1)
        probe = self.network.probe("a", SERVER, 2000)
        ways = ways_ms(probe)
        self.assertGreater(probe["reordered"], 200)
        mean = sum(ways) / len(ways)
        sigma = (sum((way - mean) ** 2 for way in ways) / len(ways)) ** 0.5
        self.assertAlmostEqual(mean, 15, delta=0.6)
        self.assertAlmostEqual(sigma, 5, delta=0.5)

    def test_loss(self):
        self.network.set_all(loss=5)
        probe = self.network.probe("a", SERVER, 4000, interval_us=500)
        self.assertAlmostEqual(100 * (1 - probe["n"] / 4000), 5, delta=1.4)
        legs = self.network.stats()["legs"]
        self.assertEqual(legs["leg-a"]["up"]["in"] - legs["leg-a"]["up"]["lost"] - legs["leg-a"]["up"]["dropped"], self.sent_through())

    def sent_through(self):
        # What the far end saw is what the near end let go: asked of the kernel, not of the tool.
        counters = next(line for line in self.network.spaces[SERVER].run("cat", "/proc/net/dev").splitlines() if "leg-a:" in line)
        return int(counters.split()[2])

    def test_rate(self):
        # 228 bytes with its headers every 0.5 ms are 3648 kbit/s: a line of 1824 lets half of them through.
        self.network.set_all(rate=1824, queue=20)
        probe = self.network.probe("a", SERVER, 2000, interval_us=500)
        self.assertAlmostEqual(probe["n"] / 2000, 0.5, delta=0.03)
        self.assertAlmostEqual(percentile(ways_ms(probe), 0.9), 21, delta=1)

    def test_says_what_it_does_not_understand(self):
        with self.assertRaises(ValueError):
            self.network.set("a", delay=-1)
        with self.assertRaises(ValueError):
            self.network.set("a", hue=3)
        with self.assertRaises(ValueError):
            self.network.set("nobody", delay=1)


if __name__ == "__main__":
    unittest.main()
