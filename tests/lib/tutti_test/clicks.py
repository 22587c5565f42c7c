# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Click → click: the virtual microphone of Ada, the virtual speaker of Ben, a bare loop beside them."""

import contextlib
import json

from . import desktop
from .jam import Bot
from .process import Process, cpu_seconds
from .witness import METER

DEVICES = [(f"lat-{kind}-{who}", media) for who in "abw"
           for kind, media in (("mic", "Audio/Source/Virtual"), ("spk", "Audio/Sink"))]


@contextlib.contextmanager
def devices():
    made = []
    try:
        for name, media in DEVICES:
            desktop.make_device(name, name, media)
            made.append(name)
        yield
    finally:
        for name in made:
            desktop.unplug(name)


def add_options(parser, seconds):
    parser.add_argument("--quantum", type=int, default=64, help="samples at 48 kHz")
    parser.add_argument("--seconds", type=int, default=seconds, help="per row")
    parser.add_argument("--click-ms", type=int, default=130, help="about how often a click is played")
    parser.add_argument("--seed", type=int, default=1)


def measure(link, frame_ms, options, while_running=None):
    """One row. @while_running: called once both hear each other, returns a function that is called
    at the end."""
    bots = []
    finish = None
    try:
        for name, who in (("Ada", "a"), ("Ben", "b")):
            bots.append(Bot(link, name, "--quantum", options.quantum, "--channels", "1", source=f"device:lat-mic-{who}",
                            output=f"device:lat-spk-{who}", frame=f"{frame_ms:g}", interval="1"))
        for bot, other in zip(bots, ("Ben", "Ada")):
            bot.wait_for(lambda: other in bot.hears(), 30, f"{bot.name} hearing {other}")
        finish = while_running() if while_running else None
        cpu = [cpu_seconds(bot.pid) for bot in bots]
        meter = Process([METER, "--into", "lat-mic-a", "--from", "lat-spk-b",
                         "--witness-into", "lat-mic-w", "--witness-from", "lat-spk-w", "--layout", "mono", "--quantum", options.quantum,
                         "--seconds", options.seconds, "--clicks", options.click_ms, "--seed", options.seed])
        code = meter.wait(options.seconds + 60)
        if code:
            raise RuntimeError(f"pw-meter ended with {code}: {meter.error_lines[-5:]}")
        result = json.loads(meter.lines[-1])
        used = sum(cpu_seconds(bot.pid) - before for bot, before in zip(bots, cpu)) / len(bots)
        return row(frame_ms, options, result, used, bots[1].last("stats"))
    finally:
        if finish:
            finish()
        for bot in bots:
            bot.signal(2)
            bot.stop()


def row(frame_ms, options, result, cpu, stats):
    ada = next(remote for remote in stats["remotes"] if remote["name"] == "Ada")
    return {
        "frame_ms": frame_ms, "quantum": options.quantum, "n": result["n"],
        "p50_ms": result["p50_ms"], "p95_ms": result["p95_ms"], "p99_ms": result["p99_ms"],
        "loop_p50_ms": result["loop_p50_ms"], "above_loop_p50_ms": round(result["p50_ms"] - result["loop_p50_ms"], 3),
        "gaps": result["gaps"], "witness_gaps": result["witness_gaps"],
        "cpu_percent": round(100 * cpu / options.seconds, 2),
        "readout_ms": ada["delay_ms"], "concealed_percent": round(100 * ada["concealed_ms"] / max(ada["played_ms"], 1), 4),
        "protocol": stats["protocol"], "granted_quantum": stats["engine"]["quantum"],
    }
