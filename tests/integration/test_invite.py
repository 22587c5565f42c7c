# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may come into a room, as what, and for how long: with real musicians."""

import json
import os
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402

class Invite(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-invite-")))
        self.room = self.enterContext(Room(self.folder / "room"))
        self.host = self.enter(self.room.link(), "Hedy", 500)
        self.assertEqual(self.host.wait_joined()["role"], "host")

    def enter(self, link, name, hz=None):
        return self.enterContext(Bot(link, name, "--channels", "1", source=f"tone:{hz}:-18" if hz else "silence",
                                     output=f"file:{self.folder / (name + '.wav')}", frame="5"))

    def ask(self, command):
        """Of the host. Returns what the room answered."""
        since = len(self.host.events)
        answer = self.host.control(command)
        self.assertTrue(answer["ok"], answer)
        return [event for event in self.host.events[since:] if event["event"] == "invite"]

    def invite(self, role, name=""):
        return self.ask(f"invite {role} 7 '{name}'")[0]

    def assert_refused(self, link, word):
        bot = self.enter(link, "Stranger")
        code = bot.wait(20)
        said = [line for line in bot.error_lines if line.startswith("tutti-cli: ")]
        self.assertEqual(len(said), 1, bot.error_lines)
        self.assertIn(word, said[0])
        self.assertEqual(bot.last("error")["code"], "refused")
        self.assertNotEqual(code, 0)

    def test_musician_listener_and_nobody_else(self):
        musician = self.enter(self.invite("musician")["link"], "Mia", 1100)
        self.assertEqual(musician.wait_joined()["role"], "musician")
        musician.wait_hears({"Hedy"})
        self.host.wait_hears({"Mia"})
        self.assertFalse(musician.control("invite musician 1 ''")["ok"])

        listening = self.invite("listener", "Friday’s audience")
        listener = self.enter(listening["link"], "Lou", 1700)
        self.assertEqual(listener.wait_joined()["role"], "listener")
        listener.wait_hears({"Hedy", "Mia"})
        came = self.host.wait_event("peer-joined", where=lambda e: e["name"] == "Lou")
        self.assertEqual(came["role"], "listener")
        time.sleep(4)
        # Whoever listens takes part in nothing else: no stream of theirs reached anybody.
        self.assertEqual({key[0] for key in self.host.remotes()}, {"Mia"})
        self.assertEqual({key[0] for key in musician.remotes()}, {"Hedy"})
        # New connections, as after a change of network, and still only to listen.
        self.assertTrue(listener.control("rebuild", 40)["ok"])
        listener.wait_hears({"Hedy", "Mia"})
        for bot in (listener, musician, self.host):
            self.assertEqual(bot.leave(), 0)
        heard = sound.read(self.folder / "Lou.wav")[:, 0][-3 * sound.RATE:-sound.RATE]
        for hz in (500, 1100):
            self.assertAlmostEqual(sound.tone_db(heard, hz), -18, delta=1)
        for name in ("Hedy", "Mia"):
            self.assertLess(sound.tone_db(sound.read(self.folder / f"{name}.wav")[:, 0][-3 * sound.RATE:-sound.RATE], 1700), -60)

        host = self.enter(self.room.link(), "Hedy", 500)
        host.wait_joined()
        token = listening["link"].split("invite=")[1].split("&")[0]
        self.assert_refused(self.room.link(invite=None), "by invitation")
        self.assert_refused(self.room.link(invite=token[:-2]), "not one of this room")
        self.assert_refused(self.room.link("elsewhere", invite=token), "another room")

    def test_taken_back_and_renewed(self):
        invite = self.invite("musician", "The band")
        self.assertEqual([(i["name"], i["revoked"]) for i in self.ask("invites")], [("The band", False)])
        guest = self.enter(invite["link"], "Gus", 1100)
        guest.wait_hears({"Hedy"})
        self.ask(f"revoke-invite {invite['id']} 0")
        self.assert_refused(invite["link"], "taken back")
        self.host.wait_hears({"Gus"})
        self.ask(f"revoke-invite {invite['id']} 1")
        self.assertNotEqual(guest.wait(15), 0)
        self.assertEqual(guest.last("error")["code"], "removed")
        self.host.wait_for(lambda: not self.host.hears(), 20, "Gus to be gone")

        renewed = self.ask(f"renew-invite {invite['id']} 1")[0]
        self.assertEqual(renewed["link"], invite["link"])
        again = self.enter(invite["link"], "Gus", 1100)
        again.wait_hears({"Hedy"})

    def test_who_was_in_comes_back_after_the_invite_has_ended(self):
        """The service is killed and comes back; the invite has expired meanwhile."""
        invite = self.invite("musician")
        guest = self.enter(invite["link"], "Gus", 1100)
        guest.wait_hears({"Hedy"})
        marks = {bot: len(bot.events) for bot in (guest, self.host)}
        os.killpg(self.room.pid, signal.SIGKILL)
        record = self.folder / "room" / "invites" / "room-jam" / f"{invite['id']}.json"
        record.write_text(json.dumps({**json.loads(record.read_text()), "expiresAt": int(time.time()) - 1}))
        for bot, mark in marks.items():
            bot.wait_state("reconnecting", 15, mark)
        again = self.enterContext(Room(self.folder / "room", port=self.room.port))
        for bot, mark in marks.items():
            bot.wait_state("joined", 30, mark)
        self.assertEqual((again.fingerprint, again.invite), (self.room.fingerprint, self.room.invite))
        guest.wait_hears({"Hedy"}, 30)
        self.host.wait_hears({"Gus"}, 30)
        self.assert_refused(invite["link"], "expired")


if __name__ == "__main__":
    unittest.main()
