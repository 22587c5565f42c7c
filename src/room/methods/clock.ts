// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { producerOf } from './table.ts';
import { roomTimeUs } from '../clock.ts';
import type { NotificationTable, RequestTable } from './table.ts';
import type { Peer } from '../peer.ts';

type RtpClock = {
  producerId: string;
  rtpTimestamp: number;
  roomTimeUs: number;
  errorUs?: number;
  sentUs?: number;
};

/** Forwards a sender's clock pair to those who consume that producer of its own. */
function rtpClock(peer: Peer, data: RtpClock): void {
  const { producer } = producerOf(peer, data.producerId);

  for (const other of peer.room.joinedPeers)
    if ([...other.consumers.values()].some(({ consumer }) => consumer.producerId === producer.id))
      other.channel.notify('rtpClock', { peerId: peer.id, ...data });
}

export const clock = {
  requests: { clock: { run: () => ({ roomTimeUs: roomTimeUs() }) } } satisfies RequestTable,
  notifications: { rtpClock } satisfies NotificationTable,
};
