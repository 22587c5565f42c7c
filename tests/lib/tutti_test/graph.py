# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PipeWire daemon for each musician, with a clock of its own: as if on different computers."""

import os
import subprocess
from pathlib import Path

from .process import Process, wait_until

CONFIG = """
context.properties = {{
  core.daemon = true core.name = pipewire-0 log.level = 1 mem.mlock-all = true
  default.clock.rate = 48000 default.clock.allowed-rates = [ 48000 ]
  default.clock.quantum = {quantum} default.clock.min-quantum = {quantum} default.clock.max-quantum = {quantum}
  default.clock.quantum-limit = 8192 settings.check-quantum = false
}}
context.spa-libs = {{ audio.convert.* = audioconvert/libspa-audioconvert audio.adapt = audioconvert/libspa-audioconvert support.* = support/libspa-support }}
context.modules = [
  {{ name = libpipewire-module-rt args = {{ nice.level = -11 rt.prio = 88 }} flags = [ ifexists nofail ] }}
  {{ name = libpipewire-module-protocol-native }}
  {{ name = libpipewire-module-metadata }}
  {{ name = libpipewire-module-spa-node-factory }}
  {{ name = libpipewire-module-client-node }}
  {{ name = libpipewire-module-adapter }}
  {{ name = libpipewire-module-link-factory }}
  {{ name = libpipewire-module-access args = {{ access.socket = {{ pipewire-0 = "unrestricted" }} }} }}
]
context.objects = [
  {{ factory = metadata args = {{ metadata.name = default }} }}
  {{ factory = adapter args = {{ factory.name = support.null-audio-sink node.name = speaker media.class = Audio/Sink
     audio.position = [ FL FR ] audio.rate = 48000 priority.driver = 9000
     node.param.PortConfig = {{ direction = Input mode = dsp monitor = true format = {{ mediaType = audio mediaSubtype = raw
       format = F32P rate = 48000 channels = 2 position = [ FL FR ] }} }} }} }}
  {{ factory = adapter args = {{ factory.name = support.null-audio-sink node.name = microphone
     media.class = Audio/Source/Virtual audio.position = [ FL FR ] audio.rate = 48000 priority.driver = 10
     node.param.PortConfig = {{ direction = Input mode = dsp monitor = true format = {{ mediaType = audio mediaSubtype = raw
       format = F32P rate = 48000 channels = 2 position = [ FL FR ] }} }} }} }}
]
"""


MORE = """{{ factory.name = support.null-audio-sink node.name = {name} media.class = Audio/Source/Virtual object.linger = true
  audio.position = [ FL FR ] audio.rate = 48000 node.param.PortConfig = {{ direction = Input mode = dsp monitor = true
  format = {{ mediaType = audio mediaSubtype = raw format = F32P rate = 48000 channels = 2 position = [ FL FR ] }} }} }}"""


class Graph:
    """A daemon in @folder whose driver is the timer of a silent loudspeaker. Programs join it with env()."""

    def __init__(self, name, folder, quantum=64, microphone=True):
        self.name = name
        self.folder = Path(folder) / name
        for each in ("run", "home"):
            (self.folder / each).mkdir(parents=True, exist_ok=True)
        config = self.folder / "pipewire.conf"
        devices, objects = CONFIG.format(quantum=quantum), {"speaker", "microphone"}
        if not microphone:
            objects.remove("microphone")
            devices = devices[:devices.rindex("  { factory = adapter")] + "]\n"
        config.write_text(devices)
        self.devices = objects
        self.start()

    def start(self):
        """Once more, where it was stopped."""
        self.daemon = Process(["pipewire", "-c", self.folder / "pipewire.conf"], env=self.env())
        try:
            wait_until(lambda: self.devices <= set(self.nodes()), 10, f"the graph of {self.name}")
        except BaseException:
            self.daemon.stop()
            raise

    @property
    def socket(self):
        return str(self.folder / "run" / "pipewire-0")

    def env(self):
        run = str(self.folder / "run")
        return {"XDG_RUNTIME_DIR": run, "PIPEWIRE_RUNTIME_DIR": run, "PIPEWIRE_REMOTE": self.socket,
                "HOME": str(self.folder / "home"), "XDG_CONFIG_HOME": str(self.folder / "home" / ".config"),
                "QT_QPA_PLATFORM": "offscreen"}

    def _ports(self, direction):
        done = subprocess.run(["pw-link", direction], env={**os.environ, **self.env()}, capture_output=True, text=True, timeout=10, check=False)
        return [line.rsplit(":", 1) for line in done.stdout.splitlines() if ":" in line]

    def nodes(self):
        """Names of the nodes that have audio ports, with how many (in, out; monitors not counted)."""
        found = {}
        for place, direction in enumerate(("-i", "-o")):
            for node, port in self._ports(direction):
                if not port.startswith("monitor_"):
                    found.setdefault(node, [0, 0])[place] += 1
        return found

    def wait_node(self, name, n_in, n_out, timeout=20):
        """Until a node whose name begins with @name has that many ports; returns its whole name."""
        def find():
            return next((n for n, ports in self.nodes().items() if n.startswith(name) and ports[0] >= n_in and ports[1] >= n_out), None)
        return wait_until(find, timeout, f"{name} in the graph of {self.name} (there is {self.nodes()})", 0.1)

    def link_devices(self, node):
        """Microphone → @node → speaker, for programs that do not do it themselves."""
        inputs = [f"{n}:{p}" for n, p in self._ports("-i") if n == node]
        outputs = [f"{n}:{p}" for n, p in self._ports("-o") if n == node]
        for side, inp, out in zip(("FL", "FR"), inputs, outputs):
            for pair in ((f"microphone:capture_{side}", inp), (out, f"speaker:playback_{side}")):
                subprocess.run(["pw-link", *pair], env={**os.environ, **self.env()}, check=True, capture_output=True, timeout=10)

    def plug(self, name):
        """One more microphone."""
        subprocess.run(["pw-cli", "create-node", "adapter", MORE.format(name=name).replace("\n", " ")],
                       env={**os.environ, **self.env()}, check=True, capture_output=True, timeout=10)

    def links(self):
        """Which of its devices are linked to a program, or a program to them."""
        done = subprocess.run(["pw-link", "-l"], env={**os.environ, **self.env()}, capture_output=True, text=True, timeout=10, check=False)
        return {line.split(":")[0] for line in done.stdout.splitlines() if not line.startswith(" ")}

    def stop(self):
        self.daemon.stop()
