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
  await back.refused(403, 'renewInvite', { id: invite.id, seconds: 60 });
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
  const file = path.join(service.stateDir, 'invites', 'room-ending', `${id}.json`);
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

test('who takes a peer id while its owner is away has to give it back', async () => {
  const host = await TestClient.join(service, 'squatters');
  const { token } = await invited(host, 'musician');
  const owner = await enter('squatters', { invite: token });
  const seat = String((await welcome(owner))['seat']);

  owner.socket.terminate();
  await host.event('peerClosed', ({ peerId }) => peerId === owner.peerId);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const squatter = await enter('squatters', { invite: token }, owner.peerId);
  const stolen = String((await welcome(squatter))['seat']);
  const back = await enter('squatters', { invite: token, seat }, owner.peerId);

  assert.deepEqual(await squatter.closed, { code: 4000, reason: 'replaced' });
  await refused('peer-taken', 'squatters', { invite: token, seat: stolen }, owner.peerId);
  await back.leave();
  await host.leave();
});

test('with a host go those who came by its invites, and its own seat goes with its invite', async () => {
  const owner = await TestClient.join(service, 'hosts');
  const second = await invited(owner, 'host');
  const host = await enter('hosts', { invite: second.token });
  const made = await invited(host, 'host');
  const third = await enter('hosts', { invite: made.token });
  const seat = String((await welcome(host))['seat']);

  await owner.request('revokeInvite', { id: second.id });
  await refused('invite-revoked', 'hosts', { invite: second.token, seat }, host.peerId);
  await third.refused(403, 'renewInvite', { id: made.id, seconds: 60 });
  await owner.request('revokeInvite', { id: second.id, remove: true });
  assert.deepEqual(await host.closed, { code: 4000, reason: 'removed' });
  assert.deepEqual(await third.closed, { code: 4000, reason: 'removed' });
  await refused('invite-revoked', 'hosts', { invite: made.token });
  await owner.leave();
});

test('the audience has no say in what the band plays', async () => {
  const host = await TestClient.joinFramed(service, 'say');
  const { token } = await invited(host, 'listener');
  const second = await TestClient.joinFramed(service, 'say');

  await host.event('plan', ({ wire }) => wire === 'raw');
  const listener = await open('say', { invite: token });

  await listener.transport('consumer');
  await listener.joinRoom({
    tutti: {
      protocol: { major: 1, minor: 1 },
      formats: ['tight', 'opus'],
      maxPacketsPerSecond: 50,
      quantum: 1024,
    },
  });
  listener.notify('linkReport', {
    rttMs: 900,
    quantum: 1024,
    up: { lossPercent: 100 },
    down: [],
  });
  await listener.refused(403, 'setTempo', {
    bpm: 60,
    beatsPerBar: 4,
    running: true,
    countInBars: 0,
  });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal(host.last('plan')!['wire'], 'raw');
  assert.equal(host.last('plan')!['frameSamples'], 64);
  for (const client of [listener, second, host]) await client.leave();
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

  const create = (room: string) => invites.create(room, { role: 'musician', seconds: 60 });

  for (let i = 0; i < 100; i++) create('full');
  assert.throws(() => create('full'), RequestError);
  create('..'); // a good name of a room
  assert.equal(invites.list('..').length, 1);
  const [one] = invites.list('full');

  invites.revoke('full', one!.id, false);
  create('full');

  const file = path.join(stateDir, 'invites', 'room-full', `${one!.id}.json`);

  fs.writeFileSync(
    file,
    JSON.stringify({ ...one!, revoked: true, expiresAt: one!.createdAt - 31 * 24 * 3600 }),
  );
  invites.revoke('full', invites.list('full').find(({ revoked }) => !revoked)!.id, false);
  create('full');
  assert.ok(!fs.existsSync(file));
  fs.writeFileSync(file, '{');
  assert.equal(Invites.load(config, log).list('full').length, 101);
  for (let i = 0; i < 150; i++) {
    invites.revoke('full', invites.list('full').find(({ revoked }) => !revoked)!.id, false);
    create('full');
  }
  assert.equal(invites.list('full').length, 200);

  fs.writeFileSync(path.join(stateDir, 'invite.key'), 'short\n');
  assert.throws(() => Invites.load(config, log), SetupError);
  fs.rmSync(stateDir, { recursive: true });
});
