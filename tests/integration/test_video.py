# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
# headless-session: --no-compositor --pipewire
# seconds: 180
"""Cameras between real musicians over a real mediasoup worker: what arrives is looked at. Test pictures say their number,
their time and a colour of their own, so that one that is frozen, damaged or somebody else's is seen."""

import shutil
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair  # noqa: E402
from tutti_test.impair import SERVER, SERVER_ADDRESS, Network  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import BUILD_DIR, Process  # noqa: E402

CAMERA = BUILD_DIR / "tests" / "tools" / "pw-camera"
RED, GREEN, BLUE = "d00000", "00b000", "2020e0"


class Looker(Bot):
    """A musician who looks at what others show."""

    def videos(self):
        """What it sees now, by name; its own as “You”."""
        self.control("stats")
        return {v["name"]: v for v in self.last("stats")["videos"]}

    def wait_first(self, name, since=0, timeout=10):
        return self.wait_event("video", timeout, since, lambda e: e["action"] == "first-frame" and e["name"] == name)

    def wait_removed(self, name, since=0, timeout=10):
        return self.wait_event("video", timeout, since, lambda e: e["action"] == "removed" and e["name"] == name)

    def lost(self):
        self.control("stats")
        return sum(r["packets_missing"] for r in self.last("stats")["remotes"])


class VideoCase(unittest.TestCase):
    def setUp(self):
        self.state_dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.state_dir, True)

    def musician(self, link, name, *options, **more):
        bot = Looker(link, name, "--watch", *options, source="tone:440", **more)
        self.addCleanup(bot.stop)
        return bot

    def assert_colour(self, video, colour):
        for i in (0, 2, 4):
            self.assertAlmostEqual(int(video["colour"][i:i + 2], 16), int(colour[i:i + 2], 16), delta=24, msg=video)

    def assert_flows(self, looker, name, seconds=2, fps=12):
        """New frames, read and in order, all the while."""
        before = looker.videos()[name]
        time.sleep(seconds)
        after = looker.videos()[name]
        self.assertGreater(after["number"], before["number"])
        self.assertGreater(after["patterns"] - before["patterns"], fps * seconds, (before, after))
        self.assertEqual(after["patterns"] - before["patterns"], after["seen"] - before["seen"], "all can be read")
        self.assertEqual(after["backwards"], 0, after)
        return after


class Video(VideoCase):
    def setUp(self):
        super().setUp()
        self.room = Room(self.state_dir, "--workers", "2")
        self.addCleanup(self.room.stop)
        self.link = self.room.link()

    def test_two_see_each_other(self):
        a = self.musician(self.link, "Ada", "--camera", f"test:{RED}")
        b = self.musician(self.link, "Ben", "--camera", f"test:{GREEN}")
        for bot in (a, b):
            bot.wait_joined()
        a.wait_first("Ben")
        b.wait_first("Ada")
        self.assert_colour(self.assert_flows(b, "Ada"), RED)
        seen = self.assert_flows(a, "Ben")
        self.assert_colour(seen, GREEN)
        self.assertGreaterEqual(seen["height"], 180)
        # One's own is seen without a way round.
        self.assert_colour(a.videos()["You"], RED)
        # Who comes late sees both at once.
        c = self.musician(self.link, "Cleo")
        c.wait_joined()
        for name, colour in (("Ada", RED), ("Ben", GREEN)):
            self.assertLess(c.wait_first(name)["first_frame_ms"], 1000)
            self.assert_colour(c.videos()[name], colour)
        self.assertNotIn("You", c.videos())
        # One who never looks gets nothing, and is heard all the same.
        d = Bot(self.link, "Dora", source="tone:330")
        self.addCleanup(d.stop)
        d.wait_hears(["Ada", "Ben", "Cleo"])
        d.control("stats")
        self.assertEqual(d.last("stats")["videos"], [])

    def test_pauses_where_nobody_looks_and_comes_back_at_once(self):
        a = self.musician(self.link, "Ada", "--camera", f"test:{BLUE}")
        b = self.musician(self.link, "Ben")
        b.wait_first("Ada")
        self.assert_flows(b, "Ada", 1)
        for _ in range(2):
            self.assertTrue(b.control("video Ada 0")["ok"])
            time.sleep(0.5)
            before = b.videos()["Ada"]
            time.sleep(1)
            paused = b.videos()["Ada"]
            self.assertEqual((before["frames"], before["packets"]), (paused["frames"], paused["packets"]))
            since = len(b.events)
            b.control("video Ada 1")
            self.assertLess(b.wait_first("Ada", since)["first_frame_ms"], 500)
            time.sleep(0.3)
            # It is what is shown now, and nothing that waited somewhere.
            self.assertGreater(b.videos()["Ada"]["number"], paused["number"] + 15)
        self.assert_flows(b, "Ada", 1)
        self.assertFalse(b.control("video Nobody 1")["ok"])
        a.leave()
        b.wait_removed("Ada")

    def test_camera_off_and_another_on_while_the_sound_goes_on(self):
        a = self.musician(self.link, "Ada")
        b = self.musician(self.link, "Ben")
        b.wait_hears(["Ada"])
        time.sleep(1)
        lost = b.lost()
        self.assertEqual(b.videos(), {})
        for colour in (RED, GREEN, BLUE):
            since = len(b.events)
            self.assertTrue(a.control(f"camera test:{colour}")["ok"])
            b.wait_first("Ada", since)
            self.assert_colour(self.assert_flows(b, "Ada", 1), colour)
            a.control("camera off")
            b.wait_removed("Ada", since)
            self.assertEqual(b.videos(), {})
            self.assertEqual(a.videos(), {})
        # One over the other, without a break between.
        since = len(b.events)
        a.control(f"camera test:{RED}")
        b.wait_first("Ada", since)
        since = len(b.events)
        a.control(f"camera test:{GREEN}")
        b.wait_first("Ada", since)
        self.assert_colour(self.assert_flows(b, "Ada", 1), GREEN)
        self.assertIn("Ada", b.hears())
        self.assertEqual(b.lost(), lost)
        # A picture of many packets, that go out evenly, ends in the middle of them.
        for _ in range(5):
            since = len(b.events)
            self.assertTrue(a.control(f"camera test:{RED}+noise")["ok"])
            b.wait_first("Ada", since)
            a.control("camera off")
            b.wait_removed("Ada", since)
        self.assertTrue(a.is_running())
        # A camera that is not there is said to be so, and nothing else ends.
        if a.control("camera no-such-camera")["ok"]:
            a.wait_event("video-failed", 15)
        b.wait_removed("Ada", since)
        self.assertIn("Ada", b.hears())

    def test_a_camera_of_pipewire(self):
        camera = Process([CAMERA, "vcam", GREEN, "640", "480", "30"])
        self.addCleanup(camera.stop)
        camera.wait_for(lambda: "ready" in camera.lines, 10, "the camera")
        a = self.musician(self.link, "Ada")
        b = self.musician(self.link, "Ben")
        a.wait_joined()
        since = len(b.events)
        self.assertTrue(a.control("camera vcam")["ok"])
        b.wait_first("Ada", since, 15)
        seen = self.assert_flows(b, "Ada")
        self.assert_colour(seen, GREEN)
        self.assertEqual(seen["width"] * 3, seen["height"] * 4)
        # Unplugged: said, gone at the others, and the sound goes on.
        camera.stop()
        a.wait_event("video-failed", 10)
        b.wait_removed("Ada", since)
        self.assertIn("Ada", b.hears())

    def test_comes_back_after_a_loss(self):
        a = self.musician(self.link, "Ada", "--camera", f"test:{RED}")
        b = self.musician(self.link, "Ben")
        b.wait_first("Ada")
        since = (len(a.events), len(b.events))
        self.room.kill_workers()
        for bot, i in zip((a, b), since):
            bot.wait_state("joined", 20, i)
        b.wait_first("Ada", since[1], 15)
        self.assert_colour(self.assert_flows(b, "Ada"), RED)


WHY_NOT = impair.why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class NarrowLine(VideoCase):
    def test_the_picture_gives_way_to_the_sound(self):
        with Network(["a", "b"], seed=3) as network:
            room = Room(self.state_dir, "--workers", "2", "--listen", SERVER_ADDRESS, wrap=lambda v: network.argv(SERVER, v))
            self.addCleanup(room.stop)
            wrap = {name: (lambda argv, name=name: network.argv(name, argv)) for name in ("a", "b")}
            a = self.musician(room.link(), "Ada", "--camera", f"test:{RED}+noise", wrap=wrap["a"])
            b = self.musician(room.link(), "Ben", wrap=wrap["b"])
            b.wait_first("Ada")
            time.sleep(8)
            wide = a.videos()["You"]["target_bps"]
            self.assertGreater(wide, 500_000, "it grew where there was room")
            network.set("a", "up", rate=600, queue=300)
            time.sleep(6)
            lost, late = b.lost(), self.concealed(b)
            narrow = a.videos()["You"]
            self.assertLess(narrow["target_bps"], min(wide, 500_000))
            self.assertGreaterEqual(narrow["target_bps"], 80_000)
            time.sleep(6)
            # Once it has given way the sound loses nothing, and the picture moves on.
            self.assertLessEqual(b.lost() - lost, 2)
            self.assertLess(self.concealed(b) - late, 80)
            self.assert_flows(b, "Ada", 2, fps=6)

    @staticmethod
    def concealed(bot):
        bot.control("stats")
        return sum(r["concealed_ms"] for r in bot.last("stats")["remotes"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
