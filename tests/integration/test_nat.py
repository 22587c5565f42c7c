# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
# seconds: 1200
"""Networks that are in the way: packet filters that leave TCP or a TURN server, and a router with NAT before a room at home."""

import json
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import home, walls  # noqa: E402
from tutti_test.home import COMPUTERS, OUTSIDE, Home  # noqa: E402
from tutti_test.impair import SERVER_ADDRESS  # noqa: E402
from tutti_test.jam import CLI, ROOM_COMMAND, Bot, Room  # noqa: E402
from tutti_test.process import Process, wait_until  # noqa: E402
from tutti_test.walls import (NO_MEDIA_TCP, NO_MEDIA_TCP_ALOUD, NO_MEDIA_UDP, NO_UDP, NO_UDP_ALOUD, TONE_DB, TURN_PORT,  # noqa: E402
                              Stage)

WHY_NOT = walls.why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Paths(unittest.TestCase):
    def loud(self, bot, other):
        heard = bot.hears().get(other)
        # A tone's RMS is 3 dB below its peak.
        return heard is not None and abs(heard["rms_db"] - TONE_DB) < 6

    def play(self, stage, within=20):
        """Two musicians, one behind the filter: both are heard; returns the one, and after how many seconds of theirs both were."""
        ben = stage.bot("ben", 1100)
        ben.wait_joined()
        started = time.monotonic()
        ada = stage.bot("ada", 500)
        ada.wait_for(lambda: self.loud(ada, "Ben"), within, "Ada hearing Ben")
        ben.wait_for(lambda: self.loud(ben, "Ada"), within, "Ben hearing Ada")
        took = time.monotonic() - started
        print(f"  sound after {took:.2f} s, {ada.last('stats')['protocol']}", file=sys.stderr)
        return ada, took

    def assert_path(self, bot, path, within=10):
        bot.wait_for(lambda: (bot.last("stats") or {}).get("paths") == {"send": path, "receive": path}, within,
                     f"the path {path} (now {(bot.last('stats') or {}).get('paths')})")
        self.assertEqual(bot.last("stats")["protocol"], path)

    def test_open_network(self):
        with Stage() as stage:
            ada, _ = self.play(stage)
            self.assert_path(ada, "udp")
            # It is asked for all the same: which way is best is found out by trying all.
            stage.turn.wait_for(lambda: stage.turn.allocations() >= 4, 10, "allocations")

    def test_udp_blocked(self):
        for rule in (NO_UDP, NO_UDP_ALOUD):
            with self.subTest(rule=rule), Stage(with_turn=False) as stage:
                stage.filter(rule)
                ada, _ = self.play(stage)
                self.assert_path(ada, "tcp")

    def test_media_port_blocked(self):
        for rule in (NO_MEDIA_TCP, NO_MEDIA_TCP_ALOUD):
            with self.subTest(rule=rule), Stage() as stage:
                stage.filter(rule, NO_MEDIA_UDP)
                ada, _ = self.play(stage)
                self.assert_path(ada, "relay")
                self.assertTrue(stage.turn.relayed())

    def test_only_tcp_to_a_turn_server(self):
        with Stage() as stage:
            stage.filter(NO_UDP, NO_MEDIA_TCP)
            ada, _ = self.play(stage)
            self.assert_path(ada, "relay")
            self.assertTrue(stage.turn.relayed())

    def test_turn_server_is_of_no_use(self):
        """Beside the same room's direct connection without one, which is what it must not hold up: dead, wrong, and unknown by name."""
        with Stage(with_turn=False, turn_address="") as stage:
            _, bare = self.play(stage)
        for what, options in (("dead", {"with_turn": False}), ("wrong secret", {"secret": "another"}),
                              ("unknown name", {"turn_address": "turn.invalid", "with_turn": False}),
                              ("silent", {"turn_address": SERVER_ADDRESS, "with_turn": False})):
            with self.subTest(what=what), Stage(**options) as stage:
                # Packets to it vanish; the name server cannot be asked, either.
                stage.filter(f"udp dport {TURN_PORT} drop", f"tcp dport {TURN_PORT} drop", "udp dport 53 drop", "tcp dport 53 drop")
                ada, took = self.play(stage)
                self.assert_path(ada, "udp")
                # A name costs half a second for each of two transports at most; what is left is what a busy machine does to the same steps.
                self.assertLess(took, 2 * bare + 1.5, f"{bare:.2f} s without one")
                self.stays(ada)

    def stays(self, bot, seconds=3):
        """Nothing that happens later takes the connection away."""
        mark = len(bot.events)
        bot.wait_for(lambda: bot.last("stats")["t_ms"] > bot.events[mark - 1].get("t_ms", 0) + 1000 * seconds, seconds + 20, "statistics")
        self.assertFalse([e for e in bot.events[mark:] if e.get("event") == "state"])
        self.assertTrue(all(r["flowing"] for r in bot.last("stats")["remotes"]))

    def test_nothing_gets_through(self):
        with Stage(secret="another") as stage:
            stage.filter(NO_UDP, NO_MEDIA_TCP)
            bot = stage.bot("ada", 500)
            self.assertEqual(bot.wait(40), 6, bot.error_lines)
            said = next(line for line in bot.error_lines if line.startswith("tutti-cli: "))
            self.assertIn("could not be reached", said)
            self.assertFalse(bot.count("joined"))


FORWARDS = {("tcp", 47700), ("udp", 47701), ("tcp", 47701)}
NO_ROUTER = WHY_NOT or home.why_not()


class HomeRoom(Room):
    """A room at home that lets in the internet."""

    def __init__(self, router, *options):
        self.router = router
        super().__init__(router.folder / "room", "--internet", *options, port=47700, wrap=lambda argv: router.argv("home", argv))

    def outside(self):
        """What the service said of it last."""
        return json.loads([line for line in self.lines if line.startswith("internet ")][-1].split(" ", 1)[1])

    def link_outside(self):
        return self.link().replace(COMPUTERS["home"], self.outside()["address"])

    def end(self):
        self.signal(signal.SIGTERM)
        return self.wait(20)


@unittest.skipIf(NO_ROUTER, NO_ROUTER)
class Internet(unittest.TestCase):
    def start(self, *options, **router):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-home-")))
        self.home = self.enterContext(Home(folder, **router))
        return self.enterContext(HomeRoom(self.home, *options))

    def bot(self, where, link, hz):
        return self.enterContext(Bot(link, where, "--channels", "1", source=f"tone:{hz}:{TONE_DB}",
                                     wrap=lambda argv: self.home.argv(where, argv)))

    def test_from_outside(self):
        for router in ({}, {"upnp": False}):
            with self.subTest(router=router):
                room = self.start(**router)
                self.assertEqual(room.outside()["state"], "open")
                self.assertEqual(room.outside()["address"], OUTSIDE)
                self.assertEqual(self.home.forwards(), FORWARDS)
                self.assertEqual(room.url.hostname, COMPUTERS["home"], "who owns the room goes in by the near address")
                bots = {where: self.bot(where, link, hz) for where, link, hz in (
                    ("home", room.link(), 300), ("near", room.link(), 700), ("far", room.link_outside(), 1100))}
                for where, bot in bots.items():
                    heard = bot.wait_hears(set(bots) - {where}, 30)
                    bot.wait_for(lambda: all(abs(r["rms_db"] - TONE_DB) < 6 for r in bot.hears().values()), 10, f"tones at {where} ({heard})")
                    self.assertEqual(bot.last("stats")["paths"], {"send": "udp", "receive": "udp"})
                # What the host hands out leads in from outside, though it came by the near address itself.
                since = len(bots["home"].events)
                self.assertTrue(bots["home"].control("invite musician 1 'Mia'")["ok"])
                invite = bots["home"].wait_event("invite", 10, since)
                self.assertEqual(urlsplit(invite["link"]).netloc, f"{OUTSIDE}:47700")
                for bot in bots.values():
                    self.assertEqual(bot.leave(), 0)
                guest = self.bot("far", invite["link"], 500)
                self.assertEqual(guest.wait_joined(30)["role"], "musician")
                self.assertEqual(guest.leave(), 0)
                self.assertEqual(room.end(), 0)
                self.assertEqual(self.home.forwards(), set(), "given back")

    def test_router_forgets(self):
        room = self.start("--mapping-seconds", "4")
        self.assertEqual(self.home.forwards(), FORWARDS)
        self.home.restart_daemon()
        self.assertEqual(self.home.forwards(), set())
        wait_until(lambda: self.home.forwards() == FORWARDS, 30, "the ports, asked for again")
        far = self.bot("far", room.link_outside(), 1100)
        far.wait_joined(30)
        self.assertEqual(far.leave(), 0)

    def test_opened_again_at_once(self):
        """As a host does who changes something: the one that ends must not take away what the next one has."""
        first = self.start()
        first.signal(signal.SIGTERM)
        second = self.enterContext(HomeRoom(self.home))
        self.assertEqual(second.outside()["state"], "open")
        self.assertEqual(first.wait(20), 0)
        self.assertEqual(self.home.forwards(), FORWARDS)
        # A third one finds its ports taken, and leaves the second's alone.
        third = self.enterContext(Process(self.home.argv("home", [ROOM_COMMAND, "--internet", "--state-dir", self.home.folder / "third"])))
        self.assertEqual(third.wait(30), 2)
        self.assertIn("Port 47700 is taken", "".join(third.error_lines))
        self.assertEqual(self.home.forwards(), FORWARDS)
        far = self.bot("far", second.link_outside(), 1100)
        far.wait_joined(30)

    def test_router_knows_nothing(self):
        room = self.start(upnp=False, pmp=False)
        outside = room.outside()
        self.assertEqual((outside["state"], outside["local"]), ("closed", COMPUTERS["home"]))
        self.assertNotIn("address", outside)
        self.assertEqual({(p["protocol"], p["port"]) for p in outside["ports"]}, FORWARDS)
        # The room is there all the same.
        near = self.bot("near", room.link(), 700)
        near.wait_joined(30)
        far = self.bot("far", room.link().replace(COMPUTERS["home"], OUTSIDE), 1100)
        self.assertEqual(far.wait(40), 3, far.error_lines)

    def helper(self):
        """A room service somewhere else, which tries ours from there."""
        room = self.enterContext(Room(self.home.folder / "helper", "--reach", "--listen", COMPUTERS["far"],
                                      wrap=lambda argv: self.home.argv("far", argv)))
        return f"https://{COMPUTERS['far']}:{room.port}/?fp={room.fingerprint}"

    def tried(self, *rules, by_hand=False, **router):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-home-")))
        self.home = self.enterContext(Home(folder, **router))
        url = self.helper()
        for rule in rules:
            self.home.run("router", "nft", "insert", "rule", "inet", "tutti", "forward", *rule.split())
        if by_hand:
            self.forward_by_hand()
        room = self.enterContext(HomeRoom(self.home, "--reach-helper", url))
        room.wait_for(lambda: "reached" in room.outside(), 20, "what the helper found")
        return room.outside()

    def test_tried_from_outside(self):
        all_well = {"service": True, "mediaUdp": True, "mediaTcp": True}
        outside = self.tried()
        self.assertEqual((outside["state"], outside["reached"]), ("open", all_well))
        outside = self.tried("iifname wan udp dport 47701 drop")
        self.assertEqual((outside["state"], outside["reached"]), ("open", {**all_well, "mediaUdp": False}))
        # A router that says nothing: the helper knows the address, and that nobody gets in.
        outside = self.tried(upnp=False, pmp=False)
        self.assertEqual((outside["state"], outside["address"]), ("closed", OUTSIDE))
        self.assertEqual(set(outside["reached"].values()), {False})
        # Somebody forwarded the ports: then they are open.
        outside = self.tried(by_hand=True, upnp=False, pmp=False)
        self.assertEqual((outside["state"], outside["reached"]), ("open", all_well))

    def test_helper_is_of_no_use(self):
        """Gone, or somebody else: the room is there all the same."""
        for somebody_else in (False, True):
            with self.subTest(somebody_else=somebody_else):
                folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-home-")))
                self.home = self.enterContext(Home(folder))
                url = self.helper().split("fp=")[0] + "fp=" + "0" * 64 if somebody_else else f"https://{COMPUTERS['far']}:9"
                room = self.enterContext(HomeRoom(self.home, "--reach-helper", url))
                self.assertEqual(room.outside()["state"], "open")
                near = self.bot("near", room.link(), 700)
                near.wait_joined(30)
                time.sleep(5)  # as long as the asking may take
                self.assertNotIn("reached", room.outside())

    def serve(self, words, *options):
        """tutti-cli serve; it says @words."""
        serve = self.enterContext(Process(self.home.argv("home", [CLI, "serve", "--internet", *options]), env={"XDG_STATE_HOME": str(self.home.folder)}))
        link = serve.wait_for(lambda: next((line for line in serve.lines if line.startswith("link ")), None), 40, "the link")
        self.assertIn(COMPUTERS["home"] + ":47700", link)
        serve.wait_for(lambda: any(words in line for line in serve.error_lines), 15, words)
        serve.signal(signal.SIGTERM)
        self.assertEqual(serve.wait(20), 0)

    def test_cli_says_it_in_words(self):
        for router, words in (({}, "reach this room at " + OUTSIDE), ({"upnp": False, "pmp": False}, "TCP 47700, UDP 47701, TCP 47701"),
                              ({"outside": "100.64.3.4"}, "a second router")):
            with self.subTest(router=router):
                folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-home-")))
                self.home = self.enterContext(Home(folder, **router))
                self.serve(words)
                wait_until(lambda: self.home.forwards() == set(), 10, "the ports given back")
                if not router:
                    self.serve("tried from outside", "--reach-helper", self.helper())

    def forward_by_hand(self):
        for protocol, port in FORWARDS:
            self.home.run("router", "nft", "add", "rule", "inet", "tutti", "prerouting_miniupnpd", "iifname", "wan", protocol, "dport", str(port),
                          "dnat", "ip", "to", COMPUTERS["home"])
            self.home.run("router", "nft", "add", "rule", "inet", "tutti", "miniupnpd", protocol, "dport", str(port), "accept")

    def test_set_up_by_hand(self):
        """The router knows nothing, but its owner does."""
        room = self.start("--announce", OUTSIDE, upnp=False, pmp=False)
        self.assertEqual((room.outside()["state"], room.outside()["address"]), ("closed", OUTSIDE))
        self.forward_by_hand()
        owner = self.bot("home", room.link(), 300)
        far = self.bot("far", room.link_outside(), 1100)
        owner.wait_hears({"far"}, 30)
        far.wait_hears({"home"}, 30)

    def test_two_routers_one_behind_the_other(self):
        room = self.start(outside="100.64.3.4")
        self.assertEqual((room.outside()["state"], room.outside()["address"]), ("double-nat", "100.64.3.4"))
        near = self.bot("near", room.link(), 700)
        near.wait_joined(30)


if __name__ == "__main__":
    unittest.main()
