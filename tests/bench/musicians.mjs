// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Peers of a room whose sound is injected as plain RTP (room service with --bench-plain): each has a
// producer and consumes everybody else. Prints {"targets":["PORT:SSRC",…]} and stays until stdin closes.
// Usage: node musicians.mjs wss://HOST:PORT INVITE ROOM COUNT SINK_PORT FRAME_SAMPLES [WIRE]
// WIRE as rtp-inject's: opus (standard, else everything is in Tutti's framing), framed-opus, tight, raw, raw24.

import { createRequire } from 'node:module';

const require = createRequire(new URL('../../src/room/package.json', import.meta.url));
const { WebSocket } = require('ws');
const [url, invite, room, count, sinkPort, frameSamples, wire = 'opus'] = process.argv.slice(2);
const framed = wire !== 'opus';
const format = framed ? { wire: 'framed', version: 1, channels: 1 }
  : { wire: 'opus', frameSamples: Number(frameSamples), channels: 1, bitrate: 128000 };

class Peer {
  constructor(name) {
    this.waiting = new Map();
    this.nextId = 1;
    this.socket = new WebSocket(`${url}/?roomId=${room}&peerId=${name}-injected&invite=${invite}`, 'protoo', {
      origin: url.replace('wss:', 'https:'), rejectUnauthorized: false, perMessageDeflate: false,
    });
    this.socket.on('message', data => this.take(JSON.parse(data.toString())));
    this.socket.on('close', (code, reason) => { if (code !== 1000) console.error(name, code, reason.toString()); });
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
  }

  take(message) {
    if (message.response) {
      const { resolve, reject } = this.waiting.get(message.id);
      if (message.ok) resolve(message.data);
      else reject(new Error(message.errorReason));
    } else if (message.request) {
      this.socket.send(JSON.stringify({ response: true, id: message.id, ok: true, data: {} }));
    }
  }

  request(method, data) {
    const id = this.nextId++;
    this.socket.send(JSON.stringify({ request: true, id, method, data }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}

async function enter(index) {
  const name = `injected${index}`;
  const peer = new Peer(name);
  const ssrc = 0x10000000 + index;

  await peer.opened;
  const { routerRtpCapabilities: rtpCapabilities } = await peer.request('getRouterRtpCapabilities', { media: 'audio' });
  const opus = rtpCapabilities.codecs.find(codec => codec.mimeType === 'audio/opus');
  const send = await peer.request('benchPlainTransport', { direction: 'producer' });
  await peer.request('benchPlainTransport', { direction: 'consumer', port: Number(sinkPort) });
  await peer.request('join', {
    displayName: name, device: { flag: 'bench', name: 'bench', version: '1' }, rtpCapabilities,
    tutti: { protocol: { major: 1, minor: framed ? 1 : 0 }, formats: framed ? ['raw', 'tight', 'opus'] : ['opus'] },
  });
  await peer.request('benchProduce', {
    transportId: send.transportId,
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: opus.preferredPayloadType, clockRate: 48000, channels: 2 }],
      encodings: [{ ssrc }],
    },
    appData: { source: 'audio', strip: { id: 'main', label: name }, format },
  });
  return `${send.port}:${ssrc}`;
}

const targets = [];
for (let index = 0; index < Number(count); index++) targets.push(await enter(index));
console.log(JSON.stringify({ targets }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
