// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { Peer } from './peer.ts';
import type { Room } from './room.ts';

/**
 * A room whose hosts have gone gets another one: the musician who is here longest, once no host has
 * come back for a while. Where there never was a host, nobody inherits.
 */
export class Succession {
  readonly #room: Room;
  #timer: NodeJS.Timeout | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** To be called when somebody came, went, or has another role. */
  update(): void {
    if (!this.#room.closed && this.#room.controls.places.hadHost && !this.#hasHost)
      this.#timer ??= setTimeout(() => this.#inherit(), this.#room.config.hostAwayMs);
    else this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #hasHost(): boolean {
    return this.#room.joinedPeers.some(({ grant }) => grant.role === 'host');
  }

  /** Who can do something with it goes first: a browser has no controls. */
  #heir(): Peer | undefined {
    const { controls } = this.#room;
    const rank = (peer: Peer) => [
      Number(!peer.joined?.tutti),
      Number(controls.isIsolated(peer.id)),
      controls.places.arrival(peer.grant),
    ];

    return this.#room.joinedPeers
      .filter(({ grant }) => grant.role === 'musician')
      .map((peer) => ({ peer, rank: rank(peer) }))
      .sort((a, b) => a.rank.map((n, i) => n - b.rank[i]!).find((n) => n !== 0) ?? 0)
      .at(0)?.peer;
  }

  #inherit(): void {
    this.#timer = undefined;

    const heir = this.#heir();

    if (!heir || this.#hasHost) return; // With the next musician the waiting begins anew.
    heir.log.info('inherits the room');
    this.#room.setRole(heir, 'host');
  }
}
