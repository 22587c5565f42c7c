// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Places } from './places.ts';

/** Who was moved into a side room, and whom they still hear and are heard by. */
export type Isolation = { peerId: string; with: string[] };

/** What everyone is told. */
export type ControlsState = { locked: boolean; spotlight: string | null; isolated: Isolation[] };

/** As many as one message holds. */
const mostTogether = 256;

/** What hosts have set in a room. By peer ids, so that it holds for who comes back. */
export class Controls {
  readonly places = new Places();
  spotlight: string | undefined;
  readonly #isolated = new Map<string, ReadonlySet<string>>();

  get state(): ControlsState {
    return {
      locked: this.places.locked,
      spotlight: this.spotlight ?? null,
      isolated: [...this.#isolated].map(([peerId, others]) => ({ peerId, with: [...others] })),
    };
  }

  /** Whether anything is set. */
  get any(): boolean {
    return this.places.locked || this.spotlight !== undefined || this.#isolated.size > 0;
  }

  get isolations(): number {
    return this.#isolated.size;
  }

  /** How many names it takes to tell who is with whom, but for @peerId. */
  pairsWithout(peerId: string): number {
    return [...this.#isolated].reduce(
      (sum, [id, others]) => sum + (id === peerId ? 0 : others.size),
      0,
    );
  }

  isolate(peerId: string, others: readonly string[]): void {
    this.#isolated.set(peerId, new Set(others));
  }

  /** Returns whether they were isolated. */
  release(peerId: string): boolean {
    return this.#isolated.delete(peerId);
  }

  isIsolated(peerId: string): boolean {
    return this.#isolated.has(peerId);
  }

  /** Whether two people hear each other. */
  hears(a: string, b: string): boolean {
    const allows = (one: string, other: string) => this.#isolated.get(one)?.has(other) ?? true;

    return allows(a, b) && allows(b, a);
  }

  /** Nobody is left in a side room without a host: @peerId is one now. */
  admitHost(peerId: string): void {
    this.release(peerId);
    for (const [isolated, others] of this.#isolated)
      this.#isolated.set(isolated, new Set([...others, peerId].slice(-mostTogether)));
  }
}
