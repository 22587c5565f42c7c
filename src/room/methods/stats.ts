// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { consumerOf, producerOf, transportOf } from './table.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';

export const stats = {
  requests: {
    getTransportStats: {
      run: async (peer: Peer, { transportId }: { transportId: string }) => ({
        stats: await transportOf(peer, transportId).transport.getStats(),
      }),
    },
    getProducerStats: {
      run: async (peer: Peer, { producerId }: { producerId: string }) => ({
        stats: await producerOf(peer, producerId).producer.getStats(),
      }),
    },
    getConsumerStats: {
      run: async (peer: Peer, { consumerId }: { consumerId: string }) => ({
        stats: await consumerOf(peer, consumerId).consumer.getStats(),
      }),
    },
  } satisfies RequestTable,
};
