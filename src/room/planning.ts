// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { formatOf, isAudio, isFramed, stripOf } from './format.ts';
import { leastPackets } from './plan/solve.ts';
import { packetsPerSecond, standards } from './plan/ladder.ts';
import { Planner } from './plan/planner.ts';
import type { Data } from './channel.ts';
import type { LiveWorker } from './workers.ts';
import type { Peer } from './peer.ts';
import type { Report } from './plan/link.ts';
import type { Room } from './room.ts';
import type { Streams } from './plan/planner.ts';

const tickMs = 1000;
/** Reports that come so close together are looked at together. */
const reportMs = 100;
/**
 * What newcomers cost the others is applied by then, or they are let in anyway. Clients send the old
 * and the slower format for a second.
 */
const gateMs = 1500;
/** Who has not begun to send by then listens only. */
const silentMs = 10_000;
/** Of standard Opus whose sender does not say how long its frames are. */
const usualFrame = 960;

/**
 * A browser plays out in steps of 10 ms, and keeps no less back of frames that are shorter, rather
 * more (docs/LATENCY.md): those would be packets for nothing.
 */
const browserSamples = 480;

/** Guests' frames grow to this before musicians lose a rung. */
const audienceFormat = { frameSamples: 480 };

/** What somebody sends by the plan. */
type Sent = { format: string; packets: number; rung: number };

/** The packet plan of a room, with its peers and producers as they are. */
export class Planning {
  readonly #room: Room;
  readonly #worker: LiveWorker;
  readonly #planner: Planner;
  readonly #sent = new Map<Peer, Sent>();
  readonly #joinedAt = new Map<Peer, number>();
  /** Peers that have to become slower before others are offered more, and by which revision. */
  readonly #pending = new Map<Peer, number>();
  readonly #tick: NodeJS.Timeout;
  readonly #serve: () => void;
  #spared: ReadonlySet<string> = new Set();
  #soon: NodeJS.Timeout | undefined;
  #gate: NodeJS.Timeout | undefined;
  #revision = 0;
  #closed = false;

  /** @serve: consumers may be offered again, or others than before. */
  constructor(room: Room, worker: LiveWorker, serve: () => void) {
    this.#room = room;
    this.#worker = worker;
    this.#serve = serve;
    this.#planner = new Planner({ rawBits: room.config.rawBits });
    this.#tick = setInterval(() => this.#update(false), tickMs);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#tick);
    clearTimeout(this.#soon);
    clearTimeout(this.#gate);
    this.#worker.packets.delete(this);
  }

  /** Whether new consumers have to wait for a moment. */
  get gated(): boolean {
    return this.#gate !== undefined;
  }

  /** Whether @peer is to hear standard Opus though it knows the framing. */
  spares(peer: Peer): boolean {
    return this.#spared.has(peer.id);
  }

  /** Musicians that hear standard Opus though they know the framing, for metrics. */
  get spared(): number {
    return this.#spared.size;
  }

  get packetsPerSecond(): number {
    return this.#planner.solution.packetsPerSecond;
  }

  /** The room's part of its worker's budget: all that others leave, at least an equal share. */
  get budget(): number {
    const all = this.#room.config.packetBudget;
    // Where nobody hears anybody nothing is used, and no share is kept for it.
    const others = [...this.#worker.packets].filter(
      ([planning, packets]) => planning !== this && packets > 0,
    );
    const used = others.reduce((sum, [, packets]) => sum + packets, 0);

    return Math.max(all - used, Math.floor(all / (others.length + 1)));
  }

  /** What framed senders use, for metrics. */
  formats(): { wire: string; frameSamples: number; copies: number }[] {
    return [...this.#planner.players.values()]
      .filter(({ member }) => member.formats && member.strips.length > 0)
      .flatMap(({ member }) => {
        const item = this.#planner.solution.senders.get(member.id);

        return item ? [{ ...this.#planner.rungs[item.rung]!, copies: item.copies }] : [];
      });
  }

  /** Whether there is room for @more of @peer, when everyone goes as slow as it gets. */
  admits(peer: Peer, more: Streams): boolean {
    if (this.#room.config.benchPlain) return true;

    const members = this.#planner.members().filter(({ id }) => id !== peer.id);
    const own = this.#streams(peer, false);

    return (
      leastPackets([
        ...members,
        {
          strips: [...own.strips, ...more.strips],
          standardPackets: own.standardPackets + more.standardPackets,
        },
      ]) <= this.budget
    );
  }

  /** Whether the audience may grow without costing musicians a rung: in standard Opus. */
  admitsListener(): boolean {
    const strips = this.#planner.members().reduce((sum, member) => sum + member.strips.length, 0);

    return this.packetsPerSecond + strips * packetsPerSecond(audienceFormat) <= this.budget;
  }

  /** Plans for @peer, who has just joined; greet() tells it. */
  join(peer: Peer): void {
    const tutti = peer.joined?.tutti;
    const { peerPackets } = this.#room.config;

    this.#planner.join(peer.id, {
      formats: peer.formats,
      leastSamples: tutti ? 0 : browserSamples,
      quantum: peer.listens ? 64 : (tutti?.quantum ?? 64),
      maxPackets: peer.listens ? Infinity : (tutti?.maxPacketsPerSecond ?? peerPackets),
      rttMs: peer.channel.rttMs,
    });
    this.#joinedAt.set(peer, performance.now());
    this.#update(true);
  }

  greet(peer: Peer): void {
    if (!peer.joined?.tutti) return;
    this.#sent.set(peer, { format: '', packets: 0, rung: -1 });
    this.#tell();
  }

  leave(peer: Peer): void {
    this.#sent.delete(peer);
    if (!this.#joinedAt.delete(peer)) return;
    this.#planner.leave(peer.id);
    this.#applied(peer, Infinity);
    if (this.#closed) return;
    if (this.#joinedAt.size > 0) this.#update(false);
    else this.#worker.packets.delete(this);
  }

  /** To be called when somebody has begun or ceased to send something. */
  producersChanged(): void {
    this.#update(true);
  }

  /** It is a listener now, or none any more. */
  rejoin(peer: Peer): void {
    this.leave(peer);
    this.join(peer);
    this.greet(peer);
  }

  /** To be called when who hears whom is another. */
  hearingChanged(): void {
    this.#update(true);
  }

  applied(peer: Peer, revision: number): void {
    this.#applied(peer, revision);
  }

  report(peer: Peer, report: Report): void {
    if (peer.listens) return; // Nobody plays otherwise for the audience.
    this.#planner.report(peer.id, report, performance.now());
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#update(false);
    }, reportMs);
  }

  /** What @peer sends. @guess: who has only just joined is about to send one strip. */
  #streams(peer: Peer, guess: boolean): Streams {
    const audio = [...peer.producers.values()].filter(isAudio);
    const young = performance.now() - (this.#joinedAt.get(peer) ?? 0) < silentMs;

    const strips = new Map(
      audio
        .filter(isFramed)
        .map(({ appData }) => [stripOf(appData), formatOf(appData).channels ?? 1]),
    );
    const replaced = new Set(audio.map(({ replaces }) => replaces));
    // What the plan asks for besides the framed producer is in the plan already.
    const others = audio.filter(
      ({ producer, appData }) => !replaced.has(producer) && !strips.has(stripOf(appData)),
    );
    const begins = guess && young && !peer.listens && peer.formats && audio.length === 0;

    return {
      strips: begins ? [1] : [...strips.values()],
      standardPackets: others.reduce((sum, { appData }) => sum + standardPackets(appData), 0),
    };
  }

  #apart({ id }: Peer): Set<string> | undefined {
    const { controls } = this.#room;
    const others = [...this.#joinedAt.keys()].map((peer) => peer.id);
    const apart = others.filter((other) => other !== id && !controls.hears(id, other));

    return apart.length > 0 ? new Set(apart) : undefined;
  }

  #update(structure: boolean): void {
    for (const peer of this.#joinedAt.keys()) {
      this.#planner.streams(peer.id, this.#streams(peer, true));
      this.#planner.apart(peer.id, this.#apart(peer));
      if (peer.channel.rttMs !== undefined) this.#planner.roundTrip(peer.id, peer.channel.rttMs);
    }
    this.#planner.update(performance.now(), this.budget);
    this.#worker.packets.set(this, this.packetsPerSecond);
    for (const outcome of this.#planner.takeOutcomes())
      this.#room.metrics.planTrials.inc({ outcome });
    this.#tell(structure);
    this.#serveAnew();
  }

  /** Who begins or ceases to be spared is offered other producers. */
  #serveAnew(): void {
    const { spared } = this.#planner.solution;
    const same =
      spared.size === this.#spared.size && [...spared].every((id) => this.#spared.has(id));

    this.#spared = spared;
    if (!same) this.#serve();
  }

  /** Sends each peer its plan where it changed. @gate: new consumers wait for those who slow down. */
  #tell(gate = false): void {
    let revision = this.#revision;

    for (const [peer, before] of this.#sent) {
      const { rung, format, reason } = this.#format(peer);
      const packets = Math.round(this.packetsPerSecond);
      const text = JSON.stringify(format);

      if (text === before.format && packets === before.packets) continue;
      revision = this.#revision + 1;
      peer.channel.notify('plan', {
        revision,
        ...format,
        packetsPerSecond: packets,
        budget: this.budget,
      });
      if (text !== before.format) this.#room.metrics.planChanges.inc({ reason });
      if (gate && before.rung >= 0 && rung > before.rung && this.#sends(peer))
        this.#pending.set(peer, revision);
      this.#sent.set(peer, { format: text, packets, rung });
    }
    this.#revision = revision;
    if (this.#pending.size > 0 && !this.#gate) this.#gate = setTimeout(() => this.#open(), gateMs);
  }

  #sends(peer: Peer): boolean {
    return [...peer.producers.values()].some(isFramed);
  }

  #applied(peer: Peer, revision: number): void {
    if (revision < (this.#pending.get(peer) ?? Infinity)) return;
    this.#pending.delete(peer);
    if (this.#pending.size === 0) this.#open();
  }

  #open(): void {
    if (!this.#gate) return;
    clearTimeout(this.#gate);
    this.#gate = undefined;
    this.#pending.clear();
    this.#serve();
  }

  #format(peer: Peer): { rung: number; format: Data; reason: string } {
    const { rung, standard, copies, distance, reason } = this.#planner.solution.senders.get(
      peer.id,
    )!;
    const { formats } = peer;
    const format = formats
      ? this.#planner.rungs[rung]!
      : { wire: 'opus', ...standards[standard ?? 0]! };

    return {
      rung,
      reason: reason.limit,
      format: {
        ...format,
        copies,
        distance,
        standard: formats && standard !== undefined ? standards[standard]! : null,
        reason,
      },
    };
  }
}

/** Packets a second of a producer of standard Opus. */
export function standardPackets(appData: Data): number {
  return packetsPerSecond({ frameSamples: formatOf(appData).frameSamples ?? usualFrame });
}
