// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAnswer } from './table.ts';
import { Close, Code, RequestError } from '../errors.ts';
import { serveConsumers } from '../consumers.ts';
import type { Data } from '../channel.ts';
import type { Joined, Peer } from '../peer.ts';
import type { Media } from '../codecs.ts';
import type { NotificationTable, RequestTable } from './table.ts';

/** Time for the answer to arrive before the connection is closed. */
const leaveDelayMs = 100;

function introduction(peer: Peer): Data {
  const { displayName, device, instrument } = peer.joined!;

  return {
    peerId: peer.id,
    displayName,
    device,
    role: peer.grant.role,
    ...(instrument !== undefined && { instrument }),
  };
}

/** Whether there is a place for @peer as a listener or as a musician; throws a RequestError. */
export function checkPlaces(peer: Peer, listens: boolean): void {
  const { planning, joinedPeers, config } = peer.room;
  const others = joinedPeers.filter((other) => other !== peer);
  const alike = others.filter((other) => other.listens === listens).length;

  if (alike >= (listens ? config.listeners : config.players))
    throw new RequestError(
      Code.busy,
      `The room is full: ${alike} ${listens ? 'listeners' : 'musicians'} are in it.`,
    );
  if (listens && !planning.admitsListener())
    throw new RequestError(
      Code.busy,
      'The room is full: this server cannot send out the packets of one more listener.',
    );
  if (!planning.admits(peer, { strips: listens ? [] : [1], standardPackets: 0 }))
    throw new RequestError(
      Code.busy,
      'The room is full: this server cannot send out the packets of one more musician.',
    );
}

function join(peer: Peer, data: Joined): Data {
  if (peer.joined) throw new RequestError(Code.wrongState, 'You have joined already.');

  const others = peer.room.joinedPeers;

  checkPlaces(peer, peer.listens);

  const { displayName, instrument, rtpCapabilities, tutti } = data;
  const { flag, name, version } = data.device;
  // What else it says is not for the others.
  const device = {
    ...(flag !== undefined && { flag }),
    name,
    ...(version !== undefined && { version }),
  };

  peer.join({ displayName, device, instrument, rtpCapabilities, tutti });
  peer.log.info({ players: others.length + 1 }, 'peer joined');
  peer.room.notifyOthers(peer, 'newPeer', introduction(peer));
  peer.room.planning.join(peer);
  afterAnswer(peer, () => {
    peer.room.planning.greet(peer);
    serveConsumers(peer);
  });

  const { tempo, chat, controls } = peer.room.memory;

  return {
    peers: others.map(introduction),
    ...(tempo.current && { tempo: tempo.current }),
    ...(tutti && chat.messages.length > 0 && { chat: chat.messages }),
    ...(controls.any && { controls: controls.state }),
  };
}

function changeDisplayName(peer: Peer, { displayName }: { displayName: string }): void {
  if (!peer.joined) return;

  const oldDisplayName = peer.joined.displayName;

  peer.joined.displayName = displayName;
  peer.room.notifyOthers(peer, 'peerDisplayNameChanged', {
    peerId: peer.id,
    displayName,
    oldDisplayName,
  });
}

export const joining = {
  requests: {
    getRouterRtpCapabilities: {
      run: (peer: Peer, { media }: { media?: Media }) => ({
        routerRtpCapabilities: peer.room.capabilities(media ?? 'audio'),
      }),
    },
    join: { run: join },
    leave: {
      run(peer: Peer, { reason }: { reason?: 'asleep' }) {
        peer.close(Close.left, reason ?? 'left', leaveDelayMs);
        return {};
      },
    },
  } satisfies RequestTable,
  notifications: { changeDisplayName } satisfies NotificationTable,
};
