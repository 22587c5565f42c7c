# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A home behind a router with NAT, and the internet: network namespaces, nftables, and a real miniupnpd.

    home, near      192.168.77.10 and .11, two computers in one network
    router          192.168.77.1 inside, OUTSIDE outside; lets nothing in that was not asked for
    far             44.128.7.50, somewhere else"""

import contextlib
import json
import os
import signal

from .impair import Namespace
from .process import Process

INSIDE = "192.168.77.1"
OUTSIDE = "44.128.7.1"
COMPUTERS = {"home": "192.168.77.10", "near": "192.168.77.11", "far": "44.128.7.50"}

WALL = """
table inet tutti {{
  chain forward {{
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname lan accept
    jump miniupnpd
  }}
  chain input {{
    type filter hook input priority 0; policy accept;
    iifname wan ct state new drop
  }}
  chain prerouting {{ type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }}
  chain postrouting {{
    type nat hook postrouting priority 100; policy accept;
    jump postrouting_miniupnpd
    oifname wan masquerade
  }}
  chain miniupnpd {{ }}
  chain prerouting_miniupnpd {{ }}
  chain postrouting_miniupnpd {{ }}
}}
"""

SETTINGS = """
ext_ifname=wan
listening_ip=lan
port=5000
enable_upnp={upnp}
enable_pcp_pmp={pmp}
secure_mode=yes
system_uptime=yes
uuid=4669c84e-a491-4cc7-b389-435eaff059ad
upnp_table_name=tutti
upnp_nat_table_name=tutti
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
allow 1024-65535 192.168.77.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


class Home(contextlib.ExitStack):
    """@upnp, @pmp: what the router answers; neither: it has no such thing. @outside: its address there; miniupnpd sends
    nothing on when that is a private one."""

    def __init__(self, folder, upnp=True, pmp=True, outside=OUTSIDE):
        super().__init__()
        self.folder, self.outside = folder, outside
        self.settings = {"upnp": "yes" if upnp else "no", "pmp": "yes" if pmp else "no"}
        self.daemon = None
        try:
            self.spaces = {}
            for name in ("router", *COMPUTERS):
                self.spaces[name] = Namespace(name)
                self.callback(self.spaces[name].stop)
            self._join()
            (folder / "wall.nft").write_text(WALL.format())
            self.run("router", "nft", "-f", folder / "wall.nft")
            if upnp or pmp:
                self.start_daemon()
        except BaseException:
            self.close()
            raise

    def run(self, where, *argv):
        return self.spaces[where].run(*argv)

    def argv(self, where, argv):
        return self.spaces[where].argv(argv)

    def _join(self):
        self.run("router", "ip", "link", "add", "lan", "type", "bridge")
        for name in COMPUTERS:
            port = "wan" if name == "far" else f"to-{name}"
            self.run("router", "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", str(self.spaces[name].holder.pid))
            if name != "far":
                self.run("router", "ip", "link", "set", port, "master", "lan")
            self.run("router", "ip", "link", "set", port, "up")
            self.run(name, "ip", "link", "set", "eth0", "up")
            self.run(name, "ip", "addr", "add", f"{COMPUTERS[name]}/24", "dev", "eth0")
            if name != "far":
                self.run(name, "ip", "route", "add", "default", "via", INSIDE)
        self.run("router", "ip", "link", "set", "lan", "up")
        self.run("router", "ip", "addr", "add", f"{INSIDE}/24", "dev", "lan")
        self.run("router", "ip", "addr", "add", f"{self.outside}/24", "dev", "wan")
        if self.outside != OUTSIDE:
            self.run("far", "ip", "route", "add", f"{self.outside}/32", "dev", "eth0")
        self.run("router", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def start_daemon(self):
        path = self.folder / "miniupnpd.conf"
        path.write_text(SETTINGS.format(**self.settings))
        self.daemon = self.enter_context(Process(self.argv("router", ["miniupnpd", "-d", "-f", path, "-P", self.folder / "miniupnpd.pid"])))
        self.daemon.wait_for(lambda: any("BOOTID=" in line for line in self.daemon.lines + self.daemon.error_lines),
                             10, "miniupnpd")

    def restart_daemon(self):
        """As after a power cut: what was asked for is forgotten."""
        self.daemon.signal(signal.SIGTERM)
        self.daemon.wait(10)
        for chain in ("miniupnpd", "prerouting_miniupnpd", "postrouting_miniupnpd"):
            self.run("router", "nft", "flush", "chain", "inet", "tutti", chain)
        self.start_daemon()

    def forwards(self):
        """What the router sends on: {("tcp", port), …}."""
        listed = self.run("router", "nft", "-j", "list", "chain", "inet", "tutti", "prerouting_miniupnpd")
        found = set()
        for item in json.loads(listed)["nftables"]:
            rights = {json.dumps(m["match"]["left"]): m["match"]["right"] for m in item.get("rule", {}).get("expr", []) if "match" in m}
            port = next((right for left, right in rights.items() if "dport" in left), None)
            # Of an IPv4 header: miniupnpd looks at the byte itself.
            number = next((right for left, right in rights.items() if '"offset": 72' in left), None)
            if port:
                found.add(({6: "tcp", 17: "udp"}[number], port))
        return found


def why_not():
    missing = next((p for p in ("miniupnpd", "nft") if not any(os.access(os.path.join(f, p), os.X_OK) for f in os.get_exec_path())), None)
    return f"The program {missing} is missing." if missing else None
