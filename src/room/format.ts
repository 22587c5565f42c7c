// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { Data } from './channel.ts';
import type { Peer, PeerProducer } from './peer.ts';
import type { Wire } from './plan/ladder.ts';

/** The framing that we know. */
export const framingVersion = 1;

export type Format = {
  wire?: string;
  version?: number;
  frameSamples?: number;
  channels?: number;
};

/** What appData, which has passed its schema, says of the format. */
export function formatOf(appData: Data): Format {
  return (appData['format'] as Format | undefined) ?? {};
}

/** The strip that a producer is of. */
export function stripOf(appData: Data): string {
  return (appData['strip'] as { id: string } | undefined)?.id ?? 'main';
}

/** What a picture shows; the words of the demo's dialect count, too. */
export function pictureOf(appData: Data): 'camera' | 'screen' | undefined {
  switch (appData['source'] ?? 'camera') {
    case 'camera':
    case 'video':
      return 'camera';
    case 'screen':
    case 'screensharing':
      return 'screen';
    default:
      return undefined;
  }
}

export function isAudio({ producer }: PeerProducer): boolean {
  return producer.kind === 'audio';
}

export function isFramed(item: PeerProducer): boolean {
  return isAudio(item) && formatOf(item.appData).wire === 'framed';
}

/** What somebody hears framed, of the formats that it lists; undefined: only standard Opus. */
export function framedFormats(formats: readonly string[] = []): ReadonlySet<Wire> | undefined {
  const known = (['raw', 'tight'] as const).filter((wire) => formats.includes(wire));

  return known.length === 0 ? undefined : new Set<Wire>([...known, 'opus']);
}

/** Whether two producers are of one strip, in whatever format. */
export function isSameStrip(a: PeerProducer, b: PeerProducer): boolean {
  return (
    isAudio(a) && isAudio(b) && a.peerId === b.peerId && stripOf(a.appData) === stripOf(b.appData)
  );
}

/**
 * What @peer gets of @all, which are another one's: who knows the framing gets each strip framed,
 * and as standard Opus only where it comes in no other way, or the other way round when it is
 * @spared; the others get standard Opus only.
 */
export function heardBy(peer: Peer, spared: boolean, all: PeerProducer[]): PeerProducer[] {
  if (!peer.formats) return all.filter((item) => !isFramed(item));

  const wanted = all.filter((item) => isAudio(item) && isFramed(item) !== spared);
  const strips = new Set(wanted.map(({ appData }) => stripOf(appData)));

  return all.filter(
    (item) => !isAudio(item) || isFramed(item) !== spared || !strips.has(stripOf(item.appData)),
  );
}
