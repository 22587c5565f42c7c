// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

export type Wire = 'raw' | 'tight' | 'opus';

/** One way to send a strip. */
export type Rung = {
  wire: Wire;
  frameSamples: number;
  /** Bits a second of one channel. */
  bitrate: number;
  /** raw: bits of a sample. */
  bits?: number;
};

export type Standard = { frameSamples: number; bitrate: number };

const sampleRate = 48000;
/** IPv4, UDP, RTP with a header extension for the MID, SRTP's tag. */
const overhead = 20 + 8 + 20 + 10;
/** Of the framing, and the most that one payload may hold; see src/audio/tutti-payload.h. */
const payloadHeader = 2;
const payloadSize = 1160;
export const copiesMax = 2;

const opus = (frameSamples: number, bitrate = 128000): Rung => ({
  wire: 'opus',
  frameSamples,
  bitrate,
});

/**
 * From the quickest down. raw of 128 samples comes after tight of 64: both take 2.7 ms, one with
 * half the packets, the other with half the bits.
 */
export function ladder(rawBits: number): Rung[] {
  const raw = { wire: 'raw', bitrate: rawBits * sampleRate, bits: rawBits } as const;
  const tight = { wire: 'tight', bitrate: 128000 } as const;

  return [
    { ...raw, frameSamples: 64 },
    { ...tight, frameSamples: 64 },
    { ...raw, frameSamples: 128 },
    { ...tight, frameSamples: 128 },
    opus(120),
    opus(240),
    opus(480),
    opus(960),
    opus(960, 96000),
    opus(960, 64000),
    opus(960, 48000),
  ];
}

/** What those who know only standard Opus may get. */
export const standards: readonly Standard[] = [
  { frameSamples: 120, bitrate: 128000 },
  { frameSamples: 240, bitrate: 128000 },
  { frameSamples: 480, bitrate: 128000 },
  { frameSamples: 960, bitrate: 128000 },
  { frameSamples: 960, bitrate: 64000 },
  { frameSamples: 960, bitrate: 48000 },
];

export function packetsPerSecond({ frameSamples }: { frameSamples: number }): number {
  return sampleRate / frameSamples;
}

function frameBytes({ bitrate, frameSamples }: Standard, channels: number): number {
  return Math.floor((bitrate * channels * frameSamples) / sampleRate / 8);
}

/** How many copies a packet has room for. */
export function copiesThatFit(rung: Rung, channels: number): number {
  const frames = Math.floor((payloadSize - payloadHeader) / frameBytes(rung, channels));

  return Math.max(0, Math.min(copiesMax, frames - 1));
}

/** Bits a second on the line of one strip with @copies in each packet. */
export function lineRate(format: Standard, channels: number, copies = 0): number {
  const payload = payloadHeader + (1 + copies) * frameBytes(format, channels);

  return 8 * packetsPerSecond(format) * (overhead + payload);
}

/** The slowest rung that a few may bring the others to; who takes less than that gets standard Opus. */
export function sharedFloor(rungs: readonly Rung[]): number {
  return rungs.findIndex(({ wire, frameSamples }) => wire === 'opus' && frameSamples === 240);
}

/** The first standard that is no heavier than @rung. */
export function standardLike(rung: Rung): number {
  const index = standards.findIndex((format) => lineRate(format, 1) <= lineRate(rung, 1));

  return index < 0 ? standards.length - 1 : index;
}

/** The next rung after @index that is clearly lighter on the line; the last one has none. */
export function lighter(rungs: readonly Rung[], index: number): number {
  const rate = lineRate(rungs[index]!, 1);
  const next = rungs.findIndex((rung, i) => i > index && lineRate(rung, 1) < 0.9 * rate);

  return next < 0 ? rungs.length - 1 : next;
}

/** The first rung after @index on lighter()'s way that needs no more than a @part of what that needs. */
export function muchLighter(rungs: readonly Rung[], index: number, part: number): number {
  const rate = lineRate(rungs[index]!, 1);
  let next = lighter(rungs, index);

  while (next < rungs.length - 1 && lineRate(rungs[next]!, 1) > part * rate)
    next = lighter(rungs, next);

  return next;
}

/** The last rung before @index on the way that lighter() goes down from the first one. */
export function heavier(rungs: readonly Rung[], index: number): number {
  let above = 0;

  for (let i = 0; i < index; i = lighter(rungs, i)) above = i;

  return above;
}
