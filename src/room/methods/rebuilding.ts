// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAnswer, transportOf } from './table.ts';
import { closeTransport } from '../transports.ts';
import { Code, RequestError } from '../errors.ts';
import { moveConsumers, serveConsumers } from '../consumers.ts';
import type { Data } from '../channel.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';

type Move = { fromTransportId: string; toTransportId: string };

function move(peer: Peer, { fromTransportId, toTransportId }: Move): Data {
  const from = transportOf(peer, fromTransportId);
  const target = transportOf(peer, toTransportId);

  if (from === target || from.direction !== 'consumer' || target.direction !== 'consumer')
    throw new RequestError(Code.wrongState, 'Consumers move between two consumer transports.');
  if (from.media !== target.media)
    throw new RequestError(Code.wrongState, `${from.media} cannot move to ${target.media}.`);

  afterAnswer(peer, () => void moveConsumers(peer, from, target));

  return {};
}

export const rebuilding = {
  requests: {
    moveConsumers: { joined: true, run: move },
    closeTransport: {
      run(peer: Peer, { transportId }: { transportId: string }) {
        closeTransport(peer, transportOf(peer, transportId), false);
        afterAnswer(peer, () => serveConsumers(peer));
        return {};
      },
    },
  } satisfies RequestTable,
};
