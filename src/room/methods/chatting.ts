// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Code, RequestError } from '../errors.ts';
import type { Data } from '../channel.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';

function sendChat(peer: Peer, { text }: { text: string }): Data {
  const { room } = peer;
  const message = room.memory.chat.add(peer.id, peer.joined!.displayName, text, Date.now());

  if (!message) throw new RequestError(Code.malformed, 'There is nothing to read in this message.');
  for (const other of room.joinedPeers)
    if (other.joined?.tutti) other.channel.notify('chat', message);

  return { id: message.id };
}

/** Whoever is in the room may write, listeners too: it is how they say that they hear nothing. */
export const chatting = {
  requests: { sendChat: { joined: true, run: sendChat } } satisfies RequestTable,
};
