// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IceAgent } from './lib/ice.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { produceOpus, vp8 } from './lib/media.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

// The consent time-out is 20 s: both wait for it at the same time.
describe('media lost', { concurrency: true }, () => {
  test('the peer is sent away to come back', async () => {
    const witness = await TestClient.join(service, 'lost');
    const client = await TestClient.open(service, 'lost');
    const agent = new IceAgent(await client.transport('consumer'));

    await client.joinRoom();
    await agent.connected;
    await sleep(500);
    agent.stop();
    assert.deepEqual(await client.closed, { code: 4001, reason: 'media-lost' });
    assert.deepEqual(await witness.event('peerClosed'), { peerId: client.peerId, reason: 'lost' });
    await witness.leave();
  });

  test('on the old transport of a rebuild: what it carried goes to the new one', async (t) => {
    const a = await TestClient.join(service, 'half');
    const b = await TestClient.open(service, 'half');
    const old = new IceAgent(await b.transport('consumer'));

    await b.joinRoom();
    await produceOpus(a);
    const { consumerId } = await b.event('newConsumer');
    const transport = await b.transport('consumer');
    const fresh = new IceAgent(transport);

    t.after(() => fresh.stop());
    await Promise.all([old.connected, fresh.connected]);
    old.stop();
    await b.event('consumerClosed', (data) => data['consumerId'] === consumerId, 30_000);
    await b.event('newConsumer', ({ transportId }) => transportId === transport['transportId']);
    await b.request('clock');
    await Promise.all([a.leave(), b.leave()]);
  });

  test('of pictures: only they go, and the sound plays on', async () => {
    const witness = await TestClient.join(service, 'unseen');
    const client = await TestClient.join(service, 'unseen');
    const transport = await client.transport('producer', 'video');
    const { transportId } = transport;
    const agent = new IceAgent(transport);

    await witness.transport('consumer', 'video');
    await agent.connected;
    await client.request('produce', { transportId, kind: 'video', rtpParameters: vp8(7000) });
    const { consumerId } = await witness.event('newConsumer');

    agent.stop();
    assert.deepEqual(await client.event('transportClosed', undefined, 30_000), { transportId });
    assert.deepEqual(await witness.event('consumerClosed'), { consumerId });
    await client.transport('producer', 'video');
    assert.equal(witness.count('peerClosed'), 0);
    await Promise.all([client.leave(), witness.leave()]);
  });
});
