# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window in networks of its own: a room at home for people on the internet, and sound that has to take a detour."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "lib"), str(Path(__file__).resolve().parent)]
import test_stage  # noqa: E402
from tutti_test import home, walls  # noqa: E402
from tutti_test.home import OUTSIDE, Home  # noqa: E402
from tutti_test.jam import Bot  # noqa: E402
from tutti_test.walls import NO_MEDIA_TCP, NO_MEDIA_UDP, NO_UDP, Stage  # noqa: E402

WHY_NOT = walls.why_not() or home.why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Internet(test_stage.WindowTest):
    """Who is invited from where, as the host of a room at home is asked."""

    def invite(self, **router):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        self.router = self.enterContext(Home(self.folder, **router))
        self.open(wrap=lambda argv: self.router.argv("home", argv))
        self.join()
        self.keys("-M", "ctrl", "i")
        self.tree.wait("button", "People on My Network")
        self.picture("invite-whom")
        self.tree.press("button", "People on the Internet")

    def says(self, *words):
        return self.tree.wait("label", lambda name: all(word in name for word in words), 60)

    def test_from_the_internet(self):
        self.invite()
        self.says(f"People on the internet reach this room at {OUTSIDE}, port 47700.")
        self.picture("invite-internet")
        self.keys("-k", "Escape")
        self.tree.wait_gone("label", "New Link")
        link = self.tree.wait("label", lambda name: name.startswith(f"tutti://{OUTSIDE}:47700/")).name
        far = self.enterContext(Bot(link, "Fay", source="tone:500:-20", wrap=lambda argv: self.router.argv("far", argv)))
        self.assertEqual(far.wait_joined(30)["role"], "musician")
        self.tree.wait("slider", "Volume of Fay")
        far.wait_for(lambda: len(far.hears()) == 1, 20, "Fay hearing the window")
        self.assertEqual(far.last("stats")["protocol"], "udp")
        self.assertEqual(far.leave(), 0)

    def test_router_that_knows_nothing(self):
        self.invite(upnp=False, pmp=False)
        self.says("The router did not open the ports", "TCP 47700, UDP 47701, TCP 47701", "192.168.77.10")
        self.picture("invite-ports")
        # The person looked it up, and forwarded the ports.
        self.tree.type_into("Address on the Internet, Where the Router Does Not Say It", OUTSIDE)
        self.tree.press("button", "Open the Room Again With This Address")
        self.says("The router did not open the ports", f"then reach the room at {OUTSIDE}")

    def test_people_on_the_network(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        router = self.enterContext(Home(self.folder))
        self.open(wrap=lambda argv: router.argv("home", argv))
        self.join()
        self.keys("-M", "ctrl", "i")
        self.tree.press("button", "People on My Network")
        self.tree.wait("label", "New Link", 60)
        self.keys("-k", "Escape")
        link = self.tree.wait("label", lambda name: name.startswith("tutti://192.168.77.10:")).name
        near = self.enterContext(Bot(link, "Nea", source="tone:500:-20", wrap=lambda argv: router.argv("near", argv)))
        near.wait_joined(30)
        self.tree.wait("slider", "Volume of Nea")
        self.assertEqual(router.forwards(), set(), "the router was not asked")


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Detour(test_stage.WindowTest):
    """Where a network lets no UDP through, the window says what that costs."""

    def behind(self, *rules):
        stage = self.enterContext(Stage())
        stage.filter(*rules)
        ben = stage.bot("ben", 500)
        ben.wait_joined()
        self.open(arguments=[stage.room.link()], wrap=lambda argv: stage.network.argv("ada", argv))
        self.tree.press("button", "Join the Jam")
        self.tree.wait("slider", "Volume of Ben", 30)

    def test_tcp(self):
        self.behind(NO_UDP)
        self.tree.wait("label", lambda name: name.startswith("The sound goes over TCP because this network blocks UDP"))
        self.open_popover("Delay of Ben")
        self.tree.wait("label", "Direct, TCP")
        self.picture_of_screen("why-tcp")

    def test_relay(self):
        self.behind(NO_UDP, NO_MEDIA_TCP, NO_MEDIA_UDP)
        self.tree.wait("label", lambda name: name.startswith("The sound takes a detour over a relay"))
        self.open_popover("Delay of Ben")
        self.tree.wait("label", "Over a relay")
        self.picture_of_screen("why-relay")


if __name__ == "__main__":
    unittest.main()
