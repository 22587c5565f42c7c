// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Checks the worker in MEDIASOUP_WORKER_BIN as far as our stand-ins could have broken it: SRTP with
// every suite, in and out, RTP and RTCP, with right and wrong keys, beyond the rollover of sequence
// numbers; containers; WebRTC ports.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { after, before, test } from 'node:test';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import * as mediasoup from 'mediasoup';
import { Srtp, suites } from './srtp.ts';
import { routerCodecs } from '../../codecs.ts';
import type { types } from 'mediasoup';
import type { SuiteName } from './srtp.ts';

const ip = '127.0.0.1';
const listenInfo = { protocol: 'udp', ip } as const;
const packets = 120;

let worker: types.Worker;
let router: types.Router;

before(async () => {
  worker = await mediasoup.createWorker({ logLevel: 'none' });
  router = await worker.createRouter({ mediaCodecs: routerCodecs });
});
after(() => {
  assert.equal(worker.died, false);
  worker.close();
});

type Wrong = 'sender' | 'receiver' | undefined;

const newKey = (suite: SuiteName) => crypto.randomBytes(suites[suite].key + suites[suite].salt);

function rtp(sequence: number, ssrc: number): Buffer {
  const packet = Buffer.concat([Buffer.alloc(12), crypto.randomBytes(80)]);

  packet.set([0x80, 100]);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 480) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);

  return packet;
}

function receiverReport(ssrc: number): Buffer {
  const report = Buffer.alloc(32);

  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(1, 4);
  report.writeUInt32BE(ssrc, 8);
  report[12] = 128; // Half of everything was lost.

  return report;
}

/** A producer that we send to with @suite. */
async function inwards(ssrc: number, suite?: SuiteName, wrong?: Wrong) {
  const transport = await router.createPlainTransport({
    listenInfo,
    rtcpMux: true,
    comedia: true,
    ...(suite && { enableSrtp: true, srtpCryptoSuite: suite }),
  });
  const key = suite && newKey(suite);

  if (suite)
    await transport.connect({
      srtpParameters: { cryptoSuite: suite, keyBase64: key!.toString('base64') },
    });

  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, channels: 2 }],
      encodings: [{ ssrc }],
    },
  });
  const srtp = suite && new Srtp(suite, wrong === 'sender' ? newKey(suite) : key!);

  return { transport, producer, seal: (packet: Buffer) => srtp?.protect(packet) ?? packet };
}

/** A consumer of @producerId that sends to @port with @suite. */
async function outwards(producerId: string, port: number, suite?: SuiteName, wrong?: Wrong) {
  const transport = await router.createPlainTransport({
    listenInfo,
    rtcpMux: true,
    comedia: false,
    ...(suite && { enableSrtp: true, srtpCryptoSuite: suite }),
  });
  const key = suite && newKey(suite);

  await transport.connect({
    ip,
    port,
    ...(suite && {
      srtpParameters: { cryptoSuite: suite, keyBase64: key!.toString('base64') },
    }),
  });

  const consumer = await transport.consume({
    producerId,
    rtpCapabilities: router.rtpCapabilities,
  });
  const theirs =
    suite &&
    new Srtp(
      suite,
      wrong === 'receiver'
        ? newKey(suite)
        : Buffer.from(transport.srtpParameters!.keyBase64, 'base64'),
    );
  const ours = suite && new Srtp(suite, key!);

  return { transport, consumer, theirs, sealRtcp: (p: Buffer) => ours?.protectRtcp(p) ?? p };
}

async function forward(suite?: SuiteName, wrong?: Wrong) {
  const ssrc = crypto.randomInt(1, 0xffffffff);
  const mouth = dgram.createSocket('udp4');
  const socket = dgram.createSocket('udp4');

  socket.bind(0, ip);
  await once(socket, 'listening');

  const into = await inwards(ssrc, suite, wrong);
  const out = await outwards(into.producer.id, socket.address().port, suite, wrong);
  const consumerSsrc = out.consumer.rtpParameters.encodings![0]!.ssrc!;
  const sent: string[] = [];
  const got: string[] = [];
  const counts = { refused: 0, senderReports: 0 };

  socket.on('message', (packet) => {
    const isRtcp = packet[1]! >= 192 && packet[1]! <= 223;

    try {
      if (isRtcp) {
        const clear = out.theirs?.unprotectRtcp(packet) ?? packet;

        counts.senderReports += clear[1] === 200 ? 1 : 0;
      } else {
        const clear = out.theirs?.unprotect(packet) ?? packet;

        assert.equal(clear.readUInt32BE(8), consumerSsrc);
        got.push(clear.subarray(-80).toString('hex'));
      }
    } catch {
      counts.refused++;
    }
  });
  for (let i = 0; i < packets; i++) {
    const packet = rtp(65500 + i, ssrc);

    sent.push(packet.subarray(-80).toString('hex'));
    mouth.send(into.seal(packet), into.transport.tuple.localPort, ip);
    await sleep(10);
    if (i === packets / 2)
      socket.send(out.sealRtcp(receiverReport(consumerSsrc)), out.transport.tuple.localPort, ip);
  }
  await sleep(300);

  const received = (await into.producer.getStats())[0]?.packetCount ?? 0;
  const stats = (await out.consumer.getStats()).find(({ type }) => type === 'outbound-rtp');

  mouth.close();
  socket.close();
  into.transport.close();
  out.transport.close();

  return { sent, got, received, fractionLost: stats?.fractionLost, ...counts };
}

for (const suite of [undefined, ...(Object.keys(suites) as SuiteName[])])
  test(`RTP and RTCP, ${suite ?? 'plain'}`, async () => {
    const result = await forward(suite);

    assert.equal(result.received, packets);
    assert.deepEqual(result.got, result.sent);
    assert.equal(result.refused, 0);
    assert.equal(result.fractionLost, 128, 'our receiver report was understood');
    assert.ok(result.senderReports >= 1, 'no sender report could be read');
  });

for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const)
  test(`wrong keys are refused, ${suite}`, async () => {
    const sender = await forward(suite, 'sender');

    assert.equal(sender.received, 0);
    assert.equal(sender.got.length, 0);
    const receiver = await forward(suite, 'receiver');

    assert.equal(receiver.received, packets);
    assert.equal(receiver.got.length, 0);
    assert.ok(receiver.refused >= packets);
  });

test('WebRTC transports on a WebRtcServer and on own ports, over UDP and TCP', async () => {
  const webRtcServer = await worker.createWebRtcServer({
    listenInfos: [
      { protocol: 'udp', ip },
      { protocol: 'tcp', ip },
    ],
  });
  const both = { enableUdp: true, enableTcp: true, preferUdp: true };
  const transports = [
    await router.createWebRtcTransport({ webRtcServer, ...both, enableSctp: true }),
    await router.createWebRtcTransport({
      listenInfos: [listenInfo, { protocol: 'tcp', ip }],
      ...both,
    }),
  ];

  for (const transport of transports) {
    assert.deepEqual(
      transport.iceCandidates.map(({ protocol }) => protocol),
      ['udp', 'tcp'],
    );
    assert.equal(transport.dtlsParameters.fingerprints.length, 5);
    transport.close();
  }
});
