# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless session the tests run in: virtual sound devices, the window, its accessibility tree."""

import json
import subprocess
import time

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


class Tree:
    """The accessibility tree of one application."""

    def __init__(self, application, timeout=20):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
        self.atspi = Atspi
        self.root = wait_until(lambda: self._find_application(application), timeout, f"{application} on the bus")

    def _find_application(self, name):
        desktop = self.atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(index)
            if child and name in (child.get_name() or "") and child.get_child_count():
                return child
        return None

    def walk(self, node=None):
        node = node or self.root
        try:
            node.clear_cache_single()
            yield node
            for index in range(node.get_child_count()):
                child = node.get_child_at_index(index)
                if child:
                    yield from self.walk(child)
        except Exception:  # a widget that went away while we walked
            return

    def find(self, role, name, showing=True):
        for node in self.walk():
            try:
                if role and node.get_role_name() != role:
                    continue
                if (name(node.get_name() or "") if callable(name) else node.get_name() == name):
                    if not showing or node.get_state_set().contains(self.atspi.StateType.SHOWING):
                        return node
            except Exception:
                continue
        return None

    def wait(self, role, name, timeout=15):
        return wait_until(lambda: self.find(role, name), timeout, f"{role} “{name}” in the window:\n{self.describe()}", 0.2)

    def press(self, role, name, timeout=15):
        node = self.wait(role, name, timeout)
        assert self.atspi.Action.do_action(node, 0), f"{role} “{name}” cannot be pressed"
        time.sleep(0.2)
        return node

    def set_value(self, role, name, value, timeout=15):
        node = self.wait(role, name, timeout)
        assert self.atspi.Value.set_current_value(node, float(value)), f"{role} “{name}” takes no value"
        return node

    def value(self, role, name):
        return self.atspi.Value.get_current_value(self.wait(role, name))

    def describe(self):
        lines = []
        for node in self.walk():
            try:
                if node.get_name():
                    lines.append(f"  {node.get_role_name()}: {node.get_name()}")
            except Exception:
                continue
        return "\n".join(lines[:120])

    def unnamed_controls(self):
        """Showing controls without a name: a screen reader could not tell what they are."""
        roles = {"button", "push button", "toggle button", "slider", "text", "entry", "combo box", "check box", "switch"}
        bad = []
        for node in self.walk():
            try:
                states = node.get_state_set()
                if (node.get_role_name() in roles and not node.get_name()
                        and states.contains(self.atspi.StateType.SHOWING)
                        and states.contains(self.atspi.StateType.FOCUSABLE)):
                    bad.append(node)
            except Exception:
                continue
        return bad
