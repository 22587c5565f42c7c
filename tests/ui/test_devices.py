# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window does when sound devices come and go, and the pedal; another musician listens."""
# about: The real window in a headless session, by hand and eye of a screen reader; the proof is in the sound.
# seconds: 1500

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import test_stage  # noqa: E402
from tutti_test import desktop, sound  # noqa: E402
from tutti_test.jam import Bot  # noqa: E402
from tutti_test.process import Process, wait_until  # noqa: E402

MIC_A, VMIC = 700, 1300


class Devices(test_stage.WindowTest):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        self.n_pictures = 0

    def settings(self, text):
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))
        folder = home / "config" / "glib-2.0" / "settings"
        folder.mkdir(parents=True)
        (folder / "keyfile").write_text("[org/gnome/desktop/interface]\nenable-animations=false\ntoolkit-accessibility=true\n"
                                        f"[com/highloka/Tutti]\nsound-check-done=true\n{text}\n")
        return home

    def kept(self, key):
        lines = (self.home / "config" / "glib-2.0" / "settings" / "keyfile").read_text().splitlines()
        return next((line.split("=", 1)[1] for line in lines if line.startswith(f"{key}=")), None)

    def play(self, device, hz):
        path = self.folder / f"{device}.wav"
        test_stage.subprocess.run([sys.executable, "-c", test_stage.TONE.replace("700", str(hz)).replace("48000 * 6", "48000 * 60"),
                                   str(path)], check=True)
        return self.enterContext(desktop.Player(path, device))

    def start(self, settings="", **options):
        self.open(home=self.settings(settings), **options)
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("button", "Leave", 60)
        return self.link()

    def listener(self, link, hears=True):
        bot = self.enterContext(Bot(link, "Ben", source="tone:500:-30", output=f"file:{self.folder / 'ben.wav'}", interval="0.2"))
        bot.wait_joined()
        if hears:
            wait_until(bot.hears, 20, "Ben hearing the window's musician")
        return bot

    def muted(self, bot):
        return any(r["sender_muted"] for r in (bot.last("stats") or {}).get("remotes", []))

    def says(self, *words):
        return self.tree.wait(None, lambda name: all(word in name for word in words))

    def test_offered_used_lost_and_back(self):
        self.play("vmic-in", VMIC)
        ben = self.listener(self.start())
        desktop.make_device("mic-a", "Mic <A> & Co", "Audio/Source/Virtual", session=9000)
        self.addCleanup(lambda: desktop.node_id("mic-a") and desktop.unplug("mic-a"))
        self.play("mic-a", MIC_A)
        self.says("“Mic <A> & Co” was plugged in")
        self.picture("device-offered")
        self.tree.press("button", "Use It")
        wait_until(lambda: ("mic-a", "capture_FL") in [link[:2] for link in desktop.links()], 10, "a link from the new microphone")
        self.assertEqual(self.kept("input-device"), "'mic-a'")
        time.sleep(1.5)
        desktop.unplug("mic-a")
        self.says("“Mic <A> & Co” was unplugged. “Virtual Microphone” is used until it is back")
        self.picture("device-lost")
        time.sleep(1.5)
        desktop.make_device("mic-a", "Mic <A> & Co", "Audio/Source/Virtual", session=9000)
        self.play("mic-a", MIC_A)
        self.tree.wait_gone(None, lambda name: "was unplugged" in name)
        time.sleep(1.5)
        self.assertEqual(ben.leave(), 0)
        heard = sound.read(self.folder / "ben.wav")[:, 0]
        levels = sound.np.stack([sound.envelope(heard, hz, 4800) for hz in (VMIC, MIC_A)])
        loudest = levels.argmax(axis=0)[levels.max(axis=0) > 0.03]
        turns = [int(who) for n, who in enumerate(loudest) if n == 0 or loudest[n - 1] != who]
        self.assertEqual(turns, [0, 1, 0, 1], "microphone, new one, fallback, new one again")

    def test_change_devices_in_the_room(self):
        """From the stage, by the dialog: the other one hears the new input, and nobody left the room."""
        for name, description, kind in (("mic-a", "Mic A", "Audio/Source/Virtual"), ("spk-a", "Speaker A", "Audio/Sink")):
            desktop.make_device(name, description, kind)
            self.addCleanup(desktop.unplug, name)
        self.play("vmic-in", VMIC)
        self.play("mic-a", MIC_A)
        ben = self.listener(self.start())
        self.keys("-M", "ctrl", "-k", "comma", "-m", "ctrl")
        self.tree.wait("label", "Devices")
        self.picture("preferences-sound")
        order = test_stage.Window.names_that_get_the_focus(self, 10)
        self.assertIn(order[0], order[1:], f"round the dialog with Tab: {order}")
        around = order.index(order[0], 1)
        tabs = (order.index("Input") - (len(order) - 1)) % around
        # Its second row is Mic A; of the outputs, Speaker A is the third.
        self.keys(*["-k", "Tab"] * tabs, "-k", "space", "-s", "300", "-k", "Down", "-k", "Return", "-s", "300",
                  "-k", "Tab", "-k", "space", "-s", "300", "-k", "Down", "-k", "Down", "-k", "Return")
        wait_until(lambda: {("mic-a", "capture_FL"), } <= {link[:2] for link in desktop.links()}
                   and any(link[2] == "spk-a" for link in desktop.links()), 10, f"links to both, {tabs} steps after {order}")
        self.keys("-k", "Escape")
        self.tree.press("button", "Sound Check")
        self.tree.wait("slider", "Level the others get")
        self.tree.set_value("slider", "Level the others get", -10)
        self.picture("sound-check-in-room")
        time.sleep(2)
        self.assertEqual(sum(e.get("event") == "peer-left" for e in ben.events), 0)
        self.assertEqual(ben.leave(), 0)
        end = sound.read(self.folder / "ben.wav")[-sound.RATE:, 0]
        self.assertAlmostEqual(sound.tone_db(end, MIC_A), -30, delta=1.5)

    def test_pedal(self):
        ben = self.listener(self.start())
        self.keys("-M", "ctrl", "-k", "comma", "-m", "ctrl")
        self.tree.press(None, "Pedal")
        self.picture("preferences-pedal")
        self.tree.press("button", "Set Key…")
        self.tree.wait(None, "Press the Pedal")
        self.picture("set-key")
        self.keys("-k", "Tab")
        self.says("needed to get around the window")
        self.keys("-k", "Next")
        self.tree.wait_gone(None, "Press the Pedal")
        self.assertEqual(self.kept("pedal-key"), "'Page_Down'")
        self.keys("-k", "Escape")
        self.tree.wait_gone("button", "Set Key…")

        self.keys("-k", "Next")
        wait_until(lambda: self.muted(ben), 5, "muted by the pedal")
        self.keys("-k", "Next")
        wait_until(lambda: not self.muted(ben), 5, "and back")
        self.keys("-M", "ctrl", "-k", "question", "-m", "ctrl")
        self.tree.wait(None, "Page Down")
        self.picture("shortcuts")

    def test_push_to_talk(self):
        """Muted but while it is held, however long; whatever has the focus."""
        ben = self.listener(self.start("pedal-key='Page_Down'\npedal-mode='talk'"), hears=False)
        wait_until(lambda: self.muted(ben), 20, "muted until it is pressed")
        # wtype holds it for seven seconds: press, wait, release.
        held = Process(["wtype", "-s", "800", "-P", "Next", "-s", "7000", "-p", "Next", "-s", "300"])
        wait_until(lambda: not self.muted(ben), 5, "let through")
        time.sleep(1)
        self.assertFalse(self.muted(ben), "as long as it is held")
        self.assertTrue(held.is_running())
        self.assertEqual(held.wait(20), 0)
        wait_until(lambda: self.muted(ben), 5, "muted again")

    def test_awake_while_playing(self):
        def inhibits():
            return '"inhibit_idle": true' in test_stage.swaymsg("-r", "-t", "get_tree")

        self.open(home=self.settings(""))
        self.tree.wait("button", "Start a Jam on This Computer")
        self.assertFalse(inhibits())
        self.tree.press("button", "Start a Jam on This Computer")
        self.link()
        wait_until(inhibits, 10, "the screen being kept awake")
        self.tree.press("button", "Leave")
        wait_until(lambda: not inhibits(), 10, "and let sleep again")

    def test_without_pipewire(self):
        """Told why, and in the room all the same: to see who is there, until PipeWire comes."""
        empty = self.folder / "nothing"
        empty.mkdir()
        self.open(env={"PIPEWIRE_RUNTIME_DIR": str(empty), "PIPEWIRE_REMOTE": "pipewire-0"})
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("button", "Try Again")
        self.picture("join-without-sound")
        self.tree.press("button", "Join Without Sound")
        ben = self.enterContext(Bot(self.link(), "Ben", source="tone:500:-30"))
        ben.wait_joined()
        self.tree.wait("slider", "Volume of Ben", 30)
        self.says("PipeWire")
        self.picture("stage-without-sound")

    def test_pictures(self):
        for style in ("light", "dark"):
            with self.subTest(style=style):
                self.start(f"color-scheme='{style}'\npedal-key='b'")
                self.keys("-M", "ctrl", "-k", "comma", "-m", "ctrl")
                for page, shows in (("Sound", "Devices"), ("Pedal", "Mute With a Pedal"), ("Appearance", "Style")):
                    for width, height in ((1000, 700), (360, 640)):
                        test_stage.resize(width, height)
                        self.tree.press(None, page)
                        self.tree.wait(None, shows)
                        self.picture(f"preferences-{page.lower()}-{style}-{width}")
                self.app.stop()


if __name__ == "__main__":
    unittest.main()
