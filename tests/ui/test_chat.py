# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people write to each other, between the window and another musician."""

import signal
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "lib"), str(Path(__file__).resolve().parent)]
import test_stage  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402


class Chat(test_stage.WindowTest):
    def test_write_and_read(self):
        self.open()
        link = self.join()
        ben = self.enterContext(Bot(link, "Ben", source="tone:500:-24"))
        self.tree.wait("slider", "Volume of Ben")

        # Somebody writes while the chat is closed.
        self.assertTrue(ben.control("chat 'From the top? https://example.org/chart'")["ok"])
        self.tree.wait("toggle button", "Chat, 1 unread")
        self.picture("chat-unread")
        self.keys("-k", "F9")
        self.tree.wait("toggle button", "Chat")
        self.tree.wait("list item", lambda name: name.startswith("Ben, ") and "From the top?" in name)

        # The entry has the focus; its letters are no shortcuts.
        self.keys("my mistake, moment", "-k", "Return")
        event = ben.wait_event("chat", where=lambda e: e["text"] == "my mistake, moment")
        self.assertFalse(event["mine"])
        self.assertTrue(self.tree.find("toggle button", "Mute yourself"))
        self.assertFalse(self.tree.has_state("toggle button", "Mute yourself", "CHECKED"))
        self.assertTrue(ben.control("chat 'Bar 12'")["ok"])
        self.tree.wait("list item", lambda name: "Bar 12" in name)
        self.picture("chat")
        self.assertEqual(self.tree.find("toggle button", "Chat").name, "Chat")

        # Who comes later finds it all.
        eve = self.enterContext(Bot(link, "Eve"))
        eve.wait_event("chat", where=lambda e: e["text"] == "my mistake, moment")
        eve.wait_event("chat", where=lambda e: e["text"] == "Bar 12")
        self.assertEqual(eve.count("chat"), 3)

        test_stage.resize(360, 640)
        self.picture("chat-narrow")
        self.keys("-k", "F9")
        self.tree.wait_gone("list item", lambda name: "Bar 12" in name)
        self.keys("-k", "F9")
        self.tree.wait("list item", lambda name: "Bar 12" in name)
        self.keys("-k", "Escape")
        self.tree.wait_gone("list item", lambda name: "Bar 12" in name)
        self.picture("chat-narrow-closed")
        self.assertTrue(ben.control("mute")["ok"])
        self.tree.wait("slider", "Volume of Ben")

    def test_room_is_away(self):
        """Nothing that was typed is lost when it cannot be sent."""
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        room = self.enterContext(Room(self.folder / "room", "--workers", "1"))
        self.open(arguments=[room.link()])
        self.tree.press("button", "Join the Jam", 30)
        self.tree.press("toggle button", "Chat", 30)
        self.tree.wait("label", "Nothing Written Yet")
        self.picture("chat-empty")
        self.keys("half a sentence")
        room.signal(signal.SIGKILL)
        self.tree.wait(None, lambda name: "Reconnecting" in name)
        self.keys("-k", "Return")
        self.assertFalse(self.tree.has_state("button", "Send Message", "SENSITIVE"))

        room = self.enterContext(Room(self.folder / "room", "--workers", "1", port=room.port))
        ben = self.enterContext(Bot(room.link(), "Ben"))
        self.tree.wait_gone(None, lambda name: "Reconnecting" in name, 40)
        self.tree.wait("slider", "Volume of Ben", 30)
        self.keys("-k", "Return")
        ben.wait_event("chat", where=lambda e: e["text"] == "half a sentence")
        self.tree.wait("list item", lambda name: "half a sentence" in name)


if __name__ == "__main__":
    unittest.main()
