// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { ofThisTab } from './storage.ts';
import type { Role } from './sounds.ts';

const patienceMs = 5000;

/** The link that this page was opened by. */
export type Link = { room: string; invite: string | undefined; app: string };

/** `https://HOST[:PORT]/ROOM[?invite=TOKEN][&fp=SHA256]`; the app has the same as `tutti://`. */
export function readLink({ protocol, hostname, port, pathname, search }: Location): Link {
  return {
    room: pathname.replace(/^\/|\/$/g, ''), // Of a room's name nothing is ever escaped.
    invite: new URLSearchParams(search).get('invite') ?? undefined,
    // Without a port the app takes its own default, not that of https.
    app: `tutti://${hostname}:${port || (protocol === 'https:' ? '443' : '80')}${pathname}${search}`,
  };
}

/** Who this page is to the room, also after it was loaded again. */
export class Place {
  readonly link: Link;
  readonly peerId: string;

  /** Another link is another right: who came by an older one begins anew. */
  constructor(link: Link) {
    this.link = link;
    if (ofThisTab.get(this.#key('invite')) !== (link.invite ?? '')) this.forget();
    this.peerId = ofThisTab.get(this.#key('peer')) ?? `web-${crypto.randomUUID()}`;
    ofThisTab.set(this.#key('peer'), this.peerId);
    ofThisTab.set(this.#key('invite'), link.invite ?? '');
  }

  get seat(): string | undefined {
    return ofThisTab.get(this.#key('seat'));
  }

  set seat(seat: string) {
    ofThisTab.set(this.#key('seat'), seat);
  }

  /** Somebody else is in the room under that name: the next place is a new one. */
  forget(): void {
    for (const what of ['peer', 'seat']) ofThisTab.remove(this.#key(what));
  }

  #key(what: string): string {
    return `tutti/${this.link.room}/${what}`;
  }

  query(): string {
    const { room, invite } = this.link;

    return new URLSearchParams({
      roomId: room,
      peerId: this.peerId,
      ...(invite !== undefined && { invite }),
      ...(this.seat !== undefined && { seat: this.seat }),
    }).toString();
  }
}

export type Answer = { role: Role } | { code: string; message: string } | undefined;

/** Asks whether this page would be let in, and as what; undefined: the service does not answer. */
export async function knock(place: Place): Promise<Answer> {
  try {
    const response = await fetch(`/guest/admission?${place.query()}`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
    });

    return (await response.json()) as Answer;
  } catch {
    return undefined;
  }
}
