// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { lineRate } from './ladder.ts';
import type { BackOff } from './back-off.ts';
import type { Before, Report } from './link.ts';
import type { Member, Solution } from './solve.ts';
import type { Planner, Player } from './planner.ts';

/** Clean for so long before something better is tried. */
const cleanMs = 10_000;
/** A trial that went well for so long is kept. */
const trialMs = 6000;
/** Reports that came sooner after the change speak of the time before. */
const settlingMs = 500;
/** Without reports nobody knows. */
const blindMs = 15_000;
const wantedReports = 2;
/** Rungs above the present one that are looked at. */
const nearest = 3;

type Change = Partial<Pick<Member, 'allowance' | 'upLimit' | 'downFloor'>>;

type Trial = {
  /** Whose member is changed; that of a sender, or of a listener for its way down. */
  player: Player;
  old: Change;
  backOff: BackOff;
  senders: Set<string>;
  /** Everyone who would feel it, as they were before. */
  before: Map<string, Before>;
  reports: Map<string, number>;
  since: number;
  /** Where one sender goes up: to which rung, and what it sends then and sent before, bit/s. */
  rise?: { rung: number; load: number; before: number };
};

/** Tries one better rung at a time in a room, and takes it back when somebody's link suffers. */
export class Trials {
  readonly #planner: Planner;
  #trial: Trial | undefined;
  #ideal: Solution | undefined;
  #outcomes: ('kept' | 'undone')[] = [];

  constructor(planner: Planner) {
    this.#planner = planner;
  }

  takeOutcomes(): ('kept' | 'undone')[] {
    return this.#outcomes.splice(0);
  }

  involves(id: string): boolean {
    return this.#trial?.before.has(id) ?? false;
  }

  gone(id: string): void {
    const trial = this.#trial;

    if (!trial) return;
    trial.before.delete(id);
    trial.senders.delete(id);
    if (trial.player.member.id === id) this.#trial = undefined;
    else if (trial.senders.size === 0) this.#undo(trial);
  }

  /** Judges a report while a trial is on; false: it is nothing of this trial's. */
  reported(player: Player, report: Report, now: number): boolean {
    const trial = this.#trial;
    const { id } = player.member;
    const before = trial?.before.get(id);

    if (!trial || !before) return false;
    if (now - trial.since < settlingMs) return true;
    trial.reports.set(id, (trial.reports.get(id) ?? 0) + 1);
    if (player.link.worseThan(before, report, trial.senders, trial.senders.has(id)))
      this.#fail(trial, player, now);

    return true;
  }

  update(now: number, budget: number): void {
    const trial = this.#trial;

    if (trial) {
      const rung = this.#planner.solution.senders.get(trial.player.member.id)?.rung ?? 0;
      const seen = [...trial.before.keys()].every(
        (id) => (trial.reports.get(id) ?? 0) >= wantedReports,
      );

      // Something else slowed it down meanwhile: then nothing is tried.
      if (trial.rise && now > trial.since && rung > trial.rise.rung) this.#undo(trial);
      else if (now - trial.since >= trialMs && seen) this.#keep();
      else if (now - trial.since >= blindMs) this.#fail(trial, undefined, now);
      else return;
    }
    this.#ideal = undefined;
    for (const player of this.#planner.players.values())
      if (this.#tryUp(player, now, budget) || this.#tryDown(player, now, budget)) return;
  }

  #keep(): void {
    this.#trial = undefined;
    this.#outcomes.push('kept');
  }

  #undo({ player, old }: Trial): void {
    Object.assign(player.member, old);
    this.#trial = undefined;
    this.#outcomes.push('undone');
  }

  #fail(trial: Trial, complainer: Player | undefined, now: number): void {
    const { player, backOff, rise } = trial;

    backOff.failed(now);
    this.#undo(trial);
    if (complainer === player && rise)
      player.member.upLimit = Math.max(
        rise.before,
        Math.min(player.member.upLimit, 0.9 * rise.load),
      );
    for (const id of trial.before.keys()) this.#planner.players.get(id)?.link.settle();
  }

  /** A better rung for one sender. */
  #tryUp(player: Player, now: number, budget: number): boolean {
    const { member, link, up } = player;
    const current = this.#planner.solution.senders.get(member.id);

    if (!current || !member.formats || member.strips.length === 0) return false;
    if (!['trial', 'uplink'].includes(current.reason.limit)) return false;
    if (player.betterSince !== undefined || now - player.changedAt < cleanMs) return false;
    if (!up.ready(now) || player.stepDown || !link.sendsClean(now, cleanMs)) return false;

    // Who hears standard Opus beside it feels nothing.
    const { spared } = this.#planner.solution;
    const listeners = this.#others(player).filter(
      (other) => current.standard === undefined || !spared.has(other.member.id),
    );

    if (listeners.length === 0 || listeners.some(({ stepDown }) => stepDown)) return false;
    if (!listeners.every((l) => l.link.hearsClean(member.id, now, cleanMs))) return false;

    for (let rung = current.rung - 1; rung >= Math.max(0, current.rung - nearest); rung--)
      // What it was seen not to carry may have been what only those heard that are spared.
      for (const upLimit of new Set([member.upLimit, Infinity])) {
        const rate = lineRate(this.#planner.rungs[rung]!, 1);
        const change = { allowance: Math.max(member.allowance, rate), upLimit };
        const after = this.#after(player, change, budget);
        const { rung: reached, up: load } = after.senders.get(member.id)!;

        if (reached !== rung || !this.#harmless(after, budget)) continue;
        change.upLimit = Math.max(member.upLimit, load);
        this.#start(player, change, now, up, [player], [player, ...listeners]);
        this.#trial!.rise = { rung, load, before: current.up };

        return true;
      }

    return false;
  }

  /** More for one listener, from everyone. */
  #tryDown(player: Player, now: number, budget: number): boolean {
    const { member, down } = player;

    if (member.downFloor === 0 || player.stepDown || !down.ready(now)) return false;

    const senders = this.#others(player).filter((s) => s.member.strips.length > 0);

    if (senders.some(({ changedAt }) => now - changedAt < cleanMs)) return false;
    if (!senders.every((s) => player.link.hearsClean(s.member.id, now, cleanMs))) return false;

    const change = { downFloor: this.#planner.floorAbove(player) };

    if (!this.#harmless(this.#after(player, change, budget), budget)) return false;

    this.#start(player, change, now, down, senders, [player]);
    this.#planner.releaseTo(player);

    return true;
  }

  #others(player: Player): Player[] {
    return [...this.#planner.players.values()].filter(
      (other) => other !== player && other.member.formats,
    );
  }

  #after({ member }: Player, change: Change, budget: number): Solution {
    const old = { ...member };

    Object.assign(member, change);
    const after = this.#planner.ideal(budget);

    Object.assign(member, old);

    return after;
  }

  /** Nobody else has to pay for it. */
  #harmless(after: Solution, budget: number): boolean {
    const { senders } = (this.#ideal ??= this.#planner.ideal(budget));

    return [...after.senders].every(([id, { rung }]) => rung <= senders.get(id)!.rung);
  }

  #start(
    player: Player,
    change: Change,
    now: number,
    backOff: BackOff,
    senders: Player[],
    involved: Player[],
  ): void {
    const { allowance, upLimit, downFloor } = player.member;

    this.#trial = {
      player,
      old: { allowance, upLimit, downFloor },
      backOff,
      senders: new Set(senders.map(({ member }) => member.id)),
      before: new Map(involved.map(({ member, link }) => [member.id, link.before()])),
      reports: new Map(),
      since: now,
    };
    Object.assign(player.member, change);
    for (const { member } of senders) this.#planner.release(member.id);
  }
}
