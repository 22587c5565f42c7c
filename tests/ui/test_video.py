# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras in the real window: what others show is seen in it, and what it shows is seen by others."""
# about: cameras in the real window; what is on the screen is looked at
# seconds: 240

import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import test_stage  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import BUILD_DIR, Process, wait_until  # noqa: E402

CAMERA = BUILD_DIR / "tests" / "tools" / "pw-camera"
RED, GREEN, BLUE = (0xd0, 0, 0), (0, 0xb0, 0), (0x20, 0x20, 0xe0)


def hexadecimal(colour):
    return "".join(f"{part:02x}" for part in colour)


class Cameras(test_stage.WindowTest):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        self.camera = self.enterContext(Process([CAMERA, "Desk-camera", hexadecimal(BLUE), "640", "480", "15"]))
        self.camera.wait_for(lambda: "ready" in self.camera.lines, 10, "the camera")
        self.room = self.enterContext(Room(self.folder / "room", "--workers", "2"))

    def share_of(self, picture, colour):
        """How much of the picture has that colour, in per cent."""
        return 100 * (abs(test_stage.pixels(picture) - colour).max(axis=2) < 40).mean()

    def test_cameras(self):
        self.open(arguments=[self.room.link()])
        bots = [self.enterContext(Bot(self.room.link(), name, "--camera", f"test:{hexadecimal(colour)}", source="tone:330:-30"))
                for name, colour in (("Ana", RED), ("Ben", GREEN))]
        self.tree.press("button", "Join the Jam", 30)
        for name in ("Ana", "Ben"):
            self.tree.wait("toggle button", f"Camera of {name}", 30)
        test_stage.resize(1000, 700)
        for name, colour in (("Ana", RED), ("Ben", GREEN)):
            wait_until(lambda colour=colour: self.share_of(self.picture("video-others"), colour) > 3, 15, f"{name} on the screen")

        # One's own, found among PipeWire's cameras, and seen by the others.
        self.tree.press("button", "Turn Your Camera On", 20)
        self.tree.wait("toggle button", "Your camera", 20)
        mine = wait_until(lambda: [v for v in [self.own_as_seen_by(bots[0])] if v and v["patterns"] > 5], 20,
                          lambda: f"mine at Ana's, who sees {bots[0].last('stats')['videos']}; errors {self.app.error_lines[-5:]}")[0]
        self.assertAlmostEqual(int(mine["colour"][4:], 16), BLUE[2], delta=30)
        wait_until(lambda: self.share_of(self.picture("video-three"), BLUE) > 2, 15, "myself on the screen")

        # Large: the others are not sent meanwhile, and come back at once.
        before = self.share_of(self.picture("video-three"), RED)
        self.tree.press("toggle button", "Camera of Ana")
        wait_until(lambda: self.share_of(self.picture("video-large"), GREEN) < 0.5, 15, "Ben making room")
        wait_until(lambda: self.share_of(self.picture("video-large"), RED) > 1.5 * before, 15, "Ana large")
        self.tree.press("toggle button", "Camera of Ana")
        wait_until(lambda: self.share_of(self.picture("video-again"), GREEN) > 1, 10, "Ben on the screen again")

        # Put in the spotlight by a host, and out of it again.
        self.assertTrue(bots[0].control("spotlight Ben")["ok"])
        wait_until(lambda: self.share_of(self.picture("video-spotlight"), RED) < 0.5, 15, "Ben alone in the spotlight")
        self.assertTrue(bots[0].control("spotlight -")["ok"])
        wait_until(lambda: self.share_of(self.picture("video-again"), RED) > 1, 10, "Ana on the screen again")

        test_stage.resize(360, 640)
        # Drawn by the processor, three moving pictures leave the window little time for its layout.
        self.tree.wait_gone("button", "Copy Link")
        self.picture("video-narrow")
        self.assertTrue(self.tree.find("button", "Turn Your Camera Off"))
        test_stage.resize(1000, 700)

        # Unplugged: it is said, and gone everywhere.
        self.camera.stop()
        self.tree.wait_gone("toggle button", "Your camera", 15)
        wait_until(lambda: self.own_as_seen_by(bots[0]) is None, 10, "mine gone at Ana's")
        # Who shows nothing leaves no hole.
        for bot in bots:
            bot.control("camera off")
        for name in ("Ana", "Ben"):
            self.tree.wait_gone("toggle button", f"Camera of {name}", 10)
        time.sleep(1)
        self.picture("video-none")
        self.assertFalse([line for line in self.app.error_lines if "CRITICAL" in line or "WARNING" in line], self.app.error_lines)

    def own_as_seen_by(self, bot):
        """Of the window's musician: the only one that is no bot."""
        bot.control("stats")
        return next((v for v in bot.last("stats")["videos"] if not v["own"] and v["name"] not in ("Ana", "Ben")), None)


if __name__ == "__main__":
    unittest.main()
