# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A musician and a listener in a real Chromium, among musicians with the app; the proof is in the sound."""
# packages: browser
# headless-session: --no-compositor --pipewire

import os
import signal
import sys
import tempfile
import time
import unittest
import wave
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import Process  # noqa: E402

try:
    from tutti_test import browser
except ImportError as error:
    raise unittest.SkipTest(f"not installed: {error.name}; the packages of the group “browser”") from None

PICTURES = Path(os.environ.get("TUTTI_BUILD_DIR", ".")) / "pictures"
TONE_DB = -18


def write_tone(path, hz, seconds=120):
    t = np.arange(seconds * sound.RATE) / sound.RATE
    samples = (10 ** (TONE_DB / 20) * np.sin(2 * np.pi * hz * t) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(sound.RATE)
        out.writeframes(np.repeat(samples, 2).tobytes())


@unittest.skipUnless(browser.is_there(), "not installed: chromium, chromedriver")
class Browser(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-browser-", ignore_cleanup_errors=True)))
        self.room = self.enterContext(Room(self.folder / "room"))
        self.keys = [browser.key_hash("127.0.0.1", self.room.port)]
        self.ada = self.enterContext(Bot(self.room.link(), "Ada", "--channels", "1", source=f"tone:500:{TONE_DB}",
                                         output=f"file:{self.folder / 'Ada.wav'}", frame=None))
        self.ada.wait_joined()

    def invite(self, role):
        since = len(self.ada.events)
        self.assertTrue(self.ada.control(f"invite {role} 7 ''")["ok"])
        return next(e for e in self.ada.events[since:] if e["event"] == "invite")

    def guest(self, **options):
        guest = self.enterContext(browser.Guest(Path(tempfile.mkdtemp(dir=self.folder)), self.keys, **options))
        # Nothing that it may not do, and nothing that went wrong unseen.
        self.addCleanup(lambda: self.assertEqual(guest.mishaps(), []))
        return guest

    def play_into_microphone(self, hz):
        write_tone(self.folder / "tone.wav", hz)
        self.enterContext(Process(["pw-play", "--target", "vmic-in", self.folder / "tone.wav"]))

    def loudspeaker(self, seconds=3):
        """What the session's loudspeaker plays meanwhile."""
        path = self.folder / "heard.wav"
        recorder = Process(["pw-record", "--target", "vspk", "-P", "{ stream.capture.sink=true }", "--rate", "48000",
                            "--channels", "2", "--format", "s16", path])
        time.sleep(seconds + 0.5)
        recorder.signal(signal.SIGINT)
        recorder.wait(10)
        return sound.read(path)[:, 0][-int(seconds * sound.RATE):]

    def assert_heard(self, samples, hz, db=TONE_DB, delta=1.0):
        self.assertAlmostEqual(sound.tone_db(samples, hz), db, delta=delta)

    def assert_not_heard(self, samples, hz):
        self.assertLess(sound.tone_db(samples, hz), -60)

    def recorded(self, seconds=3):
        """What Ada has heard, to the end, once she has left."""
        return sound.read(self.folder / "Ada.wav")[:, 0][-int(seconds * sound.RATE):]

    def test_plays_along_over_udp(self):
        self.play_into_microphone(1100)
        guest = self.guest()
        guest.join(self.invite("musician")["link"], "Gus")
        guest.wait_names({"Ada"})
        self.ada.wait_hears({"Gus"})
        guest.wait_text("Connection: UDP")
        time.sleep(6)  # Ada’s app lets newcomers rise slowly
        heard = self.loudspeaker()
        self.assert_heard(heard, 500)
        self.assertAlmostEqual(guest.level("Ada"), TONE_DB, delta=4)  # the browser’s own meter

        guest.set_slider("Volume of Ada", 50)
        self.assert_heard(self.loudspeaker(2), 500, TONE_DB - 12)
        guest.press("Mute Ada for me")
        self.assert_not_heard(self.loudspeaker(2), 500)
        guest.press("Mute Ada for me")
        self.assert_heard(self.loudspeaker(2), 500, TONE_DB - 12)

        guest.press("Mute")
        self.ada.wait_for(lambda: not self.ada.hears(), 10, "Gus to be muted")
        guest.press("Mute")
        self.ada.wait_hears({"Gus"})
        time.sleep(3)
        self.assertEqual(self.ada.leave(), 0)
        self.assert_heard(self.recorded(2), 1100)
        guest.wait_text("Nobody else is here yet.")
        guest.press("Leave")
        guest.wait_text("You have left the room.")

    def test_listens(self):
        self.play_into_microphone(1100)
        guest = self.guest(microphone="deny")
        guest.open(self.invite("listener")["link"])
        guest.wait_text("You are invited to listen")
        self.assertIsNone(guest.find("button", "Play Along"))
        guest.join(guest.driver.current_url, "Lou", "Just Listen")
        guest.wait_names({"Ada"})
        came = self.ada.wait_event("peer-joined", where=lambda e: e["name"] == "Lou")
        self.assertEqual(came["role"], "listener")
        self.assert_heard(self.loudspeaker(), 500)
        self.assertEqual(self.ada.remotes(), {})
        self.assertEqual(self.ada.leave(), 0)
        self.assert_not_heard(self.recorded(), 1100)

    def test_microphone_refused(self):
        guest = self.guest(microphone="deny")
        guest.join(self.invite("musician")["link"], "Gus")
        guest.wait_text("may not use the microphone")
        guest.wait_names({"Ada"})
        self.assert_heard(self.loudspeaker(), 500)
        self.assertEqual(self.ada.remotes(), {})

    def test_room_goes_and_comes_back(self):
        self.play_into_microphone(1100)
        guest = self.guest()
        guest.join(self.invite("musician")["link"], "Gus")
        self.ada.wait_hears({"Gus"})
        guest.wait_names({"Ada"})
        guest.set_slider("Volume of Ada", 50)
        guest.press("Mute")
        self.ada.wait_for(lambda: not self.ada.hears(), 10, "Gus to be muted")
        os.killpg(self.room.pid, signal.SIGKILL)
        guest.wait_text("Coming back")
        guest.press("Mute")  # and not any more, while nobody hears it anyway
        again = self.enterContext(Room(self.folder / "room", port=self.room.port))
        self.ada.wait_hears({"Gus"}, 30)
        guest.wait_text("Connection: UDP", 20)
        self.assertNotIn("Coming back", guest.text())
        self.assert_heard(self.loudspeaker(2), 500, TONE_DB - 12)

        # Who was muted is so afterwards.
        guest.press("Mute")
        self.ada.wait_for(lambda: not self.ada.hears(), 10, "Gus to be muted")
        since = len(self.ada.events)
        again.kill_workers()
        self.ada.wait_state("reconnecting", 15, since)
        self.ada.wait_state("joined", 30, since)
        guest.wait_text("Connection: UDP", 30)
        self.ada.wait_for(lambda: self.ada.remotes(), 20, "Gus’s strip")
        time.sleep(3)
        self.assertEqual(self.ada.hears(), {})
        guest.press("Mute")
        self.ada.wait_hears({"Gus"})
        # In the same stream, with what browsers do for loudspeakers and without it.
        for _ in range(2):
            guest.press("I have no headphones", "checkbox")
            time.sleep(1)
            self.ada.wait_hears({"Gus"})
        # The same person: loading the page again makes no second one.
        guest.join(guest.driver.current_url, "Gus")
        guest.wait_names({"Ada"})
        self.ada.wait_hears({"Gus"}, 20)
        self.assertEqual({name for name, _ in self.ada.remotes()}, {"Gus"})

    def test_who_leaves_is_gone(self):
        """Even while the room is not there, and whoever is quick with the mouse is in it once."""
        guest = self.guest()
        link = self.invite("musician")["link"]
        guest.open(link)
        guest.wait_text("Your name")
        guest.find("textbox", "Your name").send_keys("Gus")
        guest.press_twice("Play Along")
        guest.wait_names({"Ada"})
        self.ada.wait_hears({"Gus"})
        os.killpg(self.room.pid, signal.SIGKILL)
        guest.wait_text("Coming back")
        guest.press("Leave")
        guest.wait_text("You have left the room.")
        self.assertTrue(guest.microphone_is_off())
        self.enterContext(Room(self.folder / "room", port=self.room.port))
        since = len(self.ada.events)
        self.ada.wait_state("joined", 30)
        time.sleep(12)  # longer than it would wait between two tries
        self.assertEqual([e for e in self.ada.events[since:] if e.get("event") == "peer-joined"], [])
        guest.wait_text("You have left the room.")
        # Another link is another right, also in the page that had the first one.
        self.ada.wait_state("joined", 30)
        guest.open(self.invite("listener")["link"])
        guest.wait_text("You are invited to listen")

    def decide(self, command):
        answer = self.ada.control(command)
        self.assertTrue(answer["ok"], answer)

    def test_what_a_host_decides(self):
        self.play_into_microphone(1100)
        guest = self.guest()
        guest.join(self.invite("musician")["link"], "Gus")
        self.ada.wait_hears({"Gus"})
        ben = self.enterContext(Bot(self.invite("musician")["link"], "Ben", "--channels", "1", source="tone:1700:-18", frame=None))
        ben.wait_hears({"Ada", "Gus"})

        self.decide("mute-there Gus")
        guest.wait_text("Ada has muted you for everybody")
        ben.wait_hears({"Ada"})
        self.decide("ask-unmute Gus")
        guest.press("Mute")
        ben.wait_hears({"Ada", "Gus"})

        self.decide("isolate Gus ''")
        guest.wait_text("Only Ada and you hear each other")
        ben.wait_hears({"Ada"})
        self.ada.wait_hears({"Gus", "Ben"})
        time.sleep(2)
        self.assert_not_heard(self.loudspeaker(2), 1700)
        self.decide("unisolate Gus")
        ben.wait_hears({"Ada", "Gus"})

        self.decide("role Gus listener")
        guest.wait_text("A host has made you a listener")
        ben.wait_hears({"Ada"})
        self.decide("role Gus musician")
        ben.wait_hears({"Ada", "Gus"})
        self.decide("remove Gus")
        guest.wait_text("You were removed from the room")
        ben.wait_hears({"Ada"})

    def test_the_door_says_why_it_is_closed(self):
        guest = self.guest()
        invite = self.invite("musician")
        token = invite["link"].split("invite=")[1].split("&")[0]
        for link, sentence in (
            (self.room.link(invite=None), "by invitation"),
            (self.room.link(invite=token[:-2]), "damaged"),
            (self.room.link("elsewhere", invite=token), "another room"),
            (self.room.link(""), "names no room"),
        ):
            guest.open(link)
            guest.wait_text(sentence)
        self.decide("lock")
        guest.open(invite["link"])
        guest.wait_text("The room is locked")
        self.decide("unlock")
        guest.join(invite["link"], "Gus")
        guest.wait_names({"Ada"})
        self.assertTrue(self.ada.control(f"revoke-invite {invite['id']} 1")["ok"])
        guest.wait_text("You were removed from the room")
        guest.press("Join Again")
        guest.wait_text("taken back")

    def test_it_can_be_used_everywhere(self):
        """By name of every control, on a telephone and a desktop, light and dark. The pictures are to be looked at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.enterContext(Bot(self.room.link(), "Béatrice-Alexandra Schöllhammer-Őrsi", source="tone:900:-30", frame=None))
        guest = self.guest()
        guest.open(self.invite("musician")["link"])
        guest.wait_text("Your name")
        self.look_at(guest, "door")
        guest.join(guest.driver.current_url, "Gus")
        guest.wait_text("Connection: UDP")
        time.sleep(1)
        self.look_at(guest, "stage")
        guest.press("Leave")
        guest.wait_text("You have left")
        self.look_at(guest, "end")

    def look_at(self, guest, page):
        nameless = [e.get_attribute("outerHTML") for e in guest.driver.find_elements("css selector", "button, a, input, select, [role=meter]")
                    if e.is_displayed() and not e.accessible_name]
        self.assertEqual(nameless, [])
        for shape, size in (("telephone", (360, 720)), ("desktop", (1000, 760))):
            for scheme in ("light", "dark"):
                guest.look(size, scheme)
                path = PICTURES / f"guest-{page}-{shape}-{scheme}.png"
                guest.picture(path)
                self.assertGreater(path.stat().st_size, 4000, "the picture shows something")
                width, inner = guest.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
                self.assertEqual(inner, size[0])
                self.assertLessEqual(width, inner, f"{path.name}: nothing is cut off at the side")


if __name__ == "__main__":
    unittest.main()
