# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real room service and real musicians (tutti-cli) in it."""

import json
import os
import signal
from urllib.parse import parse_qs, urlsplit

from .process import BUILD_DIR, SOURCE_ROOT, Process, children_of, wait_until

CLI = os.environ.get("TUTTI_CLI", str(BUILD_DIR / "src" / "cli" / "tutti-cli"))
ROOM_COMMAND = os.environ.get("TUTTI_ROOM_COMMAND", str(SOURCE_ROOT / "src" / "room" / "tutti-room"))


class Room(Process):
    """The room service, on loopback where not told otherwise. `link(name)` is the link of a room in it. @wrap: what makes
    its command line one that runs elsewhere (Network.argv())."""

    def __init__(self, state_dir, *options, port=0, wrap=list):
        self.state_dir = state_dir
        super().__init__(wrap([ROOM_COMMAND, "--state-dir", state_dir, "--port", str(port), *options]))
        ready = self.wait_for(self._find_ready, 30, "the room service's ready line")
        self.url = urlsplit(ready)
        self.port = self.url.port
        self.fingerprint = parse_qs(self.url.query)["fp"][0]
        self.invite = parse_qs(self.url.query)["invite"][0]  # of the owner, who is host everywhere

    def _find_ready(self):
        return next((line.split()[1] for line in self.lines if line.startswith("ready ")), None)

    def link(self, name="jam", invite=True, port=None, fingerprint=None):
        """@invite: the owner's (True), another or none (None). @port, @fingerprint: of whoever stands in between."""
        token = self.invite if invite is True else invite
        return (f"tutti://{self.url.hostname}:{port or self.port}/{name}?" + (f"invite={token}&" if token else "")
                + f"fp={fingerprint or self.fingerprint}")

    def workers(self):
        return [pid for pid, command in children_of(self.pid) if "mediasoup-worker" in command.split(" ")[0]]

    def kill_workers(self):
        killed = self.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        return killed


class Bot(Process):
    """A musician. Events are the JSON lines that tutti-cli prints. @frame: of Opus, ms; None: as the room plans."""

    def __init__(self, link, name, *options, source="silence", output="null", frame="5", interval="0.5", env=None, wrap=list):
        self.name = name
        self.events = []
        super().__init__(
            wrap([CLI, "join", link, "--name", name, "--input", source, "--output", output,
             *(["--frame", frame] if frame else []), "--stats", "json", "--stats-interval", interval, "--control", *options]),
            stdin=True, env=env,
        )

    def _take(self, line):
        super()._take(line)
        try:
            self.events.append(json.loads(line))
        except ValueError:
            pass

    def last(self, kind):
        return next((e for e in reversed(self.events) if e.get("event") == kind), None)

    def count(self, kind):
        return sum(1 for e in self.events if e.get("event") == kind)

    def wait_event(self, kind, timeout=20, since=0, where=lambda event: True):
        return self.wait_for(
            lambda: next((e for e in self.events[since:] if e.get("event") == kind and where(e)), None),
            timeout, f"event {kind} of {self.name}",
        )

    def wait_joined(self, timeout=20):
        return self.wait_event("joined", timeout)

    def wait_state(self, state, timeout=20, since=0):
        return self.wait_event("state", timeout, since, lambda e: e["state"] == state)

    def hears(self):
        """Whose packets came within the last second, by the last stats line."""
        stats = self.last("stats")
        return {r["name"]: r for r in (stats or {}).get("remotes", []) if r["flowing"]}

    def wait_hears(self, names, timeout=20):
        wanted = set(names)
        return self.wait_for(lambda: set(self.hears()) == wanted and self.hears(),
                             timeout, f"{self.name} hearing exactly {sorted(wanted)} (now {sorted(self.hears())})")

    def remotes(self):
        """Strips by the last stats line, as (name, strip id): dict."""
        return {(r["name"], r["strip"].split("/", 1)[1]): r for r in (self.last("stats") or {}).get("remotes", [])}

    def wait_plan(self, where, timeout=30):
        """The first statistics whose plan satisfies @where."""
        return self.wait_for(lambda: (self.last("stats") or {}).get("plan") and where(self.last("stats")["plan"]) and self.last("stats"),
                             timeout, f"a plan for {self.name} (now {(self.last('stats') or {}).get('plan')})")

    def control(self, command, timeout=10):
        """Sends a command and returns its answer."""
        since = len(self.events)
        self.write(command)
        return self.wait_event("control", timeout, since)

    def leave(self, timeout=15):
        if self.is_running():
            self.signal(signal.SIGINT)
        return self.wait(timeout)


def wait_worker_change(room, before, timeout=15):
    return wait_until(lambda: [w for w in room.workers() if w not in before], timeout, "new mediasoup workers")
