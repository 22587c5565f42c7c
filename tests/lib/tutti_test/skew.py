# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Musicians whose computers' clocks differ: each in a time namespace with an offset of its own, and with a sound card
whose crystal is off (tests/tools/pw-driver drives the PipeWire graph)."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

from .graph import CONFIG, Graph
from .impair import SERVER, SERVER_ADDRESS, Network
from .jam import Bot, Room
from .process import BUILD_DIR, Process, wait_until

DRIVER = BUILD_DIR / "tests" / "tools" / "pw-driver"


def why_not():
    """None where a clock can be offset, else a sentence."""
    tried = subprocess.run(["unshare", "--time", "--monotonic", "1000", "--fork", "true"], capture_output=True, text=True,
                           timeout=10, check=False)
    return f"Time namespaces are not allowed here ({tried.stderr.strip()})." if tried.returncode else None


class Clock:
    """@offset: by how many seconds CLOCK_MONOTONIC is ahead of ours (whole ones). Each program gets a time namespace of its
    own with that offset, which is the same as sharing one."""

    def __init__(self, offset):
        self.offset = int(offset)

    def argv(self, argv):
        # --kill-child: unshare forks, and nothing may outlive it.
        return ["unshare", "--time", "--monotonic", str(self.offset), "--fork", "--kill-child", *map(str, argv)]


class SkewedGraph(Graph):
    """A PipeWire daemon under @clock, whose graph runs @ppm too fast."""

    def __init__(self, name, folder, clock, ppm, quantum=64):  # pylint: disable=super-init-not-called
        self.name = name
        self.folder = Path(folder) / name
        self.stack = contextlib.ExitStack()
        for each in ("run", "home"):
            (self.folder / each).mkdir(parents=True, exist_ok=True)
        config = self.folder / "pipewire.conf"
        config.write_text(CONFIG.format(quantum=quantum))
        try:
            self.daemon = self._start(clock.argv(["pipewire", "-c", config]))
            wait_until(lambda: {"speaker", "microphone"} <= set(self.nodes()), 10, f"the graph of {name}")
            driver = self._start(clock.argv([DRIVER, "--quantum", quantum, "--ppm", ppm]))
            self.wait_node("tutti-driver", 0, 1)
            for node in ("speaker", "microphone"):
                self._link("tutti-driver:output_1", f"{node}:{self._first_input(node)}")
            driver.wait_for(lambda: "ready" in driver.lines, 10, f"the driver of {name}")
        except BaseException:
            self.stack.close()
            raise

    def _start(self, argv):
        process = Process(argv, env=self.env())
        self.stack.callback(process.stop)
        return process

    def _first_input(self, node):
        return next(port for name, port in self._ports("-i") if name == node)

    def link_devices(self, linked):
        """The microphone straight into the loudspeaker, or no more."""
        outputs = [port for name, port in self._ports("-o") if name == "microphone"]
        inputs = [port for name, port in self._ports("-i") if name == "speaker"]
        for one, other in zip(outputs, inputs):
            self._link(f"microphone:{one}", f"speaker:{other}", *([] if linked else ["-d"]))

    def _link(self, output, target, *options):
        done = subprocess.run(["pw-link", *options, output, target], env={**os.environ, **self.env()}, capture_output=True, text=True,
                              timeout=10, check=False)
        if done.returncode:
            raise RuntimeError(f"{output} → {target}: {done.stderr.strip()}")

    def stop(self):
        self.stack.close()


class TimedBot(Bot):
    """Its events know when they were said, by our clock ("at", s)."""

    def _take(self, line):
        before = len(self.events)
        super()._take(line)
        for event in self.events[before:]:
            event["at"] = time.monotonic()


class SkewedStage:
    """Musicians "a" and "b" and a room between them. @clocks: offset in s and skew in ppm of each."""

    def __init__(self, folder, clocks, quantum=64, seed=1):
        self.folder = Path(folder)
        self.quantum = quantum
        self.clocks = {name: Clock(offset) for name, (offset, _) in clocks.items()}
        self.ppm = {name: ppm for name, (_, ppm) in clocks.items()}
        self.network = Network(list(clocks), seed)
        self.stack = contextlib.ExitStack()
        self.graphs = {}

    def __enter__(self):
        try:
            self.stack.enter_context(self.network)
            for name, clock in self.clocks.items():
                self.graphs[name] = SkewedGraph(name, self.folder, clock, self.ppm[name], self.quantum)
                self.stack.callback(self.graphs[name].stop)
            self.room = self.stack.enter_context(Room(
                self.folder / "room", "--listen", SERVER_ADDRESS, "--announce", SERVER_ADDRESS, "--workers", "1",
                wrap=lambda argv: self.network.argv(SERVER, argv)))
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def bot(self, name, room, *options):
        return TimedBot(self.room.link(room), name, "--channels", "2", "--fade-in", "0", "--quantum", self.quantum, *options,
                   source="device:microphone", output="device:speaker", frame=None, interval="0.1", env=self.graphs[name].env(),
                   wrap=lambda argv: self.network.argv(name, self.clocks[name].argv(argv)))
