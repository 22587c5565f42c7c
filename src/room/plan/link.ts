// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** One musician's report, as far as the plan needs it: the worst over the strips of each sender. */
export type Report = {
  rttMs: number;
  quantum: number;
  upLossPercent: number;
  heard: ReadonlyMap<
    string,
    { lossPercent: number; concealedPercent: number; jitterMs: number; delayMs?: number }
  >;
};

/** A round trip that grew by so much stands in a queue that somebody fills. */
const queueMs = 30;
/** A delay from sender to listener that grew by so much. */
const lateMs = 20;
const cleanPercent = 0.5;
/** Loss that came with a step, beyond what there was before. */
const stepPercent = 2;
/** Beyond this a link is taken for too thin, without any queue. */
const severePercent = 15;
/** Reports in a row; of a link that loses packets even the round trips are not what they seem. */
const confirmations = 3;
const lossyConfirmations = 4;
const severeConfirmations = 2;
/** Who has said nothing for so long cannot vouch for anything. */
const silenceMs = 5000;
/** What is reported sooner after another speaks of the same moment. */
const apartMs = 1000;
/** What others saw holds for so long: they say it again with their next reports. */
const seenMs = 3000;

type Pair = { at: number; loss: number; delay?: number; dirtyAt: number };

/** What a link looked like when a trial began. */
export type Before = {
  rtt: number;
  upLoss: number;
  loss: Map<string, number>;
  delay: Map<string, number>;
};

/** Direction in which a link carries too much. */
export type Trouble = { direction: 'up' | 'down'; metric: 'rtt' | 'loss'; excess: number };

/** What the reports of one musician say of the way to and from it. Pure, times in ms. */
export class Link {
  /** What the round trip would be without queues. */
  #base = Infinity;
  /** The shortest that was reported, and that of the signalling connection. */
  #shortest = Infinity;
  #signalling = Infinity;
  #recent: number[] = [];
  #upLoss = 0;
  #upLossAt = -Infinity;
  /** The same as others see it. */
  #seen = 0;
  #seenAt = -Infinity;
  #since = Infinity;
  #last = -Infinity;
  #queuedAt = -Infinity;
  #lostAt = -Infinity;
  #inflated = 0;
  #severe = 0;
  #severeAt = -Infinity;
  readonly #pairs = new Map<string, Pair>();

  /** Shortest round trip so far, ms; Infinity: none yet. What the client reports is better. */
  get rtt(): number {
    return Number.isFinite(this.#shortest) ? this.#shortest : this.#signalling;
  }

  /** Whether something stood in a queue at the last report. */
  get queueing(): boolean {
    return this.#inflated > 0;
  }

  /** Whether it said something once, and nothing for @ms now. */
  silent(now: number, ms = silenceMs): boolean {
    return this.#last !== -Infinity && now - this.#last > ms;
  }

  /** A round trip of the signalling connection, whose way may be another one. */
  measured(rttMs: number): void {
    this.#signalling = Math.min(this.#signalling, rttMs);
  }

  report(report: Report, now: number): void {
    // Before the first sound nothing stood in a queue yet.
    if (this.#last === -Infinity) this.#base = this.#signalling;

    const inflated = report.rttMs > this.#base + queueMs;

    if (now - this.#last > silenceMs) this.#since = now;
    this.#last = now;
    this.#base = Math.min(this.#base, report.rttMs);
    this.#shortest = Math.min(this.#shortest, report.rttMs);
    this.#recent = [...this.#recent.slice(-2), report.rttMs];
    this.#upLoss = report.upLossPercent;
    this.#upLossAt = now;
    if (!inflated) this.#inflated = 0;
    // Those that stood in a queue together come together.
    else if (this.#inflated === 0 || now - this.#queuedAt >= apartMs) this.#inflated += 1;
    if (inflated) this.#queuedAt = now;
    if (report.upLossPercent >= cleanPercent) this.#lostAt = now;
    for (const [sender, { lossPercent, delayMs }] of report.heard)
      this.#pair(sender, lossPercent, delayMs, now);
    for (const id of this.#pairs.keys()) if (!report.heard.has(id)) this.#pairs.delete(id);
    this.#countSevere(this.#worst(now), now);
  }

  /** What others see and what is reported of the same time are one. */
  #countSevere(loss: number, now: number): void {
    if (loss <= severePercent) {
      this.#severe = 0;
    } else if (this.#severe === 0 || now - this.#severeAt >= apartMs) {
      this.#severe += 1;
      this.#severeAt = now;
    }
  }

  /** What others miss of what this one sends, and it may not be able to report itself. */
  upLossSeen(lossPercent: number, now: number): void {
    this.#seen = lossPercent;
    this.#seenAt = now;
    if (lossPercent > stepPercent) this.#lostAt = now;
    if (lossPercent > severePercent) this.#countSevere(lossPercent, now);
  }

  /** Of what it sends, so much is lost on its own way up, as far as is known at @now. */
  upLoss(now: number): number {
    const reported = now - this.#upLossAt < silenceMs ? this.#upLoss : 0;

    // What is reported may be seconds old.
    return Math.max(reported, now - this.#seenAt < seenMs ? this.#seen : 0);
  }

  /** Whether much of what it sends is lost on its way up. */
  chokes(now: number): boolean {
    return this.upLoss(now) > severePercent;
  }

  /** It loses so much that it may be about to be taken for too thin. */
  get suspect(): boolean {
    return this.#severe > 0;
  }

  #pair(sender: string, loss: number, delay: number | undefined, now: number): void {
    const before = this.#pairs.get(sender);
    const late =
      delay !== undefined && before?.delay !== undefined && delay > before.delay + lateMs;
    const smooth =
      delay === undefined || before?.delay === undefined
        ? delay
        : before.delay + (delay - before.delay) / 5;

    this.#pairs.set(sender, {
      at: now,
      loss,
      delay: smooth,
      dirtyAt: loss >= cleanPercent || late ? now : (before?.dirtyAt ?? now),
    });
  }

  #worst(now: number): number {
    return Math.max(this.upLoss(now), this.#downLoss());
  }

  /** The median over what it hears: one sender's bad uplink is not this one's downlink. */
  #downLoss(): number {
    const losses = [...this.#pairs.values()].map(({ loss }) => loss).sort((a, b) => a - b);

    return losses[Math.floor((losses.length - 1) / 2)] ?? 0;
  }

  forget(sender: string): void {
    this.#pairs.delete(sender);
  }

  /** Whether it has reported for @ms that what it sends arrives, without a queue. */
  sendsClean(now: number, ms: number): boolean {
    return this.#quietSince(now, ms, this.#lostAt);
  }

  /** The same for what it hears of @sender. */
  hearsClean(sender: string, now: number, ms: number): boolean {
    return this.#quietSince(now, ms, this.#pairs.get(sender)?.dirtyAt ?? -Infinity);
  }

  #quietSince(now: number, ms: number, dirtyAt: number): boolean {
    if (now - this.#last > silenceMs) return false;

    return now - Math.max(this.#since, this.#queuedAt, dirtyAt) >= ms;
  }

  before(): Before {
    const pairs = [...this.#pairs];

    return {
      rtt: Math.max(this.#base, this.#recent.at(-1) ?? 0),
      upLoss: this.#upLoss,
      loss: new Map(pairs.map(([id, { loss }]) => [id, loss])),
      delay: new Map(
        pairs.flatMap(([id, { delay }]) => (delay === undefined ? [] : [[id, delay]])),
      ),
    };
  }

  /** Whether its newest report shows what a step too far would look like. */
  worseThan(before: Before, report: Report, senders: ReadonlySet<string>, sends: boolean): boolean {
    if (report.rttMs > before.rtt + queueMs) return true;
    if (sends && report.upLossPercent > before.upLoss + stepPercent) return true;

    return [...report.heard].some(([id, { lossPercent, delayMs }]) => {
      if (!senders.has(id)) return false;
      if (lossPercent > (before.loss.get(id) ?? 0) + stepPercent) return true;
      const delay = before.delay.get(id);

      return delay !== undefined && delayMs !== undefined && delayMs > delay + lateMs;
    });
  }

  /** Whether it carries too much right now, by two reports in a row, and which way. */
  trouble(now: number): Trouble | undefined {
    const lossy = this.#worst(now) > cleanPercent;
    const queue = this.#inflated >= (lossy ? lossyConfirmations : confirmations);

    if (!queue && this.#severe < severeConfirmations) return undefined;

    const down = this.#downLoss();
    const direction = down > stepPercent && down > this.upLoss(now) ? 'down' : 'up';
    const metric = queue ? 'rtt' : 'loss';

    return { direction, metric, excess: this.excess(metric, now) };
  }

  /** How bad it is, by @metric. */
  excess(metric: 'rtt' | 'loss', now: number): number {
    return metric === 'loss' ? this.#worst(now) : Math.min(...this.#recent.slice(-2)) - this.#base;
  }

  /** Waits for two more reports before it speaks of trouble again. */
  settle(): void {
    this.#inflated = 0;
    this.#severe = 0;
  }

  /** It is not our doing: this is how the link is now. */
  accept(): void {
    this.#base = Math.min(...this.#recent);
    this.settle();
  }
}
