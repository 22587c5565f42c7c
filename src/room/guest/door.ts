// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { Role } from './sounds.ts';

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
  readonly #key: string;

  constructor(link: Link) {
    const fresh = () => `web-${crypto.randomUUID()}`;

    this.link = link;
    this.#key = `tutti/${link.room}`;
    this.peerId = sessionStorage.getItem(`${this.#key}/peer`) ?? fresh();
    sessionStorage.setItem(`${this.#key}/peer`, this.peerId);
  }

  get seat(): string | undefined {
    return sessionStorage.getItem(`${this.#key}/seat`) ?? undefined;
  }

  set seat(seat: string) {
    sessionStorage.setItem(`${this.#key}/seat`, seat);
  }

  /** Another page of this tab’s copy is in the room under that name. */
  forget(): void {
    sessionStorage.removeItem(`${this.#key}/peer`);
    sessionStorage.removeItem(`${this.#key}/seat`);
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
    const response = await fetch(`/guest/admission?${place.query()}`, { cache: 'no-store' });

    return (await response.json()) as Answer;
  } catch {
    return undefined;
  }
}
