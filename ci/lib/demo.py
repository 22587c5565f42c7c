# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ci/start shows: the window in a room of its own, and a second musician in it.

In a headless session a third, silent musician listens as well, and what everybody hears is printed.
"""

import argparse
import array
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import wave

BUILD = pathlib.Path(os.environ.get("TUTTI_BUILD_DIR", "build/app"))
OUT = BUILD.parent / "start"
APP = BUILD / "src/ui/tutti"
CLI = BUILD / "src/cli/tutti-cli"
RATE = 48000


def say(text):
    print(text, flush=True)


def relative(path):
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


class Child:
    """A program in a process group of its own; its lines are kept, and shown to `on_line`."""

    running = []

    def __init__(self, name, command, on_line=None):
        self.name = name
        self.lines = []
        self.on_line = on_line
        self.errors = OUT / f"{name}.log"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                text=True, errors="replace", start_new_session=True,
            )
        Child.running.append(self)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.on_line:
                self.on_line(self.lines[-1])

    def events(self, kind):
        for line in list(self.lines):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and event.get("event") == kind:
                yield event

    def ended(self):
        return self.process.poll() is not None

    def why(self):
        said = [line for line in self.errors.read_text(errors="replace").splitlines() if line.strip()]
        return "\n".join(f"  | {line}" for line in said[-8:])

    def stop(self, seconds=6):
        if not self.ended():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def musician(link, name, instrument, source):
    return Child(name.lower(), [CLI, "join", link, "--name", name, "--instrument", instrument, "--input", source,
                                "--output", "null", "--stats", "json"])


class Jam:
    def __init__(self):
        self.link = None
        self.bots = {}
        self.found = threading.Event()
        self.app = Child("tutti", [APP, "--start-jam"], self.read_line)

    def read_line(self, line):
        if line.startswith("link tutti://"):
            self.link = line.split(" ", 1)[1].strip()
            self.found.set()

    def wait_link(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.app.ended():
            if self.found.wait(0.2):
                return True
        return self.found.is_set()

    def invite(self, name, instrument, source):
        self.bots[name] = musician(self.link, name, instrument, source)


def loudness_db(path, seconds=None):
    """RMS of a 16-bit WAV file in dBFS, of its last seconds."""
    with wave.open(str(path), "rb") as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
        channels = sound.getnchannels()
        if seconds:
            samples = samples[-int(seconds * sound.getframerate() * channels):]
    power = sum(sample * sample for sample in samples) / max(1, len(samples)) / 32768.0**2
    return 10 * math.log10(power) if power > 0 else -math.inf


def record_speaker(path, seconds):
    """What comes out of the virtual loudspeaker."""
    recorder = subprocess.Popen(
        ["pw-cat", "--record", "--target", "vspk", "-P", "{ stream.capture.sink=true }", "--format", "s16", "--rate", str(RATE), str(path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    recorder.send_signal(signal.SIGINT)
    recorder.wait(5)


def level_of(remote):
    for key in ("rms_db", "level_db", "peak_db"):
        if isinstance(remote.get(key), (int, float)):
            return remote[key]
    return None


def hears(bot):
    """The remotes of a musician's latest stats line."""
    stats = list(bot.events("stats"))
    return stats[-1].get("remotes", []) if stats else []


def window_place():
    """Where the window is on the headless screen, as grim wants it; None when it cannot be told."""
    try:
        tree = json.loads(subprocess.run(["swaymsg", "-t", "get_tree"], capture_output=True, timeout=5, check=True).stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    front = [tree]
    while front:
        node = front.pop()
        if node.get("app_id") and node.get("visible"):
            rect = node["rect"]
            return f"{rect['x']},{rect['y']} {rect['width']}x{rect['height']}"
        front += node.get("nodes", []) + node.get("floating_nodes", [])
    return None


def take_picture(path):
    place = window_place()
    subprocess.run(["grim", *(["-g", place] if place else []), str(path)], check=True, timeout=20)


def report(jam, speaker):
    say("")
    say("Who hears whom:")
    heard = 0
    for name, bot in jam.bots.items():
        for remote in hears(bot):
            if remote.get("name") == "Witness":  # who plays nothing
                continue
            level, delay = level_of(remote), remote.get("delay_ms", -1)
            sentence = f"  {name} hears {remote.get('name') if remote.get('name') in jam.bots else 'you'}"
            if level is not None:
                sentence += f" at {level:.1f} dB"
            sentence += f", {delay:.1f} ms later (measured, capture to playback)" if delay and delay >= 0 else ", delay not measured yet"
            if not remote.get("flowing", True):
                sentence += " – nothing has come for a second"
            else:
                heard += 1
            say(sentence)
        if not hears(bot):
            say(f"  {name} hears nobody. {relative(bot.errors)}:\n{bot.why()}")
    if speaker is not None:
        say(f"  You hear the room at {speaker:.1f} dB (recorded from the virtual loudspeaker)")
    return heard


def wait_sound(jam, seconds):
    """Until everybody who plays is heard with a measured delay, and the meters had time to settle."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not jam.app.ended():
        playing = {name: [r for r in hears(bot) if r.get("name") != "Witness" and r.get("flowing") and r.get("delay_ms", -1) >= 0]
                   for name, bot in jam.bots.items()}
        if len(playing["Groove"]) >= 1 and len(playing["Witness"]) >= 2:
            time.sleep(4)
            return
        time.sleep(0.2)


def run_headless(jam, seconds, keep):
    picture = OUT / "tutti.png"
    end = math.inf if keep else time.monotonic() + seconds
    jam.invite("Groove", "Drums & bass", "groove")
    jam.invite("Witness", "Ears only", "silence")
    wait_sound(jam, 25)
    while True:
        sound = OUT / "speaker.wav"
        record_speaker(sound, 3)
        speaker = loudness_db(sound, 2.5)
        take_picture(picture)
        heard = report(jam, speaker)
        say(f"A picture of the window: {relative(picture)}")
        # With --keep the report comes again every half minute, until Ctrl-C.
        again = time.monotonic() + 30 if keep else end
        while not jam.app.ended() and time.monotonic() < again:
            time.sleep(0.2)
        if jam.app.ended() or time.monotonic() >= end:
            break
    if jam.app.ended():
        say(f"The window ended by itself, with {jam.app.process.returncode}.\n{jam.app.why()}")
        return 1
    if not heard or speaker < -70:
        say("Nothing could be heard: something is wrong.")
        return 1
    return 0


def run_on_screen(jam, seconds):
    say("Groove plays drums and bass with you; wear headphones. Close the window to end.")
    jam.invite("Groove", "Drums & bass", "groove")
    end = math.inf if seconds is None else time.monotonic() + seconds
    while not jam.app.ended() and time.monotonic() < end:
        time.sleep(0.2)
        if jam.bots["Groove"].ended():
            say(f"Groove has left. {relative(jam.bots['Groove'].errors)}:\n{jam.bots['Groove'].why()}")
            jam.app.process.wait(None if seconds is None else max(0, end - time.monotonic()))
    return jam.app.process.returncode or 0


def write_guitar(path):
    """Four bars of a plucked string (Karplus and Strong), for a microphone that has nobody in front of it."""
    beat = RATE // 2
    samples = [0.0] * (beat * 16)
    noise = random.Random(1)
    for number, midi in enumerate((45, 52, 57, 60, 43, 50, 55, 59, 41, 48, 53, 57, 40, 47, 52, 56)):
        period = round(RATE / (440 * 2 ** ((midi - 69) / 12)))
        string = [noise.uniform(-1, 1) for _ in range(period)]
        for index in range(beat * 2):
            place = (number * beat + index) % len(samples)
            value = string[index % period]
            string[index % period] = 0.498 * (value + string[(index + 1) % period])
            samples[place] += 0.25 * value
    data = array.array("h", (int(max(-1, min(1, sample)) * 32000) for sample in samples for _ in range(2)))
    with wave.open(path, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(data.tobytes())


def main():
    parser = argparse.ArgumentParser(prog="ci/start")
    parser.add_argument("--headless", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--write-guitar", metavar="FILE")
    args = parser.parse_args()
    if args.write_guitar:
        write_guitar(args.write_guitar)
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    for program in (APP, CLI):
        if not program.exists():
            say(f"ci/start: {relative(program)} was not built.")
            return 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    jam = Jam()
    try:
        if not jam.wait_link(30):
            say(f"ci/start: the window did not come into a room. {relative(jam.app.errors)}:\n{jam.app.why()}")
            return 1
        say(f"The room: {jam.link}")
        if args.headless:
            return run_headless(jam, args.seconds or 20, args.keep)
        return run_on_screen(jam, args.seconds)
    except KeyboardInterrupt:
        return 0
    finally:
        for child in reversed(Child.running):
            child.stop()


if __name__ == "__main__":
    sys.exit(main())
