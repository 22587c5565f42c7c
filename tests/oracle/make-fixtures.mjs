// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Writes fixtures/*.json anew from a real mediasoup (see sfu.mjs for the environment): the router's
// capabilities, a transport, and what consumers of audio and video are told.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const require = createRequire(path.resolve(process.env.TUTTI_SOURCE_DIR ?? path.join(here, '../..'), 'src/room/package.json'));
const mediasoup = require('mediasoup');
const save = (name, data) => writeFileSync(path.join(here, 'fixtures', `${name}.json`), `${JSON.stringify(data, null, 2)}\n`);

const worker = await mediasoup.createWorker({ logLevel: 'error' });
const audio = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 };
const routers = {
  'audio': [audio],
  'audio-video': [audio, { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 }],
  'everything': [
    { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 },
    { ...audio, parameters: { useinbandfec: 1 }, preferredPayloadType: 111 },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
    { kind: 'video', mimeType: 'video/VP9', clockRate: 90000, parameters: { 'profile-id': 2 } },
    { kind: 'video', mimeType: 'video/H264', clockRate: 90000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 } },
  ],
};
let router;
for (const [name, mediaCodecs] of Object.entries(routers)) {
  router = await worker.createRouter({ mediaCodecs });
  save(`router-${name}`, router.rtpCapabilities);
  if (name === 'everything') break;
}

const transport = await router.createWebRtcTransport({
  listenInfos: [
    { protocol: 'udp', ip: '127.0.0.1', announcedAddress: '192.0.2.7' }, { protocol: 'tcp', ip: '127.0.0.1', announcedAddress: '192.0.2.7' },
    { protocol: 'udp', ip: '127.0.0.1', announcedAddress: 'jam.example.net' }, { protocol: 'udp', ip: '127.0.0.1', announcedAddress: '2001:db8::7' },
  ],
  enableUdp: true, enableTcp: true, preferUdp: true,
});
save('transport', {
  transportId: transport.id, iceParameters: transport.iceParameters, iceCandidates: transport.iceCandidates,
  dtlsParameters: transport.dtlsParameters,
});

const sender = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
const producers = {
  audio: { kind: 'audio', rtpParameters: {
    codecs: [{ mimeType: 'audio/opus', payloadType: 109, clockRate: 48000, channels: 2, rtcpFeedback: [{ type: 'transport-cc' }],
      parameters: { minptime: 10, useinbandfec: 1, 'sprop-stereo': 1, cbr: 1 } }],
    encodings: [{ ssrc: 11111111 }], rtcp: { cname: 'browser one' },
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 4 }],
  } },
  video: { kind: 'video', rtpParameters: {
    codecs: [
      { mimeType: 'video/VP8', payloadType: 96, clockRate: 90000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }, { type: 'transport-cc' }] },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90000, parameters: { apt: 96 } },
    ],
    encodings: [{ ssrc: 22222222, rtx: { ssrc: 22222223 } }], rtcp: { cname: 'aQ8/x+Z' },
    headerExtensions: [{ uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', id: 3 }],
  } },
};
for (const [name, options] of Object.entries(producers)) {
  const producer = await sender.produce(options);
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities, paused: true });
  save(`consumer-${name}`, { consumerId: consumer.id, kind: consumer.kind, rtpParameters: consumer.rtpParameters });
}
worker.close();
process.exit(0);
