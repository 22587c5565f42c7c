// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Close, Code, RequestError } from '../errors.ts';
import { ofHost } from './table.ts';
import type { Data } from '../channel.ts';
import type { Invite, Role } from '../invites.ts';
import type { Peer } from '../peer.ts';
import type { RequestTable } from './table.ts';

type Create = { role: Role; seconds: number; name?: string };
type Renew = { id: string; seconds: number };
type Revoke = { id: string; remove?: boolean };

async function described(peer: Peer, invite: Invite): Promise<Data> {
  const { id, role, name, createdAt, expiresAt, revoked } = invite;
  const token = await peer.room.invites.token(invite);

  return { id, role, ...(name !== undefined && { name }), createdAt, expiresAt, revoked, token };
}

async function create(peer: Peer, { role, seconds, name }: Create): Promise<Data> {
  const by = peer.grant.invite;
  const invite = peer.room.invites.create(peer.room.name, { role, seconds, name, by });

  peer.log.info({ invite: invite.id, role, seconds }, 'invite made');

  return { invite: await described(peer, invite) };
}

async function list(peer: Peer): Promise<Data> {
  const invites = peer.room.invites.list(peer.room.name);

  return { invites: await Promise.all(invites.map((invite) => described(peer, invite))) };
}

async function renew(peer: Peer, { id, seconds }: Renew): Promise<Data> {
  if (id === peer.grant.invite)
    throw new RequestError(
      Code.notAllowed,
      'You came by this invite: another host has to renew it.',
    );

  const invite = peer.room.invites.renew(peer.room.name, id, seconds);

  peer.log.info({ invite: id, seconds }, 'invite renewed');

  return { invite: await described(peer, invite) };
}

function revoke(peer: Peer, { id, remove }: Revoke): Data {
  const ended = peer.room.invites.revoke(peer.room.name, id, remove ?? false);

  peer.log.info({ invites: ended, remove }, 'invite taken back');
  if (remove)
    for (const other of [...peer.room.peers.values()])
      if (ended.includes(other.grant.invite ?? '')) other.close(Close.removed, 'left');

  return {};
}

export const inviting = {
  requests: {
    createInvite: ofHost(create),
    listInvites: ofHost(list),
    renewInvite: ofHost(renew),
    revokeInvite: ofHost(revoke),
  } satisfies RequestTable,
};
