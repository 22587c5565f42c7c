# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of one system on a Stage: click → click from musician a's microphone to musician b's loudspeaker."""

import json
import time

from .process import TimedOut
from .process import Process
from .witness import METER


def run(stage, system, seconds, click_ms=200, settle=4, seed=1, devices=False):
    """Starts @system, lets it settle, measures @seconds, ends it. Returns the meter's figures and the processor time used,
    as {"ways_ms": […], "gaps", "meter_gaps", "checked_s", "sent", "cpu_percent", "server_cpu_percent", …};
    {"failed": why} when no sound came through. @devices: through the virtual microphone and loudspeaker instead of straight
    into the program, which costs a quantum and proves that it is linked to them."""
    meter = None
    try:
        into, listen = system.start(stage)
        graphs = stage.graphs["a"], stage.graphs[system.listens_at]
        if devices:
            if not system.links_itself:
                for graph, node in zip(graphs, (into, listen)):
                    graph.link_devices(node)
            into, listen = "microphone", "speaker"
        meter = Process([METER, "--into", into, "--from", listen, "--into-remote", graphs[0].socket, "--from-remote", graphs[1].socket,
                         "--layout", "split", "--quantum", stage.quantum, "--seconds", seconds, "--settle", settle,
                         "--clicks", click_ms, "--seed", seed, "--list"])
        time.sleep(settle)
        before, start = system.cpu(), time.monotonic()
        time.sleep(max(seconds - 1, 1))
        after, passed = system.cpu(), time.monotonic() - start
        code = meter.wait(settle + 60)
        if code not in (0, 3) or not meter.lines:
            return {"failed": f"pw-meter ended with {code}: {meter.error_lines[-3:]}"}
        return figures(json.loads(meter.lines[-1]), [(b - a) / passed for a, b in zip(before, after)], system)
    except (TimedOut, RuntimeError) as error:
        return {"failed": str(error)}
    finally:
        if meter:
            meter.stop()
        system.stop()


def figures(result, cpu, system):
    if not result["n"] or result["gaps"] is None:
        return {"failed": f"no sound came through: {result['n']} of {result['clicks']} clicks, gaps {result['gaps']}"}
    return {
        "ways_ms": result["ways_ms"], "sent": result["clicks"], "gaps": result["gaps"], "meter_gaps": result["own_gaps"],
        "gap_ms": result["gap_ms"], "checked_s": result["checked_s"], "quantum": result["quantum_max"],
        "cpu_percent": round(100 * cpu[0], 2), "server_cpu_percent": round(100 * cpu[1], 2), **system.notes(),
    }
