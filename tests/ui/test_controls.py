# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host does from the window, and what the window tells whom a host did something to; the proof is what others hear."""

import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "lib"), str(Path(__file__).resolve().parent)]
import test_stage  # noqa: E402
from tutti_test import sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402


def audible(bot):
    """Who is loud there, by the last statistics."""
    return {key[0] for key, strip in bot.remotes().items() if strip["flowing"] and strip["rms_db"] > -40}


class ControlsTest(test_stage.WindowTest):
    def bot(self, link, name, hz):
        return self.enterContext(Bot(link, name, source=f"tone:{hz}:-18"))

    def wait_audible(self, bot, *names):
        bot.wait_for(lambda: audible(bot) == set(names), 20, f"{bot.name} hearing {names} (now {audible(bot)})")

    def says(self, *words):
        return self.tree.wait(None, lambda name: all(word in name for word in words))

    def wait_silent(self, *words):
        self.tree.wait_gone(None, lambda name: all(word in name for word in words), 20)

    def choose(self, name, item):
        """@item of the menu of @name's strip."""
        self.tree.press(None, f"Host controls for {name}")
        self.tree.press_item(item)

    def warnings(self):
        return [line for line in self.app.error_lines if "CRITICAL" in line or "WARNING" in line]


class Host(ControlsTest):
    def setUp(self):
        self.open()
        link = self.join()
        self.mia = self.bot(link, "Mia", 500)
        self.noa = self.bot(link, "Noa", 1100)
        self.tree.wait("slider", "Volume of Mia", 30)
        self.tree.wait("slider", "Volume of Noa", 30)
        self.wait_audible(self.noa, "Mia")

    def test_mute_and_side_room(self):
        self.tree.press(None, "Host controls for Mia")
        self.tree.wait_item("Mute Them")
        self.picture_of_screen("host-menu")
        self.tree.press_item("Mute Them")
        self.mia.wait_event("muted")
        self.wait_audible(self.noa)
        time.sleep(0.5)
        self.assertLess(sound.tone_db(self.record(1.5, "muted"), 500), -60)
        self.choose("Mia", "Ask to Unmute")
        self.mia.wait_event("unmute-asked")
        self.assertEqual(audible(self.noa), set(), "nobody but Mia unmutes Mia")
        self.assertTrue(self.mia.control("unmute")["ok"])
        self.wait_audible(self.noa, "Mia")

        self.choose("Mia", "Move to a Side Room")
        self.wait_audible(self.noa)
        self.wait_audible(self.mia)
        self.tree.wait("label", "Side room")
        self.assertAlmostEqual(sound.tone_db(self.record(2, "side-room"), 500), -18, delta=1.5, msg="the host hears both")
        self.picture("host-side-room")
        self.choose("Noa", "Spotlight")
        self.tree.wait("label", "Spotlight")
        test_stage.resize(360, 640)
        self.picture("host-side-room-360")
        self.tree.press(None, "Main Menu")
        self.tree.wait_item("Lock the Room")
        self.picture_of_screen("host-main-menu-360")
        self.tree.press_item("End All Side Rooms")
        self.wait_audible(self.noa, "Mia")
        self.wait_audible(self.mia, "Noa")
        self.assertFalse(self.warnings(), self.warnings())

    def test_lock_and_remove(self):
        self.tree.press(None, "Main Menu")
        self.tree.press_item("Lock the Room")
        self.says("3 musicians", "locked")
        late = self.bot(self.last_link, "Late", 2300)
        self.assertNotEqual(late.wait(20), 0)
        self.assertEqual(late.last("error")["code"], "locked")
        self.tree.press(None, "Main Menu")
        self.tree.press_item("Lock the Room")
        self.wait_silent("3 musicians", "locked")

        self.choose("Mia", "Remove…")
        self.says("kept out until they are invited anew")
        self.picture("host-remove")
        self.tree.press("button", "Cancel")
        self.assertTrue(self.mia.is_running())
        self.choose("Mia", "Remove…")
        self.tree.press("button", "Remove")
        self.assertNotEqual(self.mia.wait(15), 0)
        self.assertEqual(self.mia.last("error")["code"], "removed")
        self.tree.wait_gone("slider", "Volume of Mia")
        self.wait_audible(self.noa)
        again = self.bot(self.last_link, "Mia", 500)
        self.assertNotEqual(again.wait(20), 0)
        self.assertEqual(again.last("error")["code"], "refused")

        # The window hands out another link from now on.
        link = self.app.wait_for(lambda: next((line.split()[1] for line in reversed(self.app.lines) if line.startswith("link ")
                                               and line.split()[1] != self.last_link), None), 20, "another link")
        invited = self.bot(link, "Mia", 500)
        invited.wait_joined()
        self.assertEqual(invited.leave(), 0)
        self.tree.wait_gone("slider", "Volume of Mia")

        self.choose("Noa", "Make Host")
        self.assertEqual(self.noa.wait_event("role", where=lambda event: event["mine"])["role"], "host")
        self.assertTrue(self.noa.control("lock")["ok"])
        self.says("2 musicians", "locked")
        self.assertFalse(self.warnings(), self.warnings())


class Guest(ControlsTest):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        self.room = self.enterContext(Room(self.folder / "room", "--workers", "1", "--host-away", "2"))
        self.hedy = self.bot(self.room.link(), "Hedy", 500)
        self.hedy.wait_joined()
        self.noa = self.bot(self.invite(), "Noa", 1100)
        self.noa.wait_hears({"Hedy"})

    def invite(self):
        since = len(self.hedy.events)
        self.do("invite musician 1 ''")
        return self.hedy.wait_event("invite", since=since)["link"]

    def do(self, command):
        answer = self.hedy.control(command)
        self.assertTrue(answer["ok"], answer)

    def enter(self, link):
        self.open(arguments=[link])
        self.tree.press("button", "Join the Jam", 30)
        self.tree.wait("slider", "Volume of Hedy", 30)
        joined = self.hedy.wait_event("peer-joined", where=lambda event: event["name"] != "Noa")
        self.me = joined["peer_id"]

    def sends(self, bot):
        """Whether @bot gets the window's sound, by its own word."""
        own = [strip for strip in (bot.last("stats") or {}).get("remotes", []) if strip["peer_id"] == self.me]
        return bool(own) and own[0]["flowing"] and not own[0]["sender_muted"]

    def wait_sends(self, bot, sends):
        bot.wait_for(lambda: self.sends(bot) == sends, 20, f"{bot.name} hearing the window: {sends}")

    def test_muted_and_moved(self):
        self.enter(self.invite())
        self.assertFalse(self.tree.find(None, "Host controls for Hedy"))
        self.wait_sends(self.noa, True)
        self.do(f"mute-there {self.me}")
        self.says("Hedy muted you for everybody")
        self.wait_sends(self.noa, False)
        self.assertTrue(self.tree.has_state("toggle button", "Mute yourself", "PRESSED"))
        self.picture("muted-by-host")
        self.do(f"ask-unmute {self.me}")
        self.says("Hedy would like to hear you")
        self.tree.press("button", "Unmute")
        self.wait_sends(self.noa, True)
        self.wait_silent("Hedy would like to hear you")
        self.assertFalse(self.tree.has_state("toggle button", "Mute yourself", "PRESSED"))
        # The mute button does as well.
        self.do(f"mute-there {self.me}")
        self.says("Hedy muted you for everybody")
        self.tree.press("toggle button", "Mute yourself")
        self.wait_silent("Hedy muted you")
        self.wait_sends(self.noa, True)

        self.do(f"isolate {self.me} ''")
        self.says("side room", "Hedy")
        self.wait_sends(self.noa, False)
        self.wait_sends(self.hedy, True)
        self.assertLess(sound.tone_db(self.record(1.5, "apart"), 1100), -60)
        test_stage.resize(360, 640)
        self.picture("side-room-360")
        self.do(f"unisolate {self.me}")
        self.wait_silent("side room")
        self.wait_sends(self.noa, True)
        self.assertFalse(self.warnings(), self.warnings())

    def test_roles_lock_and_removal(self):
        link = self.invite()
        self.enter(link)
        self.do("lock")
        self.says("3 musicians", "locked")
        self.do(f"role {self.me} host")
        self.says("Hedy made you a host")
        self.tree.wait(None, "Host controls for Hedy")
        self.tree.press(None, "Main Menu")
        self.assertTrue(self.tree.wait_item("Lock the Room"))
        self.picture_of_screen("made-host")
        self.tree.press_item("Lock the Room")
        self.wait_silent("3 musicians", "locked")
        self.do(f"role {self.me} musician")
        self.tree.wait_gone(None, "Host controls for Hedy")
        since = len(self.hedy.events)
        self.do(f"role {self.me} listener")
        self.says("You are here to listen")
        # They come in anew.
        self.hedy.wait_event("peer-joined", since=since, where=lambda e: e["peer_id"] == self.me)
        self.wait_sends(self.noa, False)
        self.do(f"role {self.me} musician")
        self.wait_silent("You are here to listen")
        self.wait_sends(self.noa, True)
        self.do(f"remove {self.me}")
        self.says("You were removed from the room.", "when a host invites you anew")
        self.picture("removed")
        self.do("lock")
        self.tree.press("button", "Back")
        self.app.stop()
        self.open(arguments=[self.invite()])
        self.tree.press("button", "Join the Jam", 30)
        self.says("The room is locked", "Ask a host to unlock the room")
        self.picture("locked-out")
        self.do("unlock")
        self.tree.press("button", "Try Again")
        self.tree.wait("slider", "Volume of Hedy", 30)

    def test_inherited(self):
        self.noa.leave()
        self.enter(self.invite())
        self.hedy.signal(9)
        self.says("you are the host now")
        self.tree.press(None, "Main Menu")
        self.tree.wait_item("Lock the Room")


if __name__ == "__main__":
    unittest.main()
