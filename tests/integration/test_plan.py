# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's packet plan with real musicians: which format, for whom, changed without a gap."""

import sys
import tempfile
import time
import unittest
import wave
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair, sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.witness import Witness  # noqa: E402

# Multiples of 100 Hz: each falls into a zero of the others' window in sound.envelope().
TONES = {"Ada": 500, "Ben": 1100, "Cleo": 1700}
SECOND_HZ = 2300
TONE_DB = -18.0


class PlanCase(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-plan-")))

    def musician(self, room, name, *options, source=None):
        return self.enterContext(Bot(
            room.link(), name, "--channels", "1", "--fade-in", "0", *options, source=source or f"tone:{TONES[name]}:{TONE_DB:g}",
            output=f"file:{self.folder / (name + '.wav')}", frame=None, interval="0.25"))

    def recording(self, name):
        return sound.read(self.folder / f"{name}.wav")[:, 0]

    def heard_as(self, bot, who, wire, within=30):
        return bot.wait_for(lambda: bot.remotes().get((who, "main"), {}).get("wire") == wire and bot.remotes()[(who, "main")],
                            within, f"{bot.name} hearing {who} as {wire} (now {bot.remotes()})")


class Plan(PlanCase):
    def setUp(self):
        super().setUp()
        self.room = self.enterContext(Room(self.folder / "room"))

    def pair(self, **options):
        ada, ben = self.musician(self.room, "Ada", **options), self.musician(self.room, "Ben")
        ada.wait_hears({"Ben"})
        ben.wait_hears({"Ada"})
        return ada, ben

    def test_raw_on_loopback(self):
        ada, ben = self.pair()
        for bot, other in ((ada, "Ben"), (ben, "Ada")):
            stats = bot.wait_plan(lambda plan: plan["wire"] == "raw")
            self.assertEqual(stats["plan"]["limit"], "none")
            self.assertEqual(stats["plan"]["standard_frame_samples"], 0)
            remote = self.heard_as(bot, other, "raw")
            self.assertEqual(remote["frame_samples"], 64)
            self.assertEqual(remote["malformed"], 0)
        # Both tell each other how they hear, and the stages add up to the whole.
        ada.wait_for(lambda: ada.remotes()[("Ben", "main")]["both_ways_ms"] > 0, 20, "how Ben hears Ada")
        remote = ada.remotes()[("Ben", "main")]
        stages = remote["stages"]
        self.assertAlmostEqual(sum(stages[k] for k in ("capture_ms", "encode_ms", "network_ms", "playout_ms")),
                               remote["delay_ms"], delta=0.01)
        self.assertGreater(remote["delay_ms"], 0)

    def test_three_formats_and_no_gap_between(self):
        """raw → tight for one who knows no raw → with standard Opus for one who knows only that → raw again."""
        witness = self.enterContext(Witness())
        ada, ben = self.pair()
        self.heard_as(ada, "Ben", "raw")
        time.sleep(1)
        witness.reset()
        marks = [("raw", self.seconds_of(ada))]
        start = marks[0][1]

        with Bot(self.room.link(), "Tia", "--formats", "tight,opus", source="silence", frame=None) as tia:
            # She only listens: four who send 750 packets a second are more than a small machine carries.
            self.assertTrue(tia.control("mute")["ok"])
            for bot, other in ((ada, "Ben"), (ben, "Ada")):
                bot.wait_plan(lambda plan: plan["wire"] == "tight" and plan["limit"] == "formats" and plan["limit_name"] == "Tia")
                self.heard_as(bot, other, "tight")
            self.heard_as(tia, "Ada", "tight")
            time.sleep(2)
            marks.append(("tight", self.seconds_of(ada)))
            time.sleep(3)
            marks.append(("tight end", self.seconds_of(ada)))

            with Bot(self.room.link(), "Olga", "--formats", "opus", source="silence", output=f"file:{self.folder / 'Olga.wav'}",
                     frame=None) as olga:
                olga.wait_hears({"Ada", "Ben"})
                self.heard_as(olga, "Ben", "opus")
                ada.wait_plan(lambda plan: plan["standard_frame_samples"] > 0)
                self.heard_as(ada, "Olga", "opus")
                self.heard_as(ada, "Ben", "tight")
                time.sleep(3)
                self.assertEqual(olga.leave(), 0)
            self.assertEqual(tia.leave(), 0)
        # A machine that stood still looks like a line that is too thin: then raw has to be tried anew, after a while.
        self.heard_as(ada, "Ben", "raw", 30 if witness.stalled_ms() < 50 else 120)
        ada.wait_plan(lambda plan: plan["standard_frame_samples"] == 0)
        time.sleep(2)
        end = self.seconds_of(ada)
        misses, stalled = witness.misses(), witness.stalled_ms()
        for bot in (ada, ben):
            self.assertEqual(bot.leave(), 0)

        samples = self.recording("Ada")
        for begin, until, what in ((marks[0][1] - 1, marks[0][1], "raw"), (marks[1][1], marks[2][1], "tight"), (end - 1.5, end, "raw again")):
            part = samples[int(begin * sound.RATE):int(until * sound.RATE)]
            self.assertAlmostEqual(sound.tone_db(part, TONES["Ben"]), TONE_DB, delta=0.5, msg=what)
        whole = samples[int(start * sound.RATE):int(end * sound.RATE)]
        count = sound.gaps(whole, TONES["Ben"])
        self.assertLessEqual(count, 3 * misses + 1, f"gaps over three changes of format (witness: {misses})")
        self.assertLess(sound.longest_gap_ms(whole, TONES["Ben"]), 60 + stalled, f"witness: {stalled} ms")
        olga = self.recording("Olga")
        olga = olga[len(olga) - 3 * sound.RATE:-sound.RATE]
        for who in ("Ada", "Ben"):
            self.assertAlmostEqual(sound.tone_db(olga, TONES[who]), TONE_DB, delta=0.5, msg=f"{who} in standard Opus")

    def seconds_of(self, bot):
        """How much @bot has recorded so far: its graph's cycles."""
        since = len(bot.events)
        bot.write("stats")
        stats = bot.wait_event("stats", since=since)
        return stats["engine"]["cycles"] * stats["engine"]["quantum"] / sound.RATE

    def test_mute_and_explicit_frame(self):
        ada, ben = self.pair()
        self.assertTrue(ben.control("mute")["ok"])
        ada.wait_for(lambda: ada.remotes()[("Ben", "main")]["sender_muted"], 10, "Ben muted")
        ada.wait_for(lambda: not ada.remotes()[("Ben", "main")]["flowing"], 10, "no packets from Ben")
        self.assertTrue(ben.control("unmute")["ok"])
        ada.wait_hears({"Ben"})
        # A person's own choice wins over the plan, and goes without a new producer.
        self.assertTrue(ben.control("frame 10")["ok"])
        remote = self.heard_as(ada, "Ben", "opus")
        self.assertEqual(remote["frame_samples"], 480)
        self.assertTrue(ben.control("frame plan")["ok"])
        self.heard_as(ada, "Ben", "raw")
        self.assertEqual(ada.count("sound"), 0)

    def test_several_strips(self):
        stereo = self.folder / "two.wav"
        write_stereo(stereo, TONES["Ada"], SECOND_HZ, TONE_DB, 90)
        witness = self.enterContext(Witness())
        ada = self.enterContext(Bot(self.room.link(), "Ada", "--channels", "2", source=f"file:{stereo}", frame=None, interval="0.25"))
        ben = self.musician(self.room, "Ben")
        ben.wait_hears({"Ada"})
        self.assertTrue(ada.control("add-strip Voice 1")["ok"])
        ben.wait_for(lambda: len([k for k in ben.remotes() if k[0] == "Ada"]) == 2, 15, "two strips of Ada")
        strip_id = next(k[1] for k in ben.remotes() if k[0] == "Ada" and k[1] != "main")
        voice = ben.wait_for(lambda: ben.remotes()[("Ada", strip_id)]["flowing"] and ben.remotes()[("Ada", strip_id)], 10, "Ada's voice")
        self.assertEqual(voice["label"], "Voice")
        self.assertAlmostEqual(voice["peak_db"], TONE_DB, delta=0.5)

        # New transports with two strips on them: nobody hears it.
        time.sleep(1)
        witness.reset()
        begin = self.seconds_of(ben)
        self.assertTrue(ada.control("rebuild", 40)["ok"])
        time.sleep(1)
        end, misses = self.seconds_of(ben), witness.misses()

        self.assertTrue(ada.control(f"label {strip_id} Chorus")["ok"])
        ben.wait_for(lambda: ben.remotes()[("Ada", strip_id)]["label"] == "Chorus", 20, "the new name")
        self.assertTrue(ada.control(f"strip-mute {strip_id} 1")["ok"])
        ben.wait_for(lambda: ben.remotes()[("Ada", strip_id)]["sender_muted"], 10, "the voice muted")
        self.assertFalse(ben.remotes()[("Ada", "main")]["sender_muted"])
        self.assertTrue(ada.control(f"remove-strip {strip_id}")["ok"])
        ben.wait_for(lambda: [k for k in ben.remotes() if k[0] == "Ada"] == [("Ada", "main")], 10, "one strip again")
        ben.wait_hears({"Ada"})
        for bot in (ada, ben):
            self.assertEqual(bot.leave(), 0)
        part = self.recording("Ben")[int(begin * sound.RATE):int(end * sound.RATE)]
        self.assertAlmostEqual(sound.tone_db(part, SECOND_HZ), TONE_DB, delta=0.5)
        self.assertLessEqual(sound.gaps(part, SECOND_HZ), 3 * misses + 1, f"gaps in a rebuild (witness: {misses})")

    def test_tempo(self):
        ada, ben = self.pair()
        self.assertTrue(ada.control("tempo 92.5 7 2 1")["ok"])
        for bot in (ada, ben):
            bot.wait_event("stats", 10, 0, lambda e: e["tempo"] == {"bpm": 92.5, "beats_per_bar": 7, "count_in_bars": 2, "running": True})
        with Bot(self.room.link(), "Late", frame=None) as late:
            late.wait_event("stats", 20, 0, lambda e: e["tempo"]["bpm"] == 92.5 and e["tempo"]["running"])
        self.assertTrue(ben.control("tempo 92.5 7 2 0")["ok"])
        mark = len(ada.events)
        ada.wait_event("stats", 10, mark, lambda e: not e["tempo"]["running"])

    def test_mixes_are_kept(self):
        mixes = self.folder / "mixes.json"
        for gain in ("-6", None):
            ada, ben = self.musician(self.room, "Ada", "--mixes", str(mixes)), self.musician(self.room, "Ben")
            ada.wait_hears({"Ben"})
            if gain:
                self.assertTrue(ada.control(f"gain Ben {gain}")["ok"])
            time.sleep(2)
            for bot in (ada, ben):
                self.assertEqual(bot.leave(), 0)
            self.assertAlmostEqual(sound.tone_db(self.recording("Ada")[-sound.RATE:-sound.RATE // 4], TONES["Ben"]), TONE_DB - 6, delta=0.5)
        self.assertNotIn("fp=", mixes.read_text())


def write_stereo(path, left_hz, right_hz, level_db, seconds):
    t = sound.np.arange(seconds * sound.RATE) / sound.RATE
    amplitude = 10 ** (level_db / 20) * 32767
    frames = sound.np.stack([sound.np.sin(2 * sound.np.pi * hz * t) * amplitude for hz in (left_hz, right_hz)], axis=1)
    with wave.open(str(path), "wb") as handle:
        handle.setnchannels(2)
        handle.setsampwidth(2)
        handle.setframerate(sound.RATE)
        handle.writeframes(frames.astype("<i2").tobytes())


@unittest.skipIf(impair.why_not(), impair.why_not())
class BadLines(PlanCase):
    def test_copies_by_loss(self):
        """Redundancy comes with loss and goes with it."""
        network = self.enterContext(impair.Network(["a", "b"], seed=3))
        room = self.enterContext(NetworkRoom(network, self.folder / "room"))
        bots = [self.enterContext(NetworkBot(network, place, room.link(), name)) for place, name in (("a", "Ada"), ("b", "Ben"))]
        bots[1].wait_hears({"Ada"})
        for bot in bots:
            self.assertEqual(bot.wait_plan(lambda plan: True)["plan"]["copies"], 0)
        network.set("b", direction="down", loss=4)
        # Ben hears badly: Ada, whom he hears, is to send copies; Ben, whom Ada hears well, is not.
        bots[0].wait_plan(lambda plan: plan["copies"] > 0, 30)
        self.heard_as(bots[1], "Ada", "raw")
        time.sleep(2)  # what was sent before it knew is through
        before = bots[1].remotes()[("Ada", "main")]
        after = bots[1].wait_for(lambda: bots[1].remotes()[("Ada", "main")]["packets_missing"] > before["packets_missing"] + 200
                                 and bots[1].remotes()[("Ada", "main")], 20, "losses")
        # Every frame is sent twice: of those that lost a packet few are missing. (4 % of each: 1 in 50.)
        missing = (after["packets_missing"] - before["packets_missing"]) / 2 * 64 / 48
        self.assertLess(after["concealed_ms"] - before["concealed_ms"], 0.3 * missing, (before, after))
        self.assertEqual(bots[1].last("stats")["plan"]["copies"], 0)
        network.set("b", direction="down", loss=0)
        bots[0].wait_plan(lambda plan: plan["copies"] == 0, 60)

    def test_thin_uplink_takes_less_and_starves_nobody(self):
        """Raw needs more than a megabit a second; where there are 800 kbit, tight comes, and sound goes on."""
        network = self.enterContext(impair.Network(["a", "b"], seed=4))
        room = self.enterContext(NetworkRoom(network, self.folder / "room"))
        ada, ben = [self.enterContext(NetworkBot(network, place, room.link(), name)) for place, name in (("a", "Ada"), ("b", "Ben"))]
        for bot in (ada, ben):
            bot.wait_plan(lambda plan: plan["wire"] == "raw")
        self.heard_as(ben, "Ada", "raw")
        network.set("a", direction="up", rate=800)
        # Of two alone, who hears badly may be the one whose way is thin.
        ada.wait_plan(lambda plan: plan["wire"] == "tight" and plan["limit"] in ("uplink", "downlink"), 30)
        # Ben's own line is as good as it was: he slows down for nobody.
        self.assertEqual(ben.last("stats")["plan"]["wire"], "raw")
        self.wait_clean(ben, "Ada")

    def wait_clean(self, bot, who, seconds=4, within=40):
        """Until @bot has heard @who for @seconds with hardly a gap, and not late."""
        end, before = time.monotonic() + within, {}
        while time.monotonic() < end:
            time.sleep(seconds)
            now = bot.remotes().get((who, "main"), {})
            if before.get("flowing") and now.get("flowing") and now["played_ms"] > before["played_ms"] \
                    and now["concealed_ms"] - before["concealed_ms"] < 0.01 * (now["played_ms"] - before["played_ms"]) and 0 <= now["delay_ms"] < 60:
                return
            before = now
        self.fail(f"{bot.name} does not hear {who} well within {within} s: {before}")


class NetworkRoom(Room):
    def __init__(self, network, state_dir):
        super().__init__(state_dir, "--listen", impair.SERVER_ADDRESS, "--announce", impair.SERVER_ADDRESS,
                         wrap=lambda argv: network.argv(impair.SERVER, argv))


class NetworkBot(Bot):
    def __init__(self, network, place, link, name):
        super().__init__(link, name, "--channels", "1", source=f"tone:{TONES[name]}:{TONE_DB:g}", frame=None, interval="0.25",
                         wrap=lambda argv: network.argv(place, argv))


if __name__ == "__main__":
    unittest.main()
