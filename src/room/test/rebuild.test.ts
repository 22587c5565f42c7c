// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { produceOpus } from './lib/media.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

const leave = (...clients: TestClient[]) => Promise.all(clients.map((client) => client.leave()));

test('receive side: consumers move to a new transport, the old ones play on meanwhile', async () => {
  const a = await TestClient.join(service, 'receive');
  const b = await TestClient.open(service, 'receive');
  const from = (await b.transport('consumer'))['transportId'];

  await b.joinRoom();
  const producers = [await produceOpus(a), await produceOpus(a)];
  const olds = await Promise.all(
    producers.map((p) => b.event('newConsumer', (data) => data['producerId'] === p.producerId)),
  );
  const to = (await b.transport('consumer'))['transportId'];

  await sleep(100);
  assert.equal(b.count('newConsumer'), 2, 'a second transport alone makes no consumers');
  await b.request('moveConsumers', { fromTransportId: from, toTransportId: to });
  await b.request('moveConsumers', { fromTransportId: from, toTransportId: to }); // Idempotent.
  for (const old of olds) {
    const moved = await b.event(
      'newConsumer',
      (data) => data['replacesConsumerId'] === old['consumerId'],
    );

    assert.equal(moved['transportId'], to);
    assert.equal(moved['producerId'], old['producerId']);
    await b.request('getConsumerStats', { consumerId: old['consumerId'] });
  }
  const next = await produceOpus(a);
  const fresh = await b.event('newConsumer', (data) => data['producerId'] === next.producerId);

  assert.equal(fresh['transportId'], to);
  await b.request('closeTransport', { transportId: from });
  await sleep(200);
  assert.equal(b.count('newConsumer'), 5);
  assert.equal(b.count('consumerClosed'), 0, 'the client closed it and needs no telling');
  assert.equal(await service.metric('tutti_room_consumers'), 3);
  a.notify('closeProducer', { producerId: next.producerId });
  await b.event('consumerClosed', (data) => data['consumerId'] === fresh['consumerId']);
  await leave(a, b);
});

test('closing a consumer transport without moving brings its consumers to the other', async () => {
  const a = await TestClient.join(service, 'unmoved');
  const b = await TestClient.open(service, 'unmoved');
  const first = (await b.transport('consumer'))['transportId'];

  await b.joinRoom();
  await produceOpus(a);
  await b.event('newConsumer');
  const second = (await b.transport('consumer'))['transportId'];

  await b.request('closeTransport', { transportId: first });
  await b.event('newConsumer', ({ transportId }) => transportId === second);
  await leave(a, b);
});

test('send side: a producer replaces another one', async () => {
  const a = await TestClient.join(service, 'send');
  const b = await TestClient.join(service, 'send');
  const old = await produceOpus(a);
  const { consumerId } = await b.event('newConsumer');
  const fresh = await produceOpus(a, undefined, { replaces: old.producerId });
  const offer = await b.event('newConsumer', (data) => data['producerId'] === fresh.producerId);

  assert.equal(offer['replacesProducerId'], old.producerId);
  assert.equal(offer['replacesConsumerId'], undefined);
  assert.equal(b.count('consumerClosed'), 0);
  a.notify('closeProducer', { producerId: old.producerId });
  await a.request('closeTransport', { transportId: old.transportId });
  await b.event('consumerClosed', (data) => data['consumerId'] === consumerId);
  const late = await TestClient.join(service, 'send');

  assert.equal((await late.event('newConsumer'))['replacesProducerId'], undefined);
  await a.refused(404, 'produce', {
    transportId: fresh.transportId,
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, channels: 2 }],
      encodings: [{ ssrc: 3 }],
    },
    replaces: old.producerId,
  });
  await leave(a, b, late);
});

test('all producers at the limit can be replaced', async () => {
  const a = await TestClient.join(service, 'limit');
  const olds = [];
  let { transportId } = await produceOpus(a);

  for (let i = 1; i < 8; i++) olds.push(await produceOpus(a, transportId));
  ({ transportId } = await produceOpus(a, undefined, { replaces: olds[0]!.producerId }));
  for (const old of olds.slice(1)) await produceOpus(a, transportId, { replaces: old.producerId });
  await leave(a);
});
