// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { types } from 'mediasoup';
import { Close } from './errors.ts';
import { serveConsumers } from './consumers.ts';
import type { Media } from './codecs.ts';
import type { Peer } from './peer.ts';

export type Direction = 'producer' | 'consumer';

export type PeerTransport = {
  transport: types.WebRtcTransport | types.PlainTransport;
  direction: Direction;
  media: Media;
};

/** Whether media can flow on it at this moment. */
function isUp({ transport }: PeerTransport): boolean {
  if (transport.closed) return false;
  if (transport.type === 'plain') return true;

  return (
    ['connected', 'completed'].includes(transport.iceState) &&
    !['failed', 'closed'].includes(transport.dtlsState)
  );
}

/**
 * A transport broke. During a rebuild another one of the same direction and medium is there: then
 * only the broken one goes, and what it carried moves. So it does when it carried pictures: nobody
 * loses their sound by that, and the client makes a new one when it likes. Otherwise the peer is
 * sent away to come back.
 */
function lost(peer: Peer, broken: PeerTransport, why: string): void {
  if (peer.closed || broken.transport.closed) return;

  const other = [...peer.transports.values()].some(
    (item) =>
      item !== broken &&
      item.direction === broken.direction &&
      item.media === broken.media &&
      isUp(item),
  );

  peer.log.info({ transport: broken.transport.id, why, other }, 'media lost');
  if (!other && broken.media === 'audio') {
    peer.close(Close.mediaLost, 'lost');
    return;
  }
  closeTransport(peer, broken, true);
  if (!other) peer.channel.notify('transportClosed', { transportId: broken.transport.id });
  serveConsumers(peer);
}

/** Takes @item into the peer's care until either of them is closed. */
export function adoptTransport(peer: Peer, item: PeerTransport): void {
  const { transport } = item;

  peer.transports.set(transport.id, item);
  peer.hadVideo ||= item.media === 'video';
  (transport as types.Transport).observer.once('close', () => {
    peer.transports.delete(transport.id);
  });
  if (transport.type !== 'webrtc') return;
  transport.on('icestatechange', (state) => {
    peer.log.debug({ transport: transport.id, state }, 'ice');
    if (state === 'disconnected' || state === 'closed') lost(peer, item, `ice ${state}`);
  });
  transport.on('dtlsstatechange', (state) => {
    peer.log.debug({ transport: transport.id, state }, 'dtls');
    if (state === 'failed' || state === 'closed') lost(peer, item, `dtls ${state}`);
  });
}

/** Closes @item with its producers and consumers. @tell: the client does not know about it yet. */
export function closeTransport(peer: Peer, item: PeerTransport, tell: boolean): void {
  for (const consumer of peer.consumers.values())
    if (consumer.target === item) {
      peer.consumers.delete(consumer.consumer.id);
      if (tell) peer.channel.notify('consumerClosed', { consumerId: consumer.consumer.id });
    }
  for (const [id, { target }] of peer.producers) if (target === item) peer.producers.delete(id);
  item.transport.close();
}

/** Where the next consumer of @media goes: the newest consumer transport. */
export function newestConsumerTransport(peer: Peer, media: Media): PeerTransport | undefined {
  return [...peer.transports.values()].findLast(
    (item) => item.direction === 'consumer' && item.media === media && !item.transport.closed,
  );
}
