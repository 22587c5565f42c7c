# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader sees of a window, and does with it.

libatspi asks for one thing of one widget at a time; a window that is drawn by the processor answers several hundred
questions between its frames, and both stand still. Here all questions are asked at once: what the widgets are comes in
one message (org.a11y.atspi.Cache.GetItems), and who is whose child in one burst. The cache alone is not enough: it keeps
what was taken out of the window, and has only what somebody has asked for before.
"""

import time
from dataclasses import dataclass, field

from .process import wait_until

ROOT = "/org/a11y/atspi/accessible/root"
MAX_DEPTH = 60
CONTROLS = {"button", "push button", "toggle button", "slider", "text", "entry", "combo box", "check box", "switch"}


@dataclass
class Node:
    """A widget as it was when the tree was read."""
    path: str
    n_children: int
    interfaces: set
    name: str
    role: str
    description: str
    states: int
    children: list = field(default_factory=list)

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def reachable(children):
    """ROOT and all that is below it."""
    found = [ROOT]
    for path in found:
        found += [child for child in children.get(path, []) if child not in found]
    return found


class Tree:
    """The accessibility tree of one application: only what shows."""

    def __init__(self, application, timeout=20):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, Gio, GLib
        self.atspi, self.gio, self.glib = Atspi, Gio, GLib
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                    Gio.DBusCallFlags.NONE, 5000).unpack()[0]
        flags = Gio.DBusConnectionFlags
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.application = application
        self.owner = wait_until(self._find_owner, timeout, f"{application} on the accessibility bus")

    def close(self):
        self.bus.close_sync()

    def _call(self, owner, path, interface, method, arguments=None):
        return self.bus.call_sync(owner, path, f"org.a11y.atspi.{interface}", method, arguments, None,
                                  self.gio.DBusCallFlags.NONE, 20000).unpack()

    def _property(self, owner, path, interface, name):
        return self.bus.call_sync(
            owner, path, "org.freedesktop.DBus.Properties", "Get",
            self.glib.Variant("(ss)", (f"org.a11y.atspi.{interface}", name)), None,
            self.gio.DBusCallFlags.NONE, 20000).unpack()[0]

    def _find_owner(self):
        for owner, path in self._call("org.a11y.atspi.Registry", ROOT, "Accessible", "GetChildren")[0]:
            try:
                if self.application in self._property(owner, path, "Accessible", "Name") and self._read(owner).children:
                    return owner
            except self.glib.Error:
                continue
        return None

    def _items(self, owner):
        items = self._call(owner, "/org/a11y/atspi/cache", "Cache", "GetItems")[0]
        return {path: Node(path, n_children, {i.rsplit(".", 1)[1] for i in interfaces}, name,
                           self.atspi.role_get_name(self.atspi.Role(role)), description, states[0] | states[1] << 32)
                for (_, path), _, _, _, n_children, interfaces, name, role, description, states in items}

    def _children(self, owner, paths):
        """Those of each of @paths, all asked at once; none of what went away meanwhile."""
        found = {}

        def answer_cb(bus, result, path):
            try:
                found[path] = [child for _, child in bus.call_finish(result).unpack()[0]]
            except self.glib.Error:
                found[path] = []

        for path in paths:
            self.bus.call(owner, path, "org.a11y.atspi.Accessible", "GetChildren", None, None,
                          self.gio.DBusCallFlags.NONE, 20000, None, answer_cb, path)
        while len(found) < len(paths):
            self.glib.MainContext.default().iteration(True)
        return found

    def _read(self, owner):
        """All that shows, from the application down."""
        nodes = self._items(owner)
        children = self._children(owner, [path for path, node in nodes.items() if node.n_children or path == ROOT])
        for _ in range(MAX_DEPTH):
            there = reachable(children)
            unknown = [path for path in there if path not in children and (path not in nodes or nodes[path].n_children)]
            if not unknown and all(path in nodes for path in there):
                break
            children.update(self._children(owner, unknown))
            nodes = self._items(owner)
        for path in reachable(children):
            if path in nodes:
                nodes[path].children = [nodes[child] for child in children.get(path, []) if child in nodes]
        return nodes[ROOT]

    def walk(self):
        """Whatever shows, from the outside in."""
        yield from self._read(self.owner).walk()

    def names(self):
        return {node.name for node in self.walk()}

    def find(self, role, name):
        """@name: what it is called, or a function that says yes."""
        for node in self.walk():
            if (not role or node.role == role) and (name(node.name) if callable(name) else node.name == name):
                return node
        return None

    def wait(self, role, name, timeout=15):
        return wait_until(lambda: self.find(role, name), timeout,
                          lambda: f"{role} “{name}” in the window:\n{self.describe()}", 0.2)

    def wait_gone(self, role, name, timeout=15):
        wait_until(lambda: not self.find(role, name), timeout, f"{role} “{name}” to go", 0.2)

    def press(self, role, name, timeout=15):
        """The control itself, or the part of it that can be pressed (a menu button's)."""
        node = self.wait(role, name, timeout)
        self._act(node)
        return node

    def wait_item(self, text, timeout=15):
        """An item of an open menu."""
        def items():
            return {self._item_text(node): node for node in self.walk() if node.role.endswith("menu item")}
        return wait_until(lambda: items().get(text), timeout, lambda: f"menu item “{text}”, of {sorted(items())}", 0.2)

    def _item_text(self, node):
        """A menu item has no name of its own: it refers to the label in it."""
        try:
            relations = self._call(self.owner, node.path, "Accessible", "GetRelationSet")[0]
            labels = [path for kind, targets in relations for _, path in targets
                      if kind == int(self.atspi.RelationType.LABELLED_BY)]
            return " ".join(self._call(self.owner, path, "Text", "GetText", self.glib.Variant("(ii)", (0, -1)))[0] for path in labels)
        except self.glib.Error:
            return ""  # It went away meanwhile.

    def press_item(self, text, timeout=15):
        node = self.wait_item(text, timeout)
        self._act(node)
        return node

    def _act(self, node):
        part = next((n for n in node.walk() if "Action" in n.interfaces
                     and self._property(self.owner, n.path, "Action", "NActions")), None)
        assert part, f"{node.role} “{node.name}” cannot be pressed"
        assert self._call(self.owner, part.path, "Action", "DoAction", self.glib.Variant("(i)", (0,)))[0], \
            f"{node.role} “{node.name}” takes no press"
        time.sleep(0.2)

    def set_value(self, role, name, value, timeout=15):
        node = self.wait(role, name, timeout)
        self.bus.call_sync(
            self.owner, node.path, "org.freedesktop.DBus.Properties", "Set",
            self.glib.Variant("(ssv)", ("org.a11y.atspi.Value", "CurrentValue", self.glib.Variant("d", float(value)))),
            None, self.gio.DBusCallFlags.NONE, 20000)
        return node

    def value(self, role, name):
        return self._property(self.owner, self.wait(role, name).path, "Value", "CurrentValue")

    def has_state(self, role, name, state):
        """@state: of Atspi.StateType, "PRESSED"."""
        return bool(self.wait(role, name).states & 1 << int(getattr(self.atspi.StateType, state)))

    def type_into(self, name, text):
        entry = self.wait("text", name)
        editable = next(n for n in entry.walk() if "EditableText" in n.interfaces)
        assert self._call(self.owner, editable.path, "EditableText", "SetTextContents",
                          self.glib.Variant("(s)", (text,)))[0], f"“{name}” takes no text"

    def watch_focus(self, seen):
        """Appends the name of each widget that gets the focus to @seen while the default main context runs, by the
        events a screen reader follows. Returns what ends it."""
        self._call("org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "Registry", "RegisterEvent",
                   self.glib.Variant("(sass)", ("object:state-changed:focused", [], "")))

        def state_changed_cb(_bus, _owner, path, _interface, _signal, arguments):
            if arguments.unpack()[1]:
                seen.append(self._property(self.owner, path, "Accessible", "Name"))

        subscription = self.bus.signal_subscribe(self.owner, "org.a11y.atspi.Event.Object", "StateChanged", None, "focused",
                                                 self.gio.DBusSignalFlags.NONE, state_changed_cb)
        return lambda: self.bus.signal_unsubscribe(subscription)

    def describe(self):
        try:
            lines = [f"  {node.role}: {node.name}" for node in self.walk() if node.name]
        except self.glib.Error as error:
            return f"  (the window does not answer: {error.message})"
        return "\n".join(lines[:120])

    def unnamed_controls(self):
        """Controls without a name: a screen reader could not tell what they are."""
        focusable = 1 << int(self.atspi.StateType.FOCUSABLE)
        return [node for node in self.walk() if node.role in CONTROLS and not node.name and node.states & focusable]
