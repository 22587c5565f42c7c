# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems that `ci/bench peers` compares, each as two musicians and what stands between them.

A System is started on a Stage (a network and a PipeWire graph per musician) and tells the meter which node it sings into
at musician a's, and which it listens to at musician b's. All are stereo, at the graphs' quantum, and are linked to the
meter directly: the sound devices' own time is in nobody's figure."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from .graph import Graph
from .impair import SERVER, SERVER_ADDRESS, Network
from .jam import CLI, Bot, Room
from .process import BUILD_DIR, Process, children_of, cpu_seconds

WIRE = BUILD_DIR / "tests" / "tools" / "pw-wire"
MUSICIANS = ("a", "b")
REALTIME = ["chrt", "--rr", "40"]


class Stage:
    """Two musicians and a server: their network, and a PipeWire graph for each. New ones have new clock phases."""

    def __init__(self, folder, quantum=64, seed=1):
        self.folder = Path(folder)
        self.quantum = quantum
        self.network = Network(MUSICIANS, seed)
        self.graphs = {}
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.stack.enter_context(self.network)
            self.new_graphs()
        except BaseException:
            self.stack.close()
            self._stop_graphs()
            raise
        return self

    def __exit__(self, *_):
        self._stop_graphs()
        self.stack.close()

    def _stop_graphs(self):
        for graph in self.graphs.values():
            graph.stop()
        self.graphs = {}

    def new_graphs(self):
        self._stop_graphs()
        for name in (*MUSICIANS, SERVER):
            self.graphs[name] = Graph(name, self.folder, self.quantum)

    def start(self, where, argv, jack=False, stdin=False, realtime=False):
        """@realtime: every thread of it, as far as it does not choose for itself."""
        argv = self.network.argv(where, [*(REALTIME if realtime else []), *(["pw-jack"] if jack else []), *argv])
        return Process(argv, env=self.graphs[where].env(), stdin=stdin)


class System:
    """@settings: what distinguishes this row, shown in it. rt=False: as a person starts it; else programs that do not ask
    for real-time priority themselves are given it, as Tutti's own threads have it."""

    name = ""
    listens_at = "b"
    links_itself = False

    def __init__(self, **settings):
        self.settings = settings
        self.clients, self.servers = [], []

    @property
    def realtime(self):
        return self.settings.get("rt", True)

    def describe(self):
        return " ".join(f"{key}={value}" for key, value in self.settings.items() if key != "rt") or "-"

    def start(self, stage):
        """Returns the names of the node to sing into and of the one to listen at."""
        raise NotImplementedError

    def stop(self):
        for process in [*self.clients, *self.servers]:
            process.stop()
        self.clients, self.servers = [], []

    def cpu(self):
        """Seconds used so far: by one client (of two, their mean), by the server."""
        used = [sum(map(cpu_seconds, [p.pid, *(pid for pid, _ in children_of(p.pid))])) for p in self.clients]
        servers = [cpu_seconds(pid) for p in self.servers for pid in [p.pid, *(pid for pid, _ in children_of(p.pid))]]
        return sum(used) / max(len(used), 1), sum(servers)

    def notes(self):
        """More for the row, known at the end."""
        return {}

    def _check(self):
        for process in [*self.clients, *self.servers]:
            if not process.is_running():
                raise RuntimeError(f"{process.argv} ended with {process.popen.returncode}: "
                                   f"{(process.lines + process.error_lines)[-8:]}")

    def _wait_nodes(self, stage, name):
        nodes = [stage.graphs[who].wait_node(name, 2, 2) for who in MUSICIANS]
        self._check()
        return nodes


class Loop(System):
    """A bare filter, without a network: what the fixture itself costs."""

    name = "loop"
    listens_at = "a"

    def start(self, stage):
        self.clients = [stage.start("a", [WIRE, "loop"])]
        return [stage.graphs["a"].wait_node("pw-wire", 2, 2)] * 2


class Wire(System):
    """A bare filter on each side, that sends PCM in UDP: nothing can be much quicker over this network."""

    name = "wire"

    def start(self, stage):
        ends = [(who, other) for who, other in zip(MUSICIANS, reversed(MUSICIANS))]
        self.clients = [stage.start(who, [WIRE, "5900", stage.network.address(other), "5900"]) for who, other in ends]
        return self._wait_nodes(stage, "pw-wire")


class JackTrip(System):
    """A hub server and two clients. @queue: packets, or "auto"; @redundancy; @strategy: --bufstrategy."""

    name = "jacktrip"

    def _options(self):
        s = self.settings
        options = ["--udprt"] if self.realtime else []
        for key, option in (("queue", "-q"), ("redundancy", "-r"), ("strategy", "--bufstrategy")):
            if key in s:
                options += [option, s[key]]
        return options

    def start(self, stage):
        hub = stage.start(SERVER, ["jacktrip", "-S", "-p", "2", *self._options()], jack=True, realtime=self.realtime)
        self.servers = [hub]
        hub.wait_for(lambda: any("Waiting for client" in line for line in hub.lines + hub.error_lines), 15,
                     "the JackTrip hub")
        time.sleep(0.5)
        self.clients = [stage.start(who, ["jacktrip", "-C", SERVER_ADDRESS, "-D", "-J", "musician", *self._options()], jack=True, realtime=self.realtime)
                        for who in MUSICIANS]
        nodes = self._wait_nodes(stage, "musician")
        for who in MUSICIANS:
            stage.graphs[SERVER].wait_node(f"__ffff_{stage.network.address(who)}", 2, 2)
        return nodes


class JackTripDirect(JackTrip):
    """Two JackTrips without a server between them; their packets take the same two legs."""

    name = "jacktrip-p2p"

    def start(self, stage):
        def one(who, *options):
            return stage.start(who, ["jacktrip", *options, "-D", "-J", "musician", *self._options()], jack=True, realtime=self.realtime)

        self.clients = [one("b", "-s")]
        time.sleep(1)
        self.clients.insert(0, one("a", "-c", stage.network.address("b")))
        return self._wait_nodes(stage, "musician")


JAMULUS_INI = """<client>
 <name>TXVzaWNpYW4=</name>
 <audiochannels>2</audiochannels>
 <audioquality>{quality}</audioquality>
 <enableopussmall>{small}</enableopussmall>
 <autojitbuf>{auto}</autojitbuf>
 <jitbuf>{local}</jitbuf>
 <jitbufserver>{server}</jitbufserver>
 <revlev>0</revlev>
</client>
"""


class Jamulus(System):
    """A server and two clients without windows. @jitter: blocks of both buffers, or "auto"; @small: 64-sample blocks on
    the wire (a setting of the client) and a server that mixes in that step (--fastupdate); @quality: low, normal, high."""

    name = "jamulus"

    def start(self, stage):
        s = self.settings
        small = s.get("small", True)
        server = stage.start(SERVER, ["Jamulus", "-s", "-n", *(["-F"] if small else []), "-p", "22124"], realtime=self.realtime)
        self.servers = [server]
        time.sleep(1)
        jitter = s.get("jitter", "auto")
        for who in MUSICIANS:
            ini = stage.folder / f"jamulus-{who}.ini"
            blocks = 4 if jitter == "auto" else int(jitter)
            ini.write_text(JAMULUS_INI.format(quality=["low", "normal", "high"].index(s.get("quality", "high")), small=int(small),
                                              auto=int(jitter == "auto"), local=blocks, server=blocks))
            self.clients.append(stage.start(who, ["Jamulus", "-n", "-i", ini, "--nojackconnect", "-c", f"{SERVER_ADDRESS}:22124"],
                                            jack=True, realtime=self.realtime))
        nodes = self._wait_nodes(stage, "Jamulus")
        server.wait_for(lambda: sum("connected (" in line for line in server.lines + server.error_lines) >= 2, 20, "two Jamulus clients")
        return nodes


class NetRoom(Room):
    """The room service in the server's namespace."""

    def __init__(self, stage, folder):
        super().__init__(folder, "--listen", SERVER_ADDRESS, "--announce", SERVER_ADDRESS, "--workers", "1",
                         wrap=lambda argv: stage.network.argv(SERVER, argv))


class NetBot(Bot):
    """A musician in a namespace, with a graph of their own."""

    def __init__(self, stage, who, link, *options):  # pylint: disable=super-init-not-called
        self.name = who
        self.events = []
        argv = [CLI, "join", link, "--name", who, "--input", "device:microphone", "--output", "device:speaker", "--channels", 2,
                "--quantum", stage.quantum, "--stats", "json", "--stats-interval", "0.5", "--control", *options]
        Process.__init__(self, stage.network.argv(who, argv), stdin=True, env=stage.graphs[who].env())


class Tutti(System):
    """A room service with its mediasoup worker, and two tutti-cli. @formats: the only ones they list (else all: the room
    plans); @frame: of standard Opus, ms; @bias: 0 tight … 1 safe."""

    name = "tutti"
    links_itself = True

    def start(self, stage):
        s = self.settings
        options = []
        for key in ("formats", "frame"):
            if key in s:
                options += [f"--{key}", s[key]]
        room = NetRoom(stage, stage.folder / "room")
        self.servers = [room]
        self.clients = [NetBot(stage, who, room.link(), *options) for who in MUSICIANS]
        for bot, other in zip(self.clients, reversed(MUSICIANS)):
            bot.wait_for(lambda: other in bot.hears(), 40, f"{bot.name} hearing {other}")
        nodes = self._wait_nodes(stage, "Tutti-")
        if "bias" in s:
            for bot, other in zip(self.clients, reversed(MUSICIANS)):
                bot.control(f"bias {other} {s['bias']}")
        return nodes

    def stop(self):
        for bot in self.clients:
            bot.signal(2)
        super().stop()

    def notes(self):
        stats = self.clients[1].last("stats") or {}
        remote = next((r for r in stats.get("remotes", []) if r.get("name") == "a"), {})
        keys = ("delay_ms", "target_ms", "format", "wire", "frame_ms", "concealed_ms", "late", "lost")
        return {"remote": {key: remote[key] for key in keys if key in remote}, "plan": self.clients[1].last("plan")}


SYSTEMS = {each.name: each for each in (Loop, Wire, JackTrip, JackTripDirect, Jamulus, Tutti)}


def versions():
    """What is compared, as the programs and the package manager call it."""
    def said(*argv, pattern):
        if not shutil.which(argv[0]):
            return None
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        found = re.search(pattern, done.stdout + done.stderr)
        return found.group(1) if found else None

    return {"tutti": said(CLI, "--version", pattern=r"(\d+\.\d+[\w.+-]*)"),
            "jamulus": said("Jamulus", "--version", pattern=r"Version (\S+)"),
            "jacktrip": said("jacktrip", "--version", pattern=r"VERSION: (\S+)"),
            "pipewire": said("pipewire", "--version", pattern=r"libpipewire (\S+)")}


def missing():
    """The programs that are not here."""
    return [name for name in ("Jamulus", "jacktrip", "pw-jack", "pipewire", "pw-link") if not shutil.which(name)]


def can_choose_formats():
    """Whether this tutti-cli has --formats."""
    return "--formats" in subprocess.run([CLI, "join", "--help"], capture_output=True, text=True, timeout=20, check=False).stdout
