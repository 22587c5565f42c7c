// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import {
  copiesMax,
  copiesThatFit,
  lineRate,
  packetsPerSecond,
  sharedFloor,
  standardLike,
  standards,
} from './ladder.ts';
import type { Rung, Standard, Wire } from './ladder.ts';

export type Limit = 'none' | 'formats' | 'packets' | 'client' | 'uplink' | 'downlink' | 'trial';
export type Reason = { limit: Limit; peerId?: string };

/** What the plan has to know of one musician. */
export type Member = {
  id: string;
  /** What it hears and sends framed; undefined: only standard Opus. */
  formats?: ReadonlySet<Wire>;
  /** Standard frames of fewer samples are of no use to it. */
  leastSamples?: number;
  /** With a quantum of 128 or more, frames of 64 samples only come in bursts: not for this one. */
  quantum: number;
  maxPackets: number;
  /** Channels of each strip that it sends framed. */
  strips: readonly number[];
  /** Packets a second of standard Opus that it sends of its own accord. */
  standardPackets: number;
  /** Heaviest single mono strip (bits a second on the line) that its way is trusted with. */
  allowance: number;
  /** Bits a second that its uplink was seen not to carry. */
  upLimit: number;
  /** Nobody sends it anything better than this rung; beyond sharedFloor() it may be spared. */
  downFloor: number;
  /** It goes on being spared for now. */
  spareHold: boolean;
  /** It was spared a moment ago, with nothing better than this standard, and may be so again soon. */
  lingering?: number;
  /** It sends nothing better than this for now, so that the plan does not flap. */
  hold: number;
  standardHold: number;
  /** Copies that its packets should have. */
  copies: number;
  /** It loses packets in a row: copies that go out at once would be lost with what they repeat. */
  bursty: boolean;
  /** Whom it does not hear and is not heard by. */
  apart?: ReadonlySet<string>;
};

export type Assignment = {
  rung: number;
  /** Index into standards, where somebody knows only standard Opus. */
  standard?: number;
  copies: number;
  /** Frames from one copy to the next; 0: each copy is a packet of its own, sent at once. */
  distance: number;
  reason: Reason;
  /** Bits a second that it sends by this. */
  up: number;
};

export type Solution = {
  senders: Map<string, Assignment>;
  /** Who knows the framing, but hears standard Opus: for what they can take everyone would pay. */
  spared: ReadonlySet<string>;
  /** That the service sends out. */
  packetsPerSecond: number;
  /** False: not even the slowest formats fit into the budget. */
  fits: boolean;
};

/** Guests do not get slower than this before the musicians do. */
const slowestQuickStandard = standards.findIndex(({ frameSamples }) => frameSamples === 480);
const slowestStandard = standards.findIndex(({ frameSamples }) => frameSamples === 960);

function together(a: Member, b: Member): boolean {
  return a !== b && !a.apart?.has(b.id);
}

/** What was found too much so far; everything in it only grows. */
class Floors {
  packets = 0;
  standard = 0;
  readonly client = new Map<string, number>();

  clientOf(id: string): number {
    return this.client.get(id) ?? 0;
  }
}

/** One room's question: who sends what, within a budget of packets a second. */
class Solver {
  readonly #rungs: readonly Rung[];
  readonly #members: readonly Member[];
  /** Who knows the framing. */
  readonly #musicians: readonly Member[];
  readonly #guests: readonly Member[];
  /** The first standard that is of use to each guest, of those that any gains from. */
  readonly #useful: number;
  readonly #budget: number;
  /** Wires that everyone knows who is not a guest. */
  readonly #common: ReadonlySet<Wire>;
  readonly #shared: number;
  /** The first rung below which there are no fewer packets. */
  readonly #slowest: number;
  readonly #floors = new Floors();
  #spared: ReadonlySet<string> = new Set();
  /** The best standard for each that is spared, or was a moment ago. */
  #spareFloors: (readonly [Member, number])[] = [];
  /** Those that take least of those that are not spared: as many as are asked for. */
  #strictest: Member[] = [];

  constructor(rungs: readonly Rung[], members: readonly Member[], budget: number) {
    this.#rungs = rungs;
    this.#members = members;
    this.#musicians = members.filter(({ formats }) => formats);
    this.#guests = members.filter(({ formats }) => !formats);
    const least = Math.min(...this.#guests.map(({ leastSamples = 0 }) => leastSamples));

    this.#useful = Math.max(
      0,
      standards.findIndex(({ frameSamples }) => frameSamples >= least),
    );
    this.#budget = budget;
    this.#shared = sharedFloor(rungs);
    this.#slowest = rungs.findIndex(({ frameSamples }) => frameSamples === 960);
    this.#common = new Set(
      rungs.map(({ wire }) => wire).filter((w) => this.#musicians.every((m) => m.formats?.has(w))),
    );
  }

  solve(): Solution {
    for (;;) {
      this.#spared = this.#spare();
      this.#spareFloors = this.#musicians.flatMap((listener) => this.#sparedWith(listener));
      this.#strictest = this.#musicians
        .filter(({ id }) => !this.#spared.has(id))
        .toSorted((a, b) => this.#taken(b) - this.#taken(a))
        .slice(0, this.#members.some(({ apart }) => apart) ? undefined : 2);
      const senders = new Map(this.#members.map((m) => [m.id, this.#choose(m)]));
      const packets = this.#packets(senders);
      const raised = this.#raiseClients(packets);
      const out = [...packets.values()].reduce((sum, n) => sum + n, 0);
      const fits = out <= this.#budget;

      if (raised || (!fits && this.#raisePackets())) continue;
      this.#repeat(senders, packets);

      return {
        senders: this.#explained(senders),
        spared: this.#spared,
        packetsPerSecond: [...packets.values()].reduce((sum, n) => sum + n, 0),
        fits,
      };
    }
  }

  /** Fewer than half of a room do not make the others slow: they get what guests get. */
  #spare(): Set<string> {
    const held = this.#musicians.filter(({ spareHold }) => spareHold);
    const thin = this.#musicians.filter((listener) => this.#taken(listener) > this.#shared);
    const few = 2 * thin.length < this.#musicians.length;

    return new Set([...held, ...(few ? thin : [])].map(({ id }) => id));
  }

  /** Whether @listener hears @sender framed. */
  #hears(listener: Member, { standard }: Assignment): boolean {
    if (!listener.formats) return false;

    return standard === undefined || !this.#spared.has(listener.id);
  }

  #sparedWith(listener: Member): [Member, number][] {
    const { id, downFloor, lingering } = listener;

    if (!this.#spared.has(id)) return lingering === undefined ? [] : [[listener, lingering]];

    return [[listener, downFloor > this.#shared ? standardLike(this.#rungs[downFloor]!) : 0]];
  }

  /** The best standard for those that are spared beside @sender; undefined: nobody is. */
  #spareFloor(sender: Member): number | undefined {
    let worst: number | undefined;

    for (const [listener, floor] of this.#spareFloors)
      if (together(listener, sender)) worst = Math.max(worst ?? 0, floor);

    return worst;
  }

  /** Whether @sender's framed producer comes in frames of this rung at all. */
  #has(sender: Member, index: number): boolean {
    return sender.quantum < 128 || this.#rungs[index]!.frameSamples !== 64;
  }

  /** Who does not know the format. */
  #stranger(sender: Member, index: number): string | undefined {
    const { wire } = this.#rungs[index]!;

    if (this.#common.has(wire)) return undefined;
    if (!sender.formats?.has(wire)) return sender.id;

    return this.#musicians.find((other) => together(other, sender) && !other.formats?.has(wire))
      ?.id;
  }

  #trusted(sender: Member, index: number): boolean {
    const rate = lineRate(this.#rungs[index]!, 1);

    return rate <= sender.allowance || index === this.#rungs.length - 1;
  }

  #copies(sender: Member, index: number): number {
    const channels = Math.max(1, ...sender.strips);

    return Math.min(sender.copies, copiesThatFit(this.#rungs[index]!, channels));
  }

  /** Standard Opus beside this rung, the best that the uplink has room for, and the sum of both. */
  #load(sender: Member, index: number): { standard?: number; up: number } {
    const copies = this.#copies(sender, index);
    const rung = this.#rungs[index]!;
    const sum = (rate: (channels: number) => number) =>
      sender.strips.reduce((bits, channels) => bits + rate(channels), 0);
    const framed = sum((channels) => lineRate(rung, channels, copies));

    const spareFloor = this.#spareFloor(sender);
    const guests = this.#guests.some((guest) => together(guest, sender));

    if (!guests && spareFloor === undefined) return { up: framed };

    // Who is spared makes no guest slower than those would get by themselves.
    const spare = Math.min(spareFloor ?? 0, guests ? slowestQuickStandard : Infinity);
    const floor = Math.max(this.#floors.standard, spare);
    const quick = rung.frameSamples < 960;
    const last = quick ? Math.max(slowestQuickStandard, floor) : standards.length - 1;
    const least = rung.wire === 'opus' ? rung.frameSamples : 0;
    const same = standards.findIndex(({ frameSamples }) => frameSamples >= least);
    const useful = spareFloor === undefined ? this.#useful : 0;
    const first = Math.max(floor, sender.standardHold, same, useful);
    const up = (i: number) => framed + sum((channels) => lineRate(standards[i]!, channels));
    let standard = Math.min(first, last);

    while (standard < last && up(standard) > sender.upLimit) standard++;
    // Nobody's own rung pays for those that are spared: they hear this one framed.
    if (!guests && up(standard) > sender.upLimit) return { up: framed };

    return { standard, up: up(standard) };
  }

  /** The best rung that @listener takes. */
  #taken(listener: Member): number {
    return Math.max(this.#floors.clientOf(listener.id), listener.downFloor);
  }

  #floor(sender: Member): number {
    const strictest = this.#strictest.find((listener) => together(listener, sender));

    return Math.max(this.#floors.packets, sender.hold, strictest ? this.#taken(strictest) : 0);
  }

  #choose(sender: Member): Assignment {
    const last = this.#rungs.length - 1;
    const reason: Reason = { limit: 'none' };

    if (!sender.formats)
      return { rung: last, standard: this.#floors.standard, copies: 0, distance: 0, reason, up: 0 };

    let index = Math.min(this.#floor(sender), last);

    while (
      index < last &&
      (!this.#has(sender, index) ||
        this.#stranger(sender, index) !== undefined ||
        !this.#trusted(sender, index) ||
        this.#load(sender, index).up > sender.upLimit)
    )
      index++;

    const copies = this.#copies(sender, index);
    const distance = copies === 0 ? 0 : sender.bursty ? 2 : 1;

    return { rung: index, copies, distance, reason, ...this.#load(sender, index) };
  }

  /**
   * Who has room for it sends each copy as a packet of its own, at once: then nobody has to wait for
   * what makes good a loss. Copies inside of later packets cost a frame of delay and no packets.
   */
  #repeat(senders: ReadonlyMap<string, Assignment>, packets: Map<string, number>): void {
    let out = [...packets.values()].reduce((sum, n) => sum + n, 0);

    for (const sender of this.#musicians) {
      const item = senders.get(sender.id)!;
      const rung = this.#rungs[item.rung]!;
      const copies = Math.min(sender.copies, copiesMax);
      const listeners = this.#musicians.filter(
        (other) => together(other, sender) && this.#hears(other, item),
      );
      const more = copies * sender.strips.length * packetsPerSecond(rung);
      const bits = (n: number, repeats: number) =>
        sender.strips.reduce((sum, channels) => sum + repeats * lineRate(rung, channels, n), 0);
      const up = item.up - bits(item.copies, 1) + bits(0, 1 + copies);
      const fits = (other: Member) => packets.get(other.id)! + more <= other.maxPackets;

      if (copies === 0 || sender.bursty || up > sender.upLimit) continue;
      if (out + more * listeners.length > this.#budget || !listeners.every(fits)) continue;
      Object.assign(item, { copies, distance: 0, up });
      for (const { id } of listeners) packets.set(id, packets.get(id)! + more);
      out += more * listeners.length;
    }
  }

  /** Packets a second to each member. */
  #packets(senders: ReadonlyMap<string, Assignment>): Map<string, number> {
    const sends = (sender: Member) => {
      const { rung, standard } = senders.get(sender.id)!;
      const of = (format: Standard) => sender.strips.length * packetsPerSecond(format);
      const framed = sender.formats ? of(this.#rungs[rung]!) : 0;
      const plain = sender.formats && standard !== undefined ? of(standards[standard]!) : framed;

      return {
        framed: sender.standardPackets + framed,
        plain: sender.standardPackets + plain,
      };
    };
    const each = this.#members.map(sends);
    const sum = (kind: 'framed' | 'plain') => each.reduce((n, item) => n + item[kind], 0);
    const all = { framed: sum('framed'), plain: sum('plain') };

    return new Map(
      this.#members.map((member, i) => {
        const { id, formats, apart } = member;
        const kind = formats && !this.#spared.has(id) ? 'framed' : 'plain';
        const unheard = apart ? each.filter((_, j) => apart.has(this.#members[j]!.id)) : [];

        return [id, unheard.reduce((n, item) => n - item[kind], all[kind] - each[i]![kind])];
      }),
    );
  }

  #raiseClients(packets: ReadonlyMap<string, number>): boolean {
    let raised = false;

    for (const listener of this.#members) {
      if (packets.get(listener.id)! <= listener.maxPackets) continue;
      const spared = this.#spared.has(listener.id);
      const last = spared && this.#guests.length > 0 ? slowestQuickStandard : slowestStandard;

      if (!listener.formats || spared) raised = this.#raiseStandard(last) || raised;
      else if (this.#floors.clientOf(listener.id) < this.#slowest) {
        this.#floors.client.set(listener.id, this.#floors.clientOf(listener.id) + 1);
        raised = true;
      }
    }

    return raised;
  }

  #raiseStandard(last: number): boolean {
    if (this.#guests.length + this.#spared.size === 0) return false;
    if (this.#floors.standard >= last) return false;
    this.#floors.standard += 1;

    return true;
  }

  #raisePackets(): boolean {
    if (this.#raiseStandard(slowestQuickStandard)) return true;
    if (this.#floors.packets < this.#slowest) {
      this.#floors.packets += 1;
      return true;
    }

    return this.#raiseStandard(slowestStandard);
  }

  #explained(senders: Map<string, Assignment>): Map<string, Assignment> {
    for (const member of this.#members) {
      const item = senders.get(member.id)!;

      item.reason = member.formats
        ? this.#reason(member, item.rung)
        : { limit: 'formats', peerId: member.id };
    }

    return senders;
  }

  /** Why @sender is not on the next better rung than @index. */
  #reason(sender: Member, index: number): Reason {
    let better = index - 1;

    while (better >= 0 && !this.#has(sender, better)) better--;
    if (better < 0) return { limit: 'none' };

    const stranger = this.#stranger(sender, better);

    if (stranger !== undefined) return { limit: 'formats', peerId: stranger };
    if (this.#load(sender, better).up > sender.upLimit)
      return { limit: 'uplink', peerId: sender.id };
    for (const other of this.#musicians)
      if (together(other, sender) && !this.#spared.has(other.id)) {
        if (this.#floors.clientOf(other.id) > better) return { limit: 'client', peerId: other.id };
        if (other.downFloor > better) return { limit: 'downlink', peerId: other.id };
      }
    if (this.#floors.packets > better) return { limit: 'packets' };

    return { limit: 'trial' };
  }
}

/** Who sends what. Pure. */
export function solve(
  rungs: readonly Rung[],
  members: readonly Member[],
  budget: number,
): Solution {
  return new Solver(rungs, members, budget).solve();
}

/** The least that @members need of the budget, when all of them are as slow as it goes. */
export function leastPackets(
  members: readonly Pick<Member, 'strips' | 'standardPackets'>[],
): number {
  const each = packetsPerSecond({ frameSamples: 960 });

  return members.reduce(
    (sum, { strips, standardPackets }) =>
      sum + (strips.length * each + standardPackets) * (members.length - 1),
    0,
  );
}
