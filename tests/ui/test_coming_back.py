# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window says when the room goes away for a moment, and that everything is as it was after it."""
# about: The real window in a headless session, by hand and eye of a screen reader; the proof is in the sound.
# seconds: 1700

import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import test_stage  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402


class ComingBack(test_stage.WindowTest):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))

    def says(self, *words):
        """A banner whose text has all of @words."""
        return self.tree.wait(None, lambda name: all(word in name for word in words))

    def wait_silent(self, *words):
        self.tree.wait_gone(None, lambda name: all(word in name for word in words), 40)

    def start_room(self, port=0):
        return self.enterContext(Room(self.folder / "room", "--workers", "1", "--drain-seconds", "4", port=port))

    def test_room_is_restarted(self):
        room = self.start_room()
        self.open(arguments=[room.link()])
        groove = self.enterContext(Bot(room.link(), "Groove", source="tone:1100:-18"))
        self.tree.press("button", "Join the Jam", 30)
        fader = ("slider", "Volume of Groove")
        self.tree.wait(*fader, 30)
        self.tree.set_value(*fader, -9)

        room.signal(signal.SIGTERM)
        self.says("about to be restarted", "comes back by itself")
        self.picture("draining")
        self.says("Reconnecting", "being restarted", "comes back by itself")
        self.picture("reconnecting")
        self.assertEqual(room.wait(20), 0)
        self.start_room(room.port)
        self.wait_silent("Reconnecting")
        self.tree.wait(*fader, 30)
        groove.wait_for(groove.hears, 20, "Groove hearing the window's musician")
        self.assertAlmostEqual(self.tree.value(*fader), -9, delta=0.01)
        self.assertEqual(sum(node.name == fader[1] for node in self.tree.walk()), 1, "nobody is there twice")
        self.assertFalse([line for line in self.app.error_lines if "CRITICAL" in line or "WARNING" in line], self.app.error_lines)

    def test_media_server_is_killed(self):
        room = self.start_room()
        self.open(arguments=[room.link()])
        self.tree.press("button", "Join the Jam", 30)
        self.tree.wait("button", "Leave", 30)
        for _ in range(4):  # A worker that dies again and again is made again after a longer while: long enough to be read.
            room.kill_workers()
            time.sleep(0.4)
        self.says("Reconnecting")
        self.wait_silent("Reconnecting")
        self.assertTrue(self.app.is_running())


if __name__ == "__main__":
    unittest.main()
