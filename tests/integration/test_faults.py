# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on real evenings: each has a sentence, and comes back by itself where it can."""

import hashlib
import os
import signal
import ssl
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import desktop  # noqa: E402
from tutti_test.jam import Bot, Room, wait_worker_change  # noqa: E402
from tutti_test.process import SOURCE_ROOT, Process  # noqa: E402

NODE = os.environ.get("TUTTI_NODE", "node")


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-faults-")))

    def start_room(self, **options):
        return self.enterContext(Room(self.folder / "room", **options))

    def pair(self, room):
        bots = [self.enterContext(Bot(room.link(), name, source=f"tone:{hz}:-18", frame="5"))
                for name, hz in (("Ada", 500), ("Ben", 1100))]
        bots[0].wait_hears({"Ben"})
        bots[1].wait_hears({"Ada"})
        return bots

    def assert_sentence(self, line):
        """One line for a person: what happened and why, then what to do."""
        self.assertTrue(line.startswith("tutti-cli: "), line)
        self.assertGreaterEqual(line.count("."), 2, line)
        self.assertGreater(len(line), 50, line)

    def expect_failure(self, process, code, timeout=30):
        self.assertEqual(process.wait(timeout), code, process.error_lines[-5:])
        said = [line for line in process.error_lines if line.startswith("tutti-cli: ")]
        self.assertEqual(len(said), 1, process.error_lines)
        self.assert_sentence(said[0])
        return said[0]

    def test_server_killed_and_started_again(self):
        room = self.start_room()
        bots = self.pair(room)
        marks = [len(bot.events) for bot in bots]
        os.killpg(room.pid, signal.SIGKILL)
        for bot, mark in zip(bots, marks):
            state = bot.wait_state("reconnecting", 15, mark)
            self.assertTrue(state["error"]["message"].endswith("."), state)
            self.assertTrue(state["error"]["advice"], state)
        time.sleep(1)
        again = self.start_room(port=room.port)
        self.assertEqual(again.fingerprint, room.fingerprint, "the certificate survives a restart")
        bots[0].wait_hears({"Ben"}, 30)
        bots[1].wait_hears({"Ada"}, 30)
        for bot in bots:
            self.assertEqual(bot.leave(), 0)

    def test_worker_killed(self):
        room = self.start_room()
        bots = self.pair(room)
        marks = [len(bot.events) for bot in bots]
        killed = room.kill_workers()
        self.assertTrue(killed)
        for bot, mark in zip(bots, marks):
            bot.wait_state("reconnecting", 15, mark)
        wait_worker_change(room, killed)
        bots[0].wait_hears({"Ben"}, 30)
        bots[1].wait_hears({"Ada"}, 30)
        self.assertTrue(room.is_running())

    def test_wrong_dtls_fingerprint(self):
        room = self.start_room()
        cert, key = self.certificate_files()
        mitm = self.enterContext(Process([NODE, SOURCE_ROOT / "tests" / "lib" / "mitm.mjs",
                                          f"wss://127.0.0.1:{room.port}", cert, key]))
        port = mitm.wait_for(lambda: next((l.split()[1] for l in mitm.lines if l.startswith("ready ")), None), 15, "the man in the middle")
        pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(Path(cert).read_text())).hexdigest()
        honest = self.enterContext(Bot(room.link(), "Honest", source="tone:500:-18"))
        honest.wait_joined()
        victim = self.enterContext(Bot(room.link(port=port, fingerprint=pin), "Victim", source="tone:1100:-18"))
        said = self.expect_failure(victim, 6)
        self.assertEqual(victim.last("error")["code"], "fingerprint", said)
        # The one who stayed has looked since, so that "nothing came" is something that was seen.
        honest.wait_event("stats", since=len(honest.events))
        # Not one packet passed either way.
        heard = [r for e in victim.events if e.get("event") == "stats" for r in e["remotes"]]
        self.assertTrue(all(r["received"] == 0 for r in heard), heard)
        heard = [r for e in honest.events if e.get("event") == "stats" for r in e["remotes"] if r["name"] == "Victim"]
        self.assertTrue(all(r["received"] == 0 for r in heard), heard)

    def certificate_files(self):
        import subprocess
        cert, key = self.folder / "mitm.pem", self.folder / "mitm.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=mitm"], check=True, capture_output=True)
        return cert, key

    def test_wrong_tls_pin(self):
        room = self.start_room()
        bot = self.enterContext(Bot(room.link().replace(room.fingerprint, "0" * 64), "Ada"))
        self.expect_failure(bot, 7)

    def test_nobody_answers(self):
        bot = self.enterContext(Bot("tutti://127.0.0.1:9/jam?fp=" + "0" * 64, "Ada"))
        self.expect_failure(bot, 3)

    def test_bad_links(self):
        for link in ("", "tutti://", "http://x/y", "tutti://host:99999/room", "tutti://host/BAD ROOM", "tutti://h/r?fp=12"):
            with self.subTest(link=link):
                self.expect_failure(self.enterContext(Bot(link, "Ada")), 2)

    def test_no_pipewire(self):
        room = self.start_room()
        empty = self.folder / "empty"
        empty.mkdir(mode=0o700)
        env = {"PIPEWIRE_RUNTIME_DIR": str(empty), "PIPEWIRE_REMOTE": ""}
        bot = self.enterContext(Bot(room.link(), "Ada", source="device", output="device", env=env))
        said = self.expect_failure(bot, 5)
        self.assertIn("PipeWire", said)

    def test_microphone_unplugged_and_back(self):
        room = self.start_room()
        microphone = self.enterContext(desktop.Microphone("mic-a", "Mic A"))
        ada = self.enterContext(Bot(room.link(), "Ada", source="device:mic-a", output="device"))
        ben = self.enterContext(Bot(room.link(), "Ben", source="tone:500:-18"))
        ada.wait_hears({"Ben"})
        ben.wait_hears({"Ada"})
        mark = len(ada.events)
        microphone.unplug()
        told = ada.wait_event("sound", 10, mark, lambda e: e["error"])
        self.assertEqual(told["error"]["code"], "device-gone")
        self.assertIn("Mic A", told["error"]["message"])
        self.assertTrue(told["error"]["advice"])
        ada.wait_hears({"Ben"})  # hearing goes on
        mark = len(ada.events)
        self.enterContext(desktop.Microphone("mic-a", "Mic A"))
        ada.wait_event("sound", 10, mark, lambda e: not e["error"])
        self.assertTrue(any(link[0] == "mic-a" for link in desktop.links()), desktop.links())
        ben.wait_hears({"Ada"})
        self.assertEqual(ada.leave(), 0)


if __name__ == "__main__":
    unittest.main()
