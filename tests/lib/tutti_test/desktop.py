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


def node_group(pid):
    """The node.group of the program @pid: what else is in it runs on the same driver."""
    return next(item["info"]["props"]["node.group"] for item in dump() if item.get("type") == "PipeWire:Interface:Node"
                and str(item["info"]["props"].get("node.name")).endswith(f"-{pid}"))


def make_device(name, description, media_class, channels=2, driver=None, session=None):
    """A virtual device: "Audio/Sink" or "Audio/Source/Virtual". @driver: its priority among the drivers of a graph; @session:
    and when a default device is chosen."""
    position = {1: "[MONO]", 2: "[FL FR]", 4: "[FL FR RL RR]", 6: "[FL FR FC LFE SL SR]"}[channels]
    priority = "".join(f"priority.{kind}={value} " for kind, value in (("driver", driver), ("session", session)) if value)
    subprocess.run(
        ["pw-cli", "create-node", "adapter",
         f'{{ factory.name=support.null-audio-sink node.name={name} node.description="{description}" '
         f"{priority}media.class={media_class} object.linger=true audio.position={position} audio.rate=48000 }}"],
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


def make_broken_microphone(name, description):
    """A device that PipeWire lists, and whose sound it cannot get."""
    subprocess.run(["pw-cli", "create-node", "spa-node-factory", "{ factory.name=audiotestsrc library.name=audiotestsrc/libspa-audiotestsrc "
                    f'node.name={name} node.description="{description}" media.class=Audio/Source object.linger=true }}'],
                   check=True, capture_output=True, timeout=10)
    wait_until(lambda: node_id(name), 5, f"microphone {name}")


def set_default(kind, name):
    """What a person does in the desktop's settings. @kind: "source" or "sink"."""
    subprocess.run(["pw-metadata", "0", f"default.configured.audio.{kind}", f'{{ "name": "{name}" }}', "Spa:String:JSON"],
                   check=True, capture_output=True, timeout=10)


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


class Player(Process):
    """Plays the sound file @path into the virtual device @device, a microphone or a loudspeaker, and nowhere else."""

    def __init__(self, path, device, latency=256):
        name = f"player-{device}"
        super().__init__(["pw-cat", "--playback", "--latency", str(latency), "-P", f"{{ node.name={name} node.autoconnect=false }}", path])
        for side in ("FL", "FR"):
            wait_until(lambda: self._link(name, device, side), 5, f"{name} in {device}")

    @staticmethod
    def _link(name, device, side):
        """What goes in is called after what the device is."""
        return any(subprocess.run(["pw-link", f"{name}:output_{side}", f"{device}:{port}_{side}"], capture_output=True, timeout=10,
                                  check=False).returncode == 0 for port in ("input", "playback"))


class Recorder(Process):
    """Records what the loudspeaker @speaker plays to @path."""

    def __init__(self, path, speaker):
        super().__init__(["pw-record", "--target", speaker, "-P", "{ stream.capture.sink=true }", "--rate", "48000",
                          "--channels", "2", "--format", "s24", path])


def screenshot(path):
    subprocess.run(["grim", str(path)], check=True, timeout=20)
