// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { isAudio, isFramed } from '../format.ts';
import type { NotificationTable } from './table.ts';
import type { Peer, PeerProducer } from '../peer.ts';

type Heard = {
  producerId: string;
  lossPercent: number;
  jitterMs: number;
  concealedPercent: number;
  delayMs?: number;
  errorMs?: number;
};
type LinkReport = {
  rttMs: number;
  quantum: number;
  up: { lossPercent: number };
  down: Heard[];
};
type Pair = { source: PeerProducer; heard: Heard };

/** What @peer says about producers that it does consume, once each. */
function pairs(peer: Peer, down: Heard[]): Pair[] {
  const sources = new Map(
    [...peer.consumers.values()].map(({ source }) => [source.producer.id, source]),
  );

  return [...new Map(down.map((heard) => [heard.producerId, heard])).values()].flatMap((heard) => {
    const source = sources.get(heard.producerId);

    return source ? [{ source, heard }] : [];
  });
}

/** The worst over the strips of each sender. */
function bySender(all: Pair[]): Map<string, Omit<Heard, 'producerId' | 'errorMs'>> {
  const senders = new Map<string, Omit<Heard, 'producerId' | 'errorMs'>>();

  for (const { source, heard } of all) {
    const other = senders.get(source.peerId);
    const delays = [heard.delayMs, other?.delayMs].filter((delay) => delay !== undefined);

    senders.set(source.peerId, {
      lossPercent: Math.max(heard.lossPercent, other?.lossPercent ?? 0),
      jitterMs: Math.max(heard.jitterMs, other?.jitterMs ?? 0),
      concealedPercent: Math.max(heard.concealedPercent, other?.concealedPercent ?? 0),
      ...(delays.length > 0 && { delayMs: Math.max(...delays) }),
    });
  }

  return senders;
}

function tellOwner(peer: Peer, { source, heard }: Pair): void {
  const owner = peer.room.peers.get(source.peerId);
  const { producerId, lossPercent, concealedPercent, delayMs, errorMs } = heard;

  if (!owner?.joined?.tutti || source.producer.closed) return;
  owner.channel.notify('heard', {
    peerId: peer.id,
    producerId,
    lossPercent,
    concealedPercent,
    ...(delayMs !== undefined && { delayMs }),
    ...(errorMs !== undefined && { errorMs }),
  });
}

function linkReport(peer: Peer, { rttMs, quantum, up, down }: LinkReport): void {
  if (!peer.joined) return;

  const { linkLoss, linkRtt } = peer.room.metrics;
  const { planning: plan } = peer.room;
  const all = pairs(peer, down);
  // What comes in the format that the plan chose for it; of guests there is only one.
  const planned = plan.spares(peer) ? isAudio : isFramed;

  linkRtt.observe(rttMs);
  linkLoss.observe({ direction: 'up' }, up.lossPercent);
  for (const { heard } of all) linkLoss.observe({ direction: 'down' }, heard.lossPercent);
  for (const pair of all) tellOwner(peer, pair);
  plan.report(peer, {
    rttMs,
    quantum,
    upLossPercent: up.lossPercent,
    heard: bySender(all.filter(({ source }) => planned(source))),
  });
}

export const planning = {
  notifications: {
    linkReport,
    planApplied: (peer: Peer, { revision }: { revision: number }) =>
      peer.room.planning.applied(peer, revision),
  } satisfies NotificationTable,
};
