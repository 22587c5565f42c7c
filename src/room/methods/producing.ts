// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAnswer, producerOf, refusal, transportOf } from './table.ts';
import { checkedParameters } from '../codecs.ts';
import { Code, RequestError } from '../errors.ts';
import { formatOf, framingVersion, pictureOf } from '../format.ts';
import { limits } from '../limits.ts';
import { standardPackets } from '../planning.ts';
import type { types } from 'mediasoup';
import type { Data } from '../channel.ts';
import type { Media } from '../codecs.ts';
import type { NotificationTable, RequestTable } from './table.ts';
import type { Peer, PeerProducer } from '../peer.ts';

export type Produce = {
  transportId: string;
  kind: Media;
  rtpParameters: types.RtpParameters;
  appData?: Data;
  replaces?: string;
};

/** The older producer that @data takes over from, if it names one. */
function predecessor(peer: Peer, data: Produce): types.Producer | undefined {
  if (data.replaces === undefined) return undefined;

  const { producer } = producerOf(peer, data.replaces);

  if (producer.kind !== data.kind)
    throw new RequestError(
      Code.wrongState,
      `A producer of ${producer.kind} cannot be replaced so.`,
    );

  return producer;
}

function producersOf(peer: Peer, kind: Media): PeerProducer[] {
  return [...peer.producers.values()].filter(({ producer }) => producer.kind === kind);
}

function checkRoom(peer: Peer, kind: Media): void {
  const all = producersOf(peer, kind);
  const starting = peer.producersStarting[kind];
  const replaced = new Set(all.flatMap(({ replaces }) => (replaces ? [replaces.id] : [])));
  const lasting = all.filter(({ producer }) => !replaced.has(producer.id)).length;

  if (
    lasting + starting >= limits.producersPerPeer[kind] ||
    all.length + starting >= limits.producersPerPeerRebuilding[kind]
  )
    throw new RequestError(
      Code.notAllowed,
      `You have ${limits.producersPerPeer[kind]} producers of ${kind}: close one first.`,
    );
}

/** Framed sound comes from those who hear it themselves, in a framing that everyone knows. */
function checkFormat(peer: Peer, appData: Data): void {
  const { wire, version } = formatOf(appData);

  if (wire !== 'framed') return;
  if (!peer.formats)
    throw new RequestError(Code.notAllowed, 'Who sends framed sound lists its formats in `join`.');
  if (version !== framingVersion)
    throw new RequestError(Code.notAllowed, `This room knows framing ${framingVersion} only.`);
}

/** One camera and one screen of each; a client of the demo's dialect has other words for them. */
function checkSource(peer: Peer, appData: Data, replaces?: types.Producer): void {
  const source = pictureOf(appData);

  if (!source)
    throw new RequestError(
      Code.malformed,
      '/appData/source is “camera” or “screen” for a picture.',
    );
  if (
    producersOf(peer, 'video').some(
      (item) => item.producer !== replaces && pictureOf(item.appData) === source,
    )
  )
    throw new RequestError(Code.wrongState, `You show your ${source} already.`);
}

function checkPackets(peer: Peer, appData: Data): void {
  const more = peer.formats
    ? { strips: formatOf(appData).wire === 'framed' ? [1] : [], standardPackets: 0 }
    : { strips: [], standardPackets: standardPackets(appData) };

  if (!peer.room.planning.admits(peer, more))
    throw new RequestError(
      Code.busy,
      'This server cannot send out the packets of one more stream in this room.',
    );
}

function adopt(peer: Peer, item: PeerProducer): void {
  const { producer } = item;

  peer.producers.set(producer.id, item);
  producer.observer.once('close', () => {
    peer.producers.delete(producer.id);
    for (const other of peer.room.peers.values()) other.refused.delete(producer.id);
    if (!peer.closed) peer.room.planning.producersChanged();
  });
  producer.on('score', (score) =>
    peer.channel.notify('producerScore', {
      producerId: producer.id,
      score: score.map(({ ssrc, score: value }) => ({ ssrc, score: value })),
    }),
  );
}

export async function produce(peer: Peer, data: Produce): Promise<Data> {
  const target = transportOf(peer, data.transportId);
  const appData = data.appData ?? {};
  const replaces = predecessor(peer, data);

  if (peer.listens)
    throw new RequestError(Code.notAllowed, 'Your invite is for listening: you cannot send.');
  if (target.direction !== 'producer')
    throw new RequestError(Code.wrongState, 'This transport is not for producing.');
  if (target.media !== data.kind)
    throw new RequestError(Code.wrongState, `This transport is for ${target.media} only.`);
  if (Buffer.byteLength(JSON.stringify(appData)) > limits.appData)
    throw new RequestError(Code.tooLarge, `appData is larger than ${limits.appData} bytes.`);
  if (data.kind === 'audio') checkFormat(peer, appData);
  if (data.kind === 'audio' && !replaces) checkPackets(peer, appData);
  if (data.kind === 'video') checkSource(peer, appData, replaces);
  if (!replaces) checkRoom(peer, data.kind);
  else if (
    producersOf(peer, data.kind).length + peer.producersStarting[data.kind] >=
    limits.producersPerPeerRebuilding[data.kind]
  )
    throw new RequestError(Code.notAllowed, 'Too many producers are being replaced.');

  peer.producersStarting[data.kind] += 1;
  try {
    const producer = await target.transport
      .produce({
        kind: data.kind,
        rtpParameters: checkedParameters(data.kind, data.rtpParameters),
        // Who looks at a picture cannot make it all key frames.
        ...(data.kind === 'video' && { keyFrameRequestDelay: 500 }),
      })
      .catch((error: unknown) => {
        throw refusal(error);
      });

    // Before anybody can hear it.
    if (peer.hushed && data.kind === 'audio') await producer.pause();
    if (peer.listens || peer.closed || target.transport.closed) {
      producer.close();
      throw new RequestError(Code.wrongState, 'The transport was closed meanwhile.');
    }
    adopt(peer, { producer, peerId: peer.id, target, appData, replaces });
    peer.room.planning.producersChanged();
    afterAnswer(peer, () => peer.room.serveOthers(peer));

    return { producerId: producer.id };
  } finally {
    peer.producersStarting[data.kind] -= 1;
  }
}

type One = { producerId: string };

export const producing = {
  requests: { produce: { joined: true, run: produce } } satisfies RequestTable,
  notifications: {
    closeProducer: (peer: Peer, { producerId }: One) =>
      peer.producers.get(producerId)?.producer.close(),
    pauseProducer: (peer: Peer, { producerId }: One) =>
      producerOf(peer, producerId).producer.pause(),
    resumeProducer: (peer: Peer, { producerId }: One) => {
      const { producer } = producerOf(peer, producerId);

      if (producer.kind === 'audio') peer.hushed = false;

      return producer.resume();
    },
  } satisfies NotificationTable,
};
