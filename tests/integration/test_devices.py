# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound devices change while people play: one for another, plugged in, unplugged, busy, and PipeWire itself."""
# seconds: 300

import sys
import tempfile
import time
import unittest
import wave
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import desktop, sound  # noqa: E402
from tutti_test.graph import Graph  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import wait_until  # noqa: E402
from tutti_test.witness import Witness  # noqa: E402

QUANTUM = 256
FRAME_MS = 5
BOUND_MS = 1000 * QUANTUM / 48000 + FRAME_MS
WINDOW = 120  # Of 2.5 ms at each end half may be silent and count as a whole one.
WINDOW_MS = 1000 * WINDOW / 48000
MIC_A, MIC_B, BEN = 700, 1300, 1900


def write_tones(path, left, right, seconds=60):
    t = np.arange(seconds * sound.RATE) / sound.RATE
    both = np.stack([np.sin(2 * np.pi * hz * t) for hz in (left, right)], axis=1)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(sound.RATE)
        out.writeframes((both * 0.125 * 32767).astype("<i2").tobytes())


def turns(samples, tones, window=4800):
    """Which of @tones was heard, one after the other."""
    levels = np.stack([sound.envelope(samples, hz, window) for hz in tones])
    loudest = levels.argmax(axis=0)[levels.max(axis=0) > 0.04]
    return [tones[i] for n, i in enumerate(loudest) if n == 0 or loudest[n - 1] != i]


service = None  # the room service; each test has a room of its own in it


def setUpModule():
    global service
    folder = unittest.enterModuleContext(tempfile.TemporaryDirectory(prefix="tutti-devices-"))
    service = unittest.enterModuleContext(Room(Path(folder) / "room"))


class DeviceTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-devices-")))
        self.link = service.link(self._testMethodName.removeprefix("test_").replace("_", "-"))

    def device(self, name, description, media_class, **options):
        desktop.make_device(name, description, media_class, **options)
        self.addCleanup(lambda: desktop.node_id(name) and desktop.unplug(name))

    def bot(self, name, **options):
        return self.enterContext(Bot(self.link, name, "--quantum", QUANTUM, "--fade-in", "0", **options))

    def files(self):
        """Two microphones that give other tones."""
        for name, hz in (("mic-a", MIC_A), ("mic-b", MIC_B)):
            write_tones(self.folder / f"{name}.wav", hz, hz)

    def wait_device(self, bot, kind, name, since, timeout=10):
        return bot.wait_event("device", timeout, since, lambda e: e["kind"] == kind and e["name"] == name)


class Switching(DeviceTest):
    """Devices that follow the clock of another one, as those of one card do."""
    DRIVERS = {"test_another_input": {"mic-a": 20, "mic-b": 30, "spk-b": 40},  # vspk's
               "test_another_output": {"mic-a": 9000, "mic-b": 30, "spk-b": 40}}
    # The bar is BOUND_MS, and most changes keep it; how PipeWire links a graph anew costs some of them a cycle more.
    ALLOWANCE_MS = BOUND_MS

    def setUp(self):
        super().setUp()
        self.files()
        drivers = self.DRIVERS[self._testMethodName]
        self.device("mic-a", "Mic A", "Audio/Source/Virtual", driver=drivers["mic-a"])
        self.device("mic-b", "Mic B", "Audio/Source/Virtual", driver=drivers["mic-b"])
        self.device("spk-b", "Speaker B", "Audio/Sink", driver=drivers["spk-b"])
        for name in ("mic-a", "mic-b"):
            self.enterContext(desktop.Player(self.folder / f"{name}.wav", name))
        self.witness = self.enterContext(Witness(QUANTUM))

    def switch(self, bot, kind, name):
        since = len(bot.events)
        self.assertTrue(bot.control(f"{kind} {name}")["ok"])
        self.wait_device(bot, kind, name, since)

    def assert_no_gap(self, samples, hz, what):
        """But for what the machine and PipeWire themselves left out: a bare filter in Ada's graph, and one in another."""
        gap, stalled, hole = sound.longest_gap_ms(samples, hz, WINDOW), self.witness.stalled_ms(), self.beside.hole_ms()
        said = f"{what}: longest gap {gap:.1f} ms; the machine stalled for {stalled:.1f} ms, PipeWire left out {hole:.1f} ms"
        print(said, file=sys.stderr)
        self.assertAlmostEqual(sound.tone_db(samples, hz), -18, delta=1.5, msg=said)
        self.assertLessEqual(gap, BOUND_MS + WINDOW_MS + self.ALLOWANCE_MS + stalled + hole, said)

    def pair(self):
        ada = self.bot("Ada", source="device:mic-a", output="device:vspk", frame=f"{FRAME_MS}")
        ben = self.bot("Ben", source=f"tone:{BEN}:-18", output=f"file:{self.folder / 'ben.wav'}", frame=f"{FRAME_MS}")
        ada.wait_hears({"Ben"})
        ben.wait_hears({"Ada"})
        self.beside = self.enterContext(Witness(QUANTUM, desktop.node_group(ada.pid)))
        time.sleep(1)
        return ada, ben

    def reset(self):
        self.witness.reset()
        self.beside.reset()

    def test_another_input(self):
        """Ada goes on hearing Ben while her microphone is changed; he hears one after the other."""
        ada, ben = self.pair()
        for turn, name in enumerate(("mic-b", "mic-a", "mic-b")):
            path = self.folder / f"ada-{turn}.wav"
            self.reset()
            recorder = self.enterContext(desktop.Recorder(path, "vspk"))
            time.sleep(0.8)
            self.switch(ada, "input", name)
            time.sleep(1)
            recorder.stop()
            self.assert_no_gap(sound.read(path)[sound.RATE // 2:-sound.RATE // 10, 0], BEN, f"Ben, when Ada takes {name}")
        self.assertEqual(ben.leave(), 0)
        self.assertEqual(turns(sound.read(self.folder / "ben.wav")[:, 0], [MIC_A, MIC_B]), [MIC_A, MIC_B, MIC_A, MIC_B])

    def test_another_output(self):
        """Ben goes on hearing Ada while her headphones are changed, and she hears him in each."""
        ada, ben = self.pair()
        self.reset()
        for name in ("spk-b", "vspk", "spk-b"):
            self.switch(ada, "output", name)
            time.sleep(1)
        path = self.folder / "spk-b.wav"
        recorder = self.enterContext(desktop.Recorder(path, "spk-b"))
        time.sleep(1.5)
        recorder.stop()
        self.assertEqual(ben.leave(), 0)
        self.assertAlmostEqual(sound.tone_db(sound.read(path)[-sound.RATE:, 0], BEN), -18, delta=1.5, msg="Ben, in the other ones")
        heard = sound.read(self.folder / "ben.wav")[-int(4.7 * sound.RATE):-sound.RATE // 4, 0]
        self.assert_no_gap(heard, MIC_A, "Ada, when she takes other headphones")



class SwitchingClocks(Switching):
    """The same where the graph's driver changes with the device: PipeWire stops our graph and starts it anew, and what comes
    meanwhile waits. It stays within what concealment covers."""
    DRIVERS = dict.fromkeys(Switching.DRIVERS, {"mic-a": 1000, "mic-b": 3000, "spk-b": 500})
    ALLOWANCE_MS = 50


class Channels(DeviceTest):
    def test_other_channels(self):
        """Another channel of the device, while it plays: no longer away than it fades."""
        write_tones(self.folder / "two.wav", MIC_A, MIC_B)
        self.device("mic-c", "Mic C", "Audio/Source/Virtual")
        self.enterContext(desktop.Player(self.folder / "two.wav", "mic-c"))
        ada = self.bot("Ada", source="device:mic-c", output="device:vspk", frame=f"{FRAME_MS}")
        ben = self.bot("Ben", source=f"tone:{BEN}:-18", output=f"file:{self.folder / 'ben.wav'}", frame=f"{FRAME_MS}")
        ben.wait_hears({"Ada"})
        self.assertTrue(ada.control("channels main left 0")["ok"])
        time.sleep(1)
        self.assertTrue(ada.control("channels main right 0")["ok"])
        time.sleep(1)
        self.assertTrue(ada.control("channels main left 1")["ok"])
        self.assertTrue(ada.control("send-level main -6")["ok"])
        time.sleep(1)
        self.assertFalse(ada.control("channels main middle 0")["ok"])
        self.assertEqual(ben.leave(), 0)
        heard = sound.read(self.folder / "ben.wav")[:, 0]
        self.assertEqual(turns(heard, [MIC_A, MIC_B])[-2:], [MIC_A, MIC_B])
        self.assertAlmostEqual(sound.tone_db(heard[-sound.RATE // 2:], MIC_B), -24, delta=1.5)


class HotPlug(DeviceTest):
    def setUp(self):
        super().setUp()
        self.files()

    def says(self, bot, code, since):
        """The error of that code, which comes with a sentence and a way on."""
        told = bot.wait_event("sound", 10, since, lambda e: (e["error"] or {}).get("code") == code)["error"]
        self.assertTrue(told["message"].endswith(".") and told["advice"].endswith("."), told)
        return told["message"]

    def says_well(self, bot, since):
        bot.wait_event("sound", 10, since, lambda e: not e["error"])

    def plug(self, name, description, **options):
        self.device(name, description, "Audio/Source/Virtual", **options)
        self.enterContext(desktop.Player(self.folder / f"{name}.wav", name))

    def test_offered_and_not_taken(self):
        ada = self.bot("Ada", source="device", output="device")
        ada.wait_joined()
        self.wait_device(ada, "input", "vmic", 0)
        self.wait_device(ada, "output", "vspk", 0)
        since = len(ada.events)
        # Both would be the desktop's choice from now on.
        self.device("mic-a", "Mic A", "Audio/Source/Virtual", session=9000)
        self.device("spk-a", "Speaker A", "Audio/Sink", session=9000)
        for kind, name in (("input", "mic-a"), ("output", "spk-a")):
            ada.wait_event("device-offered", 10, since, lambda e, kind=kind, name=name: (e["kind"], e["name"]) == (kind, name))
        time.sleep(1.5)
        self.assertFalse([e for e in ada.events[since:] if e.get("event") == "device"], "nothing changes by itself")
        since = len(ada.events)
        ada.control("input mic-a")
        self.wait_device(ada, "input", "mic-a", since)
        self.assertIn(("mic-a", "capture_FL"), [link[:2] for link in desktop.links()])

    def test_default_one_unplugged_and_back(self):
        """Nobody had to choose it for it to be missed."""
        ben = self.bot("Ben", source=f"tone:{BEN}:-18", output=f"file:{self.folder / 'ben.wav'}")
        self.plug("mic-a", "Mic A", session=9000)
        desktop.set_default("source", "mic-a")
        self.addCleanup(desktop.set_default, "source", "vmic")
        ada = self.bot("Ada", source="device", output="device")
        ben.wait_hears({"Ada"})
        self.wait_device(ada, "input", "mic-a", 0)
        since = len(ada.events)
        desktop.unplug("mic-a")
        self.assertIn("“Mic A” was unplugged. “Virtual Microphone” is used", self.says(ada, "device-gone", since))
        self.wait_device(ada, "input", "vmic", since)
        since = len(ada.events)
        self.plug("mic-a", "Mic A", session=9000)
        self.says_well(ada, since)
        self.wait_device(ada, "input", "mic-a", since)
        self.assertFalse([e for e in ada.events[since:] if e.get("event") == "device-offered"], "it is no newcomer")


    def test_device_that_gives_nothing(self):
        """As one does that another program holds: told, tried again, and another one can be chosen."""
        ada = self.bot("Ada", source="device", output="device")
        ada.wait_joined()
        self.wait_device(ada, "input", "vmic", 0)
        desktop.make_broken_microphone("mic-x", "Mic X")
        self.addCleanup(desktop.unplug, "mic-x")
        since = len(ada.events)
        ada.control("input mic-x")
        self.assertIn("“Mic X” gives no sound", self.says(ada, "device-busy", since))
        since = len(ada.events)
        ada.control("input default")
        self.says_well(ada, since)
        self.wait_device(ada, "input", "vmic", since)


class OwnGraph(DeviceTest):
    """Ada's computer has a PipeWire of its own, which can be ended."""

    def graph(self, **options):
        graph = Graph("ada", self.folder, QUANTUM, **options)
        self.addCleanup(graph.stop)
        return graph

    says, says_well = HotPlug.says, HotPlug.says_well

    def pair(self, graph):
        ada = self.bot("Ada", source="device", output="device", frame=f"{FRAME_MS}", env=graph.env())
        ben = self.bot("Ben", source=f"tone:{BEN}:-18", output=f"file:{self.folder / 'ben.wav'}", frame=f"{FRAME_MS}")
        ada.wait_hears({"Ben"})
        return ada, ben

    def plays_on(self, ada, ben):
        """What she plays goes out, and what Ben plays comes out of her loudspeaker's side of the engine."""
        before = ada.last("stats")["own"]["packets"]
        since = len(ada.events)
        ada.wait_event("stats", 10, since, lambda e: e["own"]["packets"] > before + 100 and e["engine"]["output_peak_db"] > -25)
        ben.wait_hears({"Ada"})

    def test_pipewire_restarted(self):
        graph = self.graph()
        ada, ben = self.pair(graph)
        ben.wait_hears({"Ada"})
        time.sleep(1)
        since = len(ada.events)
        graph.stop()
        self.assertIn("PipeWire", self.says(ada, "no-pipewire", since))
        time.sleep(0.5)
        since = len(ada.events)
        graph.start()
        self.says_well(ada, since)
        self.wait_device(ada, "input", "microphone", since)
        self.wait_device(ada, "output", "speaker", since)
        self.assertLessEqual({"microphone", "speaker"}, graph.links())
        self.plays_on(ada, ben)
        self.assertFalse([e for e in ada.events if e.get("event") == "state" and e["state"] == "reconnecting"], "never out of the room")

    def test_no_input_at_all(self):
        """Hears the others, is told that nobody hears them, and plays when there is a microphone."""
        graph = self.graph(microphone=False)
        ada, ben = self.pair(graph)
        self.assertIn("nobody can hear you", self.says(ada, "no-device", 0))
        time.sleep(4)  # longer than a device may take to show
        self.assertTrue(ada.is_running())
        since = len(ada.events)
        graph.plug("mic-a")
        self.says_well(ada, since)
        self.wait_device(ada, "input", "mic-a", since)
        self.assertIn("mic-a", graph.links())
        self.plays_on(ada, ben)
        self.assertFalse([e for e in ada.events[since:] if e.get("event") == "device-offered"], "nothing to choose between")


if __name__ == "__main__":
    unittest.main()
