// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Code, RequestError } from '../errors.ts';
import { roomTimeUs } from '../clock.ts';
import type { Data } from '../channel.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';
import type { TempoWish } from '../tempo.ts';

function setTempo(peer: Peer, wish: TempoWish): Data {
  const { room } = peer;

  if (peer.listens)
    throw new RequestError(
      Code.notAllowed,
      'Your invite is for listening: you cannot set the tempo.',
    );
  if (!room.tempos.take())
    throw new RequestError(Code.tooFast, 'The tempo of this room changes too often: slow down.');

  const tempo = room.memory.tempo.set(wish, peer.id, roomTimeUs());

  for (const other of room.joinedPeers)
    if (other.joined?.tutti) other.channel.notify('tempo', tempo);

  return {};
}

/** Whoever plays in the room may set its tempo. */
export const tempo = {
  requests: { setTempo: { joined: true, run: setTempo } } satisfies RequestTable,
};
