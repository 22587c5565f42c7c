// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** Losses in percent of what was sent, end to end. */
const on = 0.5;
const two = 8;
const off = 0.2;
/** From two copies back to one. */
const milder = 4;
/** Reports of one listener in a row. */
const confirmations = 2;
const calmMs = 15_000;
/** A line that loses packets in a row does so again. */
const burstyMs = 60_000;
/** The first reports after a change still tell of the time before. */
const settlingMs = 4000;
/** What is older says nothing. */
const freshMs = 6000;

export type Heard = { lossPercent: number; concealedPercent: number };

type Listener = { at: number; loss: number; over: number; heavy: number; bursty: number };

/**
 * How many copies of older frames the packets of one sender carry: on by what its worst listener
 * loses, off by itself. Pure: times come from outside, in ms.
 */
export class CopyControl {
  #copies = 0;
  #changed = -Infinity;
  #calmSince: number | undefined;
  #mildSince: number | undefined;
  #burstyUntil = -Infinity;
  readonly #listeners = new Map<string, Listener>();

  get copies(): number {
    return this.#copies;
  }

  /** Whether single packets are not all that is lost: copies have to be further apart. */
  bursty(now: number): boolean {
    return this.#copies > 0 && now < this.#burstyUntil;
  }

  heard(listener: string, { lossPercent, concealedPercent }: Heard, now: number): void {
    const before = this.#listeners.get(listener);
    const last = before && now - before.at < freshMs ? before : undefined;
    const count = (is: boolean, n: number | undefined) => (is ? (n ?? 0) + 1 : 0);
    // Were losses independent, a copy would leave their square.
    const bursty =
      this.#copies > 0 &&
      now - this.#changed > settlingMs &&
      lossPercent > on &&
      concealedPercent > Math.max(0.3, (3 * lossPercent ** 2) / 100);

    this.#listeners.set(listener, {
      at: now,
      loss: lossPercent,
      over: count(lossPercent > on, last?.over),
      heavy: count(lossPercent > two, last?.heavy),
      bursty: count(bursty, last?.bursty),
    });
    this.#rise(this.#listeners.get(listener)!, now);
  }

  forget(listener: string): void {
    this.#listeners.delete(listener);
  }

  /** Call about once a second: takes copies away where nobody needs them. */
  update(now: number): void {
    let worst = 0;

    for (const [id, { at, loss }] of this.#listeners)
      if (now - at > freshMs) this.#listeners.delete(id);
      else worst = Math.max(worst, loss);

    this.#calmSince = worst < off ? (this.#calmSince ?? now) : undefined;
    this.#mildSince = worst < milder ? (this.#mildSince ?? now) : undefined;
    if (this.#copies === 0) return;
    if (this.#calmSince !== undefined && now - this.#calmSince >= calmMs) this.#set(0, now);
    else if (
      this.#copies > 1 &&
      now >= this.#burstyUntil &&
      this.#mildSince !== undefined &&
      now - this.#mildSince >= calmMs
    )
      this.#set(1, now);
  }

  #rise({ over, heavy, bursty }: Listener, now: number): void {
    if (bursty >= confirmations) {
      this.#burstyUntil = now + burstyMs;
      this.#set(2, now);
    } else if (heavy >= confirmations) this.#set(2, now);
    else if (over >= confirmations && this.#copies === 0) this.#set(1, now);
  }

  #set(copies: number, now: number): void {
    if (this.#copies === copies) return;
    if (copies === 0) this.#burstyUntil = -Infinity;
    this.#copies = copies;
    this.#changed = now;
    for (const listener of this.#listeners.values())
      Object.assign(listener, { over: 0, heavy: 0, bursty: 0 });
  }
}
