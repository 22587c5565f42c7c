// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { appData, framed, produceOpus } from './lib/media.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1', '--players', '20']);
});
after(() => service.stop());

const leave = (...clients: TestClient[]) => Promise.all(clients.map((client) => client.leave()));

const standardOf = (id = 'strip-1') => ({ appData: { ...appData, strip: { id, label: id } } });

/** What somebody is to send, in a word. */
function sends({ wire, frameSamples }: Data): string {
  return `${String(wire)}${String(frameSamples)}`;
}

async function planned(client: TestClient, wanted: string): Promise<Data> {
  return client.event('plan', (plan) => sends(plan) === wanted);
}

/** Waits until @wanted is what holds. */
async function settled(client: TestClient, wanted: string): Promise<Data> {
  const until = performance.now() + 15_000;

  for (;;) {
    const plan = client.last('plan');

    if (plan && sends(plan) === wanted) return plan;
    assert.ok(performance.now() < until, `${wanted}, not ${plan && sends(plan)}`);
    await sleep(50);
  }
}

/** Which producers somebody was offered and still has. */
function offered(client: TestClient): unknown[] {
  const closed = client.events
    .filter(({ method }) => method === 'consumerClosed')
    .map(({ data }) => data['consumerId']);

  return client.events
    .filter(({ method, data }) => method === 'newConsumer' && !closed.includes(data['consumerId']))
    .map(({ data }) => data['producerId']);
}

function report(down: Data[], more: Data = {}): Data {
  return { rttMs: 0.5, quantum: 64, up: { lossPercent: 0 }, down, ...more };
}

const hears = (producerId: string, lossPercent: number, concealedPercent = lossPercent) => ({
  producerId,
  lossPercent,
  concealedPercent,
  jitterMs: 0.3,
  delayMs: 6.5,
  errorMs: 0.2,
});

test('the plan comes after the answer to join, and says why', async () => {
  const a = await TestClient.joinFramed(service, 'first');
  const { revision, ...plan } = await settled(a, 'raw64');

  assert.ok(Number(revision) >= 1);
  assert.deepEqual(plan, {
    wire: 'raw',
    frameSamples: 64,
    bits: 16,
    bitrate: 768000,
    copies: 0,
    distance: 0,
    standard: null,
    reason: { limit: 'none' },
    packetsPerSecond: 0,
    budget: 50000,
  });
  const b = await TestClient.joinFramed(service, 'first', ['tight']);
  const narrowed = await a.event('plan', ({ reason }) => {
    return (reason as Data)['limit'] === 'formats';
  });

  assert.equal(sends(narrowed), 'tight64');
  assert.deepEqual(narrowed['reason'], { limit: 'formats', peerId: b.peerId });
  assert.equal(narrowed['packetsPerSecond'], 1500);
  assert.equal(narrowed['bits'], undefined);
  assert.ok(Number(narrowed['revision']) > Number(revision));
  await planned(b, 'tight64');
  const left = performance.now();

  await leave(b);
  await a.event(
    'plan',
    (p) => sends(p) === 'raw64' && Number(p['revision']) > Number(narrowed['revision']),
  );
  assert.ok(performance.now() - left > 2500, 'better only after a while');
  await leave(a);
});

test('two who know framed sound and one who does not', async () => {
  const a = await TestClient.joinFramed(service, 'mixed');
  const b = await TestClient.joinFramed(service, 'mixed');
  const mic = await produceOpus(a, undefined, framed());
  const cello = await produceOpus(a, mic.transportId, framed('strip-2', 2));
  const own = await produceOpus(b, undefined, framed());

  assert.equal((await a.event('plan'))['standard'], null);
  const guest = await TestClient.join(service, 'mixed');

  for (const client of [a, b])
    assert.deepEqual(
      (await client.event('plan', ({ standard }) => standard !== null))['standard'],
      { frameSamples: 120, bitrate: 128000 },
    );
  assert.equal(sends(await guest.event('plan')), 'opus120');
  await sleep(200);
  assert.deepEqual(offered(guest), [], 'nothing that it does not know');
  const [plain, deep, theirs] = [
    await produceOpus(a, mic.transportId, standardOf()),
    await produceOpus(a, mic.transportId, standardOf('strip-2')),
    await produceOpus(b, own.transportId, standardOf()),
  ];
  const voice = await produceOpus(guest, undefined, standardOf());

  for (const { producerId } of [plain, deep, theirs])
    await guest.event('newConsumer', (offer) => offer['producerId'] === producerId);
  for (const client of [a, b])
    await client.event('newConsumer', (offer) => offer['producerId'] === voice.producerId);
  await sleep(200);
  const ids = (...all: { producerId: string }[]) => all.map(({ producerId }) => producerId).sort();

  assert.deepEqual(offered(guest).sort(), ids(plain, deep, theirs));
  assert.deepEqual(offered(a).sort(), ids(own, voice));
  assert.deepEqual(offered(b).sort(), ids(mic, cello, voice));
  await leave(guest);
  await a.event('plan', ({ standard, revision }) => standard === null && Number(revision) > 3);
  await leave(a, b);
});

test('a strip that comes in plain first is heard framed as soon as it can be', async () => {
  const a = await TestClient.joinFramed(service, 'late-framing');
  const b = await TestClient.joinFramed(service, 'late-framing');
  const plain = await produceOpus(a, undefined, standardOf());
  const { consumerId } = await b.event('newConsumer');

  assert.deepEqual(offered(b), [plain.producerId]);
  const better = await produceOpus(a, plain.transportId, framed());

  await b.event('newConsumer', (offer) => offer['producerId'] === better.producerId);
  await b.event('consumerClosed', (closed) => closed['consumerId'] === consumerId);
  assert.deepEqual(offered(b), [better.producerId]);
  await leave(a, b);
});

test('who narrows the plan hears the others when they have changed', async () => {
  const a = await TestClient.joinFramed(service, 'narrowing');
  const b = await TestClient.joinFramed(service, 'narrowing');

  await produceOpus(a, undefined, framed());
  await produceOpus(b, undefined, framed());
  await Promise.all([settled(a, 'raw64'), settled(b, 'raw64')]);
  const c = await TestClient.joinFramed(service, 'narrowing', ['raw', 'opus']);

  assert.equal(sends(a.last('plan')!), 'raw64', 'that is in everyone’s list');
  await c.event('newConsumer', ({ peerId }) => peerId === b.peerId);
  const d = await TestClient.joinFramed(service, 'narrowing', ['tight']);
  const { revision } = await planned(a, 'opus120');

  await planned(b, 'opus120');
  a.notify('planApplied', { revision });
  await sleep(300);
  assert.equal(d.count('newConsumer'), 0, 'b still sends what d does not know');
  b.notify('planApplied', { revision: Number(revision) - 1 });
  await sleep(100);
  assert.equal(d.count('newConsumer'), 0, 'that was an older plan');
  await sleep(700);
  assert.equal(d.count('newConsumer'), 0, 'the others may send two formats for a second');
  b.notify('planApplied', { revision });
  await d.event('newConsumer', ({ peerId }) => peerId === a.peerId, 500);
  await d.event('newConsumer', ({ peerId }) => peerId === b.peerId, 500);
  await leave(a, b, c, d);
});

test('who does not say so is waited for no longer than a second and a half', async () => {
  const a = await TestClient.joinFramed(service, 'mute');

  await produceOpus(a, undefined, framed());
  await settled(a, 'raw64');
  const b = await TestClient.joinFramed(service, 'mute', ['tight']);
  const start = performance.now();

  await b.event('newConsumer');
  const waited = performance.now() - start;

  assert.ok(waited > 1100 && waited < 3500, `${waited} ms`);
  await leave(a, b);
});

test('losses at a listener turn copies on at the sender, and off', async () => {
  const a = await TestClient.joinFramed(service, 'lossy');
  const b = await TestClient.joinFramed(service, 'lossy');
  const { producerId } = await produceOpus(a, undefined, framed());

  await b.event('newConsumer');
  await b.request('clock');
  await settled(a, 'raw64');
  b.notify('linkReport', report([hears(producerId, 3)]));
  assert.deepEqual(await a.event('heard'), {
    peerId: b.peerId,
    producerId,
    lossPercent: 3,
    concealedPercent: 3,
    delayMs: 6.5,
    errorMs: 0.2,
  });
  await sleep(1000);
  assert.equal(
    a.count('plan', ({ copies }) => copies !== 0),
    0,
    'one report is none',
  );
  b.notify('linkReport', report([hears(producerId, 3)]));
  const on = await a.event('plan', ({ copies }) => copies === 1);

  assert.deepEqual([sends(on), on['distance'], on['packetsPerSecond']], ['raw64', 0, 2250]);
  for (let i = 0; i < 9; i++) {
    await sleep(2000);
    b.notify('linkReport', report([hears(producerId, 0)]));
  }
  await a.event('plan', ({ copies, revision }) => copies === 0 && revision! > on['revision']!);
  assert.equal(
    b.count('plan', ({ copies }) => copies !== 0),
    0,
  );
  assert.ok((await service.metric('tutti_room_link_loss_percent_count{direction="down"}')) >= 11);
  await leave(a, b);
});

test('a large quantum and many musicians make longer frames', async () => {
  const clients = await Promise.all(
    Array.from({ length: 7 }, () => TestClient.joinFramed(service, 'many')),
  );
  const [first] = clients;

  await Promise.all(clients.map((client) => produceOpus(client, undefined, framed())));
  await settled(first!, 'raw64');
  const eighth = await TestClient.joinFramed(service, 'many', undefined, 256);

  // Seven with 750 packets each are too many for the eighth, whose own 375 the others could take.
  await settled(eighth, 'raw128');
  const plan = await settled(first!, 'raw128');

  assert.deepEqual(plan['reason'], { limit: 'client', peerId: eighth.peerId });
  assert.equal(plan['packetsPerSecond'], 8 * 7 * 375);
  await leave(...clients, eighth);
});

test('nonsense is refused', async () => {
  const a = await TestClient.joinFramed(service, 'nonsense');
  const b = await TestClient.join(service, 'nonsense');
  const { transportId, producerId } = await produceOpus(a, undefined, framed());
  const guestSend = (await b.transport('producer'))['transportId'];
  const produce = (client: TestClient, id: unknown, format: Data) =>
    client.refused(403, 'produce', {
      transportId: id,
      kind: 'audio',
      rtpParameters: { codecs: [opusCodec], encodings: [{ ssrc: 77 }] },
      appData: { strip: { id: 'x' }, format },
    });
  const opusCodec = { mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, channels: 2 };

  assert.match(await produce(b, guestSend, { wire: 'framed', version: 1 }), /lists its formats/);
  assert.match(await produce(a, transportId, { wire: 'framed', version: 2 }), /framing 1/);
  a.notify('planApplied', { revision: 'x' });
  a.notify('planApplied', { revision: 1e15 });
  a.notify('linkReport', report([], { rttMs: -1 }));
  a.notify('linkReport', report([hears(producerId, 50)])); // Its own.
  b.notify('linkReport', report([hears(producerId, 50)])); // Framed: not heard by b.
  b.notify('linkReport', report(Array(600).fill(hears(producerId, 1))));
  for (let i = 0; i < 20; i++) b.notify('linkReport', report([]));
  await a.request('clock');
  await b.request('clock');
  assert.equal(a.count('heard') + b.count('heard'), 0);
  assert.equal(
    a.count('plan', ({ copies }) => copies !== 0),
    0,
  );
  for (let i = 0; i < 25; i++) b.notify('linkReport', {});
  assert.deepEqual(await b.closed, { code: 4000, reason: 'protocol-error' });
  await leave(a);
});

test('clock pairs keep what they say of their error', async () => {
  const a = await TestClient.joinFramed(service, 'pairs');
  const b = await TestClient.joinFramed(service, 'pairs');
  const { producerId } = await produceOpus(a, undefined, framed());

  await b.event('newConsumer');
  const pair = { producerId, rtpTimestamp: 7, roomTimeUs: 1e9, errorUs: 120, sentUs: 1e9 + 900 };

  a.notify('rtpClock', pair);
  assert.deepEqual(await b.event('rtpClock'), { peerId: a.peerId, ...pair });
  await leave(a, b);
});

test('the metrics count plans without names', async (t) => {
  const other = await TestService.start(['--workers', '1']);

  t.after(() => other.stop());
  const a = await TestClient.joinFramed(other, 'secret-room');
  const b = await TestClient.joinFramed(other, 'secret-room');

  await produceOpus(a, undefined, framed());
  await produceOpus(b, undefined, framed());
  await Promise.all([settled(a, 'raw64'), settled(b, 'raw64')]);
  assert.equal(await other.metric('tutti_room_plan_packets_per_second'), 1500);
  assert.equal(await other.metric('tutti_room_plan_budget_packets_per_second'), 50000);
  assert.equal(
    await other.metric('tutti_room_plan_senders{wire="raw",frame_samples="64",copies="0"}'),
    2,
  );
  assert.ok((await other.metric('tutti_room_plan_changes_total{reason="none"}')) > 0);
  const { text } = await other.get('/metrics');

  for (const name of [a.peerId, b.peerId, 'secret-room']) assert.ok(!text.includes(name));
  await leave(a, b);
  assert.equal(await other.metric('tutti_room_plan_packets_per_second'), 0);
});

test('rooms of one worker share its budget, and nobody gets in who is too much', async (t) => {
  const small = await TestService.start(['--workers', '1', '--packet-budget', '3000']);

  t.after(() => small.stop());
  const room = (name: string) => Promise.all([1, 2].map(() => TestClient.joinFramed(small, name)));
  const one = await room('one');

  await settled(one[0]!, 'raw64');
  const third = await TestClient.joinFramed(small, 'one');
  const narrow = await settled(one[0]!, 'raw128');

  assert.deepEqual(narrow['reason'], { limit: 'packets' });
  assert.equal(narrow['packetsPerSecond'], 2250);
  const two = await room('two');

  await settled(two[0]!, 'raw64');
  const shared = await settled(one[0]!, 'opus240');

  assert.equal(shared['packetsPerSecond'], 1200);
  assert.ok((await small.metric('tutti_room_plan_packets_per_second')) <= 3000);
  const more = [];

  for (let i = 0; i < 3; i++) more.push(await TestClient.joinFramed(small, 'one'));
  await leave(...two);
  for (let i = 0; i < 2; i++) more.push(await TestClient.joinFramed(small, 'one'));
  const late = await TestClient.open(small, 'one');

  // Eight with 50 packets each are 2800, nine are 3600.
  assert.match(
    await late.refused(503, 'join', {
      displayName: 'Late',
      device: { name: 'Test' },
      rtpCapabilities: { codecs: [] },
    }),
    /packets/,
  );
  const { transportId } = await third.transport('producer');

  await produceOpus(third, transportId, framed());
  await assert.rejects(produceOpus(third, transportId, framed('strip-2')), /packets/);
  await leave(...one, third, ...more, late);
});
