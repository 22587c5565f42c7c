# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with an invite does everything they should not, while two musicians play."""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import SOURCE_ROOT, Process, resident_kb  # noqa: E402
from tutti_test.witness import Witness  # noqa: E402

NODE = os.environ.get("TUTTI_NODE", "node")
TONES = {"Ada": 500, "Ben": 1100}


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-hostile-")))
        self.room = self.enterContext(Room(self.folder / "room"))

    def musician(self, name):
        return self.enterContext(Bot(self.room.link(), name, "--channels", "1", source=f"tone:{TONES[name]}:-18",
                                     output=f"file:{self.folder / (name + '.wav')}", frame="5"))

    def test_a_client_that_does_everything_wrong(self):
        witness = self.enterContext(Witness())
        bots = {name: self.musician(name) for name in TONES}
        for name, bot in bots.items():
            bot.wait_hears(set(TONES) - {name})
        host = bots["Ada"]
        since = len(host.events)
        self.assertTrue(host.control("invite musician 1 ''")["ok"])
        link = next(event["link"] for event in host.events[since:] if event["event"] == "invite")
        invite = link.split("invite=")[1].split("&")[0]
        time.sleep(1)
        memory = resident_kb(self.room.pid)
        witness.reset()
        begin = self.seconds_of(host)

        attacker = self.enterContext(Process([NODE, SOURCE_ROOT / "tests" / "lib" / "hostile.mjs", f"wss://127.0.0.1:{self.room.port}", "jam",
                                              invite, SOURCE_ROOT / "data" / "protocol" / "examples"]))
        comers = []
        while attacker.is_running():
            with Bot(self.room.link(), f"Comer{len(comers)}", frame="5") as comer:
                start = time.monotonic()
                comer.wait_hears(set(TONES))
                comers.append(time.monotonic() - start)
                self.assertEqual(comer.leave(), 0)
        attacker.wait(10)
        outcomes = [json.loads(line) for line in attacker.lines]
        end, misses, stalled = self.seconds_of(host), witness.misses(), witness.stalled_ms()
        print(json.dumps([{k: o[k] for k in ("attack", "tries", "stopped")} for o in outcomes]),
              f"came in meanwhile: {len(comers)}, after {max(comers):.1f} s at most", flush=True)
        self.assertEqual({o["attack"]: o["wrong"] for o in outcomes if o["wrong"]}, {}, attacker.error_lines[-3:])
        self.assertEqual(len(outcomes), 12, attacker.error_lines[-5:])

        # Nobody noticed: who plays plays on, who comes comes in, and nothing is left of it.
        for name, bot in bots.items():
            bot.wait_hears(set(TONES) - {name})
            self.assertEqual([e["state"] for e in bot.events if e.get("event") == "state" and e["state"] == "reconnecting"], [])
        self.assertGreater(len(comers), 3)
        self.assertLess(resident_kb(self.room.pid) - memory, 60 * 1024)
        self.assertTrue(self.room.is_running())
        # What mediasoup refuses it calls an error, and tells the client.
        failed = [line for line in self.room.error_lines
                  if ('"level":"error"' in line or '"level":"fatal"' in line) and '"part":"mediasoup"' not in line]
        self.assertEqual(failed, [])
        for bot in bots.values():
            self.assertEqual(bot.leave(), 0)
        heard = sound.read(self.folder / "Ada.wav")[:, 0][int(begin * sound.RATE):int(end * sound.RATE)]
        self.assertAlmostEqual(sound.tone_db(heard[-3 * sound.RATE:], TONES["Ben"]), -18, delta=1)
        self.assertLessEqual(sound.gaps(heard, TONES["Ben"]), 3 * misses + 1, f"witness: {misses}")
        self.assertLess(sound.longest_gap_ms(heard, TONES["Ben"]), 100 + stalled, f"witness: {stalled} ms")

    def seconds_of(self, bot):
        since = len(bot.events)
        bot.write("stats")
        stats = bot.wait_event("stats", since=since)
        return stats["engine"]["cycles"] * stats["engine"]["quantum"] / sound.RATE


if __name__ == "__main__":
    unittest.main()
