// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { adoptTransport } from '../transports.ts';
import { afterAnswer, refusal, transportOf } from './table.ts';
import { Code, RequestError } from '../errors.ts';
import { limits } from '../limits.ts';
import { iceServers } from '../turn.ts';
import { serveConsumers } from '../consumers.ts';
import type { types } from 'mediasoup';
import type { Data } from '../channel.ts';
import type { Direction } from '../transports.ts';
import type { Media } from '../codecs.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';

/**
 * Makes a transport with @make for @peer, within its limits, and starts what a new consumer
 * transport is for.
 */
export async function makeTransport<T extends types.WebRtcTransport | types.PlainTransport>(
  peer: Peer,
  direction: Direction,
  media: Media,
  make: () => Promise<T>,
): Promise<T> {
  if (peer.transports.size + peer.transportsStarting >= limits.transportsPerPeer)
    throw new RequestError(
      Code.notAllowed,
      `You have ${limits.transportsPerPeer} transports: close one first.`,
    );

  peer.transportsStarting += 1;
  try {
    const transport = await make();

    if (peer.closed) {
      transport.close();
      throw new RequestError(Code.wrongState, 'You have left the room.');
    }
    adoptTransport(peer, { transport, direction, media });
    if (direction === 'consumer') {
      peer.refused.clear();
      afterAnswer(peer, () => serveConsumers(peer));
    }

    return transport;
  } finally {
    peer.transportsStarting -= 1;
  }
}

type Create = {
  direction?: Direction;
  appData?: { direction?: Direction };
  forceTcp?: boolean;
  media?: Media;
};

async function createWebRtcTransport(peer: Peer, data: Create): Promise<Data> {
  const direction = data.direction ?? data.appData?.direction ?? 'consumer';
  const media = data.media ?? 'audio';
  const transport = await makeTransport(peer, direction, media, () =>
    peer.room.router(media).createWebRtcTransport({
      webRtcServer: peer.room.webRtcServer(media),
      enableUdp: !data.forceTcp,
      enableTcp: true,
      preferUdp: true,
      enableSctp: false,
      iceConsentTimeout: limits.iceConsentSeconds,
    }),
  );
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;

  const servers = iceServers(peer.room.config.turn, peer.id, Date.now());

  return {
    transportId: id,
    iceParameters,
    iceCandidates,
    dtlsParameters,
    ...(servers && { iceServers: servers }),
  };
}

function webRtcTransportOf(peer: Peer, id: string): types.WebRtcTransport {
  const { transport } = transportOf(peer, id);

  if (transport.type !== 'webrtc')
    throw new RequestError(Code.wrongState, 'This is not a WebRTC transport.');

  return transport;
}

type Connect = { transportId: string; dtlsParameters: types.DtlsParameters };

async function connectWebRtcTransport(peer: Peer, data: Connect): Promise<Data> {
  try {
    await webRtcTransportOf(peer, data.transportId).connect({
      dtlsParameters: data.dtlsParameters,
    });
  } catch (error) {
    throw refusal(error);
  }

  return {};
}

export const transporting = {
  requests: {
    createWebRtcTransport: { run: createWebRtcTransport },
    connectWebRtcTransport: { run: connectWebRtcTransport },
    restartIce: {
      run: async (peer: Peer, { transportId }: { transportId: string }) => ({
        iceParameters: await webRtcTransportOf(peer, transportId).restartIce(),
      }),
    },
  } satisfies RequestTable,
};
