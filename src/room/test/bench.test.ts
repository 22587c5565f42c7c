// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { after, before, test } from 'node:test';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { opus } from './lib/media.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1', '--bench-plain']);
});
after(() => service.stop());

function rtp(sequence: number, ssrc: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);

  header[0] = 0x80;
  header[1] = 100;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE((sequence * 120) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);

  return Buffer.concat([header, payload]);
}

/** What comes after the header and its extension: the service adds a MID. */
function payloadOf(packet: Buffer): Buffer {
  const extension = packet[0]! & 0x10 ? 4 + 4 * packet.readUInt16BE(14) : 0;

  return packet.subarray(12 + extension);
}

/** A consumer of the service that is nothing but a UDP socket. */
class Ear {
  readonly socket = dgram.createSocket('udp4');
  readonly packets: Buffer[] = [];

  async listen(client: TestClient): Promise<Data> {
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    this.socket.on('message', (packet) => {
      if (packet[1]! < 192 || packet[1]! > 223) this.packets.push(packet);
    });

    return client.request('benchPlainTransport', {
      direction: 'consumer',
      port: this.socket.address().port,
    });
  }
}

/** A producer of the service that is nothing but one UDP socket: the service keeps to its address. */
class Mouth {
  readonly socket = dgram.createSocket('udp4');
  readonly ssrc: number;
  producerId: unknown;
  #port = 0;
  #sequence = 0;

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  async open(client: TestClient): Promise<void> {
    const { transportId, port } = await client.request('benchPlainTransport');
    const { producerId } = await client.request('benchProduce', {
      transportId,
      rtpParameters: opus(this.ssrc),
    });

    this.#port = Number(port);
    this.producerId = producerId;
  }

  /** Sends packets of 2.5 ms, one after another, as far as timers allow. */
  async play(payloads: Buffer[]): Promise<void> {
    for (const [i, payload] of payloads.entries()) {
      this.socket.send(rtp(++this.#sequence, this.ssrc, payload), this.#port, '127.0.0.1');
      if (i % 4 === 3) await sleep(10);
    }
    await sleep(200);
  }
}

test('real RTP: nothing before the accept, then everything, untouched', async (t) => {
  const a = await TestClient.open(service, 'rtp');
  const b = await TestClient.open(service, 'rtp');
  const [ear, mouth] = [new Ear(), new Mouth(4711)];
  const accept = Promise.withResolvers<Data>();

  t.after(() => [ear, mouth].forEach(({ socket }) => socket.close()));
  b.onNewConsumer = () => accept.promise;
  await Promise.all([a.joinRoom(), b.joinRoom()]);
  await ear.listen(b);
  await mouth.open(a);
  const offer = await b.event('newConsumer', ({ producerId }) => producerId === mouth.producerId);
  const payload = () => crypto.randomBytes(1 + crypto.randomInt(300));
  const early = Array.from({ length: 20 }, payload);

  await mouth.play(early);
  assert.equal(ear.packets.length, 0, 'it was not accepted yet');
  accept.resolve({});
  await sleep(100);
  const payloads = Array.from({ length: 200 }, payload);

  await mouth.play(payloads);
  const { encodings, codecs } = offer['rtpParameters'] as Record<string, Data[]>;

  assert.equal(ear.packets.length, payloads.length);
  for (const [i, packet] of ear.packets.entries()) {
    assert.equal(packet[1]! & 0x7f, codecs![0]!['payloadType']);
    assert.equal(packet.readUInt32BE(8), encodings![0]!['ssrc']);
    assert.deepEqual(payloadOf(packet), payloads[i]);
  }
  const { stats } = await a.request('getProducerStats', { producerId: mouth.producerId });

  assert.equal((stats as Data[])[0]!['packetCount'], 220);
  b.notify('pauseConsumer', { consumerId: offer['consumerId'] });
  await sleep(100);
  await mouth.play(early);
  assert.equal(ear.packets.length, 200, 'paused');
  b.notify('resumeConsumer', { consumerId: offer['consumerId'] });
  await sleep(100);
  await mouth.play(early);
  assert.equal(ear.packets.length, 220, 'resumed');
  await Promise.all([a.leave(), b.leave()]);
});

test('a pause before the accept is remembered', async (t) => {
  const a = await TestClient.open(service, 'pause');
  const b = await TestClient.open(service, 'pause');
  const [ear, mouth] = [new Ear(), new Mouth(4711)];
  const accept = Promise.withResolvers<Data>();

  t.after(() => [ear, mouth].forEach(({ socket }) => socket.close()));
  b.onNewConsumer = () => accept.promise;
  await Promise.all([a.joinRoom(), b.joinRoom()]);
  await ear.listen(b);
  await mouth.open(a);
  const { consumerId } = await b.event('newConsumer');

  b.notify('pauseConsumer', { consumerId });
  await b.request('clock');
  accept.resolve({});
  await sleep(100);
  await mouth.play([Buffer.alloc(60)]);
  assert.equal(ear.packets.length, 0);
  b.notify('resumeConsumer', { consumerId });
  await sleep(100);
  await mouth.play([Buffer.alloc(60)]);
  assert.equal(ear.packets.length, 1);
  await Promise.all([a.leave(), b.leave()]);
});

test('make before break: during a move both transports carry every packet', async (t) => {
  const a = await TestClient.open(service, 'move');
  const b = await TestClient.open(service, 'move');
  const [oldEar, newEar, mouth] = [new Ear(), new Ear(), new Mouth(4713)];
  const payloads = Array.from({ length: 40 }, () => crypto.randomBytes(60));

  t.after(() => [oldEar, newEar, mouth].forEach(({ socket }) => socket.close()));
  await Promise.all([a.joinRoom(), b.joinRoom()]);
  await oldEar.listen(b);
  await mouth.open(a);
  const old = await b.event('newConsumer');

  await sleep(100);
  await mouth.play(payloads);
  assert.equal(oldEar.packets.length, 40);
  assert.equal(newEar.packets.length, 0);
  const { transportId } = await newEar.listen(b);

  await b.request('moveConsumers', {
    fromTransportId: old['transportId'],
    toTransportId: transportId,
  });
  await b.event('newConsumer', (data) => data['replacesConsumerId'] === old['consumerId']);
  await sleep(100);
  await mouth.play(payloads);
  assert.equal(oldEar.packets.length, 80);
  assert.equal(newEar.packets.length, 40);
  const times = (packets: Buffer[]) => packets.slice(-40).map((packet) => packet.readUInt32BE(4));

  assert.deepEqual(times(newEar.packets), times(oldEar.packets), 'placed by timestamp');
  await b.request('closeTransport', { transportId: old['transportId'] });
  await mouth.play(payloads);
  assert.equal(oldEar.packets.length, 80);
  assert.equal(newEar.packets.length, 80);
  await Promise.all([a.leave(), b.leave()]);
});

test('bench methods check what they get', async () => {
  const client = await TestClient.open(service, 'bench');

  await client.refused(400, 'benchPlainTransport', { direction: 'consumer' });
  await client.joinRoom();
  const { transportId } = await client.transport('producer');

  await client.refused(409, 'benchProduce', { transportId, rtpParameters: opus(1) });
  await client.leave();
});
