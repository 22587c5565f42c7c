// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { lineRate, standards } from '../../plan/ladder.ts';
import { Planner } from '../../plan/planner.ts';
import type { Rung, Wire } from '../../plan/ladder.ts';

/** Small, good enough and the same everywhere (Marsaglia's xorshift32). */
export function random(seed: number): () => number {
  let x = seed | 0 || 1;

  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;

    return (x >>> 0) / 2 ** 32;
  };
}

export const everything: ReadonlySet<Wire> = new Set(['raw', 'tight', 'opus']);

/** A musician on a line that queues and then drops what is too much for it. */
export type Line = {
  rttMs: number;
  /** Bits a second that it carries; what is more stands in a queue of 200 ms. */
  up: number;
  down: number;
  /** Lost whatever is sent, percent. */
  upLoss: number;
  downLoss: number;
  quantum: number;
  /** Added to each round trip, ms. */
  noise?: () => number;
  reports: boolean;
  /** What it reports stands in the queue of its way up, too. */
  stuck: boolean;
};

export const home: Line = {
  rttMs: 20,
  up: Infinity,
  down: Infinity,
  upLoss: 0,
  downLoss: 0,
  quantum: 64,
  reports: true,
  stuck: false,
};

type Change = { at: number; id: string; from: number; to: number };

/** A room of simulated lines around the real planner, one second a step. */
export class Jam {
  readonly planner = new Planner({ rawBits: 16 });
  readonly lines = new Map<string, Line>();
  readonly changes: Change[] = [];
  budget = 50_000;
  now = 0;
  #rungs = new Map<string, number>();

  join(
    id: string,
    line: Partial<Line> = {},
    formats: ReadonlySet<Wire> | undefined = everything,
    maxPackets = 5000,
  ): Line {
    const full = { ...home, ...line };

    this.lines.set(id, full);
    this.planner.join(id, { formats, quantum: full.quantum, maxPackets, rttMs: full.rttMs });
    this.update();

    return full;
  }

  joinGuest(id: string, line: Partial<Line> = {}): void {
    const full = { ...home, ...line, reports: false };

    this.lines.set(id, full);
    this.planner.join(id, { quantum: 64, maxPackets: 5000, rttMs: full.rttMs });
    this.planner.streams(id, { strips: [], standardPackets: 50 });
    this.update();
  }

  leave(id: string): void {
    this.lines.delete(id);
    this.#rungs.delete(id);
    this.planner.leave(id);
    this.update();
  }

  rung(id: string): Rung {
    return this.planner.rungs[this.planner.solution.senders.get(id)!.rung]!;
  }

  name(id: string): string {
    const { wire, frameSamples } = this.rung(id);

    return `${wire}${frameSamples}`;
  }

  reason(id: string): string {
    const { limit, peerId } = this.planner.solution.senders.get(id)!.reason;

    return peerId === undefined ? limit : `${limit} ${peerId}`;
  }

  /** Whether it hears standard Opus though it knows better. */
  spared(id: string): boolean {
    return this.planner.solution.spared.has(id);
  }

  /** Samples of a frame of the standard Opus that it sends. */
  standard(id: string): number | undefined {
    const { standard } = this.planner.solution.senders.get(id)!;

    return standard === undefined ? undefined : standards[standard]!.frameSamples;
  }

  copies(id: string): number {
    return this.planner.solution.senders.get(id)!.copies;
  }

  update(): void {
    this.planner.update(this.now, this.budget);
    for (const [id, { rung }] of this.planner.solution.senders) {
      const from = this.#rungs.get(id);

      if (from !== undefined && from !== rung)
        this.changes.push({ at: this.now, id, from, to: rung });
      this.#rungs.set(id, rung);
    }
  }

  /** Lets @seconds pass; @each runs once a second. */
  run(seconds: number, each: () => void = () => {}): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      if (this.now % 2000 === 0) for (const id of this.lines.keys()) this.#report(id);
      this.update();
      each();
    }
  }

  #upload(id: string): number {
    return this.planner.solution.senders.get(id)?.up ?? 0;
  }

  #download(id: string): number {
    let sum = 0;

    for (const { id: other, strips, formats } of this.planner.members())
      if (other !== id && formats)
        for (const channels of strips) sum += this.#rate(id, other, channels);

    return sum;
  }

  /** What one strip of @sender takes on the way to @listener. */
  #rate(listener: string, sender: string, channels: number): number {
    const { standard, copies, distance } = this.planner.solution.senders.get(sender)!;

    if (standard !== undefined && this.spared(listener))
      return lineRate(standards[standard]!, channels);
    if (distance === 0) return (1 + copies) * lineRate(this.rung(sender), channels);

    return lineRate(this.rung(sender), channels, copies);
  }

  #report(id: string): void {
    const line = this.lines.get(id)!;

    if (!line.reports) return;
    const over = (load: number, capacity: number) => Math.max(0, 1 - capacity / load);
    const excess = (of: Line, who: string) => ({
      up: over(this.#upload(who), of.up),
      down: over(this.#download(who), of.down),
    });
    const own = excess(line, id);

    if (line.stuck && own.up > 0) return;
    const arrives = (who: string) => {
      const of = this.lines.get(who)!;

      return (1 - excess(of, who).up) * (1 - of.upLoss / 100);
    };
    const heard = this.planner
      .members()
      .filter((m) => m.id !== id && m.formats && m.strips.length > 0)
      .map(({ id: sender }) => {
        const got = arrives(sender) * (1 - own.down) * (1 - line.downLoss / 100);
        const loss = 100 * (1 - got);
        const copies = this.spared(id) ? 0 : this.copies(sender);
        const residual = 100 * (loss / 100) ** (1 + copies);

        return [
          sender,
          { lossPercent: loss, concealedPercent: residual, jitterMs: 1, delayMs: 20 },
        ] as const;
      });

    this.planner.report(
      id,
      {
        rttMs:
          line.rttMs + (line.noise?.() ?? 0) + (own.up > 0 ? 200 : 0) + (own.down > 0 ? 200 : 0),
        quantum: line.quantum,
        upLossPercent: 100 * (1 - arrives(id)),
        heard: new Map(heard),
      },
      this.now,
    );
  }
}
