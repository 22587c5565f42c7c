// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** What is remembered; where a browser keeps nothing, for as long as the page is there. */
export class Memory {
  readonly #storage: () => Storage;
  readonly #fallback = new Map<string, string>();

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  get(key: string): string | undefined {
    try {
      return this.#storage().getItem(key) ?? undefined;
    } catch {
      return this.#fallback.get(key);
    }
  }

  set(key: string, value: string): void {
    try {
      this.#storage().setItem(key, value);
    } catch {
      this.#fallback.set(key, value);
    }
  }

  remove(key: string): void {
    this.#fallback.delete(key);
    try {
      this.#storage().removeItem(key);
    } catch {
      // It was in the fallback only.
    }
  }
}

export const ofThisTab = new Memory(() => sessionStorage);
export const ofThisBrowser = new Memory(() => localStorage);
