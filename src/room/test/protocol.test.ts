// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { methodsOf } from '../schemas.ts';
import { notifications, requests } from '../methods/index.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { dtlsParameters, opus, produceOpus, vp8 } from './lib/media.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

async function joined(room: string): Promise<TestClient> {
  const client = await TestClient.open(service, room);

  await client.joinRoom();

  return client;
}

test('the contract and the methods are the same set', () => {
  assert.deepEqual([...requests.keys()].sort(), [...methodsOf('client-requests')].sort());
  assert.deepEqual([...notifications.keys()].sort(), [...methodsOf('client-notifications')].sort());
});

test('capabilities: Opus without NACK, VP8 with RTX, no payload type twice', async () => {
  const client = await joined('capabilities');
  const codecs = async (data: Data) => {
    const answer = await client.request('getRouterRtpCapabilities', data);

    return (answer['routerRtpCapabilities'] as { codecs: Data[] }).codecs;
  };
  const audio = await codecs({});
  const video = await codecs({ media: 'video' });

  assert.deepEqual(audio, await codecs({ media: 'audio' }));
  assert.deepEqual(
    [...audio, ...video].map((c) => [c['mimeType'], c['preferredPayloadType']]),
    [
      ['audio/opus', 100],
      ['video/VP8', 101],
      ['video/rtx', 102],
    ],
  );
  assert.deepEqual(audio[0]!['rtcpFeedback'], [{ type: 'transport-cc', parameter: '' }]);
  await client.leave();
});

test('the clock is monotonic integer microseconds', async () => {
  const client = await TestClient.open(service, 'clock');
  const times: number[] = [];
  const start = performance.now();

  for (let i = 0; i < 20; i++) times.push((await client.request('clock'))['roomTimeUs'] as number);
  const elapsedUs = (performance.now() - start) * 1000;

  for (const [i, time] of times.entries()) {
    assert.ok(Number.isSafeInteger(time));
    assert.ok(i === 0 || time > times[i - 1]!);
  }
  assert.ok(times.at(-1)! - times[0]! <= elapsedUs);
  await client.leave();
});

test('transports: UDP first and TCP on one port, TCP only where asked, no SCTP', async () => {
  const client = await joined('transports');
  type Candidate = { protocol: string; port: number; address: string; priority: number };
  const candidates = (answer: Data) => answer['iceCandidates'] as Candidate[];
  const both = await client.transport('producer');
  const [udp, tcp] = candidates(both);

  assert.equal(udp!.protocol, 'udp');
  assert.equal(tcp!.protocol, 'tcp');
  assert.ok(udp!.priority > tcp!.priority);
  assert.equal(udp!.port, tcp!.port);
  assert.equal(udp!.address, '127.0.0.1');
  assert.equal(both['sctpParameters'], undefined);
  const only = await client.transport('consumer', 'audio', { forceTcp: true });

  assert.deepEqual(
    candidates(only).map(({ protocol }) => protocol),
    ['tcp'],
  );
  const demo = await client.request('createWebRtcTransport', {
    forceTcp: false,
    appData: { direction: 'consumer' },
  });
  const { transportId } = demo;

  assert.deepEqual(
    await client.request('connectWebRtcTransport', { transportId, dtlsParameters }),
    {},
  );
  await client.refused(409, 'connectWebRtcTransport', { transportId, dtlsParameters });
  const before = (demo['iceParameters'] as Data)['usernameFragment'];
  const again = await client.request('restartIce', { transportId });

  assert.notEqual((again['iceParameters'] as Data)['usernameFragment'], before);
  const { stats } = await client.request('getTransportStats', { transportId });

  assert.equal((stats as Data[])[0]!['type'], 'webrtc-transport');
  assert.deepEqual(await client.request('closeTransport', { transportId }), {});
  await client.refused(404, 'getTransportStats', { transportId });
  await client.leave();
});

test('wrong data is refused with the place', async () => {
  const client = await TestClient.open(service, 'schemas');
  const wrong: [string, Data, RegExp][] = [
    ['join', {}, /required/],
    ['join', { displayName: 'x', device: { name: 'd' }, rtpCapabilities: 3 }, /^\/rtpCapabilities/],
    [
      'join',
      { displayName: '', device: { name: 'd' }, rtpCapabilities: { codecs: [] } },
      /^\/displayName/,
    ],
    [
      'join',
      { displayName: 'a\nb', device: { name: 'd' }, rtpCapabilities: { codecs: [] } },
      /^\/displayName/,
    ],
    ['createWebRtcTransport', {}, /required/],
    ['createWebRtcTransport', { direction: 'sideways' }, /^\/direction/],
    ['createWebRtcTransport', { direction: 'producer', media: 'smell' }, /^\/media/],
    [
      'connectWebRtcTransport',
      { transportId: 'x', dtlsParameters: { fingerprints: [] } },
      /^\/dtlsParameters\/fingerprints/,
    ],
    [
      'connectWebRtcTransport',
      { transportId: 'x', dtlsParameters: { ...dtlsParameters, more: 1 } },
      /^\/dtlsParameters .*more/,
    ],
    [
      'produce',
      { transportId: 'x', kind: 'audio', rtpParameters: { codecs: [], encodings: [] } },
      /^\/rtpParameters\/codecs/,
    ],
    ['getRouterRtpCapabilities', { media: 1 }, /^\/media/],
    ['closeTransport', { transportId: '../../etc' }, /^\/transportId/],
  ];

  for (const [method, data, reason] of wrong)
    assert.match(await client.refused(400, method, data), reason);
  await client.leave();
});

test("unknown methods and others' ids do not exist", async () => {
  const [a, b] = [await joined('strangers'), await joined('strangers')];
  const { transportId, producerId } = await produceOpus(a);

  await b.refused(404, 'noSuchMethod');
  await b.refused(404, 'constructor');
  await b.refused(404, 'benchPlainTransport');
  await b.refused(404, 'benchProduce', { transportId, rtpParameters: opus(1) });
  await b.refused(404, 'closeTransport', { transportId });
  await b.refused(404, 'getProducerStats', { producerId });
  await b.refused(404, 'produce', { transportId, kind: 'audio', rtpParameters: opus(1) });
  await b.refused(404, 'moveConsumers', {
    fromTransportId: transportId,
    toTransportId: transportId,
  });
  b.notify('closeProducer', { producerId });
  b.notify('pauseProducer', { producerId });
  b.notify('rtpClock', { producerId, rtpTimestamp: 1, roomTimeUs: 1 });
  await b.request('clock');
  assert.equal(((await a.request('getProducerStats', { producerId }))['stats'] as []).length, 0);
  await Promise.all([a.leave(), b.leave()]);
});

test('the wrong order is refused, and works in the right one', async () => {
  const client = await TestClient.open(service, 'order');
  const { transportId } = await client.transport('producer');
  const produce = { transportId, kind: 'audio', rtpParameters: opus(77) };

  assert.match(await client.refused(409, 'produce', produce), /Join/);
  await client.joinRoom();
  await client.refused(409, 'join', {
    displayName: 'x',
    device: { name: 'd' },
    rtpCapabilities: { codecs: [] },
  });
  await client.request('produce', produce);
  await client.refused(409, 'produce', produce); // The same SSRC again.
  const consumer = await client.transport('consumer');

  await client.refused(409, 'produce', { ...produce, transportId: consumer['transportId'] });
  await client.leave();
});

test('only Opus and VP8 come in, each on its own kind of transport', async () => {
  const client = await joined('codecs');
  const audio = (await client.transport('producer'))['transportId'];
  const video = (await client.transport('producer', 'video'))['transportId'];
  const codec = (parameters: Data, mimeType: string) => ({
    ...parameters,
    codecs: (parameters['codecs'] as Data[]).map((c, i) => (i === 0 ? { ...c, mimeType } : c)),
  });
  const refused = (transportId: unknown, kind: string, rtpParameters: Data) =>
    client.refused(403, 'produce', { transportId, kind, rtpParameters });

  await refused(audio, 'audio', codec(opus(1), 'audio/L16'));
  await refused(audio, 'audio', codec(opus(1), 'audio/PCMU'));
  await refused(video, 'video', codec(vp8(1), 'video/H264'));
  await refused(audio, 'audio', { ...opus(1), encodings: [{ ssrc: 1 }, { ssrc: 2 }] });
  await client.refused(409, 'produce', {
    transportId: audio,
    kind: 'video',
    rtpParameters: vp8(1),
  });
  await client.refused(409, 'produce', {
    transportId: video,
    kind: 'audio',
    rtpParameters: opus(1),
  });
  await client.refused(413, 'produce', {
    transportId: audio,
    kind: 'audio',
    rtpParameters: opus(1),
    appData: { source: 'audio', note: 'x'.repeat(9000) },
  });
  await client.request('produce', { transportId: video, kind: 'video', rtpParameters: vp8(900) });
  await client.leave();
});

test('transports and producers are bounded', async () => {
  const client = await joined('bounds');
  const made = await Promise.allSettled(
    Array.from({ length: 9 }, () => client.transport('producer')),
  );
  const ids = made.flatMap((r) => (r.status === 'fulfilled' ? [r.value['transportId']] : []));

  assert.equal(ids.length, 8);
  const produced = await Promise.allSettled(
    Array.from({ length: 12 }, () => produceOpus(client, ids[0])),
  );

  assert.equal(produced.filter(({ status }) => status === 'fulfilled').length, 8);
  await client.request('closeTransport', { transportId: ids[0] });
  await produceOpus(client);
  await client.leave();
});

for (const [name, message] of [
  ['no JSON', '{"request":true,'],
  ['no object', '[1]'],
  ['no frame', '{"request":true,"id":"one","method":"clock"}'],
  ['both at once', '{"request":true,"response":true,"id":1,"method":"clock","ok":true}'],
  ['no UTF-8 text', Buffer.from('{"notification":true,"method":"x"}')],
] as [string, string | Buffer][])
  test(`a message that is ${name} closes the connection`, async () => {
    const client = await TestClient.open(service, 'garbage');

    client.raw(message);
    assert.deepEqual(await client.closed, { code: 4000, reason: 'protocol-error' });
  });

test('a message that is too large closes the connection', async () => {
  const client = await TestClient.open(service, 'large');
  const frame = (size: number) =>
    JSON.stringify({ request: true, id: 1, method: 'nothing', data: { x: 'y'.repeat(size) } });

  await client.refused(404, 'nothing', { x: 'y'.repeat(250 * 1024) });
  client.raw(frame(256 * 1024));
  assert.equal((await client.closed).code, 1009);
});

test('who is too fast is slowed down, who goes on is sent away', async () => {
  const client = await TestClient.open(service, 'fast');
  const results = await Promise.allSettled(
    Array.from({ length: 300 }, () => client.request('getRouterRtpCapabilities')),
  );
  const ok = results.filter(({ status }) => status === 'fulfilled').length;
  const slow = results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []));

  assert.ok(ok >= 200 && ok <= 250, String(ok));
  assert.deepEqual([...new Set(slow)], [429]);
  for (let i = 0; i < 1000; i++) client.notify('pauseConsumer', { consumerId: 'x' });
  assert.deepEqual(await client.closed, { code: 4000, reason: 'protocol-error' });
});

test('of each kind no more than anybody needs: the rest is dropped, nobody is sent away', async () => {
  const a = await TestClient.join(service, 'floods');
  const b = await TestClient.join(service, 'floods');
  const { producerId } = await produceOpus(a);
  const dropped = (method: string) =>
    service.metric(`tutti_room_too_fast_total{method="${method}"}`);

  await b.event('newConsumer');
  const start = performance.now();

  for (let i = 0; i < 60; i++) {
    a.notify('rtpClock', { producerId, rtpTimestamp: i, roomTimeUs: i });
    a.notify('planApplied', { revision: 1 });
    b.notify('linkReport', { rttMs: 1, quantum: 64, up: { lossPercent: 0 }, down: [] });
  }
  const times = await Promise.allSettled(Array.from({ length: 60 }, () => b.request('clock')));
  const late = times.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []));

  await a.request('clock');
  const seconds = (performance.now() - start) / 1000;

  assert.deepEqual([...new Set(late)], [429]);
  assert.ok(late.length <= 20 && late.length >= 20 - 11 * seconds, `${late.length}`);
  const pairs = b.count('rtpClock');

  assert.ok(pairs >= 32 && pairs <= 33 + 16 * seconds, `${pairs}`);
  assert.equal(await dropped('rtpClock'), 60 - pairs);
  assert.equal(await dropped('clock'), late.length);
  assert.ok((await dropped('planApplied')) >= 20 - 11 * seconds);
  assert.ok((await dropped('linkReport')) >= 57 - 2 * seconds);
  await Promise.all([a.leave(), b.leave()]);
});

test('wrong notifications are ignored, but not for ever', async () => {
  const client = await TestClient.open(service, 'notes');

  for (let i = 0; i < 20; i++) client.notify('noSuchThing', {});
  await client.request('clock');
  client.notify('rtpClock', { producerId: 'x', rtpTimestamp: -1, roomTimeUs: 0 });
  assert.deepEqual(await client.closed, { code: 4000, reason: 'protocol-error' });
});

test('answers to what was never asked do no harm', async () => {
  const client = await TestClient.open(service, 'answers');

  client.raw(JSON.stringify({ response: true, id: 12345, ok: true, data: {} }));
  client.raw(
    JSON.stringify({ response: true, id: 1, ok: false, errorCode: 400, errorReason: 'x' }),
  );
  await client.request('clock');
  await client.leave();
});
