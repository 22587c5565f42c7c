# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare real-time loop beside the test: what it misses, the machine missed, not Tutti."""

import json

from .process import BUILD_DIR, Process

METER = BUILD_DIR / "tests" / "tools" / "pw-meter"
WITNESS = BUILD_DIR / "tests" / "tools" / "pw-witness"


class Witness(Process):
    """A pw_filter that copies (tests/tools/pw-witness). @group: the node.group of whose graph it is a witness."""

    def __init__(self, quantum=64, group=None):
        super().__init__([WITNESS, quantum, *([group] if group else [])])
        self.quantum = quantum
        self.base = 0
        self.first_line = 0
        self.wait_for(lambda: self.lines and self._report()["cycles"] > 0, 15, "the witness's first cycles")

    def _report(self):
        return json.loads(self.lines[-1])

    def _total(self):
        report = self._report()
        return report["missed"] + report["late"]

    def reset(self):
        self.base = self._total()
        self.first_line = len(self.lines)

    def misses(self):
        """Cycles since reset() that were skipped or began more than a quantum late."""
        return self._total() - self.base

    def stalled_ms(self):
        """How much sound that is, all together: no gap that the machine made is longer."""
        return self.misses() * self.quantum / 48

    def hole_ms(self):
        """The longest time since reset() in which there was no cycle that should have been one."""
        return max((json.loads(line)["hole_ms"] for line in self.lines[self.first_line:]), default=0.0)
