# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window in a headless session, by hand and eye of a screen reader; the proof is in the sound.

Pictures of what was seen go to $TUTTI_PICTURES (build folder, pictures/). TUTTI_UPDATE_IMAGES=1 also takes the stage's
picture for the README, docs/images/stage.png, from test_pictures.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from tutti_test import desktop, sound  # noqa: E402
from tutti_test.jam import Bot, Room  # noqa: E402
from tutti_test.process import BUILD_DIR, SOURCE_ROOT, Process, wait_until  # noqa: E402
from tutti_test.tree import Tree  # noqa: E402

TUTTI = os.environ.get("TUTTI_APP", str(BUILD_DIR / "src" / "ui" / "tutti"))
PICTURES = Path(os.environ.get("TUTTI_PICTURES", BUILD_DIR / "pictures"))


QUARTET = [
    ("Groove", "Drums", "groove:100", "10"),
    ("Ana", "Voice", "tone:440:-9", "10"),
    ("Ben", "Double bass", "tone:110:-16", "10"),
    ("Maximiliane", "Bass clarinet", "tone:220:-24", "10"),
]


def swaymsg(*arguments):
    return subprocess.run(["swaymsg", *arguments], capture_output=True, text=True, timeout=10, check=True).stdout


def window_rectangle(node=None):
    node = node or json.loads(swaymsg("-r", "-t", "get_tree"))
    if node.get("app_id") == "com.highloka.Tutti":
        rectangle = node["rect"]
        return tuple(rectangle[key] for key in ("x", "y", "width", "height"))
    children = node.get("nodes", []) + node.get("floating_nodes", [])
    return next((found for found in map(window_rectangle, children) if found), None)


def resize(width, height):
    swaymsg(f'[app_id="com.highloka.Tutti"] resize set {width} {height}, move position 0 0')
    wait_until(lambda: window_rectangle()[2:] == (width, height), 5, f"a window of {width}×{height}")


def clipboard():
    return subprocess.run(["wl-paste", "--no-newline"], check=True, capture_output=True, text=True, timeout=10).stdout


def pixels(path):
    """The picture as rows × columns × RGB."""
    import gi
    gi.require_version("GdkPixbuf", "2.0")
    from gi.repository import GdkPixbuf
    picture = GdkPixbuf.Pixbuf.new_from_file(str(path))
    rows = sound.np.frombuffer(picture.read_pixel_bytes().get_data(), dtype=sound.np.uint8)
    stride, width, channels = picture.get_rowstride(), picture.get_width(), picture.get_n_channels()
    return sound.np.stack([rows[y * stride:y * stride + width * channels].reshape(width, channels)[:, :3]
                           for y in range(picture.get_height())]).astype(float)


class WindowTest(unittest.TestCase):
    """One window, from the first start on, in the order a newcomer goes."""

    def open(self, desktop_settings="", env=None, home=None, arguments=(), wrap=list):
        """@wrap: what makes the command line one that runs in another network (Network.argv())."""
        if not hasattr(self, "folder"):
            self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.home = home = home or Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))
        settings = home / "config" / "glib-2.0" / "settings"
        if not settings.exists():
            settings.mkdir(parents=True)
            (settings / "keyfile").write_text("[org/gnome/desktop/interface]\nenable-animations=false\n"
                                              f"toolkit-accessibility=true\n{desktop_settings}\n")
        self.app = self.enterContext(Process(wrap([TUTTI, *arguments]), env={
            "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"), "XDG_CACHE_HOME": str(home / "cache"),
            "GSETTINGS_BACKEND": "keyfile", **(env or {}),
        }))
        self.tree = Tree("tutti")
        self.addCleanup(self.tree.close)

    def record(self, seconds, name):
        """What the person hears: the monitor of the speaker."""
        path = self.folder / f"{name}.wav"
        recorder = Process(["pw-record", "--target", "vspk", "-P", "{ stream.capture.sink=true }", "--rate", "48000",
                            "--channels", "2", "--format", "s24", path])
        time.sleep(seconds + 0.5)
        recorder.stop()
        return sound.read(path)[sound.RATE // 4:, 0]

    def picture(self, name):
        """Of the window alone, which must show something and name every control of it."""
        time.sleep(0.6)
        path = PICTURES / f"{name}.png"
        path.unlink(missing_ok=True)
        x, y, width, height = window_rectangle()
        subprocess.run(["grim", "-g", f"{x},{y} {width}x{height}", str(path)], check=True, timeout=20)
        seen = pixels(path)
        self.assertEqual(seen.shape[:2], (height, width), f"the size of {path}")
        self.assertGreater(seen.std(), 8, f"{path} shows something")
        self.assertFalse(self.tree.unnamed_controls(),
                         f"every control of {name} has a name")
        return path

    def keys(self, *arguments):
        # The first key of a new virtual keyboard is lost unless it waits for the keymap to arrive.
        subprocess.run(["wtype", "-s", "800", *arguments], check=True, timeout=20)

    def open_popover(self, name):
        self.tree.press(None, name)

    def picture_of_screen(self, name):
        """With popovers, which are surfaces of their own."""
        time.sleep(0.6)
        desktop.screenshot(PICTURES / f"{name}.png")
        self.assertFalse(self.tree.unnamed_controls(),
                         f"every control of {name} has a name")

    def type_into(self, label, text):
        self.tree.type_into(label, text)

    def link(self):
        self.last_link = self.app.wait_for(
            lambda: next((l.split()[1] for l in self.app.lines if l.startswith("link ")), None), 60, "the room's link")
        return self.last_link

    def join(self):
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.press("button", "Join the Jam")
        return self.link()


class Window(WindowTest):
    def setUp(self):
        self.open()

    def start_jam(self):
        self.picture("start")
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("button", "Join the Jam")
        self.picture("sound-check")
        self.tree.press("button", "Join the Jam")
        return self.link()

    def test_start_a_jam_and_move_a_fader(self):
        link = self.start_jam()
        groove = self.enterContext(Bot(link, "Groove", "--instrument", "Drums", source="tone:1100:-18", frame="2.5"))
        groove.wait_joined()
        fader = ("slider", "Volume of Groove")
        self.tree.wait(*fader)
        self.picture("stage")
        groove.wait_for(lambda: groove.hears(), 15, "Groove hearing the window's musician")

        self.tree.set_value(*fader, 0)
        time.sleep(1.5)
        loud = sound.tone_db(self.record(3, "loud"), 1100)
        self.tree.set_value(*fader, -12)
        time.sleep(0.5)
        soft = sound.tone_db(self.record(3, "soft"), 1100)
        self.assertAlmostEqual(loud, -18, delta=1.0)
        self.assertAlmostEqual(loud - soft, 12, delta=0.5)

        self.tree.press("toggle button", "Mute Groove")
        time.sleep(0.5)
        self.assertLess(sound.tone_db(self.record(1.5, "muted"), 1100), -70)
        self.tree.press("toggle button", "Mute Groove")

        self.tree.press("toggle button", "Mute yourself")
        groove.wait_event("stats", where=lambda e: any(r["sender_muted"] for r in e["remotes"]))
        self.tree.press("toggle button", "Mute yourself")

        self.assertEqual(groove.leave(), 0)
        self.tree.wait_gone(*fader)
        self.picture("alone")

    def test_what_goes_into_the_microphone_reaches_the_other(self):
        link = self.start_jam()
        ada = self.enterContext(Bot(link, "Ada", output=f"file:{self.folder / 'ada.wav'}", frame="2.5"))
        ada.wait_joined()
        wait_until(lambda: ada.hears(), 15, "Ada hearing the window's musician")
        subprocess.run([sys.executable, "-c", TONE, str(self.folder / "tone.wav")], check=True)
        player = Process(["pw-play", "--target", "vmic-in", self.folder / "tone.wav"])
        time.sleep(4)
        player.stop()
        self.assertEqual(ada.leave(), 0)
        level = sound.envelope(sound.read(self.folder / "ada.wav")[:, 0], 700)
        self.assertAlmostEqual(20 * sound.np.log10(max(sound.np.sort(level)[-20], 1e-6)), -20, delta=1.5)

    def test_a_link_that_leads_nowhere(self):
        self.type_into("Room Link", "tutti://127.0.0.1:9/nowhere?fp=" + "0" * 64)
        time.sleep(0.3)
        self.tree.press("button", "Join")
        self.tree.press("button", "Join the Jam")
        self.tree.wait("button", "Try Again", 30)
        self.picture("unreachable")
        self.tree.press("button", "Back")
        self.tree.wait("button", "Start a Jam on This Computer")

    def names_that_get_the_focus(self, tabs):
        """In their order, by the events a screen reader follows: the state itself goes with the virtual keyboard."""
        from gi.repository import GLib
        seen = []
        end_watching = self.tree.watch_focus(seen)
        keyboard = Process(["wtype", "-s", "800"] + ["-k", "Tab", "-s", "150"] * tabs)
        while keyboard.is_running():
            GLib.MainContext.default().iteration(False)
            time.sleep(0.01)
        end_watching()
        self.assertEqual(keyboard.wait(5), 0)
        return seen

    def test_keyboard_alone(self):
        link = self.join()
        groove = self.enterContext(Bot(link, "Groove", source="tone:500:-20", frame="10"))
        groove.wait_joined()
        fader = ("slider", "Volume of Groove")
        self.tree.wait(*fader)

        wanted = {"Your input gain", "Hear Myself", "Volume of Groove", "Pan of Groove", "Mute Groove", "Solo Groove",
                  "Delay of Groove", "Mute yourself", "Metronome", "Volume of your headphones", "Sound Check", "Leave",
                  "Copy Link", "How sound is sent", "Main Menu"}
        order = self.names_that_get_the_focus(38)
        self.assertFalse(wanted - set(order), f"reached with Tab: {order}")
        here = order.index(order[-1])
        tabs = order.index("Volume of Groove", here) - here

        def level():
            return self.tree.value(*fader)

        def is_muted():
            return self.tree.has_state("toggle button", "Mute yourself", "PRESSED")

        self.assertAlmostEqual(level(), 0)
        self.keys(*["-k", "Tab"] * tabs, "-k", "Down", "-k", "Down")
        wait_until(lambda: abs(level() + 1) < 0.01, 5, "two steps of half a dB down")
        self.keys("-k", "Up", "-k", "Up", "-k", "Up")
        wait_until(lambda: abs(level() - 0.5) < 0.01, 5, "three steps up")

        self.keys("m")
        wait_until(is_muted, 5, "M muting")
        groove.wait_event("stats", where=lambda e: any(r["sender_muted"] for r in e["remotes"]))
        self.keys("m")
        wait_until(lambda: not is_muted(), 5, "M again")
        since = len(groove.events)
        groove.wait_event("stats", since=since, where=lambda e: e["remotes"] and not any(r["sender_muted"] for r in e["remotes"]))


class InTime(WindowTest):
    """What the stage says of the delay and why, and what the room shares: tempo and further strips."""

    def setUp(self):
        self.open()

    def milliseconds(self):
        """What the labels say at one moment, by what they are about; "total" is the one with its error."""
        numbers = {}
        for node in self.tree.walk():
            found = re.match(r"([\d.]+) (± [\d.]+ )?ms$", node.name) if node.role == "label" else None
            if found:
                numbers["total" if found.group(2) and not node.description else node.description] = float(found.group(1))
        return numbers

    def with_groove(self, *options, **settings):
        link = self.join()
        groove = self.enterContext(Bot(link, "Groove", *options, source="tone:500:-20", **settings))
        groove.wait_joined()
        self.tree.wait("slider", "Volume of Groove")
        return groove

    def test_why(self):
        groove = self.with_groove(frame=None)
        groove.wait_event("stats", 30, where=lambda e: any(r["heard"]["delay_ms"] > 0 for r in e["remotes"]))
        self.open_popover("Delay of Groove")
        stages = ["Their computer collects sound", "Their computer codes and sends it", "The way through the network",
                  "Waits here to be played"]
        numbers = wait_until(lambda: (n := self.milliseconds()).keys() >= {*stages, "They hear you after", "Both ways together", "total"} and n,
                             30, lambda: f"all numbers:\n{self.tree.describe()}", 0.5)
        # Rounded four times.
        self.assertAlmostEqual(sum(numbers[stage] for stage in stages), numbers["total"], delta=0.5, msg=str(numbers))

        # What Groove says it hears of us is what our window shows; it is two seconds old, and the delay itself may move.
        def shows_what_groove_says():
            told = groove.last("stats")["remotes"][0]["delay_ms"]
            shown = self.milliseconds().get("They hear you after")
            return shown is not None and abs(shown - told) < max(1, 0.2 * told)

        wait_until(shows_what_groove_says, 30, "what Groove hears us after, in the window", 0.5)
        plot = self.tree.wait("image", "Delay over the last minute")
        self.assertRegex(plot.description, r"Between [\d.]+ and [\d.]+ ms")
        self.tree.wait("slider", "Tight or safe")
        self.picture_of_screen("why")

    def test_plan(self):
        groove = self.with_groove(frame=None)
        groove.wait_plan(lambda plan: plan["wire"] == "raw")
        self.open_popover("How sound is sent")
        self.tree.wait("label", "This is the quickest there is.", 30)
        self.tree.wait("label", lambda name: name.startswith("Uncompressed, "))
        # Of what it sends itself: on a busy machine its quantum grows, and the packets with it.
        self.tree.wait("label", lambda name: any(name.startswith(f"{48000 // remote['frame_samples']} a second from each strip")
                                                 for remote in groove.remotes().values()))
        self.tree.wait("label", lambda name: name.startswith("Off: "))
        self.picture_of_screen("plan")
        # Somebody who does not know the quickest format makes the room slower, and the window says who.
        since = len(groove.events)
        old = self.enterContext(Bot(self.last_link, "Oldie", "--formats", "tight,opus", frame=None))
        old.wait_joined()
        groove.wait_event("stats", since=since, where=lambda e: e["plan"] and e["plan"]["limit"] == "formats")
        self.tree.wait("label", "The program of Oldie knows no quicker format.")
        self.tree.wait("label", lambda name: name.startswith("Tight compression, "))

    def test_tempo_for_everybody(self):
        groove = self.with_groove(frame=None)
        self.open_popover("Metronome")
        self.tree.set_value("spin button", "Beats per Minute", 97)
        self.tree.set_value("spin button", "Beats per Bar", 3)
        self.tree.press("toggle button", "Start for Everybody")
        groove.wait_event("stats", where=lambda e: e["tempo"]["running"] and e["tempo"]["bpm"] == 97
                          and e["tempo"]["beats_per_bar"] == 3)
        self.tree.wait("toggle button", "Stop for Everybody")
        self.picture_of_screen("tempo")
        # The other way: whoever stops it stops it here, too.
        groove.control("tempo 120 4 0 0")
        self.tree.wait("toggle button", "Start for Everybody")
        self.assertEqual(self.tree.value("spin button", "Beats per Minute"), 120)

    def test_second_strip(self):
        groove = self.with_groove(frame=None)
        groove.wait_for(lambda: len(groove.remotes()) == 1, 20, "one strip of the window's musician")
        self.tree.press("button", "Sound Check")
        self.tree.press("button", "Add Another Strip")
        groove.wait_for(lambda: len(groove.remotes()) == 2, 20, f"two strips (now {list(groove.remotes())})")
        groove.wait_for(lambda: all(r["flowing"] for r in groove.remotes().values()), 20, "sound on both")
        self.picture("sound-check-strips")
        self.tree.press("button", "Done")
        self.tree.wait("slider", "Your input gain, Strip 2")
        self.picture("stage-two-strips")
        # Mute means all of me.
        self.tree.press("toggle button", "Mute yourself")
        groove.wait_for(lambda: all(r["sender_muted"] for r in groove.remotes().values()), 20, "both strips muted")
        resize(360, 640)
        self.tree.wait("slider", "Your input gain, Strip 2")
        self.picture("stage-two-strips-narrow")
        # It is there again next time, and can be taken away.
        self.assertEqual(groove.leave(), 0)
        self.app.stop()
        self.open(home=self.home)
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("slider", "Your input gain, Strip 2", 60)
        self.tree.press("button", "Sound Check")
        self.tree.press("button", "Remove Strip 2")
        self.tree.press("button", "Done")
        self.tree.wait("slider", "Your input gain")
        self.tree.wait_gone("slider", "Your input gain, Strip 2")


class Invites(WindowTest):
    """Who may come in, as the host's window and a listener's show it."""

    def test_host_hands_out_links(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        room = self.enterContext(Room(self.folder / "room"))
        self.open(arguments=[room.link()])
        self.tree.press("button", "Join the Jam")
        link = self.tree.wait("label", lambda name: name.startswith("tutti://")).name
        # What the window shows and copies is for others: it makes nobody a host.
        guest = self.enterContext(Bot(link, "Gus", frame=None))
        self.assertEqual(guest.wait_joined()["role"], "musician")
        self.tree.wait("slider", "Volume of Gus")
        self.keys("-M", "ctrl", "i")
        self.tree.wait("label", "New Link")
        self.tree.type_into("For Whom (Optional)", "The <band>")
        self.picture("invite-new")
        self.tree.press("button", "Copy New Link")
        self.tree.wait("label", "The <band>")
        self.tree.wait("label", lambda name: name.startswith("Plays along · Good until "))
        app = clipboard()
        self.tree.press("button", "For a Browser Instead")
        self.tree.wait("label", lambda name: name.startswith("Link for browsers copied. They will warn"))
        self.picture("invite-copied")
        self.assertEqual(clipboard(), app.replace("tutti://", "https://"))
        self.tree.press("button", "Take This Link Back")
        self.tree.press("button", "Let Them Stay")
        self.tree.wait("label", "Plays along · Taken back")
        self.picture("invite-list")
        resize(360, 640)
        self.picture("invite-narrow")
        # The one that is shown and copied goes, too, and another takes its place.
        self.tree.press("button", "Take This Link Back")
        self.tree.press("button", "Let Them Stay")
        self.tree.wait("label", lambda name: name.startswith("Good until "))
        # Escape takes a toast away before the dialog.
        self.tree.wait_gone("label", lambda name: name.startswith("Link for browsers copied"), 20)
        self.keys("-k", "Escape")
        self.tree.wait_gone("label", "New Link")
        self.assertEqual(guest.leave(), 0)
        shown = self.tree.wait("label", lambda name: name.startswith("tutti://")).name
        self.assertNotEqual(shown, link)
        again = self.enterContext(Bot(shown, "Gus", frame=None))
        self.assertEqual(again.wait_joined()["role"], "musician")

    def test_listener(self):
        """By a link that a chat or a browser hands to the program."""
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        room = self.enterContext(Room(self.folder / "room"))
        host = self.enterContext(Bot(room.link(), "Hedy", "--instrument", "Cello", source="tone:500:-20", frame="10"))
        host.wait_joined()
        since = len(host.events)
        self.assertTrue(host.control("invite listener 1 ''")["ok"])
        link = next(event["link"] for event in host.events[since:] if event["event"] == "invite")
        self.open(arguments=[link])
        self.tree.press("button", "Join the Jam")
        self.tree.wait("label", "You are here to listen: nobody hears you.", 30)
        self.tree.wait("slider", "Volume of Hedy")
        self.tree.wait("label", "1 musician · 1 listener")
        self.tree.wait_gone("slider", "Your input gain")
        self.tree.wait_gone("toggle button", "Mute yourself")
        time.sleep(5)  # newcomers are faded in
        level = sound.np.median(sound.envelope(self.record(2, "heard"), 500))
        self.assertAlmostEqual(20 * sound.np.log10(max(level, 1e-6)), -20, delta=1)
        self.assertFalse(host.remotes())
        self.picture("stage-listener")

    def test_refused(self):
        self.open()
        room = self.enterContext(Room(self.folder / "room"))
        self.type_into("Room Link", room.link(invite=None))
        self.tree.press("button", "Join")
        self.tree.press("button", "Join the Jam")
        self.tree.wait("label", lambda name: "entered by invitation" in name, 30)
        self.picture("refused")


class Pictures(WindowTest):
    def play_into_microphone(self):
        path = self.folder / "strings.wav"
        subprocess.run([sys.executable, "-c", STRINGS, str(path)], check=True)
        self.enterContext(Process(["pw-play", "--target", "vmic-in", path]))

    def test_pictures(self):
        dark = {"light": False, "dark": True}
        for style, is_dark in dark.items():
            with self.subTest(style=style):
                self.open("color-scheme='prefer-dark'" if is_dark else "")
                self.take_pictures(style, is_dark)
                self.doCleanups()
                del self.folder

    def take_pictures(self, style, is_dark):
        resize(1000, 700)
        self.type_into("Your Name", "Eva")
        self.type_into("Your Instrument", "Guitar")
        link = self.join()
        # Standard Opus for all: five with raw and a window drawn by the processor fill a small machine.
        band = [self.enterContext(Bot(link, name, "--instrument", instrument, "--formats", "opus", source=source, frame=frame))
                for name, instrument, source, frame in QUARTET]
        for bot in band:
            bot.wait_joined()
        self.play_into_microphone()
        # Until every delay was measured and nobody's coming is news any more.
        wanted = {"5 musicians"} | {f"Volume of {bot.name}" for bot in band}
        wait_until(lambda: (names := self.tree.names()) >= wanted and sum(" ms" in name for name in names) == 5,
                   20, "five strips, each with its delay", 0.5)

        wide = self.picture(f"stage-{style}-wide")
        brightness = pixels(wide).mean()
        self.assertTrue(brightness < 100 if is_dark else brightness > 180, f"{style}: brightness {brightness:.0f}")
        if not is_dark and os.environ.get("TUTTI_UPDATE_IMAGES") == "1":
            images = SOURCE_ROOT / "docs" / "images"
            images.mkdir(parents=True, exist_ok=True)
            shutil.copy(wide, images / "stage.png")
        first = self.meter_pixels(wide)
        time.sleep(0.4)
        desktop.screenshot(PICTURES / "meters.png")
        x, y, width, height = window_rectangle()
        self.assertFalse(sound.np.array_equal(first, pixels(PICTURES / "meters.png")[y + 100:y + 500, x:x + width]),
                         "the meters move")

        self.open_popover("Delay of Groove")
        self.tree.wait("image", "Delay over the last minute")
        self.picture_of_screen(f"why-{style}-wide")
        self.keys("-k", "Escape")

        resize(360, 640)
        self.tree.wait("slider", "Volume of Groove")
        self.picture(f"stage-{style}-narrow")
        for name, shows in (("Delay of Groove", ("image", "Delay over the last minute")),
                            ("Metronome", ("button", "Tap the Tempo")),
                            ("How sound is sent", ("label", "Repetition against Loss"))):
            self.open_popover(name)
            self.tree.wait(*shows)
            self.picture_of_screen(f"{name.split()[0].lower()}-{style}-narrow")
            self.keys("-k", "Escape")
            self.tree.wait_gone(*shows)

    def meter_pixels(self, path):
        return pixels(path)[100:500]


class NoPipeWire(WindowTest):
    def test_no_pipewire(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tutti-ui-")))
        empty = self.folder / "nothing"
        empty.mkdir()
        self.open(env={"PIPEWIRE_RUNTIME_DIR": str(empty), "PIPEWIRE_REMOTE": "pipewire-0"})
        self.tree.press("button", "Start a Jam on This Computer")
        self.tree.wait("button", "Try Again")
        self.tree.wait(None, lambda name: "PipeWire" in name)
        self.assertFalse(self.tree.find(None, "No problems found."))
        self.picture("no-pipewire")


STRINGS = """
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as out:
    out.setnchannels(2); out.setsampwidth(2); out.setframerate(48000)
    for i in range(48000 * 40):
        value = int(12000 * math.exp(-3 * (i % 12000) / 12000) * math.sin(2 * math.pi * 220 * i / 48000))
        out.writeframesraw(struct.pack("<hh", value, value))
"""

TONE = """
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as out:
    out.setnchannels(2); out.setsampwidth(2); out.setframerate(48000)
    for i in range(48000 * 6):
        value = int(3276.7 * math.sin(2 * math.pi * 700 * i / 48000))
        out.writeframesraw(struct.pack("<hh", value, value))
"""


if __name__ == "__main__":
    unittest.main()
