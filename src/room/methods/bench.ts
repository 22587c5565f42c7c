// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Code, RequestError } from '../errors.ts';
import { makeTransport } from './transporting.ts';
import { produce } from './producing.ts';
import { transportOf } from './table.ts';
import type { Data } from '../channel.ts';
import type { Direction } from '../transports.ts';
import type { Peer } from '../peer.ts';
import type { Produce } from './producing.ts';
import type { RequestTable } from './table.ts';

/** Bench traffic never leaves the computer: it is not encrypted. */
const ip = '127.0.0.1';

type Create = { direction?: Direction; port?: number };

async function benchPlainTransport(peer: Peer, data: Create): Promise<Data> {
  const direction = data.direction ?? 'producer';
  const transport = await makeTransport(peer, direction, 'audio', async () => {
    const made = await peer.room.router('audio').createPlainTransport({
      listenInfo: { protocol: 'udp', ip },
      rtcpMux: true,
      comedia: direction === 'producer',
    });

    if (direction === 'consumer') await made.connect({ ip, port: data.port });

    return made;
  });

  return { transportId: transport.id, ip, port: transport.tuple.localPort };
}

async function benchProduce(peer: Peer, data: Omit<Produce, 'kind'>): Promise<Data> {
  if (transportOf(peer, data.transportId).transport.type !== 'plain')
    throw new RequestError(Code.wrongState, 'This is not a bench transport.');

  return produce(peer, { ...data, kind: 'audio' });
}

/** RTP in and out without ICE and DTLS, for benches; see docs/PROTOCOL.md. */
export const bench = {
  requests: {
    benchPlainTransport: { bench: true, run: benchPlainTransport },
    benchProduce: { bench: true, joined: true, run: benchProduce },
  } satisfies RequestTable,
};
