// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A mediasoup router with nothing around it, for tests of the C transport: requests and answers are
// JSON lines on stdin and stdout, {"id":N,"method":…,"data":{…}} → {"id":N,"ok":true,"data":{…}}.
// It ends when stdin closes. TUTTI_SOURCE_DIR names the checkout; MEDIASOUP_WORKER_BIN the worker.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';

const source = process.env.TUTTI_SOURCE_DIR ?? path.resolve(import.meta.dirname, '../..');
const require = createRequire(path.join(source, 'src/room/package.json'));
const mediasoup = require('mediasoup');

const worker = await mediasoup.createWorker({ logLevel: 'warn' });
worker.on('died', () => process.exit(1));
const router = await worker.createRouter({
  mediaCodecs: [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  ],
});

const transports = new Map();
const producers = new Map();
const consumers = new Map();

const methods = {
  getRouterRtpCapabilities: () => router.rtpCapabilities,
  async createWebRtcTransport ({ udp = true, tcp = true, consent = 20 }) {
    const transport = await router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }, { protocol: 'tcp', ip: '127.0.0.1' }].filter(
        ({ protocol }) => (protocol === 'udp' ? udp : tcp)),
      enableUdp: udp, enableTcp: tcp, preferUdp: true, iceConsentTimeout: consent,
    });
    transports.set(transport.id, transport);
    return {
      transportId: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
    };
  },
  // Without encryption: what comes from @port counts as sent (0: whoever sends first), or is sent there.
  async createPlainTransport ({ port = 0 }) {
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, rtcpMux: true, comedia: port === 0,
    });
    if (port !== 0) await transport.connect({ ip: '127.0.0.1', port });
    transports.set(transport.id, transport);
    return { transportId: transport.id, port: transport.tuple.localPort };
  },
  async connectWebRtcTransport ({ transportId, dtlsParameters }) {
    await transports.get(transportId).connect({ dtlsParameters });
  },
  async produce ({ transportId, kind, rtpParameters }) {
    const producer = await transports.get(transportId).produce({ kind, rtpParameters });
    producers.set(producer.id, producer);
    return { producerId: producer.id };
  },
  async consume ({ transportId, producerId, rtpCapabilities }) {
    const consumer = await transports.get(transportId).consume({ producerId, rtpCapabilities, paused: true });
    consumers.set(consumer.id, consumer);
    return { consumerId: consumer.id, kind: consumer.kind, rtpParameters: consumer.rtpParameters };
  },
  async resumeConsumer ({ consumerId }) { await consumers.get(consumerId).resume(); },
  async pauseConsumer ({ consumerId }) { await consumers.get(consumerId).pause(); },
  closeConsumer ({ consumerId }) { consumers.get(consumerId).close(); },
  closeProducer ({ producerId }) { producers.get(producerId).close(); },
  closeTransport ({ transportId }) { transports.get(transportId).close(); },
  async producerStats ({ producerId }) {
    const stats = await producers.get(producerId).getStats();
    return { packets: stats.reduce((sum, entry) => sum + entry.packetCount, 0) };
  },
  async transportStats ({ transportId }) {
    const [stats] = await transports.get(transportId).getStats();
    return { protocol: stats.iceSelectedTuple?.protocol ?? '', rtpBytesReceived: stats.rtpBytesReceived };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, data = {} } = JSON.parse(line);
  let answer;
  try {
    answer = { id, ok: true, data: (await methods[method](data)) ?? {} };
  } catch (error) {
    answer = { id, ok: false, errorReason: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
worker.close();
process.exit(0);
