// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { isSameStrip } from './format.ts';
import { limits } from './limits.ts';
import { newestConsumerTransport } from './transports.ts';
import type { types } from 'mediasoup';
import type { Data } from './channel.ts';
import type { Peer, PeerConsumer, PeerProducer } from './peer.ts';
import type { PeerTransport } from './transports.ts';

function has(peer: Peer, producerId: string): boolean {
  for (const { consumer } of peer.consumers.values())
    if (consumer.producerId === producerId) return true;

  return peer.starting.has(producerId);
}

/**
 * Gives @peer a consumer for every producer of the others that it lacks and can take. May be called
 * at any time and as often as one likes: what is there or under way is not made twice. So joining,
 * producing and new transports need no order among them.
 */
export function serveConsumers(peer: Peer): void {
  if (peer.closed || !peer.joined || peer.room.planning.gated) return;

  const sources = peer.room.producersFor(peer);

  dropOthers(peer, sources);
  for (const source of sources) {
    const { producer } = source;
    const target = newestConsumerTransport(peer, producer.kind);

    if (!target || has(peer, producer.id) || peer.refused.has(producer.id)) continue;
    if (peer.consumers.size + peer.starting.size >= limits.consumersPerPeer) return;
    peer.starting.add(producer.id);
    void consume(peer, source, target)
      .catch((error: unknown) => failed(peer, source, error))
      .finally(() => {
        peer.starting.delete(producer.id);
        if (target.transport.closed) serveConsumers(peer); // It went away meanwhile.
      });
  }
}

/** Takes away at once what @peer is not to hear any more. */
export function dropUnheard(peer: Peer): void {
  const { controls } = peer.room;

  for (const { consumer, source } of [...peer.consumers.values()])
    if (!controls.hears(peer.id, source.peerId)) end(peer, consumer);
}

function end(peer: Peer, consumer: types.Consumer): void {
  peer.consumers.delete(consumer.id);
  consumer.close();
  peer.channel.notify('consumerClosed', { consumerId: consumer.id });
}

function runs(peer: Peer, { producer }: PeerProducer): boolean {
  for (const { consumer, accepted } of peer.consumers.values())
    if (accepted && consumer.producerId === producer.id) return true;

  return false;
}

/** Takes away what there is in a better format now. It plays on until that one runs. */
function dropOthers(peer: Peer, sources: PeerProducer[]): void {
  const wanted = new Set(sources.map(({ producer }) => producer));
  const coming = sources.filter((source) => !runs(peer, source));

  for (const { consumer, source } of [...peer.consumers.values()]) {
    if (wanted.has(source.producer) || source.producer.closed) continue;
    if (coming.some((other) => isSameStrip(other, source))) continue;
    end(peer, consumer);
  }
}

/** Makes a consumer on @target for each on @from, which play on until @from is closed. */
export async function moveConsumers(
  peer: Peer,
  from: PeerTransport,
  target: PeerTransport,
): Promise<void> {
  const all = [...peer.consumers.values()];
  const there = new Set(
    all.filter((item) => item.target === target).map((item) => item.source.producer.id),
  );

  await Promise.all(
    all
      .filter((old) => old.target === from && !there.has(old.source.producer.id))
      .map(async (old) => {
        if (peer.moving.has(old.consumer.id)) return;
        peer.moving.add(old.consumer.id);
        try {
          await consume(peer, old.source, target, old);
        } catch (error) {
          failed(peer, old.source, error);
        } finally {
          peer.moving.delete(old.consumer.id);
        }
      }),
  );
}

function failed(peer: Peer, source: PeerProducer, error: unknown): void {
  if (peer.closed || source.producer.closed) return;
  peer.log.warn({ err: error, producer: source.producer.id }, 'cannot consume');
}

async function consume(
  peer: Peer,
  source: PeerProducer,
  target: PeerTransport,
  old?: PeerConsumer,
): Promise<void> {
  const rtpCapabilities = peer.joined?.rtpCapabilities;
  const router = peer.room.router(target.media);

  if (!rtpCapabilities || source.producer.closed) return;
  if (!router.canConsume({ producerId: source.producer.id, rtpCapabilities })) {
    peer.refused.add(source.producer.id);
    return;
  }

  const consumer = await target.transport.consume({
    producerId: source.producer.id,
    rtpCapabilities,
    paused: true,
    enableRtx: target.media === 'video',
  });

  if (peer.closed || target.transport.closed || !peer.room.controls.hears(peer.id, source.peerId)) {
    consumer.close(); // Much may have happened meanwhile.
    return;
  }

  const item: PeerConsumer = {
    consumer,
    source,
    target,
    paused: old?.paused ?? false,
    accepted: false,
  };

  adopt(peer, item);
  void offer(peer, item, old);
}

/** Tells the client what happens to a consumer. */
function adopt(peer: Peer, item: PeerConsumer): void {
  const { consumer } = item;
  const consumerId = consumer.id;

  peer.consumers.set(consumerId, item);
  consumer.on('producerclose', () => {
    if (peer.consumers.delete(consumerId)) peer.channel.notify('consumerClosed', { consumerId });
  });
  consumer.on('producerpause', () => peer.channel.notify('consumerPaused', { consumerId }));
  consumer.on('producerresume', () => peer.channel.notify('consumerResumed', { consumerId }));
  consumer.on('score', (score) => peer.channel.notify('consumerScore', { consumerId, score }));
  consumer.observer.once('close', () => peer.consumers.delete(consumerId));
}

function description(item: PeerConsumer, old?: PeerConsumer): Data {
  const { consumer, source, target } = item;
  const { replaces } = source;

  return {
    peerId: source.peerId,
    transportId: target.transport.id,
    consumerId: consumer.id,
    producerId: source.producer.id,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    type: consumer.type,
    producerPaused: consumer.producerPaused,
    consumerScore: consumer.score,
    appData: source.appData,
    ...(old && { replacesConsumerId: old.consumer.id }),
    ...(replaces && !replaces.closed && { replacesProducerId: replaces.id }),
  };
}

/** Offers a new consumer to the client, and lets it run when the client is ready for it. */
async function offer(peer: Peer, item: PeerConsumer, old?: PeerConsumer): Promise<void> {
  const { consumer, source } = item;

  try {
    await peer.channel.request('newConsumer', description(item, old));
    item.accepted = true;
    if (!item.paused && !consumer.closed) await consumer.resume();
    if (!peer.closed) dropOthers(peer, peer.room.producersFor(peer));
  } catch (error) {
    if (peer.closed || consumer.closed) return;
    peer.log.warn({ err: error, consumer: consumer.id }, 'consumer not accepted');
    consumer.close();
    if (!has(peer, source.producer.id)) peer.refused.add(source.producer.id);
    peer.channel.notify('consumerClosed', { consumerId: consumer.id });
  }
}

/** Pauses or resumes for the client; before it has accepted, this only is remembered. */
export async function setConsumerPaused(item: PeerConsumer, paused: boolean): Promise<void> {
  item.paused = paused;
  if (item.consumer.closed || !item.accepted) return;
  if (paused) await item.consumer.pause();
  else await item.consumer.resume();
}
