// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { limits } from './limits.ts';

/** What somebody wrote. The name is the one of that moment: the person may have gone since. */
export type ChatMessage = {
  /** Counts up from 1 in a room. */
  id: number;
  peerId: string;
  displayName: string;
  text: string;
  /** Milliseconds since 1970, by the service's clock. */
  at: number;
};

/** The last words of a room, for who joins later. They are gone with the room. */
export class Chat {
  readonly #messages: ChatMessage[] = [];
  #last = 0;
  #bytes = 0;

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Keeps @text; undefined when nothing is left of it without what cannot be read. */
  add(peerId: string, displayName: string, text: string, at: number): ChatMessage | undefined {
    const clean = readable(text);

    if (clean === '') return undefined;

    const message = { id: ++this.#last, peerId, displayName, text: clean, at };

    this.#messages.push(message);
    this.#bytes += bytesOf(message);
    while (this.#messages.length > limits.chatMessages || this.#bytes > limits.chatBytes)
      this.#bytes -= bytesOf(this.#messages.shift()!);

    return message;
  }
}

const bytesOf = (message: ChatMessage) => Buffer.byteLength(JSON.stringify(message));

/**
 * Without control characters, but for line ends, and without those that turn the direction of what
 * stands around them (Unicode's bidirectional embeddings, overrides and isolates).
 */
function readable(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .trim();
}
