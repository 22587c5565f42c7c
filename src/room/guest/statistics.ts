// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { types } from 'mediasoup-client';

/** What is known of the line; numbers are in ms. */
export type Line = {
  path: string;
  relayed: boolean;
  roundTripMs: number | undefined;
  bufferMs: number;
};

export type Reading = { levels: Map<string, number>; line: Line | undefined };

type Stat = Record<string, any>;

function lineOf(all: Map<string, Stat>, bufferMs: number): Line | undefined {
  const list = [...all.values()];
  const transport = list.find((stat) => stat['type'] === 'transport');
  const pair =
    all.get(transport?.['selectedCandidatePairId']) ??
    list.find((stat) => stat['type'] === 'candidate-pair' && stat['nominated']);
  const local = pair && all.get(pair['localCandidateId']);

  if (!pair || !local) return undefined;

  const relayed = local['candidateType'] === 'relay';

  return {
    path: String((relayed && local['relayProtocol']) || local['protocol']).toUpperCase(),
    relayed,
    roundTripMs:
      pair['currentRoundTripTime'] === undefined ? undefined : 1000 * pair['currentRoundTripTime'],
    bufferMs,
  };
}

/** Reads one transport again and again; what the browser counts up becomes what is now. */
export class Statistics {
  #waitedMs = 0;
  #emitted = 0;

  /** Levels by the track's id, linear: of what comes in and of what is sent. */
  async read(transport: types.Transport): Promise<Reading> {
    const all = new Map((await transport.getStats()) as unknown as Iterable<[string, Stat]>);
    const levels = new Map<string, number>();
    let waitedMs = 0;
    let emitted = 0;

    for (const stat of all.values()) {
      if (stat['type'] !== 'inbound-rtp' && stat['type'] !== 'media-source') continue;
      // Not every browser measures what it sends.
      if (stat['audioLevel'] !== undefined)
        levels.set(String(stat['trackIdentifier']), Number(stat['audioLevel']));
      waitedMs += 1000 * (stat['jitterBufferDelay'] ?? 0);
      emitted += stat['jitterBufferEmittedCount'] ?? 0;
    }

    const more = emitted - this.#emitted;
    const bufferMs = more > 0 ? (waitedMs - this.#waitedMs) / more : 0;

    this.#waitedMs = waitedMs;
    this.#emitted = emitted;

    return { levels, line: lineOf(all, Math.max(0, bufferMs)) };
  }
}
