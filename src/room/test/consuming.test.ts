// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { appData, produceOpus, vp8 } from './lib/media.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '2', '--request-timeout', '1']);
});
after(() => service.stop());

const leave = (...clients: TestClient[]) => Promise.all(clients.map((client) => client.leave()));

test('a producer reaches those who are there and those who come later, once', async () => {
  const a = await TestClient.join(service, 'once');
  const b = await TestClient.join(service, 'once');
  const { producerId } = await produceOpus(a);
  const c = await TestClient.join(service, 'once');

  for (const client of [b, c]) {
    const offer = await client.event('newConsumer');

    assert.equal(offer['peerId'], a.peerId);
    assert.equal(offer['producerId'], producerId);
    assert.equal(offer['kind'], 'audio');
    assert.equal(offer['type'], 'simple');
    assert.equal(offer['producerPaused'], false);
    assert.deepEqual(offer['appData'], appData);
    const { codecs } = offer['rtpParameters'] as { codecs: Data[] };

    assert.deepEqual(codecs[0]!['rtcpFeedback'], [], 'no NACK, though the producer offered it');
    assert.deepEqual(codecs[0]!['parameters'], { stereo: 1, minptime: 3 });
  }
  await sleep(100);
  for (const client of [b, c]) assert.equal(client.count('newConsumer'), 1);
  assert.equal(a.count('newConsumer'), 0);
  await leave(a, b, c);
});

test('eight who join and produce at the same time miss nothing and get nothing twice', async () => {
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = await TestClient.open(service, 'storm');
      const [transport] = await Promise.all([
        client.transport('producer'),
        client.transport('consumer'),
        client.joinRoom(),
      ]);

      await produceOpus(client, transport['transportId']);

      return client;
    }),
  );

  for (const client of clients)
    for (const other of clients)
      if (other !== client)
        await client.event('newConsumer', ({ peerId }) => peerId === other.peerId);
  await sleep(200);
  for (const client of clients) assert.equal(client.count('newConsumer'), 7);
  assert.equal(await service.metric('tutti_room_consumers'), 56);
  await leave(...clients);
});

test('the consumer transport may come after the join, and per medium', async () => {
  const a = await TestClient.join(service, 'late');
  const video = (await a.transport('producer', 'video'))['transportId'];

  await produceOpus(a);
  await a.request('produce', { transportId: video, kind: 'video', rtpParameters: vp8(5000) });
  const b = await TestClient.open(service, 'late');

  await b.joinRoom();
  await sleep(100);
  assert.equal(b.count('newConsumer'), 0);
  await b.transport('consumer');
  assert.equal((await b.event('newConsumer'))['kind'], 'audio');
  await b.transport('consumer', 'video');
  const offer = await b.event('newConsumer', ({ kind }) => kind === 'video');
  const { codecs } = offer['rtpParameters'] as { codecs: Data[] };

  assert.deepEqual(
    codecs.map((codec) => codec['mimeType']),
    ['video/VP8', 'video/rtx'],
  );
  assert.equal(b.count('newConsumer'), 2);
  await leave(a, b);
});

test('a refusal and a missing answer close that consumer only', async () => {
  const a = await TestClient.join(service, 'refusing');
  const b = await TestClient.open(service, 'refusing');
  const [first, second, third] = [await produceOpus(a), await produceOpus(a), await produceOpus(a)];

  b.onNewConsumer = ({ producerId }) => {
    if (producerId === first.producerId) throw new Error('no');
    return producerId === second.producerId ? undefined : {};
  };
  await b.transport('consumer');
  await b.joinRoom();
  const offer = async (producerId: string) =>
    (await b.event('newConsumer', (data) => data['producerId'] === producerId))['consumerId'];
  const ids = [await offer(first.producerId), await offer(second.producerId)];
  const kept = await offer(third.producerId);

  for (const id of ids) await b.event('consumerClosed', ({ consumerId }) => consumerId === id);
  await b.request('getConsumerStats', { consumerId: kept });
  await b.refused(404, 'getConsumerStats', { consumerId: ids[0] });
  await produceOpus(a); // Something changes: what was refused is not offered again.
  await sleep(200);
  assert.equal(b.count('newConsumer'), 4);
  await leave(a, b);
});

test('closing, pausing and resuming a producer arrive', async () => {
  const a = await TestClient.join(service, 'states');
  const b = await TestClient.join(service, 'states');
  const { producerId } = await produceOpus(a);
  const { consumerId } = await b.event('newConsumer');

  await b.request('clock'); // The answer to newConsumer is in before the next steps.
  a.notify('pauseProducer', { producerId });
  assert.deepEqual(await b.event('consumerPaused'), { consumerId });
  const late = await TestClient.join(service, 'states');

  assert.equal((await late.event('newConsumer'))['producerPaused'], true);
  a.notify('resumeProducer', { producerId });
  assert.deepEqual(await b.event('consumerResumed'), { consumerId });
  a.notify('closeProducer', { producerId });
  assert.deepEqual(await b.event('consumerClosed'), { consumerId });
  await leave(a, b, late);
});

test('who leaves takes the consumers of the others along', async () => {
  const a = await TestClient.join(service, 'going');
  const b = await TestClient.join(service, 'going');

  await produceOpus(a);
  const { consumerId } = await b.event('newConsumer');

  await a.leave();
  await b.event('consumerClosed', (data) => data['consumerId'] === consumerId);
  await b.event('peerClosed');
  assert.equal(await service.metric('tutti_room_consumers'), 0);
  await leave(b);
});

test('clock pairs reach those who consume the producer', async () => {
  const a = await TestClient.join(service, 'pairs');
  const b = await TestClient.join(service, 'pairs');
  const deaf = await TestClient.open(service, 'pairs');

  await deaf.joinRoom();
  const { producerId } = await produceOpus(a);

  await b.event('newConsumer');
  const { roomTimeUs } = await a.request('clock');
  const pair = { producerId, rtpTimestamp: 4294967295, roomTimeUs };

  a.notify('rtpClock', pair);
  assert.deepEqual(await b.event('rtpClock'), { peerId: a.peerId, ...pair });
  b.notify('rtpClock', { ...pair, rtpTimestamp: 7 }); // Not its producer.
  await b.request('clock');
  await deaf.request('clock');
  assert.equal(a.count('rtpClock') + deaf.count('rtpClock'), 0);
  await leave(a, b, deaf);
});
