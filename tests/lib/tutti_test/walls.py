# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks with a wall in the way: a room, musicians each on a leg of their own, real packet filters, a real coturn."""

import contextlib
import os
import tempfile
from pathlib import Path

from . import impair
from .impair import SERVER, SERVER_ADDRESS, Network
from .jam import Bot, Room
from .process import Process

SECRET = "what only the room and the relay know"
TURN_PORT = 3478
MEDIA_PORT = 40000
TONE_DB = -18


def why_not():
    missing = [p for p in ("nft", "turnserver") if not any(os.access(os.path.join(f, p), os.X_OK) for f in os.get_exec_path())]
    return impair.why_not() or (f"The program {missing[0]} is missing." if missing else None)


class Turn(Process):
    """A real coturn with the REST interface's credentials, on a leg of its own."""

    def __init__(self, network, place, folder, secret=SECRET):
        address = network.address(place)
        super().__init__(network.argv(place, [
            "turnserver", "-n", "--log-file", "stdout", "--simple-log", "--pidfile", folder / "turnserver.pid", "--userdb", folder / "turn.db",
            "--listening-ip", address, "--relay-ip", address, "--listening-port", TURN_PORT, "--realm", "tutti", "--no-tls", "--no-dtls",
            "--no-cli", "--no-tcp-relay", "--denied-peer-ip", "0.0.0.0-255.255.255.255", "--allowed-peer-ip", SERVER_ADDRESS, "--use-auth-secret", "--static-auth-secret", secret, "--verbose"]))
        self.wait_for(lambda: any("Relay ports initialization done" in l or "initialization done" in l.lower() for l in self.lines + self.error_lines),
                      20, "coturn")

    def allocations(self):
        return sum("ALLOCATE processed, success" in line for line in self.lines)

    def relayed(self):
        """Whether packets of somebody's passed it."""
        return any("CHANNEL_BIND processed, success" in line or "CREATE_PERMISSION processed, success" in line for line in self.lines)


class Stage(contextlib.ExitStack):
    """A room, a coturn on the leg "turn", and two musicians' legs; the filter stands at the room's end of a leg, as a router's would."""

    def __init__(self, *options, secret=SECRET, turn_address=None, with_turn=True):
        """@secret: the room's; @turn_address: None: coturn's, "": none is configured."""
        super().__init__()
        try:
            self.folder = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="tutti-nat-")))
            self.network = self.enter_context(Network(["ada", "ben", "turn"], seed=7))
            self.turn = self.enter_context(Turn(self.network, "turn", self.folder)) if with_turn else None
            (self.folder / "secret").write_text(secret + "\n")
            self.room = self.enter_context(Room(
                self.folder / "room", "--listen", SERVER_ADDRESS, "--announce", SERVER_ADDRESS, "--workers", "1", "--rtc-port", MEDIA_PORT,
                *self.turn_options(turn_address), *options,
                wrap=lambda argv: self.network.argv(SERVER, argv)))
        except BaseException:
            self.close()
            raise

    def turn_options(self, address):
        if address == "":
            return []
        turn = f"turn:{address or self.network.address('turn')}:{TURN_PORT}"
        return ["--turn", f"{turn}?transport=udp", "--turn", f"{turn}?transport=tcp", "--turn-secret-file", self.folder / "secret"]

    def filter(self, *rules):
        """nft rules for what comes from the leg of "ada", to the room itself and beyond it."""
        lines = "\n".join(f"iifname leg-ada {rule}" for rule in rules)
        text = f"""table inet wall
delete table inet wall
table inet wall {{
  chain to_room {{ type filter hook input priority 0; policy accept;
{lines}
  }}
  chain beyond {{ type filter hook forward priority 0; policy accept;
{lines}
  }}
}}
"""
        path = self.folder / "wall.nft"
        path.write_text(text)
        self.network.spaces[SERVER].run("nft", "-f", path)

    def bot(self, who, hz):
        return self.enter_context(Bot(self.room.link(), who.title(), "--channels", "1", source=f"tone:{hz}:{TONE_DB}", interval="0.1",
                                      wrap=lambda argv: self.network.argv(who, argv)))


NO_UDP = "meta l4proto udp drop"
NO_UDP_ALOUD = "meta l4proto udp reject"
NO_MEDIA_TCP = f"tcp dport {MEDIA_PORT} drop"
NO_MEDIA_TCP_ALOUD = f"tcp dport {MEDIA_PORT} reject with tcp reset"
NO_MEDIA_UDP = f"udp dport {MEDIA_PORT} ip daddr {SERVER_ADDRESS} drop"
