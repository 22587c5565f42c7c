// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Invites } from '../invites.ts';
import { createLog } from '../log.ts';
import { opus, produceOpus } from './lib/media.ts';
import { readConfig } from '../config.ts';
import { RequestError, SetupError } from '../errors.ts';
import { Refused, TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';

type Right = { invite?: string; seat?: string };

let service: TestService;
let lastPeer = 0;

before(async () => {
  service = await TestService.start(['--workers', '1', '--players', '3', '--listeners', '2']);
});
after(() => service.stop());

const newPeer = () => `guest-${String(++lastPeer).padStart(4, '0')}`;

function open(room: string, right: Right, peerId = newPeer(), at = service): Promise<TestClient> {
  return TestClient.open(at, room, peerId, {}, 'protoo', right);
}

async function enter(room: string, right: Right, peerId?: string, at = service) {
  const client = await open(room, right, peerId, at);

  await client.transport('consumer');
  await client.joinRoom();

  return client;
}

async function refused(code: string, room: string, right: Right, peerId?: string, at = service) {
  await assert.rejects(open(room, right, peerId, at), (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.equal(error.code, 403);
    assert.equal(error.message, code);
    return true;
  });
}

async function invited(host: TestClient, role: string, seconds = 3600, name?: string) {
  const data = { role, seconds, ...(name !== undefined && { name }) };

  return (await host.request('createInvite', data))['invite'] as Data & {
    id: string;
    token: string;
  };
}

const welcome = (client: TestClient) => client.event('roomWelcome');

test('nobody comes in without a good invite', async () => {
  const host = await TestClient.join(service, 'walled');
  const { token } = await invited(host, 'musician');
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, role: 'host' })).toString('base64url');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');

  await refused('invite-missing', 'walled', {});
  await refused('invite-invalid', 'walled', { invite: '' });
  await refused('invite-invalid', 'walled', { invite: 'x' });
  await refused('invite-invalid', 'walled', { invite: token.slice(0, -2) });
  await refused('invite-invalid', 'walled', { invite: `${header}.${forged}.${signature}` });
  await refused('invite-invalid', 'walled', { invite: `${none}.${forged}.` });
  await refused('invite-invalid', 'walled', { invite: String((await welcome(host))['seat']) });
  await refused('invite-other-room', 'another', { invite: token });
  await assert.rejects(open('walled', { invite: 'x'.repeat(2049) }), { code: 400 });
  assert.ok((await service.metric('tutti_room_refused_connections_total{status="403"}')) >= 8);
  await host.leave();
});

test('a musician plays and hands out nothing', async () => {
  const host = await TestClient.join(service, 'roles');
  const { token } = await invited(host, 'musician');
  const musician = await enter('roles', { invite: token });

  assert.equal((await welcome(host))['role'], 'host');
  assert.equal((await welcome(musician))['role'], 'musician');
  assert.equal((await host.event('newPeer'))['role'], 'musician');
  await produceOpus(musician);
  await host.event('newConsumer', ({ peerId }) => peerId === musician.peerId);
  await musician.refused(403, 'createInvite', { role: 'musician', seconds: 60 });
  await musician.refused(403, 'listInvites');
  await musician.refused(403, 'renewInvite', { id: 'whatever1', seconds: 60 });
  await musician.refused(403, 'revokeInvite', { id: 'whatever1' });
  await musician.leave();
  await host.leave();
});

test('a listener hears, sends nothing, and takes no musician’s place', async () => {
  const host = await TestClient.join(service, 'audience');
  const { token } = await invited(host, 'listener', 60, 'Friday');

  await produceOpus(host);
  const listeners = [
    await enter('audience', { invite: token }),
    await enter('audience', { invite: token }),
  ];

  await listeners[0]!.event('newConsumer', ({ peerId }) => peerId === host.peerId);
  const { transportId } = await listeners[0]!.transport('producer');

  assert.match(
    await listeners[0]!.refused(403, 'produce', {
      transportId,
      kind: 'audio',
      rtpParameters: opus(1),
    }),
    /listening/,
  );
  const third = await open('audience', { invite: token });

  await assert.rejects(third.joinRoom(), /2 listeners/);
  const musicians = [
    await TestClient.join(service, 'audience'),
    await TestClient.join(service, 'audience'),
  ];
  const fourth = await TestClient.open(service, 'audience');

  await assert.rejects(fourth.joinRoom(), /3 musicians/);
  for (const client of [...listeners, ...musicians, host]) await client.leave();
});

test('invites are listed, taken back, and good again', async () => {
  const host = await TestClient.join(service, 'kept');
  const elsewhere = await TestClient.join(service, 'elsewhere');
  const invite = await invited(host, 'musician', 3600, 'The band');
  const guest = await enter('kept', { invite: invite.token });
  const seat = String((await welcome(guest))['seat']);

  assert.deepEqual(await host.request('listInvites'), { invites: [invite] });
  assert.deepEqual(await elsewhere.request('listInvites'), { invites: [] });
  await elsewhere.refused(404, 'revokeInvite', { id: invite.id });
  await elsewhere.refused(404, 'renewInvite', { id: invite.id, seconds: 60 });
  await host.request('revokeInvite', { id: invite.id });
  await refused('invite-revoked', 'kept', { invite: invite.token });
  assert.equal(guest.socket.readyState, guest.socket.OPEN, 'who is in stays');
  const back = await enter('kept', { invite: invite.token, seat }, guest.peerId);

  assert.deepEqual(await guest.closed, { code: 4000, reason: 'replaced' });
  const { invites } = await host.request('listInvites');

  assert.deepEqual(invites, [{ ...invite, revoked: true }]);
  await host.request('revokeInvite', { id: invite.id, remove: true });
  assert.deepEqual(await back.closed, { code: 4000, reason: 'removed' });
  await refused('invite-revoked', 'kept', { invite: invite.token, seat }, guest.peerId);

  const renewed = (await host.request('renewInvite', { id: invite.id, seconds: 60 }))['invite'];

  assert.equal((renewed as Data)['token'], invite.token, 'the link is the same');
  const again = await enter('kept', { invite: invite.token });

  await again.leave();
  await elsewhere.leave();
  await host.leave();
});

test('an invite ends, and who came by it may still come back', async () => {
  const host = await TestClient.join(service, 'ending');
  const { id, token } = await invited(host, 'listener');
  const guest = await enter('ending', { invite: token });
  const seat = String((await welcome(guest))['seat']);
  const file = path.join(service.stateDir, 'invites', `${id}.json`);
  const record = JSON.parse(fs.readFileSync(file, 'utf8'));

  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(fs.statSync(path.join(service.stateDir, 'invite.key')).mode & 0o777, 0o600);
  fs.writeFileSync(file, JSON.stringify({ ...record, expiresAt: record.createdAt - 1 }));
  await refused('invite-expired', 'ending', { invite: token });
  const back = await enter('ending', { invite: token, seat }, guest.peerId);

  assert.deepEqual(await guest.closed, { code: 4000, reason: 'replaced' });
  assert.equal((await welcome(back))['role'], 'listener');
  await host.request('renewInvite', { id, seconds: 60 });
  const other = await enter('ending', { invite: token });

  fs.rmSync(file);
  await refused('invite-expired', 'ending', { invite: token });
  for (const client of [other, back, host]) await client.leave();
});

test('a peer’s place is taken by nobody else', async () => {
  const host = await TestClient.join(service, 'places');
  const { token } = await invited(host, 'musician');
  const guest = await enter('places', { invite: token });
  const hostSeat = String((await welcome(host))['seat']);

  await refused('peer-taken', 'places', { invite: token }, host.peerId);
  await refused('peer-taken', 'places', { invite: service.invite }, guest.peerId);
  await refused('peer-taken', 'places', { invite: token, seat: hostSeat }, guest.peerId);
  await refused('invite-missing', 'elsewhere', { seat: hostSeat }, host.peerId);
  await guest.leave();
  await host.leave();
});

test('invites and seats outlive the service', async () => {
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-room-test-'));
  const first = await TestService.start(['--workers', '1'], stateDir);
  const host = await TestClient.join(first, 'lasting');
  const { token } = await invited(host, 'musician');
  const gone = await invited(host, 'musician');
  const guest = await enter('lasting', { invite: token }, undefined, first);
  const seat = String((await welcome(guest))['seat']);

  await host.request('revokeInvite', { id: gone.id });
  first.process.stdin?.end();
  await first.exit();
  const second = await TestService.start(['--workers', '1'], stateDir);

  assert.equal(second.invite, first.invite);
  const back = await enter('lasting', { invite: token, seat }, guest.peerId, second);

  await refused('invite-revoked', 'lasting', { invite: gone.token }, undefined, second);
  await back.leave();
  await second.stop();
});

test('an open service asks for none', async () => {
  const free = await TestService.start(['--workers', '1', '--open']);
  const guest = await enter('anybody', {}, undefined, free);

  assert.equal((await welcome(guest))['role'], 'musician');
  await refused('invite-invalid', 'anybody', { invite: 'x' }, undefined, free);
  await refused('peer-taken', 'anybody', {}, guest.peerId, free);
  const host = await enter('anybody', { invite: free.invite }, undefined, free);

  assert.equal((await welcome(host))['role'], 'host');
  await guest.leave();
  await host.leave();
  await free.stop();
});

test('invites are bounded, forgotten after a month, and a damaged key is told', () => {
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-room-test-'));
  const config = readConfig(['--state-dir', stateDir])!;
  const log = createLog('silent');
  const invites = Invites.load(config, log);

  for (let i = 0; i < 100; i++) invites.create('full', 'musician', 60);
  assert.throws(() => invites.create('full', 'musician', 60), RequestError);
  invites.create('other', 'musician', 60);
  const [one] = invites.list('full');

  invites.revoke('full', one!.id, false);
  invites.create('full', 'musician', 60);

  const file = path.join(stateDir, 'invites', `${one!.id}.json`);

  fs.writeFileSync(file, JSON.stringify({ ...one!, expiresAt: one!.createdAt - 31 * 24 * 3600 }));
  Invites.load(config, log);
  assert.ok(!fs.existsSync(file));
  fs.writeFileSync(file, '{');
  assert.equal(Invites.load(config, log).list('full').length, 100);

  fs.writeFileSync(path.join(stateDir, 'invite.key'), 'short\n');
  assert.throws(() => Invites.load(config, log), SetupError);
  fs.rmSync(stateDir, { recursive: true });
});
