// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A client that does everything it should not, with an invite that it was given. Prints one JSON object a line for each
// kind of attack: {"attack", "tries", "stopped", "wrong":[…]}: what was tried, what the service stopped, and what it let
// through or did otherwise than docs/PROTOCOL.md says.
// Usage: node hostile.mjs wss://HOST:PORT ROOM INVITE EXAMPLES_DIR

import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import net from 'node:net';
import tls from 'node:tls';

const require = createRequire(new URL('../../src/room/package.json', import.meta.url));
const { WebSocket } = require('ws');
const [url, room, invite, examplesDir] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);
/** It is at another address than the others, as it would be. */
const localAddress = '127.0.0.2';
const origin = `https://${host}`;

let lastPeer = 0;
const newPeer = () => `hostile-${process.pid}-${++lastPeer}`;
const within = (ms, promise, otherwise) => Promise.race([promise, sleep(ms, otherwise, { ref: false })]);

// -- connections --

class Client {
  constructor(parameters = {}) {
    this.peerId = parameters.peerId ?? newPeer();
    const query = new URLSearchParams({ roomId: room, invite, ...parameters, peerId: this.peerId });

    this.answers = new Map();
    this.offers = [];
    this.nextId = 1;
    this.socket = new WebSocket(`${url}/?${query}`, 'protoo', { origin, localAddress, rejectUnauthorized: false, perMessageDeflate: false });
    this.closed = new Promise(resolve => this.socket.on('close', code => resolve(code)));
    this.opened = new Promise(resolve => {
      this.socket.on('open', () => resolve(101));
      this.socket.on('unexpected-response', (_request, response) => { resolve(response.statusCode); response.destroy(); });
      this.socket.on('error', () => resolve(0));
    });
    this.socket.on('message', data => this.take(JSON.parse(data.toString())));
  }

  take(message) {
    if (message.response) {
      this.answers.get(message.id)?.(message.ok ? { code: 200, data: message.data } : { code: message.errorCode });
    } else if (message.request) {
      this.offers.push(message.data);
      this.send({ response: true, id: message.id, ok: true, data: {} });
    } else if (message.method === 'roomWelcome') {
      this.welcome = message.data;
    }
  }

  send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(typeof frame === 'object' && !Buffer.isBuffer(frame) ? JSON.stringify(frame) : frame);
  }

  /** The code of the answer, 200 when it was granted; 0 when there was none within 5 s. */
  async ask(method, data = {}, id = this.nextId++) {
    const answer = new Promise(resolve => this.answers.set(id, resolve));

    this.send({ request: true, id, method, data });
    return within(5000, answer, { code: 0 });
  }

  notify(method, data) { this.send({ notification: true, method, data }); }

  async join() {
    await this.opened;
    const { data } = await this.ask('getRouterRtpCapabilities', { media: 'audio' });

    this.transport = (await this.ask('createWebRtcTransport', { direction: 'consumer' })).data;
    return this.ask('join', { displayName: 'Hostile', device: { flag: 'x', name: 'x', version: '1' }, rtpCapabilities: data.routerRtpCapabilities });
  }

  end() { this.socket.terminate(); }
}

/** Sends bytes to the service's port, and returns the status line or how it ended. */
function raw(bytes, { secure = true, waitMs = 12_000, end = false } = {}) {
  return new Promise(resolve => {
    const socket = secure ? tls.connect({ host: hostname, port, localAddress, rejectUnauthorized: false }, () => socket.write(bytes)) : net.connect({ host: hostname, port, localAddress }, () => socket.write(bytes));
    let text = '';
    const timer = setTimeout(() => { resolve('still open'); socket.destroy(); }, waitMs);
    const finish = () => { clearTimeout(timer); resolve(text.split('\r\n')[0] || 'closed'); socket.destroy(); };

    socket.on('data', data => { text += data; if (end || text.includes('\r\n')) finish(); });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}

// -- what is tried --

const attacks = {
  /** Closed, with a TLS alert (21) where it looked like a handshake. */
  async 'not TLS'(report) {
    await Promise.all(Array.from({ length: 100 }, async () => report(/^(closed|\x15)/, await raw(randomBytes(300), { secure: false }))));
  },

  async 'not HTTP'(report) {
    const get = (path, headers = '') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;
    const up = (query, headers = `Origin: ${origin}\r\nSec-WebSocket-Protocol: protoo\r\n`) =>
      get(`/?${query}`, `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${headers}`);
    const good = `roomId=${room}&peerId=${newPeer()}&invite=${invite}`;
    const tries = [
      [get('//?invite=secret'), / (400|404) /], [up('').replace('GET /?', 'GET //'), / 400 /], [randomBytes(2000), /^(HTTP\/1\.1 400|closed)/], ['\0\r\n\r\n', /^(HTTP\/1\.1 400|closed)/],
      [get('/'), / 200 /], [get('/healthz/../../etc/passwd'), / 404 /], [get('/guest/../../../etc/passwd'), / 404 /], [get('/guest/%2e%2e/main.ts'), / 404 /],
      [get('/guest/constructor'), / 404 /], [get('/guest/admission'), / 400 /], [get(`/guest/admission?roomId=${room}&peerId=${newPeer()}&invite=x`), / 403 /],
      [get(`/guest/admission?roomId=..&peerId=${newPeer()}&invite=${'x'.repeat(3000)}`), / 400 /], [`POST /guest/admission HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`, / 405 /], [`POST /healthz HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`, / 405 /],
      [get('/', `X: ${'y'.repeat(20_000)}\r\n`), / 431 /],
      [up(good, 'Sec-WebSocket-Protocol: protoo\r\n'), / 403 /], [up(good, 'Origin: https://elsewhere.example\r\nSec-WebSocket-Protocol: protoo\r\n'), / 403 /],
      [up(good, `Origin: ${origin}\r\n`), / 400 /], [up(`roomId=../../x&peerId=${newPeer()}`), / 400 /], [up(`roomId=${room}&peerId=x`), / 400 /],
      [up(`roomId=${room}&peerId=${newPeer()}`), / 403 /], [up(`roomId=${room}&peerId=${newPeer()}&invite=..%2F..%2Fx`), / 403 /],
      [up(`roomId=${room}&peerId=${newPeer()}&invite=${'x'.repeat(3000)}`), / 400 /], [up(`roomId=other&peerId=${newPeer()}&invite=${invite}`), / 403 /],
      [up(`roomId=${room}&peerId=${newPeer()}&invite=${invite.slice(0, -3)}AAA`), / 403 /], [up(`roomId=%00&peerId=${newPeer()}`), / 400 /],
    ];

    for (const [bytes, expected] of tries) report(expected, await raw(bytes), String(bytes).slice(0, 120));
  },

  async 'half a request'(report) {
    await Promise.all(Array.from({ length: 100 }, async () => report(/^(HTTP\/1\.1 408|closed)/, await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\n`, { waitMs: 8000 }))));
  },

  async 'no frames'(report) {
    const deep = '['.repeat(100_000);
    const frames = [
      Buffer.from([1, 2, 3]), '', 'x', '[]', 'null', '1', '{}', '{"request":true}', '{"request":true,"id":-1,"method":"clock"}', '{"request":true,"id":1.5,"method":"clock"}',
      `{"request":true,"id":1,"method":"${'m'.repeat(10_000)}"}`, '{"request":true,"id":1,"method":5}', '{"request":true,"response":true,"id":1,"method":"clock","ok":true}',
      '{"notification":true}', '{"notification":true,"method":"x","data":[]}', '{"response":true,"id":"1","ok":true}', deep, `{"request":true,"id":1,"method":"clock","data":${deep}}`,
      '{"__proto__":{"request":true},"id":1,"method":"clock"}', '\ud800', 'x'.repeat(300_000),
    ];

    for (const frame of frames) {
      const client = new Client();

      await client.opened;
      client.send(frame);
      report(/^(4000|1007|1009)$/, String(await within(5000, client.closed, 'still open')), String(frame).slice(0, 60));
      client.end();
    }
  },

  async 'endless message'(report) {
    const client = new Client();

    await client.opened;
    for (let i = 0; i < 40; i++) client.socket.send('y'.repeat(16_384), { fin: false });
    report(/^1009$/, String(await within(5000, client.closed, 'still open')));
    client.end();
  },

  async 'malformed requests'(report) {
    const examples = readdirSync(examplesDir).map(file => JSON.parse(readFileSync(`${examplesDir}/${file}`, 'utf8')))
      .filter(({ from, kind, method }) => from === 'client' && kind === 'request' && !method.startsWith('bench'));
    const client = new Client();

    await client.join();
    for (const { method, invalid } of examples)
      for (const { why, data } of invalid) {
        const { code } = await client.ask(method, data);

        report(/^(400|429)$/, String(code), `${method}: ${why}`);
        if (code === 429) await sleep(1000); // of some there may be few
      }
    for (const method of ['constructor', '__proto__', 'toString', 'benchPlainTransport', 'benchProduce', 'mute', ''])
      report(/^(404|400|0)$/, String((await client.ask(method || 'x'.repeat(64))).code), method);
    client.end();
  },

  async 'wrong order'(report) {
    const client = new Client();

    await client.opened;
    const { data } = await client.ask('createWebRtcTransport', { direction: 'producer' });
    const produce = { transportId: data.transportId, kind: 'audio', rtpParameters: opus(1) };

    for (const [method, body] of [['produce', produce], ['setTempo', { bpm: 100, beatsPerBar: 4, running: true, countInBars: 0 }], ['listInvites', {}], ['createInvite', { role: 'host', seconds: 60 }], ['lockRoom', { locked: true }], ['setRole', { peerId: client.peerId, role: 'host' }]])
      report(/^409$/, String((await client.ask(method, body)).code), `${method} before join`);
    report(/^200$/, String((await client.join()).code), 'join');
    report(/^409$/, String((await client.ask('join', { displayName: 'x', device: { name: 'x' }, rtpCapabilities: { codecs: [] } })).code), 'join again');
    report(/^404$/, String((await client.ask('produce', { ...produce, transportId: 'nowhere' })).code), 'produce on nothing');
    report(/^409$/, String((await client.ask('produce', { ...produce, transportId: client.transport.transportId })).code), 'produce on a consumer transport');
    client.end();
  },

  async 'replayed'(report) {
    const client = new Client();

    await client.join();
    const { transportId } = (await client.ask('createWebRtcTransport', { direction: 'producer' })).data;
    const connect = { transportId, dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] } };
    const produce = { transportId, kind: 'audio', rtpParameters: opus(4711) };

    report(/^200$/, String((await client.ask('connectWebRtcTransport', connect)).code), 'connect');
    report(/^409$/, String((await client.ask('connectWebRtcTransport', connect)).code), 'connect again');
    report(/^200$/, String((await client.ask('produce', produce)).code), 'produce');
    report(/^409$/, String((await client.ask('produce', produce)).code), 'produce again');
    const before = client.nextId - 1;
    report(/^409$/, String((await client.ask('produce', produce, before)).code), 'the same id again');
    // Another's seat, and one's own after having left for good.
    const seat = client.welcome.seat;
    const thief = new Client({ seat, peerId: newPeer() });

    report(/^101$/, String(await thief.opened), 'a seat of another peer counts for nothing, the invite does');
    thief.end();
    const twin = new Client({ peerId: client.peerId });

    report(/^403$/, String(await twin.opened), 'the peer id of somebody who is here');
    client.end();
  },

  async 'forged'(report) {
    const client = new Client();

    await client.join();
    for (let i = 0; i < 50 && client.offers.length === 0; i++) await sleep(100);
    const offer = client.offers[0] ?? {};
    const { producerId, consumerId } = offer;

    report(/^string$/, typeof producerId, 'there is somebody to harm');
    for (const method of ['closeProducer', 'pauseProducer']) client.notify(method, { producerId });
    client.notify('rtpClock', { producerId, rtpTimestamp: 1, roomTimeUs: 1 });
    client.notify('linkReport', { rttMs: 59_000, quantum: 64, up: { lossPercent: 100 }, down: [{ producerId, lossPercent: 100, jitterMs: 1000, concealedPercent: 100 }] });
    client.notify('planApplied', { revision: 1e9 });
    client.notify('peerClosed', { peerId: offer.peerId });
    report(/^404$/, String((await client.ask('getProducerStats', { producerId })).code), "another's producer");
    report(/^404$/, String((await client.ask('getConsumerStats', { consumerId: producerId })).code), 'a producer as consumer');
    report(/^200$/, String((await client.ask('getConsumerStats', { consumerId })).code), 'its own');
    const { peerId } = offer;
    const hosts = [
      ['createInvite', { role: 'host', seconds: 60 }], ['listInvites', {}], ['renewInvite', { id: 'AAAAAAAAAAAA', seconds: 60 }], ['revokeInvite', { id: 'AAAAAAAAAAAA', remove: true }],
      ['lockRoom', { locked: true }], ['removePeer', { peerId }], ['mutePeer', { peerId }], ['askUnmute', { peerId }], ['isolatePeer', { peerId, isolated: true, with: [] }],
      ['setSpotlight', { peerId: client.peerId }], ['setRole', { peerId: client.peerId, role: 'host' }], ['setRole', { peerId, role: 'listener' }],
    ];

    for (const [method, data] of hosts)
      report(/^403$/, String((await client.ask(method, data)).code), method);
    for (const id of [1, 2, 3, 99]) client.send({ response: true, id, ok: false, errorCode: 500, errorReason: 'x' });
    client.end();
  },

  async 'too many'(report) {
    const lobby = Array.from({ length: 40 }, () => new Client());
    const statuses = await Promise.all(lobby.map(({ opened }) => opened));

    report(/^true$/, String(statuses.filter(status => status === 101).length === 8), 'people who only stand at the door');
    report(/^true$/, String(statuses.every(status => [101, 503].includes(status))), statuses.join(' '));
    await sleep(3000); // while others come in
    for (const client of lobby) client.end();
    await sleep(300);
    const client = new Client();

    await client.join();
    const made = await Promise.all(Array.from({ length: 20 }, () => client.ask('createWebRtcTransport', { direction: 'producer' })));
    const { transportId } = made[0].data;

    report(/^true$/, String(made.filter(({ code }) => code === 200).length === 7), 'transports: eight with the one to hear by');
    await sleep(1000);
    const produced = await Promise.all(Array.from({ length: 30 }, (_, i) => client.ask('produce', { transportId, kind: 'audio', rtpParameters: opus(9000 + i) })));

    report(/^true$/, String(produced.filter(({ code }) => code === 200).length === 8), 'producers');
    client.end();
    const sockets = Array.from({ length: 700 }, () => net.connect({ host: hostname, port, localAddress }).on('error', () => undefined));

    await sleep(1000);
    report(/^true$/, String(sockets.filter(socket => socket.readyState !== 'open').length >= 150), 'connections of one address');
    for (const socket of sockets) socket.destroy();
  },

  async 'too fast'(report) {
    await Promise.all(Array.from({ length: 6 }, async () => {
      const client = new Client();

      await client.opened;
      for (let i = 0; i < 3000; i++) client.send({ request: true, id: i, method: 'clock', data: {} });
      report(/^4000$/, String(await within(8000, client.closed, 'still open')));
      client.end();
    }));
  },

  async 'noise on the media port'(report) {
    const client = new Client();

    await client.join();
    const candidate = client.transport.iceCandidates.find(({ protocol }) => protocol === 'udp');
    const socket = createSocket('udp4');
    // A STUN binding request (RFC 8489 §5) for a name that is not there, and what looks like RTP and DTLS.
    const stun = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
    const kinds = [stun, Buffer.concat([Buffer.from([0x80, 0x64]), randomBytes(100)]), Buffer.concat([Buffer.from([22, 254, 253]), randomBytes(200)])];

    for (let i = 0; i < 15_000; i++) {
      const bytes = i % 4 === 3 ? randomBytes(1 + i % 1400) : kinds[i % 4];

      socket.send(bytes, candidate.port, candidate.address ?? candidate.ip);
      if (i % 100 === 99) await sleep(10);
    }
    report(/^200$/, String((await client.ask('clock')).code), 'the room still answers');
    socket.close();
    client.end();
  },
};

function opus(ssrc) {
  return {
    codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2, parameters: { minptime: 3 }, rtcpFeedback: [] }],
    headerExtensions: [], encodings: [{ ssrc }], rtcp: { cname: `c${ssrc}` },
  };
}

for (const [attack, run] of Object.entries(attacks)) {
  const outcome = { attack, tries: 0, stopped: 0, wrong: [] };

  await run((expected, got, what = '') => {
    outcome.tries += 1;
    if (expected.test(got)) outcome.stopped += 1;
    else outcome.wrong.push(`${what}: ${got}`);
  });
  console.log(JSON.stringify(outcome));
}
process.exit(0);
