// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { checkPlaces } from './joining.ts';
import { Close, Code, RequestError } from '../errors.ts';
import { isOwner } from '../invites.ts';
import { limits } from '../limits.ts';
import { ofHost } from './table.ts';
import type { Data } from '../channel.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';
import type { Role } from '../invites.ts';

type One = { peerId: string };

function personOf(peer: Peer, peerId: string): Peer {
  const other = peer.room.peers.get(peerId);

  if (!other?.joined || other.closed)
    throw new RequestError(Code.notFound, 'There is nobody of that id in the room.');

  return other;
}

function otherOf(peer: Peer, peerId: string): Peer {
  const other = personOf(peer, peerId);

  if (other === peer) throw new RequestError(Code.wrongState, 'This is you.');

  return other;
}

function musicianOf(peer: Peer, peerId: string): Peer {
  const other = otherOf(peer, peerId);

  if (other.listens) throw new RequestError(Code.wrongState, 'They only listen.');

  return other;
}

function lock(peer: Peer, { locked }: { locked: boolean }): Data {
  const { room } = peer;
  const { places } = room.controls;

  places.locked = locked;
  peer.log.info({ locked }, 'door');
  // Who stands in the door is not in yet.
  for (const other of [...room.peers.values()])
    if (!other.joined && !places.admits(other.grant)) other.close(Close.locked, 'removed');
  room.controlsChanged(peer);

  return {};
}

function remove(peer: Peer, { peerId }: One): Data {
  const { room } = peer;
  const other = otherOf(peer, peerId);

  if (isOwner(other.grant))
    throw new RequestError(Code.notAllowed, 'They came by the link of whoever runs this room.');

  const ended = room.invites.banish(room.name, other.grant);

  peer.log.info({ removed: peerId, invites: ended }, 'somebody removed');
  room.controls.release(peerId);
  if (room.controls.spotlight === peerId) room.controls.spotlight = undefined;
  other.close(Close.removed, 'removed');
  // Who came by the same invite and stands in the door may be the same person.
  for (const waiting of [...room.peers.values()])
    if (!waiting.joined && ended.includes(waiting.grant.invite ?? ''))
      waiting.close(Close.removed, 'removed');
  room.controlsChanged(peer);

  return {};
}

async function mute(peer: Peer, { peerId }: One): Promise<Data> {
  const other = musicianOf(peer, peerId);

  peer.log.info({ muted: peerId }, 'somebody muted');
  other.channel.notify('muted', { byPeerId: peer.id });
  await other.hush();

  return {};
}

function askUnmute(peer: Peer, { peerId }: One): Data {
  musicianOf(peer, peerId).channel.notify('unmuteAsked', { byPeerId: peer.id });

  return {};
}

type Isolate = { peerId: string; isolated: boolean; with?: string[] };

function isolate(peer: Peer, { peerId, isolated, with: chosen }: Isolate): Data {
  const { room } = peer;
  const { controls } = room;

  if (!isolated) {
    // Also of somebody who is away.
    if (!controls.release(peerId)) otherOf(peer, peerId);
  } else {
    const other = otherOf(peer, peerId);

    if (other.grant.role === 'host')
      throw new RequestError(Code.wrongState, 'A host cannot be moved into a side room.');
    for (const id of chosen ?? []) personOf(peer, id);
    if (!controls.isIsolated(peerId) && controls.isolations >= limits.isolations)
      throw new RequestError(Code.busy, `${limits.isolations} people are in side rooms already.`);
    if (controls.pairsWithout(peerId) + (chosen?.length ?? 1) > limits.isolatedPairs)
      throw new RequestError(Code.busy, 'Too many people are in side rooms together.');
    controls.isolate(
      peerId,
      (chosen ?? [peer.id]).filter((id) => id !== peerId),
    );
  }
  peer.log.info({ peerId, isolated, with: chosen }, 'side room');
  room.hearingChanged();
  room.controlsChanged(peer);

  return {};
}

function spotlight(peer: Peer, { peerId }: { peerId: string | null }): Data {
  peer.room.controls.spotlight = peerId === null ? undefined : personOf(peer, peerId).id;
  peer.room.controlsChanged(peer);

  return {};
}

function setRole(peer: Peer, { peerId, role }: { peerId: string; role: Role }): Data {
  const { room } = peer;
  const other = personOf(peer, peerId);
  const hosts = room.joinedPeers.filter(({ grant }) => grant.role === 'host');

  if (other.grant.role === role) return {};
  if (other === peer && hosts.length === 1)
    throw new RequestError(Code.wrongState, 'You are the only host: make somebody else one first.');
  if (other !== peer && other.grant.role === 'host' && isOwner(other.grant))
    throw new RequestError(Code.notAllowed, 'They came by the link of whoever runs this room.');
  if (other.listens !== (role === 'listener')) checkPlaces(other, role === 'listener');

  peer.log.info({ peerId, role }, 'role given');
  room.setRole(other, role, peer);

  return {};
}

/** What a host does in the room. */
export const controlling = {
  requests: {
    lockRoom: ofHost(lock),
    removePeer: ofHost(remove),
    mutePeer: ofHost(mute),
    askUnmute: ofHost(askUnmute),
    isolatePeer: ofHost(isolate),
    setSpotlight: ofHost(spotlight),
    setRole: ofHost(setRole),
  } satisfies RequestTable,
};
