// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '2', '--players', '3', '--join-timeout', '1.5']);
});
after(() => service.stop());

test('greets with versions and limits', async () => {
  const client = await TestClient.open(service, 'greeting');

  await client.event('roomWelcome');
  assert.deepEqual(
    client.events.map(({ method }) => method),
    ['mediasoupVersion', 'roomWelcome'],
  );
  const welcome = await client.event('roomWelcome');

  assert.deepEqual(welcome['protocol'], { major: 1, minor: 1 });
  assert.deepEqual(welcome['features'], [
    'clock',
    'rtp-clock',
    'rebuild',
    'two-transports',
    'plan',
    'link-report',
    'tempo',
    'invites',
    'chat',
    'controls',
    'video',
  ]);
  assert.deepEqual(welcome['room'], {
    name: 'greeting',
    peers: 0,
    limits: { players: 3, listeners: 50 },
  });
  await client.leave();
});

test('joins, hears of the others, leaves', async () => {
  const a = await TestClient.open(service, 'meeting');

  assert.deepEqual(await a.joinRoom({ instrument: 'Cello' }), { peers: [] });
  const b = await TestClient.open(service, 'meeting');

  assert.deepEqual((await b.event('roomWelcome'))['room'], {
    name: 'meeting',
    peers: 1,
    limits: { players: 3, listeners: 50 },
  });
  const device = { flag: 'test', name: 'Test', version: '1' };

  assert.deepEqual(await b.joinRoom(), {
    peers: [
      {
        peerId: a.peerId,
        displayName: `Name of ${a.peerId}`,
        device,
        role: 'host',
        instrument: 'Cello',
      },
    ],
  });
  assert.deepEqual(await a.event('newPeer'), {
    peerId: b.peerId,
    displayName: `Name of ${b.peerId}`,
    device,
    role: 'host',
  });
  b.notify('changeDisplayName', { displayName: 'Zoë' });
  assert.deepEqual(await a.event('peerDisplayNameChanged'), {
    peerId: b.peerId,
    displayName: 'Zoë',
    oldDisplayName: `Name of ${b.peerId}`,
  });
  await b.leave();
  assert.deepEqual(await b.closed, { code: 4000, reason: 'left' });
  assert.deepEqual(await a.event('peerClosed'), { peerId: b.peerId, reason: 'left' });
  await a.leave();
});

test('leaving twice is answered twice, and nothing else is after it', async () => {
  const client = await TestClient.join(service, 'twice');
  const both = Promise.all([client.request('leave'), client.request('leave')]);
  const late = client.refused(409, 'clock');

  assert.deepEqual(await both, [{}, {}]);
  assert.match(await late, /left/);
  assert.deepEqual(await client.closed, { code: 4000, reason: 'left' });
});

test('a broken connection is a loss for the others', async () => {
  const a = await TestClient.join(service, 'broken');
  const b = await TestClient.join(service, 'broken');

  b.socket.terminate();
  assert.deepEqual(await a.event('peerClosed'), { peerId: b.peerId, reason: 'lost' });
  await a.leave();
});

test('a second connection of the same peer, with its seat, closes the first', async () => {
  const witness = await TestClient.join(service, 'double');
  const first = await TestClient.join(service, 'double', 'the-same-peer');
  const seat = String((await first.event('roomWelcome'))['seat']);
  const second = await TestClient.open(service, 'double', 'the-same-peer', {}, 'protoo', { seat });

  await second.joinRoom();

  assert.deepEqual(await first.closed, { code: 4000, reason: 'replaced' });
  assert.deepEqual(await witness.event('peerClosed'), {
    peerId: 'the-same-peer',
    reason: 'replaced',
  });
  const same = ({ peerId }: Data) => peerId === 'the-same-peer';

  // Another connection's answer says nothing about what came to this one.
  await witness.event('newPeer', () => witness.count('newPeer', same) >= 2);
  assert.equal(witness.count('newPeer', same), 2);
  await second.leave();
  await witness.leave();
});

test('who does not join in time is sent away, who joins may stay', async () => {
  const idle = await TestClient.open(service, 'waiting');
  const joined = await TestClient.join(service, 'waiting');

  assert.deepEqual(await idle.closed, { code: 4000, reason: 'join-timeout' });
  assert.equal(joined.count('peerClosed'), 0, 'who never joined never left');
  await joined.request('clock');
  await joined.leave();
});

test('a full room refuses, until somebody leaves', async () => {
  const players = await Promise.all([1, 2, 3].map(() => TestClient.join(service, 'full')));
  const late = await TestClient.open(service, 'full');

  await assert.rejects(late.joinRoom(), (e: Refused) => e.code === 503 && /full/.test(e.message));
  await players[0]!.leave();
  await late.joinRoom();
  await Promise.all([...players.slice(1), late].map((client) => client.leave()));
});

test('simultaneous joins do not go over the limit', async () => {
  const clients = await Promise.all([1, 2, 3, 4, 5, 6].map(() => TestClient.open(service, 'rush')));
  const results = await Promise.allSettled(clients.map((client) => client.joinRoom()));

  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
  await Promise.all(clients.map((client) => client.leave()));
});

test('refuses wrong origins, names and protocols before there is a WebSocket', async () => {
  const status = (code: number) => (error: unknown) =>
    error instanceof Refused && error.code === code;
  const origin = `https://127.0.0.1:${service.port}`;

  for (const wrong of [
    'https://example.org',
    `http://127.0.0.1:${service.port}`,
    'null',
    `${origin}0`,
  ])
    await assert.rejects(TestClient.open(service, 'r', undefined, { origin: wrong }), status(403));
  await assert.rejects(
    TestClient.open(service, 'r', undefined, { origin: undefined }),
    status(403),
  );
  for (const room of ['', 'UPPER', 'a/b', 'a'.repeat(65), 'ä'])
    await assert.rejects(TestClient.open(service, room), status(400));
  for (const peer of ['', 'short', 'a'.repeat(65), 'with space'])
    await assert.rejects(TestClient.open(service, 'r', peer), status(400));
  await assert.rejects(TestClient.open(service, 'r', undefined, {}, 'other'), status(400));
  assert.equal(await service.metric('tutti_room_rooms'), 0);
});

test('who hangs up during the handshake leaves no room behind', async () => {
  for (const delayMs of [0, 1, 2, 5, 10]) {
    const socket = tls.connect({
      port: service.port,
      host: service.host,
      rejectUnauthorized: false,
    });

    await once(socket, 'secureConnect');
    socket.write(
      `GET /?roomId=handshake${delayMs}&peerId=somebody-here&invite=${service.invite} HTTP/1.1\r\n` +
        `Host: 127.0.0.1:${service.port}\r\nOrigin: https://127.0.0.1:${service.port}\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: protoo\r\n' +
        // Every other one with a wrong version, which ws refuses after the room was made.
        `Sec-WebSocket-Version: ${delayMs % 2 ? 13 : 7}\r\nSec-WebSocket-Key: x\r\n\r\n`,
    );
    await sleep(delayMs);
    socket.destroy();
  }
  await sleep(200);
  assert.equal(await service.metric('tutti_room_rooms'), 0);
});

test('empty rooms vanish, and nothing is left of their peers', async () => {
  const client = await TestClient.join(service, 'short-lived');

  assert.equal(await service.metric('tutti_room_rooms'), 1);
  assert.equal(await service.metric('tutti_room_transports'), 1);
  await client.leave();
  for (const name of ['rooms', 'peers', 'lobby_peers', 'transports', 'producers', 'consumers'])
    assert.equal(await service.metric(`tutti_room_${name}`), 0, name);
});
