# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window in a headless session, by hand and eye of a screen reader; the proof is in the sound."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import desktop, sound  # noqa: E402
from tutti_test.jam import Bot  # noqa: E402
from tutti_test.process import BUILD_DIR, Process, wait_until  # noqa: E402

TUTTI = os.environ.get("TUTTI_APP", str(BUILD_DIR / "src" / "ui" / "tutti"))
PICTURES = Path(os.environ.get("TUTTI_PICTURES", BUILD_DIR / "pictures"))


class Window(unittest.TestCase):
    """One window, from the first start to a jam, in the order a newcomer goes."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        PICTURES.mkdir(parents=True, exist_ok=True)
        home = self.folder / "home"
        self.app = self.enterContext(Process([TUTTI], env={
            "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"), "XDG_CACHE_HOME": str(home / "cache"),
            "GSETTINGS_BACKEND": "memory",
        }))
        self.tree = desktop.Tree("tutti")

    def record(self, seconds, name):
        """What the person hears: the monitor of the speaker."""
        path = self.folder / f"{name}.wav"
        recorder = Process(["pw-record", "--target", "vspk", "-P", "{ stream.capture.sink=true }", "--rate", "48000",
                            "--channels", "2", "--format", "s24", path])
        time.sleep(seconds + 0.5)
        recorder.stop()
        return sound.read(path)[sound.RATE // 4:, 0]

    def picture(self, name):
        time.sleep(0.6)
        desktop.screenshot(PICTURES / f"{name}.png")

    def link(self):
        return self.app.wait_for(
            lambda: next((l.split()[1] for l in self.app.lines if l.startswith("link ")), None), 60, "the room's link")

    def start_jam(self):
        self.picture("start")
        self.assertFalse(self.tree.unnamed_controls(), "every control of the start page has a name")
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("button", "Join the Jam")
        self.picture("sound-check")
        self.assertFalse(self.tree.unnamed_controls(), "every control of the sound check has a name")
        self.tree.press("button", "Join the Jam")
        return self.link()

    def test_start_a_jam_and_move_a_fader(self):
        link = self.start_jam()
        groove = self.enterContext(Bot(link, "Groove", "--instrument", "Drums", source="tone:1100:-18", frame="2.5"))
        groove.wait_joined()
        fader = ("slider", "Volume of Groove")
        self.tree.wait(*fader)
        self.picture("stage")
        self.assertFalse(self.tree.unnamed_controls(), "every control of the stage has a name")
        groove.wait_for(lambda: groove.hears(), 15, "Groove hearing the window's musician")

        self.tree.set_value(*fader, 0)
        time.sleep(1.5)
        loud = sound.tone_db(self.record(3, "loud"), 1100)
        self.tree.set_value(*fader, -12)
        time.sleep(0.5)
        soft = sound.tone_db(self.record(3, "soft"), 1100)
        self.assertAlmostEqual(loud, -18, delta=1.0)
        self.assertAlmostEqual(loud - soft, 12, delta=0.5)

        self.tree.press("toggle button", "Mute Groove")
        time.sleep(0.5)
        self.assertLess(sound.tone_db(self.record(1.5, "muted"), 1100), -70)
        self.tree.press("toggle button", "Mute Groove")

        self.tree.press("toggle button", "Mute yourself")
        groove.wait_event("stats", where=lambda e: any(r["sender_muted"] for r in e["remotes"]))
        self.tree.press("toggle button", "Mute yourself")

        self.assertEqual(groove.leave(), 0)
        wait_until(lambda: not self.tree.find(*fader), 10, "the strip going with its musician")
        self.picture("alone")

    def test_what_goes_into_the_microphone_reaches_the_other(self):
        link = self.start_jam()
        ada = self.enterContext(Bot(link, "Ada", output=f"file:{self.folder / 'ada.wav'}", frame="2.5"))
        ada.wait_joined()
        wait_until(lambda: ada.hears(), 15, "Ada hearing the window's musician")
        subprocess.run([sys.executable, "-c", TONE, str(self.folder / "tone.wav")], check=True)
        player = Process(["pw-play", "--target", "vmic-in", self.folder / "tone.wav"])
        time.sleep(4)
        player.stop()
        self.assertEqual(ada.leave(), 0)
        level = sound.envelope(sound.read(self.folder / "ada.wav")[:, 0], 700)
        self.assertAlmostEqual(20 * sound.np.log10(max(sound.np.sort(level)[-20], 1e-6)), -20, delta=1.5)

    def test_a_link_that_leads_nowhere(self):
        entry = self.tree.wait("text", "Room Link")
        editable = next(n for n in self.tree.walk(entry) if "EditableText" in n.get_interfaces())
        self.tree.atspi.EditableText.set_text_contents(editable, "tutti://127.0.0.1:9/nowhere?fp=" + "0" * 64)
        time.sleep(0.3)
        self.tree.press("button", "Join")
        self.tree.press("button", "Join the Jam")
        self.tree.wait("button", "Try Again", 30)
        self.picture("unreachable")
        self.tree.press("button", "Back")
        self.tree.wait("button", "Start a Jam on This Computer")


TONE = """
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as out:
    out.setnchannels(2); out.setsampwidth(2); out.setframerate(48000)
    for i in range(48000 * 6):
        value = int(3276.7 * math.sin(2 * math.pi * 700 * i / 48000))
        out.writeframesraw(struct.pack("<hh", value, value))
"""


if __name__ == "__main__":
    unittest.main()
