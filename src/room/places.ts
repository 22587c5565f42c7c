// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { Grant, Role } from './invites.ts';

/** So that nobody fills the memory by coming in again and again: who came first is forgotten first. */
const most = 4096;

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}

/** Who has been in a room since it was opened, as what, and who may still come in. */
export class Places {
  locked = false;
  /** By holder: in which order they came first. */
  readonly #arrivals = new Map<string, number>();
  /** By holder: what a host made of them, whatever their seat says. */
  readonly #roles = new Map<string, Role>();
  #count = 0;
  #hadHost = false;

  /** A host has been here: without one, the room has lost it. */
  get hadHost(): boolean {
    return this.#hadHost;
  }

  came({ holder, role }: Grant): void {
    this.#hadHost ||= role === 'host';
    if (!this.#arrivals.has(holder)) keep(this.#arrivals, holder, this.#count++);
  }

  knows({ holder }: Grant): boolean {
    return this.#arrivals.has(holder);
  }

  /** The smaller, the longer they are here. */
  arrival({ holder }: Grant): number {
    return this.#arrivals.get(holder) ?? Infinity;
  }

  /** @grant becomes @role, and stays it when they come back. */
  assign({ holder }: Grant, role: Role): void {
    this.#hadHost ||= role === 'host';
    keep(this.#roles, holder, role);
  }

  /** @grant as it holds by now. */
  current(grant: Grant): Grant {
    const role = this.#roles.get(grant.holder);

    return role === undefined || role === grant.role ? grant : { ...grant, role };
  }

  /** A locked door keeps out who has never been in; hosts have the key. */
  admits(grant: Grant): boolean {
    return !this.locked || grant.role === 'host' || this.knows(grant);
  }
}
