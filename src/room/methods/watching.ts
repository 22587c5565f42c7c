// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { consumerOf } from './table.ts';
import { setConsumerPaused } from '../consumers.ts';
import type { NotificationTable } from './table.ts';
import type { Peer } from '../peer.ts';

type One = { consumerId: string };

export const watching = {
  notifications: {
    pauseConsumer: (peer: Peer, { consumerId }: One) =>
      setConsumerPaused(consumerOf(peer, consumerId), true),
    resumeConsumer: (peer: Peer, { consumerId }: One) =>
      setConsumerPaused(consumerOf(peer, consumerId), false),
  } satisfies NotificationTable,
};
