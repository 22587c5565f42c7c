// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { opus, produceOpus, vp8 } from './lib/media.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

const show = (transportId: unknown, ssrc: number, source?: string, more: Data = {}): Data => ({
  transportId,
  kind: 'video',
  rtpParameters: vp8(ssrc),
  ...(source !== undefined && { appData: { source } }),
  ...more,
});

async function stage(room: string): Promise<{ a: TestClient; b: TestClient; out: unknown }> {
  const a = await TestClient.join(service, room);
  const b = await TestClient.join(service, room);

  await b.transport('consumer', 'video');

  return { a, b, out: (await a.transport('producer', 'video'))['transportId'] };
}

test('a camera and a screen of each, and no second one', async () => {
  const { a, b, out } = await stage('both');
  const { producerId } = await a.request('produce', show(out, 100, 'camera'));

  await a.request('produce', show(out, 110, 'screen'));
  for (const source of ['camera', 'screen'])
    await b.event('newConsumer', (data) => (data['appData'] as Data)['source'] === source);
  await a.refused(409, 'produce', show(out, 120, 'camera'));
  await a.refused(409, 'produce', show(out, 120, 'screensharing'));
  await a.refused(400, 'produce', show(out, 120, 'window'));
  // The next one takes over, or comes after the first.
  const next = await a.request('produce', show(out, 130, 'camera', { replaces: producerId }));

  await b.event('newConsumer', (data) => data['replacesProducerId'] === producerId);
  for (const id of [producerId, next['producerId']]) a.notify('closeProducer', { producerId: id });
  await a.request('produce', show(out, 140, 'camera'));
  await Promise.all([a.leave(), b.leave()]);
});

test('pictures take no place from sound', async () => {
  const { a, b, out } = await stage('places');
  const { transportId } = await produceOpus(a);

  for (let i = 1; i < 8; i++) await produceOpus(a, transportId);
  await a.request('produce', show(out, 200, 'camera'));
  await a.refused(403, 'produce', {
    transportId,
    kind: 'audio',
    rtpParameters: opus(1),
  });
  await a.request('produce', show(out, 210, 'screen'));
  await Promise.all([a.leave(), b.leave()]);
});

test('only VP8, and on a transport of its own', async () => {
  const { a, b, out } = await stage('codec');
  const audio = (await a.transport('producer'))['transportId'];
  const h264 = {
    ...vp8(300),
    codecs: [{ mimeType: 'video/H264', payloadType: 101, clockRate: 90000 }],
  };
  const many = { ...vp8(300), encodings: [1, 2, 3, 4].map((ssrc) => ({ ssrc })) };

  await a.refused(403, 'produce', { ...show(out, 300, 'camera'), rtpParameters: h264 });
  await a.refused(403, 'produce', { ...show(out, 300, 'camera'), rtpParameters: many });
  await a.refused(409, 'produce', show(audio, 300, 'camera'));
  assert.equal(b.count('newConsumer'), 0);
  await Promise.all([a.leave(), b.leave()]);
});

test('who listens sees, and shows nothing', async () => {
  const { a, b, out } = await stage('listening');
  const { invite } = await a.request('createInvite', { role: 'listener', seconds: 60 });
  const right = { invite: String((invite as Data)['token']) };
  const c = await TestClient.open(service, 'listening', undefined, {}, 'protoo', right);

  await c.transport('consumer', 'video');
  await c.joinRoom();
  await a.request('produce', show(out, 400, 'camera'));
  assert.equal((await c.event('newConsumer'))['kind'], 'video');
  await c.refused(403, 'produce', show((await c.transport('producer', 'video'))['transportId'], 1));
  await Promise.all([a.leave(), b.leave(), c.leave()]);
});

test('a consumer pauses, resumes, and asks for less and for a key frame', async () => {
  const { a, b, out } = await stage('less');
  const rtpParameters = {
    ...vp8(500),
    encodings: [500, 600].map((ssrc) => ({
      ssrc,
      scalabilityMode: 'L1T2',
      rtx: { ssrc: ssrc + 1 },
    })),
  };
  const more = { rtpParameters };

  await a.request('produce', { ...show(out, 500, 'camera'), ...more });
  await produceOpus(a);
  const picture = await b.event('newConsumer', ({ kind }) => kind === 'video');
  const sound = await b.event('newConsumer', ({ kind }) => kind === 'audio');
  const { consumerId } = picture;

  assert.equal(picture['type'], 'simulcast');
  b.notify('pauseConsumer', { consumerId });
  b.notify('resumeConsumer', { consumerId });
  b.notify('setConsumerPreferredLayers', { consumerId, spatialLayer: 0, temporalLayer: 0 });
  b.notify('requestConsumerKeyFrame', { consumerId });
  // What makes no sense ends nothing.
  b.notify('setConsumerPreferredLayers', { consumerId: sound['consumerId'], spatialLayer: 0 });
  b.notify('requestConsumerKeyFrame', { consumerId: 'no-such-consumer' });
  b.notify('requestConsumerKeyFrame', {});
  await b.request('clock');
  await b.request('getConsumerStats', { consumerId });
  await Promise.all([a.leave(), b.leave()]);
});
