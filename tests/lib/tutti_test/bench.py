# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of every bench: progress on stderr, one JSON object as the last line of stdout."""

import json
import os
import platform
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def finish(bench, settings, rows):
    print(json.dumps({"bench": bench, "settings": {**settings, "machine": machine()}, "rows": rows}))
