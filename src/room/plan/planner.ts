// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { BackOff } from './back-off.ts';
import { CopyControl } from './copies.ts';
import { heavier, ladder, lighter, lineRate, muchLighter, sharedFloor } from './ladder.ts';
import { Link } from './link.ts';
import { solve } from './solve.ts';
import { Trials } from './trials.ts';
import type { Member, Solution } from './solve.ts';
import type { Heard } from './copies.ts';
import type { Report, Trouble } from './link.ts';
import type { Rung, Wire } from './ladder.ts';

/** Better only when it has been possible for so long; worse at once. */
const holdMs = 3000;
/** Round trips below this: a link that needs no trial. */
const quickMs = 5;
/** Until then what is missing is of the time before a change. */
const settledMs = 2500;
/** What was reported longer ago is not of the same time. */
const freshMs = 3000;
/** So long after going down it must have helped. */
const helpMs = 5000;
/** So long it must have been possible to hear framed sound again. */
const spareHoldMs = 10_000;
/** So long the others go on sending what was made for who is spared no more: it may be in vain. */
const lingerMs = 20_000;
/** Who has said nothing for so long slows nobody down any more. */
const forgetMs = 30_000;
/** Parts of what it carried that a link is left with, one after another until it helps. */
const parts = [0.65, 0.35, 0.15];
/** Of what came through where much was lost: a link carries no more than that. */
const carriedPart = 0.9;
/** Steps down for what a listener gets: one rung, one more, standard Opus, the lightest of all. */
const downSteps = 4;
/** Down by so much of what was too much is a help. */
const helpful = 0.7;

export type Streams = { strips: readonly number[]; standardPackets: number };

export type Newcomer = {
  formats?: ReadonlySet<Wire>;
  /** Standard frames of fewer samples are of no use to it. */
  leastSamples?: number;
  quantum: number;
  maxPackets: number;
  /** ms, where it is known already. */
  rttMs?: number;
};

/** Going down outside of trials, and what it was like before. */
type StepDown = {
  trouble: Trouble;
  at: number;
  steps: number;
  old: { upLimit: number; downFloor: number };
  /** It sends something that it can do without, and that may be all that is too much: that goes first. */
  spares: boolean;
  /** What it sent, bits a second, and the best rung that it heard. */
  up: number;
  best: number;
};

/** One musician, as the planner knows it. */
export type Player = {
  member: Member;
  link: Link;
  copies: CopyControl;
  up: BackOff;
  down: BackOff;
  /** When its rung last changed. */
  changedAt: number;
  betterSince?: number;
  standardBetterSince?: number;
  /** When it was last spared, with which standard, and since when it need not be. */
  spared?: { at: number; standard: number };
  framedSince?: number;
  stepDown?: StepDown;
  /** What its listeners miss of it, by who says so. */
  missing: Map<string, { at: number; lossPercent: number }>;
  /** Until when its troubles are taken for the weather. */
  weather: BackOff;
};

export type PlannerSettings = { rawBits: number };

/**
 * The packet plan of one room: who sends what, by formats, packets, links and losses, without
 * flapping. Pure: time comes from outside, in ms, and update() is to be called at each change and
 * about once a second.
 */
export class Planner {
  readonly rungs: readonly Rung[];
  readonly players = new Map<string, Player>();
  /** Who does not even take this one is spared, where that helps the others. */
  readonly shared: number;
  readonly #trials: Trials;
  #solution: Solution = {
    senders: new Map(),
    spared: new Set(),
    packetsPerSecond: 0,
    fits: true,
  };

  constructor({ rawBits }: PlannerSettings) {
    this.rungs = ladder(rawBits);
    this.shared = sharedFloor(this.rungs);
    this.#trials = new Trials(this);
  }

  get solution(): Solution {
    return this.#solution;
  }

  /** How trials ended, since the last call. */
  takeOutcomes(): ('kept' | 'undone')[] {
    return this.#trials.takeOutcomes();
  }

  /** What a link that is not known yet is trusted with: tight, in frames of 64. */
  get cautious(): number {
    return lineRate(
      this.rungs.find(({ wire }) => wire === 'tight')!,
      1,
    );
  }

  join(id: string, { formats, leastSamples, quantum, maxPackets, rttMs }: Newcomer): void {
    const link = new Link();
    const player: Player = {
      member: {
        id,
        formats,
        leastSamples,
        quantum,
        maxPackets,
        strips: [1],
        standardPackets: 0,
        allowance: this.cautious,
        upLimit: Infinity,
        downFloor: 0,
        spareHold: false,
        hold: 0,
        standardHold: 0,
        copies: 0,
        bursty: false,
      },
      link,
      copies: new CopyControl(),
      up: new BackOff(),
      down: new BackOff(),
      weather: new BackOff(),
      missing: new Map(),
      changedAt: -Infinity,
    };

    this.leave(id);
    if (rttMs !== undefined) link.measured(rttMs);
    if (formats && link.rtt >= quickMs) this.#begin();
    this.players.set(id, player);
  }

  /** Somebody far away joins: who had no listener so far knows nothing of the way to one. */
  #begin(): void {
    const framed = [...this.players.values()].filter(({ member }) => member.formats);

    if (framed.length === 1) framed[0]!.member.allowance = this.cautious;
  }

  leave(id: string): void {
    if (!this.players.delete(id)) return;
    this.#trials.gone(id);
    for (const { link, copies, missing } of this.players.values()) {
      missing.delete(id);
      link.forget(id);
      copies.forget(id);
    }
  }

  /** What @id sends: channels of its framed strips, packets a second of what it sends besides. */
  streams(id: string, { strips, standardPackets }: Streams): void {
    const player = this.players.get(id);

    if (player) Object.assign(player.member, { strips, standardPackets });
  }

  /** Whom @id does not hear and is not heard by; undefined: everyone hears everyone. */
  apart(id: string, apart: ReadonlySet<string> | undefined): void {
    const player = this.players.get(id);

    if (player) player.member.apart = apart;
  }

  roundTrip(id: string, rttMs: number): void {
    this.players.get(id)?.link.measured(rttMs);
  }

  report(id: string, report: Report, now: number): void {
    const player = this.players.get(id);

    if (!player) return;
    player.member.quantum = report.quantum;
    player.link.report({ ...report, heard: this.#onlyDown(report, now) }, now);
    if (!this.#trials.reported(player, report, now)) this.#watch(player, now);
    for (const [id, heard] of report.heard) {
      const sender = this.players.get(id);

      if (!sender) continue;
      this.#commonLoss(player, sender, heard.lossPercent, now);
      this.#heard(player, sender, heard, now);
    }
  }

  /**
   * What all of several listeners miss of a sender is lost on its own way up, and what a single one
   * misses when the sender has said so itself. It may not be able to say it again: what it reports
   * stands in the same queue.
   */
  #commonLoss(listener: Player, sender: Player, lossPercent: number, now: number): void {
    const { missing, link } = sender;

    missing.set(listener.member.id, { at: now, lossPercent });
    for (const [id, { at }] of missing) if (now - at > freshMs) missing.delete(id);
    if (missing.size < 2 && !link.chokes(now)) return;
    if (now - sender.changedAt < settledMs) return;
    link.upLossSeen(Math.min(...[...missing.values()].map((item) => item.lossPercent)), now);
    // Whether going down has helped is its own to say.
    if (!sender.stepDown && !this.#trials.involves(sender.member.id)) this.#watch(sender, now);
  }

  /** What was lost on a sender's way up is no fault of its listeners' ways down. */
  #onlyDown({ heard }: Report, now: number): Report['heard'] {
    const without = (id: string, lossPercent: number) =>
      Math.max(0, lossPercent - (this.players.get(id)?.link.upLoss(now) ?? 0));

    return new Map(
      [...heard].map(([id, item]) => [id, { ...item, lossPercent: without(id, item.lossPercent) }]),
    );
  }

  /**
   * What is lost in a queue does not call for copies: they would make the queue longer. Nor does what
   * is lost of standard Opus, which has none. Where very much is lost it may be a queue; if less sent
   * is no help, it is the weather, and copies may come.
   */
  #heard(listener: Player, source: Player, heard: Heard, now: number): void {
    if (this.#solution.spared.has(listener.member.id)) return;
    const crowded = [listener, source].some(
      (p) => p.link.queueing || p.stepDown || (p.link.suspect && p.weather.ready(now)),
    );

    if (!crowded) source.copies.heard(listener.member.id, heard, now);
  }

  /** Looks at everything anew; returns what holds from now on. */
  update(now: number, budget: number): Solution {
    this.#quick();
    for (const player of this.players.values()) {
      const { copies, link, member, stepDown } = player;

      copies.update(now);
      member.copies = copies.copies;
      member.bursty = copies.bursty(now);
      // Nobody will say whether it helped; the others' trials and copies must not wait for that.
      if (stepDown && link.silent(now) && now - stepDown.at >= helpMs) player.stepDown = undefined;
      if (link.silent(now, forgetMs)) this.#forget(player);
      this.#linger(player, now);
    }
    this.#trials.update(now, budget);
    const ideal = this.ideal(budget);

    this.#holds(ideal, now);
    this.#explain(ideal, solve(this.rungs, this.members(), budget), now);

    return this.#solution;
  }

  /** What it said of its link is as if it had never been said. */
  #forget({ member, link }: Player): void {
    member.downFloor = 0;
    link.settle();
  }

  /** Nobody's producers come and go with each trial of one listener. */
  #linger({ member, spared }: Player, now: number): void {
    const lasts = spared && now - spared.at < lingerMs && Number.isFinite(spared.standard);

    member.lingering = lasts ? spared.standard : undefined;
  }

  /** What it would be without waiting. */
  ideal(budget: number): Solution {
    const free = this.members().map((member) => ({
      ...member,
      hold: 0,
      standardHold: 0,
      spareHold: false,
    }));

    return solve(this.rungs, free, budget);
  }

  members(): Member[] {
    return [...this.players.values()].map(({ member }) => member);
  }

  /** All near one another, and nothing ever went wrong: the best at once. */
  #quick(): void {
    const framed = [...this.players.values()].filter(({ member }) => member.formats);

    if (!framed.every(({ link, up }) => link.rtt < quickMs && !up.everFailed)) return;
    for (const { member } of framed) member.allowance = Infinity;
  }

  /** What only waits has the reason that it had. */
  #explain(ideal: Solution, next: Solution, now: number): void {
    for (const [id, item] of next.senders) {
      const free = ideal.senders.get(id)!;
      const before = this.#solution.senders.get(id);

      if (free.rung === item.rung) item.reason = free.reason;
      else if (before) item.reason = before.reason;
      if (before && item.rung !== before.rung) {
        const player = this.players.get(id)!;

        // After going down the waiting begins anew, and what was too much is so no more.
        Object.assign(player, { changedAt: now, betterSince: undefined });
        if (item.rung > before.rung) player.link.settle();
      }
    }
    for (const id of next.spared) {
      const heard = [...next.senders].filter(([sender]) => sender !== id);
      const standard = Math.min(...heard.map(([, item]) => item.standard ?? Infinity));

      this.players.get(id)!.spared = { at: now, standard };
    }
    this.#solution = next;
  }

  #holds(ideal: Solution, now: number): void {
    for (const [id, player] of this.players) {
      const current = this.#solution.senders.get(id);
      const wanted = ideal.senders.get(id)!;

      if (!current) continue;
      player.framedSince =
        this.#solution.spared.has(id) && !ideal.spared.has(id)
          ? (player.framedSince ?? now)
          : undefined;
      player.member.spareHold = now - (player.framedSince ?? -Infinity) < spareHoldMs;
      player.betterSince = wanted.rung < current.rung ? (player.betterSince ?? now) : undefined;
      player.standardBetterSince =
        (wanted.standard ?? 0) < (current.standard ?? 0)
          ? (player.standardBetterSince ?? now)
          : undefined;
      player.member.hold = now - (player.betterSince ?? now) >= holdMs ? 0 : current.rung;
      player.member.standardHold =
        now - (player.standardBetterSince ?? now) >= holdMs ? 0 : (current.standard ?? 0);
    }
  }

  /** Lets a sender go up without waiting: a trial has waited long enough. */
  release(id: string): void {
    const player = this.players.get(id);

    if (player) player.betterSince = -Infinity;
  }

  /** The same for what the others send to @listener. */
  releaseTo(listener: Player): void {
    listener.framedSince = -Infinity;
    for (const player of this.players.values())
      if (player !== listener && this.#solution.spared.has(listener.member.id))
        player.standardBetterSince = -Infinity;
  }

  /** What to try next for a listener that is not sent the best. */
  floorAbove({ member }: Player): number {
    const next = heavier(this.rungs, member.downFloor);

    if (!this.#solution.spared.has(member.id) || next > this.shared) return next;

    // Framed again, but nobody is to slow down for that.
    const best = this.#best(member);

    return best > this.shared ? 0 : best;
  }

  /** The best rung that others send to @listener. */
  #best(listener: Member): number {
    const rungs = this.members()
      .filter(({ id, formats, strips }) => id !== listener.id && formats && strips.length > 0)
      .map(({ id }) => this.#solution.senders.get(id)?.rung ?? Infinity);

    return Math.min(...rungs);
  }

  /** Goes down where a link carries too much, and takes it back where that was no help. */
  #watch(player: Player, now: number): void {
    const { link, stepDown } = player;

    if (stepDown) {
      if (now - stepDown.at >= helpMs) this.#judge(player, stepDown, now);
      return;
    }
    const trouble = link.trouble(now);

    if (!trouble || !player.weather.ready(now)) return;
    link.settle();
    player.stepDown = this.#firstStep(player, trouble, now);
    if (player.stepDown) player[player.stepDown.trouble.direction].failed(now);
  }

  #firstStep({ member }: Player, trouble: Trouble, now: number): StepDown | undefined {
    const { id, formats, strips, upLimit, downFloor } = member;
    const current = this.#solution.senders.get(id);

    if (!formats || !current) return undefined;

    const last = this.rungs.length - 1;
    const direction = strips.length > 0 && current.rung < last ? trouble.direction : 'down';
    const step: StepDown = {
      trouble: { ...trouble, direction },
      at: now,
      steps: 0,
      old: { upLimit, downFloor },
      spares:
        direction === 'up' &&
        current.standard !== undefined &&
        !this.#hasGuests() &&
        this.#carried(trouble) > parts[0]!,
      up: current.up,
      best: this.#solution.spared.has(id) ? Math.max(downFloor, this.shared) : this.#best(member),
    };

    if (direction === 'down' && step.best >= last) return undefined;
    this.#step(member, step, now);

    return step;
  }

  #hasGuests(): boolean {
    return this.members().some(({ formats }) => !formats);
  }

  #step(member: Member, step: StepDown, now: number): void {
    if (step.trouble.direction === 'up')
      member.upLimit = Math.min(step.old.upLimit, this.#upPart(step) * step.up);
    else member.downFloor = this.#lower(member, step);
    step.steps += 1;
    step.at = now;
  }

  /** Of what is sent, how much came through, where that is what was seen. */
  #carried({ metric, excess }: Trouble): number {
    return metric === 'loss' ? carriedPart * (1 - excess / 100) : 1;
  }

  #upPart({ trouble, steps, spares }: StepDown): number {
    const index = steps - Number(spares);

    // Just less than it was: what only those hear that are spared goes, and the rung stays.
    return index < 0 ? 0.999 : Math.min(parts[index]!, this.#carried(trouble));
  }

  #lower({ downFloor }: Member, { trouble, steps, best }: StepDown): number {
    const next =
      steps === 0
        ? Math.max(
            lighter(this.rungs, best),
            Math.min(muchLighter(this.rungs, best, this.#carried(trouble)), this.shared),
          )
        : lighter(this.rungs, downFloor);

    if (steps === downSteps - 1) return this.rungs.length - 1;

    return steps === downSteps - 2 ? Math.max(next, this.shared + 1) : next;
  }

  #judge(player: Player, step: StepDown, now: number): void {
    const { link, member } = player;
    const { direction, metric, excess } = step.trouble;
    const most = direction === 'up' ? parts.length + Number(step.spares) : downSteps;

    if (link.excess(metric, now) <= helpful * excess) player.stepDown = undefined;
    else if (step.steps < most) this.#step(member, step, now);
    else {
      // It is not ours: who plays on as before loses nothing by it.
      Object.assign(member, step.old);
      player.stepDown = undefined;
      player.weather.failed(now);
      link.accept();
    }
  }
}
