// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Stands between clients and a room service and turns one hex digit of every DTLS fingerprint that
// the service announces: what a client must notice before a sound passes.
// Usage: node mitm.mjs wss://HOST:PORT CERT.pem KEY.pem → prints "ready PORT".

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const require = createRequire(new URL('../../src/room/package.json', import.meta.url));
const { WebSocket, WebSocketServer } = require('ws');
const [target, cert, key] = process.argv.slice(2);

function twist(text) {
  const message = JSON.parse(text);
  for (const print of message.data?.dtlsParameters?.fingerprints ?? [])
    print.value = (print.value[0] === 'A' ? 'B' : 'A') + print.value.slice(1);
  return JSON.stringify(message);
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const sockets = new WebSocketServer({ server, handleProtocols: () => 'protoo', perMessageDeflate: false });

sockets.on('connection', (client, request) => {
  const { host } = new URL(target);
  const service = new WebSocket(target + request.url, 'protoo', {
    rejectUnauthorized: false, origin: `https://${host}`, perMessageDeflate: false,
  });
  const waiting = [];
  client.on('message', data => {
    if (service.readyState === WebSocket.OPEN) service.send(data.toString());
    else waiting.push(data.toString());
  });
  service.on('open', () => waiting.splice(0).forEach(text => service.send(text)));
  service.on('message', data => client.send(twist(data.toString())));
  service.on('close', () => client.close(1000));
  client.on('close', () => service.close());
  service.on('error', error => { console.error(error.message); client.terminate(); });
  client.on('error', () => service.terminate());
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));
