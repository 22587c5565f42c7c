# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What logind says and is asked around sleep, on the bus of $DBUS_SYSTEM_BUS_ADDRESS: org.freedesktop.login1.Manager's
signal PrepareForSleep and its method Inhibit, whose lock is a pipe that whoever asked holds open.

On standard input `sleep` and `wake` send the signal. It prints `ready`, `inhibited` when somebody took a lock and
`released` when that was given back."""

import os
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME, PATH, MANAGER = "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
INTERFACE = """<node><interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/></method>
  <signal name="PrepareForSleep"><arg type="b"/></signal>
</interface></node>"""


def say(word):
    print(word, flush=True)


def released(fd, _condition):
    os.close(fd)
    say("released")
    return False


def called(_bus, _sender, _path, _interface, _method, arguments, invocation):
    what, _who, _why, mode = arguments.unpack()
    if (what, mode) != ("sleep", "delay"):
        invocation.return_dbus_error("org.freedesktop.DBus.Error.InvalidArgs", f"{what} {mode}")
        return
    ours, theirs = os.pipe()
    GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, ours, GLib.IOCondition.HUP | GLib.IOCondition.ERR, released)
    fds = Gio.UnixFDList.new()
    handle = fds.append(theirs)
    os.close(theirs)
    invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (handle,)), fds)
    say("inhibited")


def commanded(fd, _condition, bus):
    line = os.read(fd, 100).decode().strip()
    if line in ("sleep", "wake"):
        bus.emit_signal(None, PATH, MANAGER, "PrepareForSleep", GLib.Variant("(b)", (line == "sleep",)))
        bus.flush_sync(None)
    return bool(line)


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    bus.register_object(PATH, interface, called, None, None)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: say("ready"), lambda *_: sys.exit(1))
    GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, 0, GLib.IOCondition.IN | GLib.IOCondition.HUP, commanded, bus)
    GLib.MainLoop().run()


main()
