# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that never outlive the test, and waiting that always ends."""

import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

SOURCE_ROOT = Path(__file__).resolve().parents[3]
BUILD_DIR = Path(os.environ.get("TUTTI_BUILD_DIR", SOURCE_ROOT / "build" / "app"))


class TimedOut(AssertionError):
    pass


def wait_until(condition, timeout, what, poll=0.05):
    """Calls @condition until it returns something true (returned) or @timeout s are over.

    @what it was waited for, or a function that says so when it did not come."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimedOut(f"waited {timeout} s for {what() if callable(what) else what}")
        time.sleep(poll)


class Process:
    """A child in a process group of its own; its lines are read by threads, so it never blocks."""

    def __init__(self, argv, env=None, stdin=False):
        self.argv = [str(a) for a in argv]
        self.lines = []
        self.error_lines = []
        self.changed = threading.Condition()
        self.popen = subprocess.Popen(
            self.argv,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.readers = [
            threading.Thread(target=self._read, args=(self.popen.stdout, self._take), daemon=True),
            threading.Thread(target=self._read, args=(self.popen.stderr, self._take_error), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, take):
        for line in stream:
            with self.changed:
                take(line.rstrip("\n"))
                self.changed.notify_all()

    def _take(self, line):
        self.lines.append(line)

    def _take_error(self, line):
        self.error_lines.append(line)

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def wait_for(self, find, timeout, what):
        """Waits until @find() returns something true; called whenever a line came."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                value = find()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0 or (not self.is_running() and not self._drain()):
                    raise TimedOut(self._describe(timeout, what))
                self.changed.wait(min(left, 0.2))

    def _drain(self):
        return any(reader.is_alive() for reader in self.readers)

    def _describe(self, timeout, what):
        state = "running" if self.is_running() else f"ended with {self.popen.returncode}"
        tail = "\n".join("  out: " + line[:400] for line in self.lines[-5:])
        errors = "\n".join("  err: " + line[:400] for line in self.error_lines[-15:])
        return f"waited {timeout} s for {what}; {shlex.join(self.argv)} is {state}\n{tail}\n{errors}"

    def write(self, line):
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def wait(self, timeout):
        try:
            self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimedOut(self._describe(timeout, "its end")) from None
        self._close()
        return self.popen.returncode

    def _close(self):
        for reader in self.readers:
            reader.join(2)
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def stop(self, timeout=10):
        """Asks it to end, insists, and takes its whole group along."""
        if self.is_running():
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
        self._close()
        return self.popen.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def children_of(pid):
    """All descendants of @pid as (pid, command line)."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError, IndexError):
            continue
        found.append((int(entry.name), parent, command))
    result, front = [], {pid}
    while front:
        front = {p for p, parent, _ in found if parent in front}
        result += [(p, command) for p, _, command in found if p in front]
    return result


def threads_of(pid):
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def resident_kb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid):
    stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
