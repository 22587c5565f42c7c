# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host does in a room, by what the others hear of it: with real musicians."""

import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402

TONES = {"Hedy": 500, "Mia": 1100, "Noa": 1700}
AWAY_SECONDS = 3


class Controls(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-controls-")))
        self.room = self.enterContext(Room(self.folder / "room", "--host-away", str(AWAY_SECONDS)))
        self.bots = {}
        self.phases = []
        self.host = self.enter(self.room.link(), "Hedy")
        self.host.wait_joined()
        for name in ("Mia", "Noa"):
            self.enter(self.invite("musician"), name).wait_joined()
        self.mia, self.noa = self.bots["Mia"], self.bots["Noa"]
        for name, bot in self.bots.items():
            bot.wait_hears(set(TONES) - {name})

    def enter(self, link, name, **options):
        bot = self.enterContext(Bot(link, name, "--channels", "1", source=f"tone:{TONES.get(name, 2300)}:-18",
                                    output=f"file:{self.folder / (name + '.wav')}", **{"frame": None, **options}))
        self.bots[name] = bot
        return bot

    def invite(self, role, by=None):
        host = by or self.host
        since = len(host.events)
        self.assertTrue(host.control(f"invite {role} 1 ''")["ok"])
        return host.wait_event("invite", since=since)["link"]

    def do(self, command, by=None):
        answer = (by or self.host).control(command)
        self.assertTrue(answer["ok"], answer)

    def seconds_of(self, bot):
        since = len(bot.events)
        bot.write("stats")
        stats = bot.wait_event("stats", since=since)
        return stats["engine"]["cycles"] * stats["engine"]["quantum"] / sound.RATE

    def phase(self, heard):
        """From about now on everybody hears exactly what @heard says of them: {bot's name: names}."""
        for name, others in heard.items():
            self.bots[name].wait_for(lambda name=name, others=others: self.audible(name) == set(others), 20,
                                     f"{name} hearing {others} (now {self.audible(name)})")
        time.sleep(0.7)
        begin = {name: self.seconds_of(self.bots[name]) for name in heard}
        time.sleep(2)
        self.phases.append({name: (begin[name], self.seconds_of(self.bots[name]), set(others)) for name, others in heard.items()})

    def audible(self, name):
        """Who is loud there, by the last statistics."""
        return {key[0] for key, strip in self.bots[name].remotes().items() if strip["flowing"] and strip["rms_db"] > -40}

    def check_recordings(self):
        """What was played in each phase, by the files."""
        for bot in self.bots.values():
            bot.leave()
        for phase in self.phases:
            for name, (begin, end, others) in phase.items():
                heard = sound.read(self.folder / f"{name}.wav")[:, 0][int(begin * sound.RATE):int(end * sound.RATE)]
                self.assertGreater(len(heard), sound.RATE)
                for other, hz in TONES.items():
                    if other in others:
                        self.assertAlmostEqual(sound.tone_db(heard, hz), -18, delta=1.5, msg=f"{name} hearing {other}: {phase}")
                    elif other != name:
                        self.assertLess(sound.tone_db(heard, hz), -60, f"{name} not hearing {other}: {phase}")

    def test_muted_at_the_source(self):
        everything = {name: set(TONES) - {name} for name in TONES}
        self.assertFalse(self.noa.control("mute-there Mia")["ok"])
        self.phase(everything)
        self.do("mute-there Mia")
        self.assertEqual(self.mia.wait_event("muted")["by"], "Hedy")
        self.phase({"Hedy": {"Noa"}, "Noa": {"Hedy"}, "Mia": {"Hedy", "Noa"}})
        # No host and no new strip or connection ends it.
        self.do("ask-unmute Mia")
        self.assertEqual(self.mia.wait_event("unmute-asked")["by"], "Hedy")
        self.do("add-strip Voice 0", self.mia)
        self.assertTrue(self.mia.control("rebuild", 40)["ok"])
        self.phase({"Hedy": {"Noa"}, "Noa": {"Hedy"}})
        self.assertEqual([strip["muted"] for strip in self.mia.last("stats")["own_strips"]], [True, True])
        self.do("unmute", self.mia)
        self.phase({"Hedy": {"Mia", "Noa"}, "Noa": {"Hedy", "Mia"}})
        self.check_recordings()

    def test_a_side_room(self):
        everything = {name: set(TONES) - {name} for name in TONES}
        self.assertFalse(self.mia.control("isolate Noa ''")["ok"])
        self.do("isolate Mia ''")
        told = self.mia.wait_event("controls", where=lambda event: event["isolated"])
        self.assertEqual(told["isolated_with"], "Hedy")
        self.phase({"Hedy": {"Mia", "Noa"}, "Mia": {"Hedy"}, "Noa": {"Hedy"}})
        # New connections and coming back lead nowhere else.
        self.assertTrue(self.mia.control("rebuild", 40)["ok"])
        self.assertTrue(self.noa.control("rebuild", 40)["ok"])
        self.phase({"Hedy": {"Mia", "Noa"}, "Mia": {"Hedy"}, "Noa": {"Hedy"}})
        self.do("isolate Mia Noa")
        self.phase({"Hedy": {"Noa"}, "Mia": {"Noa"}, "Noa": {"Hedy", "Mia"}})
        since = len(self.mia.events)
        self.do("unisolate Mia")
        self.mia.wait_event("controls", since=since, where=lambda event: not event["isolated"])
        self.phase(everything)
        self.check_recordings()

    def test_locked_and_removed(self):
        link = self.invite("musician")
        self.do("lock")
        self.assertTrue(self.noa.wait_event("controls", where=lambda event: event["locked"]))
        late = self.enter(link, "Late")
        self.assertNotEqual(late.wait(20), 0)
        self.assertEqual(late.last("error")["code"], "locked")
        self.do("unlock")
        self.enter(link, "Late").wait_hears(set(TONES))
        self.assertFalse(self.noa.control("remove Late")["ok"])
        self.do("remove Late")
        self.assertNotEqual(self.bots["Late"].wait(15), 0)
        self.assertEqual(self.bots["Late"].last("error")["code"], "removed")
        left = self.noa.wait_event("peer-left", where=lambda event: event["name"] == "Late")
        self.assertEqual(left["reason"], "removed")
        for name, bot in list(self.bots.items())[:3]:
            bot.wait_hears(set(TONES) - {name})
        again = self.enter(link, "Late")
        self.assertNotEqual(again.wait(20), 0)
        self.assertEqual(again.last("error")["code"], "refused")
        self.enter(self.invite("musician"), "Late").wait_hears(set(TONES))
        # Whoever runs the room is not sent away by whom they made a host.
        self.do("role Noa host")
        self.noa.wait_event("role", where=lambda event: event["mine"] and event["role"] == "host")
        self.assertFalse(self.noa.control("remove Hedy")["ok"])

    def test_roles_live(self):
        self.do("role Noa listener")
        self.noa.wait_event("role", where=lambda event: event["mine"])
        self.phase({"Hedy": {"Mia"}, "Mia": {"Hedy"}, "Noa": {"Hedy", "Mia"}})
        self.do("role Noa musician")
        self.phase({name: set(TONES) - {name} for name in TONES})
        self.check_recordings()

    def test_the_host_goes(self):
        self.do("role Noa host")
        told = self.mia.wait_event("role")
        self.assertEqual((told["role"], told["by"], told["mine"]), ("host", "Hedy", False))
        self.do("role '' musician")
        self.host.wait_event("role", where=lambda event: event["mine"] and event["role"] == "musician")
        self.assertFalse(self.host.control("lock")["ok"])
        self.do("spotlight Mia", self.noa)
        self.assertEqual(self.noa.leave(), 0)
        # Hedy was here first.
        inherited = self.host.wait_event("role", AWAY_SECONDS + 10, where=lambda event: event["mine"] and event["role"] == "host")
        self.assertIsNone(inherited["by"])
        self.do("lock")
        since = len(self.mia.events)
        self.host.signal(9)
        mine = self.mia.wait_event("role", AWAY_SECONDS + 20, since, lambda event: event["mine"])
        self.assertEqual((mine["role"], mine["by"]), ("host", None))
        self.do("unlock", self.mia)
        # Who comes back by the owner's link is a host, too.
        back = self.enter(self.room.link(), "Hedy")
        self.assertEqual(back.wait_joined()["role"], "host")
        back.wait_hears({"Mia"})


if __name__ == "__main__":
    unittest.main()
