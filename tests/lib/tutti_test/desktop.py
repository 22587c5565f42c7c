# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless session the tests run in: virtual sound devices and what the screen shows."""

import json
import subprocess

from .process import Process, wait_until


def dump():
    return json.loads(subprocess.run(["pw-dump"], capture_output=True, text=True, timeout=10).stdout or "[]")


def node_id(name):
    for item in dump():
        if item.get("type") == "PipeWire:Interface:Node" and item["info"]["props"].get("node.name") == name:
            return item["id"]
    return None


def make_device(name, description, media_class, channels=2):
    """A virtual device: "Audio/Sink" or "Audio/Source/Virtual"."""
    position = {1: "[MONO]", 2: "[FL FR]"}[channels]
    subprocess.run(
        ["pw-cli", "create-node", "adapter",
         f'{{ factory.name=support.null-audio-sink node.name={name} node.description="{description}" '
         f"media.class={media_class} object.linger=true audio.position={position} audio.rate=48000 }}"],
        check=True, capture_output=True, timeout=10)
    wait_until(lambda: node_id(name), 5, f"device {name}")


class Microphone(Process):
    """A virtual microphone that can be unplugged: ends when its process does."""

    def __init__(self, name, description):
        super().__init__(["pw-loopback", "--name", name, "--channels", "2", "--channel-map", "[ FL FR ]",
                          "--capture-props", f"media.class=Audio/Sink node.name={name}-in node.passive=true",
                          "--playback-props", f'media.class=Audio/Source node.name={name} node.description="{description}"'])
        wait_until(lambda: node_id(name), 5, f"microphone {name}")

    def unplug(self):
        self.stop()


def unplug(name):
    found = node_id(name)
    assert found, f"no device {name}"
    subprocess.run(["pw-cli", "destroy", str(found)], check=True, capture_output=True, timeout=10)
    wait_until(lambda: not node_id(name), 5, f"device {name} being gone")


def links():
    """The graph's links as (output node, output port, input node, input port) names."""
    items = dump()
    names = {i["id"]: i["info"]["props"].get("node.name") for i in items if i.get("type") == "PipeWire:Interface:Node"}
    ports = {i["id"]: i["info"]["props"].get("port.name") for i in items if i.get("type") == "PipeWire:Interface:Port"}
    return [(names.get(i["info"]["output-node-id"]), ports.get(i["info"]["output-port-id"]),
             names.get(i["info"]["input-node-id"]), ports.get(i["info"]["input-port-id"]))
            for i in items if i.get("type") == "PipeWire:Interface:Link"]


def screenshot(path):
    subprocess.run(["grim", str(path)], check=True, timeout=20)
