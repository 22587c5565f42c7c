# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of its own for a test: musicians and a server in network namespaces, each joined to the server by a leg
with delay, jitter, loss, a rate and a queue (tests/tools/impair).

    with Network(["a", "b"], seed=1) as network:
        network.set("a", delay=10, jitter=2, loss=1)        # both ways; direction="up" or "down" for one
        server = Process(network.argv("server", [...]))     # runs in the server's namespace
        client = Process(network.argv("a", [...]))          # reaches the server at SERVER_ADDRESS
        network.address("b")                                # a reaches b through the server's namespace

Where network namespaces or TUN interfaces are not allowed, why_not() says what is missing."""

import contextlib
import json
import os
import subprocess

from .process import BUILD_DIR, Process

IMPAIR = BUILD_DIR / "tests" / "tools" / "impair"
PROBE = BUILD_DIR / "tests" / "tools" / "udp-probe"
SERVER = "server"
SERVER_ADDRESS = "10.77.0.1"
DEFAULTS = {"delay": 0, "jitter": 0, "loss": 0, "burst-loss": 0, "burst-length": 5, "rate": 0, "queue": 200, "reorder": 0}


def why_not():
    """None where a Network can be made, else a sentence."""
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "There is no /dev/net/tun to make a network with that this user may open."
    for program in ("unshare", "nsenter", "ip"):
        if not any(os.access(os.path.join(folder, program), os.X_OK) for folder in os.get_exec_path()):
            return f"The program {program} is missing."
    tried = subprocess.run(["unshare", "--net", "ip", "tuntap", "add", "dev", "probe", "mode", "tun"],
                           capture_output=True, text=True, timeout=10, check=False)
    if tried.returncode:
        return f"Network namespaces with TUN interfaces are not allowed here ({tried.stderr.strip()})."
    return None


class Namespace:
    """A network namespace, kept by a process that only waits."""

    def __init__(self, name):
        self.name = name
        self.holder = Process(["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep infinity"])
        self.holder.wait_for(lambda: "ready" in self.holder.lines, 10, f"the network namespace {name}")

    @property
    def path(self):
        return f"/proc/{self.holder.pid}/ns/net"

    def argv(self, argv):
        return ["nsenter", f"--net={self.path}", *map(str, argv)]

    def run(self, *argv):
        done = subprocess.run(self.argv(argv), capture_output=True, text=True, timeout=10, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, argv))} in {self.name}: {done.stderr.strip()}")
        return done.stdout

    def stop(self):
        self.holder.stop()


class Network:
    """@clients: names; each gets a namespace and a leg to the one called "server". @second: {leg: client}, one more leg
    of a client that has its own address but no route yet: switch() goes over to it."""

    def __init__(self, clients, seed=1, second=None):
        self.second = dict(second or {})
        self.clients = [*clients, *self.second]
        self.seed = seed
        self.stack = contextlib.ExitStack()
        self.spaces = {}

    def __enter__(self):
        try:
            self._make()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _make(self):
        for name in [SERVER, *self.clients]:
            if name in self.second:
                self.spaces[name] = self.spaces[self.second[name]]
                continue
            self.spaces[name] = Namespace(name)
            self.stack.callback(self.spaces[name].stop)
        legs = [f"leg-{c},{self.spaces[c].path},{self.spaces[SERVER].path}" for c in self.clients]
        self.impair = Process([IMPAIR, "--seed", self.seed, *legs], stdin=True)
        self.stack.callback(self.impair.stop)
        self.impair.wait_for(lambda: "ready" in self.impair.lines, 10, "the legs")
        server = self.spaces[SERVER]
        server.run("ip", "addr", "add", f"{SERVER_ADDRESS}/32", "dev", "lo")
        for name in self.clients:
            self._join(name)
        server.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def _join(self, name):
        own, server, leg = self.spaces[name], self.spaces[SERVER], f"leg-{name}"
        for space in (own, server):
            # No packet but those of the programs under test: they are counted.
            space.run("sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{leg}/disable_ipv6 || true")
            space.run("ip", "link", "set", leg, "mtu", "1500", "txqueuelen", "1000", "up")
        own.run("ip", "addr", "add", f"{self.address(name)}/32", "dev", leg)
        if name not in self.second:
            self.switch(name)
        server.run("ip", "route", "add", f"{self.address(name)}/32", "dev", leg, "src", SERVER_ADDRESS)

    def switch(self, name):
        """The default route of its namespace goes over this leg from now on; addresses stay."""
        self.spaces[name].run("ip", "route", "replace", "default", "dev", f"leg-{name}", "src", self.address(name))

    def unplug(self, name):
        """The leg, its address and every route over it are gone."""
        self.spaces[name].run("ip", "addr", "flush", "dev", f"leg-{name}")
        self.spaces[name].run("ip", "link", "set", f"leg-{name}", "down")

    def plug(self, name):
        self.spaces[name].run("ip", "link", "set", f"leg-{name}", "up")
        self.spaces[name].run("ip", "addr", "replace", f"{self.address(name)}/32", "dev", f"leg-{name}")

    def address(self, name):
        return SERVER_ADDRESS if name == SERVER else f"10.77.1.{1 + self.clients.index(name)}"

    def argv(self, name, argv):
        """@argv, to be run in the namespace of @name."""
        return self.spaces[name].argv(argv)

    def _ask(self, command):
        since = len(self.impair.lines)
        self.impair.write(command)
        answer = json.loads(self.impair.wait_for(lambda: self.impair.lines[since:], 10, f"an answer to {command}")[0])
        if "error" in answer:
            raise ValueError(f"{command}: {answer['error']}")
        return answer

    def set(self, name, direction="both", **settings):
        """What is not named stays as it is. @direction: "up" is towards the server. ms, per cent, kbit/s."""
        words = " ".join(f"{key.replace('_', '-')}={value:g}" for key, value in settings.items())
        self._ask(f"set leg-{name} {direction} {words}")

    def set_all(self, **settings):
        """Every leg, both ways; what is not named is off."""
        wanted = {**DEFAULTS, **{key.replace("_", "-"): value for key, value in settings.items()}}
        for name in self.clients:
            self.set(name, **wanted)

    def stats(self):
        """Packets by leg and direction; by how many µs they were handed on too late since the last call."""
        return self._ask("stats")

    def probe(self, sender, receiver, count=1000, interval_us=1333, size=200, port=4999, silence=1):
        """Sends packets and returns what udp-probe says about those that came, with "sent"."""
        far = Process(self.argv(receiver, [PROBE, "receive", port, silence]))
        try:
            far.wait_for(lambda: "ready" in far.lines, 10, "the probe")
            near = subprocess.run(self.argv(sender, [PROBE, "send", self.address(receiver), port, count, interval_us, size]),
                                  capture_output=True, text=True, timeout=60 + count * interval_us / 1e6, check=False)
            if near.returncode:
                raise RuntimeError(near.stderr)
            far.wait(silence + 30)
            return {"sent": count, **json.loads(far.lines[-1])}
        finally:
            far.stop()

    def forward_us(self, count=1500):
        """The network's own time for a packet over one leg, with nothing set: percentiles in µs."""
        first = self.clients[0]
        ways = sorted(self.probe(first, SERVER, count)["ways_us"])
        return {f"p{p}": round(ways[int(len(ways) * p / 100)], 1) for p in (50, 95, 99)}
