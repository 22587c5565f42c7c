// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

const firstMs = 30_000;
const longestMs = 600_000;
/** After so long without a failure it begins at the start again. */
const forgivenMs = 900_000;

/** Twice as long after each failure. Pure, times in ms. */
export class BackOff {
  #failures = 0;
  #last = -Infinity;

  failed(now: number): void {
    if (now - this.#last > forgivenMs) this.#failures = 0;
    this.#failures += 1;
    this.#last = now;
  }

  get everFailed(): boolean {
    return this.#last !== -Infinity;
  }

  ready(now: number): boolean {
    if (this.#failures === 0) return true;

    return now >= this.#last + Math.min(longestMs, firstMs * 2 ** (this.#failures - 1));
  }
}
