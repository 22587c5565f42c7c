// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** What somebody asks for. */
export type TempoWish = {
  bpm: number;
  beatsPerBar: number;
  running: boolean;
  countInBars: number;
};

/** What everyone gets: beat n is at originUs + n minutes / bpm. */
export type TempoState = TempoWish & { originUs: number; byPeerId: string };

/** From pressing start to the first beat: time for the message to reach everybody. */
const leadUs = 500_000;
/** A beat that is nearer than this stays where it is. */
const marginUs = 50_000;

/** The click that a room has in common. Times are room time in µs, from outside. */
export class Tempo {
  #current: TempoState | undefined;

  get current(): TempoState | undefined {
    return this.#current;
  }

  set(wish: TempoWish, byPeerId: string, nowUs: number): TempoState {
    const old = this.#current;
    const { bpm, beatsPerBar, running, countInBars } = wish;
    const originUs = !running
      ? (old?.originUs ?? nowUs)
      : old?.running
        ? continued(old, wish, nowUs)
        : nowUs + leadUs;

    this.#current = { bpm, beatsPerBar, running, countInBars, originUs, byPeerId };

    return this.#current;
  }
}

/**
 * The origin with which @wish goes on from @old: the next beat comes when it would have come. It is
 * the same beat of its bar, or the first where bars change their length; a count-in that is over
 * stays over.
 */
function continued(old: TempoState, wish: TempoWish, nowUs: number): number {
  const { bpm, beatsPerBar, countInBars } = wish;
  const period = 60e6 / old.bpm;
  const beat = Math.max(0, Math.ceil((nowUs + marginUs - old.originUs) / period));
  const countIn = old.countInBars * old.beatsPerBar;

  if (bpm === old.bpm && beatsPerBar === old.beatsPerBar && countInBars === old.countInBars)
    return old.originUs;

  const sameBars = beatsPerBar === old.beatsPerBar;
  const inBar = sameBars ? beat % beatsPerBar : 0;
  const counting = beat < countIn && sameBars && countInBars === old.countInBars;
  const index = counting ? beat : countInBars * beatsPerBar + inBar;

  return Math.round(old.originUs + beat * period - (index * 60e6) / bpm);
}
