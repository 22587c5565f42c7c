# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming back: how long the others hear nothing, that everything set is still set, and that people are told why.

What is measured is what the others hear: recordings of tones, 10 ms wide. TUTTI_RECONNECT_ROUNDS=10: more often than once."""

import json
import os
import signal
import statistics
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import impair, sound  # noqa: E402
from tutti_test.impair import SERVER, SERVER_ADDRESS, Network  # noqa: E402
from tutti_test.jam import Bot, Room, wait_worker_change  # noqa: E402
from tutti_test.process import SOURCE_ROOT, Process, threads_of, wait_until  # noqa: E402

ROUNDS = int(os.environ.get("TUTTI_RECONNECT_ROUNDS", "1"))
TONES = {"Ada": 500, "Ben": 1100, "Cem": 1700, "Dan": 2300}
SETTLE = 2.5
# What nobody may wait for: 10 s until a missing ping counts, and the room's own 7.5 s. A machine that is busy with
# other things takes a few times the half second that coming back costs on an idle one.
NO_TIMEOUT_MS = 5000


class ReconnectTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-reconnect-")))
        self.since = {}

    def start_room(self, *options, **more):
        return self.enterContext(Room(self.folder / "room", *options, **more))

    def start_bot(self, link, name, *options, **more):
        self.since.pop(name, None)
        bot = Bot(link, name, *options, source=f"tone:{TONES[name]}:-18", output=f"file:{self.folder / name}.wav", **more)
        return self.enterContext(bot)

    def jam(self, room, names=("Ada", "Ben"), link="jam"):
        bots = {name: self.start_bot(room.link(link), name) for name in names}
        self.wait_all_hear(bots)
        return bots

    def wait_all_hear(self, bots, timeout=40):
        for name, bot in bots.items():
            bot.wait_hears(set(bots) - {name}, timeout)

    def marks(self, bots):
        """Before something happens: only what comes after the first of these is listened to, and two seconds before it."""
        for name, bot in bots.items():
            engine = bot.last("stats")["engine"]
            self.since.setdefault(name, max(0, engine["cycles"] * engine["quantum"] - 2 * sound.RATE))
        return {name: len(bot.events) for name, bot in bots.items()}

    def recording(self, name):
        """What @name heard, who has left."""
        return sound.read(self.folder / f"{name}.wav")[self.since[name]:]

    def wait_told_and_back(self, bot, mark, code=None):
        state = bot.wait_state("reconnecting", 20, mark)
        if code:
            self.assertEqual(state["error"]["code"], code, state)
        self.assertTrue(state["error"]["message"].endswith("."), state)
        self.assertTrue(state["error"]["advice"], state)
        bot.wait_state("joined", 30, mark)

    def wait_back(self, bots, marks, code=None):
        """Everybody was told why they are away, and is back."""
        for name, bot in bots.items():
            self.wait_told_and_back(bot, marks[name], code)
        self.wait_all_hear(bots)
        time.sleep(SETTLE)

    def heard(self, listener, of, **options):
        """Silences of @of in what @listener heard."""
        return sound.silences_ms(self.recording(listener).max(axis=1), TONES[of], **options)

    def leave(self, bots):
        for bot in bots.values():
            self.assertEqual(bot.leave(), 0, bot.error_lines[-5:])

    def report(self, what, silences):
        print(f"reconnect: {what}: " + json.dumps({
            "n": len(silences), "median_ms": round(statistics.median(silences)), "worst_ms": round(max(silences))}), flush=True)

    def assert_silences(self, what, listeners, rounds, bound_ms):
        """@listeners: (who listens, to whom). One silence a round, and none of them longer than @bound_ms."""
        all_of_them = []
        for listener, of in listeners:
            silences = self.heard(listener, of)
            self.assertEqual(len(silences), rounds, f"{listener} hears {of} go away {silences}")
            all_of_them += silences
        self.report(what, all_of_them)
        self.assertLess(max(all_of_them), bound_ms, all_of_them)


class Server(ReconnectTest):
    def measure(self, what, options, event, code=None):
        """@event(room, bots, marks) takes a room away that plays, and returns for how many ms it was away for sure. Each
        round is the first of its kind: who fails again and again waits longer, as they should."""
        base, silences, waits = self.folder, [], []
        for number in range(ROUNDS):
            self.folder = base / str(number)
            self.folder.mkdir()
            room = self.start_room(*options)
            bots = self.jam(room)
            time.sleep(SETTLE)
            marks = self.marks(bots)
            away = event(room, bots, marks)
            self.wait_back(bots, marks, code)
            self.leave(bots)
            for listener, of in (("Ada", "Ben"), ("Ben", "Ada")):
                heard = self.heard(listener, of)
                self.assertEqual(len(heard), 1, f"{listener} hears {of} go away {heard}")
                silences += heard
                waits.append(heard[0] - away)
                # A second's pause between two attempts and a fifth of it, or half as long again as the room was away.
                self.assertLess(heard[0], 1.6 * away + NO_TIMEOUT_MS)
        self.report(what, silences)
        if max(silences) != max(waits):
            self.report(what + ", from the service's ready line on", waits)

    def restart(self, room, *options):
        room.wait(20)
        began = time.monotonic()
        self.start_room(*options, port=room.port)
        return 1000 * (time.monotonic() - began)

    def test_worker_killed(self):
        def kill(room, _bots, _marks):
            room.kill_workers()
            return 0
        self.measure("worker killed, the only one", ["--workers", "1"], kill, "restarting")

    def test_one_worker_of_two_killed(self):
        room = self.start_room("--workers", "2")
        rooms = [self.jam(room, ("Ada", "Ben"), "one"), self.jam(room, ("Cem", "Dan"), "two")]
        self.assertEqual(len(room.workers()), 2)
        time.sleep(SETTLE)
        marks = [self.marks(bots) for bots in rooms]
        killed = room.workers()[0]
        os.kill(killed, signal.SIGKILL)
        lost, stays = self.which_is_lost(rooms, marks)
        self.wait_back(rooms[lost], marks[lost], "restarting")
        time.sleep(SETTLE)
        for bots in rooms:
            self.leave(bots)
        first, second = rooms[lost]
        self.assert_silences("worker killed, another lives", [(first, second), (second, first)], 1, NO_TIMEOUT_MS)
        first, second = rooms[stays]
        for listener, of in ((first, second), (second, first)):
            self.assertEqual(self.heard(listener, of), [], "the other room heard of it")
        for name, bot in rooms[stays].items():
            self.assertFalse([e for e in bot.events[marks[stays][name]:] if e.get("event") == "state" and e["state"] == "reconnecting"])

    def which_is_lost(self, rooms, marks):
        def find():
            return next(([i, 1 - i] for i, bots in enumerate(rooms) for name, bot in bots.items()
                         if any(e.get("event") == "state" for e in bot.events[marks[i][name]:])), None)
        return wait_until(find, 15, "one of the rooms to be lost")

    def test_server_killed_and_started_again(self):
        def kill(room, _bots, _marks):
            os.killpg(room.pid, signal.SIGKILL)
            return self.restart(room)
        self.measure("server killed and started again", [], kill)

    def test_server_drained(self):
        options = ["--drain-seconds", "3"]

        def drain(room, bots, marks):
            room.signal(signal.SIGTERM)
            for name, bot in bots.items():
                bot.wait_event("draining", 5, marks[name])
            time.sleep(1)
            self.assertTrue(room.is_running())
            for name, bot in bots.items():
                self.assertTrue(bot.hears(), f"{name} hears the others while the room drains")
                self.assertEqual(bot.last("stats")["state"], "joined")
            return self.restart(room, *options)
        self.measure("server drained and started again", options, drain, "restarting")


class Kept(ReconnectTest):
    def around(self, listener, of):
        """Left and right of @of in what @listener heard, dB: in the second that ends half a second before the one
        silence, and in the one that begins half a second after it."""
        samples = self.recording(listener)
        (begin, end), = sound.silences(samples.max(axis=1), TONES[of])
        half, second = sound.RATE // 2, sound.RATE
        parts = samples[begin - half - second:begin - half], samples[end + half:end + half + second]
        return ([sound.tone_db(part[:, channel], TONES[of]) for channel in (0, 1)] for part in parts)

    def test_what_was_set_is_heard_after_it(self):
        room = self.start_room("--workers", "1")
        bots = self.jam(room, ("Ada", "Ben", "Cem"))
        for bot, command in (("Ben", "gain Ada -7"), ("Ben", "pan Ada -1"), ("Ben", "remote-mute Cem 1"),
                             ("Ada", "own-gain -4"), ("Ada", "solo Ben 1"), ("Cem", "gain Ada 3")):
            self.assertTrue(bots[bot].control(command)["ok"], command)
        time.sleep(SETTLE)
        marks = self.marks(bots)
        killed = room.kill_workers()
        self.wait_back(bots, marks, "restarting")
        wait_worker_change(room, killed)
        model = {name: bot.remotes() for name, bot in bots.items()}
        self.leave(bots)
        self.assertEqual({name: sorted(n for n, _ in strips) for name, strips in model.items()},
                         {"Ada": ["Ben", "Cem"], "Ben": ["Ada", "Cem"], "Cem": ["Ada", "Ben"]}, "nobody is there twice")
        for listener, of in (("Ada", "Ben"), ("Cem", "Ada"), ("Cem", "Ben"), ("Ben", "Ada")):
            with self.subTest(listener=listener, of=of):
                before, after = self.around(listener, of)
                for a, b in zip(before, after):
                    self.assertAlmostEqual(a, b, delta=0.6)
        # Constant power: who stands at the side is 3 dB louder there than from the middle.
        self.assertAlmostEqual(after[0], -18 - 4 - 7 + 3, delta=0.6, msg="fader and send level")
        self.assertLess(after[1], -60, "pan")
        for listener, of in (("Ben", "Cem"), ("Ada", "Cem")):
            samples = self.recording(listener)
            # Another's tone that begins or ends is a click, which has something of every tone.
            level = sound.np.sort(sound.envelope(samples.max(axis=1), TONES[of]))[-10]
            self.assertLess(20 * sound.np.log10(level + 1e-9), -50, f"{of} is muted, or somebody else solo, for {listener}")

    def test_who_comes_back_is_no_newcomer(self):
        """Newcomers rise from silence for some seconds here. Who was heard before is there at once, by both ends."""
        room = self.start_room("--workers", "1")
        bots = {name: self.start_bot(room.link(), name, "--fade-in", "1000") for name in ("Ada", "Ben")}
        self.wait_all_hear(bots)
        time.sleep(12)
        marks = self.marks(bots)
        killed = room.kill_workers()
        self.wait_back(bots, marks, "restarting")
        wait_worker_change(room, killed)
        self.leave(bots)
        for listener, of in (("Ben", "Ada"), ("Ada", "Ben")):
            before, after = self.around(listener, of)
            self.assertAlmostEqual(before[0], after[0], delta=0.6)

    def test_metronome_goes_on(self):
        """The room is made anew on another worker: the same service, and the same clock."""
        room = self.start_room("--workers", "2")
        bots = self.jam(room)
        self.assertTrue(bots["Ada"].control("tempo 97 3 0 1")["ok"])
        tempo = {"bpm": 97, "beats_per_bar": 3, "count_in_bars": 0, "running": True}
        for bot in bots.values():
            bot.wait_event("stats", where=lambda e: e["tempo"] == tempo)
        marks = self.marks(bots)
        room.kill_workers()
        self.wait_back(bots, marks, "restarting")
        for name, bot in bots.items():
            seen = [e["tempo"] for e in bot.events[marks[name]:] if e.get("event") == "stats"]
            self.assertEqual(seen, [tempo] * len(seen), f"{name}'s metronome")

    def test_ten_times_leave_nothing_behind(self):
        room = self.start_room("--workers", "1")
        bots = self.jam(room)
        time.sleep(SETTLE)
        threads = {name: threads_of(bot.pid) for name, bot in bots.items()}
        for _ in range(10):
            marks = self.marks(bots)
            killed = room.kill_workers()
            self.wait_back(bots, marks, "restarting")
            wait_worker_change(room, killed)
        for name, bot in bots.items():
            # GLib keeps a few threads of its pool for a while after work in them.
            wait_until(lambda n=name, b=bot: threads_of(b.pid) <= threads[n], 40,
                       lambda n=name, b=bot: f"{n}'s threads to be {threads[n]} again (now {threads_of(b.pid)})", 0.5)
            self.assertEqual([key for key, _ in bot.remotes()], list(set(bots) - {name}))
        self.leave(bots)


WHY_NOT = impair.why_not()


class NetworkTest(ReconnectTest):
    """Ada has Wi-Fi and a cable, which are two legs of her own network namespace."""

    def setUp(self):
        super().setUp()
        self.network = self.enterContext(Network(["wifi", "ben"], seed=3, second={"cable": "wifi"}))
        self.network.spaces[SERVER].run("sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done")
        self.network.unplug("cable")
        self.room = self.start_room("--listen", SERVER_ADDRESS, wrap=lambda argv: self.network.argv(SERVER, argv))
        self.bots = {name: self.start_bot(self.room.link(), name, wrap=lambda argv, place=place: self.network.argv(place, argv))
                     for name, place in (("Ada", "wifi"), ("Ben", "ben"))}
        self.wait_all_hear(self.bots)
        time.sleep(SETTLE)

    def wait_ada_back(self, marks, code):
        self.wait_told_and_back(self.bots["Ada"], marks["Ada"], code)
        self.bots["Ben"].wait_event("peer-joined", 10, marks["Ben"])
        self.wait_all_hear(self.bots)
        time.sleep(SETTLE)

    def count_moves(self):
        """How often somebody's sound was moved to another transport, by the service's own count."""
        read = ("import ssl, sys, urllib.request; "
                "print(urllib.request.urlopen(sys.argv[1], context=ssl._create_unverified_context()).read().decode())")
        text = self.network.spaces[SERVER].run("python3", "-c", read, f"https://{SERVER_ADDRESS}:{self.room.port}/metrics")
        line = next((l for l in text.splitlines() if 'method="moveConsumers",outcome="ok"' in l), "0")
        return int(float(line.split()[-1]))

    def states(self, since):
        return [e["state"] for e in self.bots["Ada"].events[since:] if e.get("event") == "state"]


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Roaming(NetworkTest):
    def test_address_changes(self):
        links = ["wifi", "cable"]
        away = []
        for _ in range(ROUNDS):
            marks = self.marks(self.bots)
            began = time.monotonic()
            self.network.unplug(links[0])
            time.sleep(0.5)
            links.reverse()
            self.network.plug(links[0])
            self.network.switch(links[0])
            away.append(1000 * (time.monotonic() - began))
            self.wait_ada_back(marks, "network-changed")
        self.leave(self.bots)
        self.assert_silences("address changed", [("Ben", "Ada"), ("Ada", "Ben")], ROUNDS, max(away) + NO_TIMEOUT_MS)
        self.report("address changed, from the new link on",
                    [silence - gone for silence, gone in zip(self.heard("Ben", "Ada"), away)])

    def test_route_changes_and_the_old_way_lives(self):
        marks = self.marks(self.bots)
        self.network.plug("cable")
        self.network.switch("cable")
        wait_until(lambda: self.count_moves() == 1, 20, "the sound to move over")
        time.sleep(SETTLE)
        self.assertEqual(self.states(marks["Ada"]), [], "nothing that works was dropped")
        self.leave(self.bots)
        for listener, of in (("Ben", "Ada"), ("Ada", "Ben")):
            self.assertEqual(self.heard(listener, of), [])

    def test_route_changes_and_the_old_way_is_dead(self):
        """Out of reach of the Wi-Fi, whose address is still there; and a router throws away what comes from it by cable."""
        self.network.spaces[SERVER].run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/leg-cable/rp_filter")
        marks = self.marks(self.bots)
        self.network.set("wifi", loss=100)
        self.network.plug("cable")
        self.network.switch("cable")
        self.wait_ada_back(marks, "network-changed")
        self.leave(self.bots)
        self.assert_silences("route changed, old address dead", [("Ben", "Ada")], 1, NO_TIMEOUT_MS)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Asleep(NetworkTest):
    SECONDS = 30

    def test_suspended(self):
        """Stopped as a whole, its network too, so that nobody can tell it that it was given up."""
        ada = self.bots["Ada"]
        pid = ada.pid  # nsenter becomes the program that it starts
        marks = self.marks(self.bots)
        began = time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        self.network.set("wifi", loss=100)
        lost = self.bots["Ben"].wait_event("peer-left", 15, marks["Ben"])
        self.assertEqual(lost["reason"], "lost")
        time.sleep(self.SECONDS - (time.monotonic() - began))
        self.network.set("wifi", loss=0)
        os.kill(pid, signal.SIGCONT)
        slept = 1000 * (time.monotonic() - began)
        self.wait_ada_back(marks, "asleep")
        self.leave(self.bots)
        self.assert_silences("suspended for 30 s", [("Ben", "Ada")], 1, slept + NO_TIMEOUT_MS)
        self.report("suspended, from waking on", [silence - slept for silence in self.heard("Ben", "Ada")])


class ToldOfSleep(ReconnectTest):
    """A computer whose logind says when it goes to sleep, as it says it (tests/lib/login.py)."""

    def start_login(self):
        bus = self.enterContext(Process(["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:dir={self.folder}"]))
        address = bus.wait_for(lambda: bus.lines, 10, "a bus")[0]
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": address}
        login = self.enterContext(Process(["python3", SOURCE_ROOT / "tests" / "lib" / "login.py"], env=self.env, stdin=True))
        login.wait_for(lambda: "ready" in login.lines, 15, "logind's part")
        return login

    def test_says_good_bye_and_comes_back_on_waking(self):
        login = self.start_login()
        room = self.start_room()
        bots = {"Ada": self.start_bot(room.link(), "Ada", env=self.env), "Ben": self.start_bot(room.link(), "Ben")}
        self.wait_all_hear(bots)
        time.sleep(SETTLE)
        waking = []
        for _ in range(ROUNDS):
            login.wait_for(lambda: login.lines[-1] == "inhibited", 10, "a lock")
            marks = self.marks(bots)
            began = time.monotonic()
            login.write("sleep")
            self.assertEqual(bots["Ben"].wait_event("peer-left", 5, marks["Ben"])["reason"], "asleep")
            login.wait_for(lambda: login.lines[-1] == "released", 5, "the lock to be given back")
            self.assertEqual(bots["Ada"].wait_state("reconnecting", 5, marks["Ada"])["error"]["code"], "asleep")
            time.sleep(3)
            self.assertFalse([e for e in bots["Ada"].events[marks["Ada"]:] if e.get("event") == "joined"], "rests while it sleeps")
            login.write("wake")
            waking.append(1000 * (time.monotonic() - began))
            self.wait_told_and_back(bots["Ada"], marks["Ada"], "asleep")
            self.wait_all_hear(bots)
            time.sleep(SETTLE)
        self.leave(bots)
        self.assert_silences("told of sleep", [("Ben", "Ada")], ROUNDS, max(waking) + NO_TIMEOUT_MS)
        self.report("told of sleep, from waking on", [silence - slept for silence, slept in zip(self.heard("Ben", "Ada"), waking)])


if __name__ == "__main__":
    unittest.main()
