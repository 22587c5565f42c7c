// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Code, RequestError } from '../errors.ts';
import { consumerOf } from './table.ts';
import { setConsumerPaused } from '../consumers.ts';
import type { types } from 'mediasoup';
import type { NotificationTable } from './table.ts';
import type { Peer } from '../peer.ts';

type One = { consumerId: string };
type Layers = One & { spatialLayer: number; temporalLayer?: number };

function pictureConsumer(peer: Peer, consumerId: string): types.Consumer {
  const { consumer } = consumerOf(peer, consumerId);

  if (consumer.kind !== 'video')
    throw new RequestError(Code.wrongState, 'This is no consumer of a picture.');

  return consumer;
}

export const watching = {
  notifications: {
    pauseConsumer: (peer: Peer, { consumerId }: One) =>
      setConsumerPaused(consumerOf(peer, consumerId), true),
    resumeConsumer: (peer: Peer, { consumerId }: One) =>
      setConsumerPaused(consumerOf(peer, consumerId), false),
    setConsumerPreferredLayers: (peer: Peer, { consumerId, spatialLayer, temporalLayer }: Layers) =>
      pictureConsumer(peer, consumerId).setPreferredLayers({
        spatialLayer,
        ...(temporalLayer !== undefined && { temporalLayer }),
      }),
    requestConsumerKeyFrame: (peer: Peer, { consumerId }: One) =>
      pictureConsumer(peer, consumerId).requestKeyFrame(),
  } satisfies NotificationTable,
};
