// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { limits } from './limits.ts';
import { TokenBucket } from './rate-limit.ts';
import type { Socket } from 'node:net';

/** A whole IPv6 network of one customer counts as one address, and IPv4 in IPv6 as IPv4. */
export function addressOf({ remoteAddress = '' }: Socket): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');

  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}

/** What is counted of each address: nobody alone takes all connections, or all our time. */
export class Addresses {
  readonly #open = new Map<string, { count: number; knocks: TokenBucket }>();

  /** Returns false when this connection is one too many. Else it counts until it is closed. */
  admit(socket: Socket): boolean {
    const address = addressOf(socket);
    const entry = this.#open.get(address) ?? {
      count: 0,
      knocks: new TokenBucket(...limits.knocks),
    };

    if (entry.count >= limits.connectionsPerAddress) return false;
    entry.count += 1;
    this.#open.set(address, entry);
    socket.once('close', () => {
      entry.count -= 1;
      if (entry.count === 0) this.#open.delete(address);
    });

    return true;
  }

  /** Whether whoever is at the other end may ask once more. */
  mayKnock(socket: Socket): boolean {
    return this.#open.get(addressOf(socket))?.knocks.take() ?? false;
  }
}
