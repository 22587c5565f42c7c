// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../config.ts';
import { iceServers } from '../turn.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { IceServer } from '../turn.ts';
import type { TestContext } from 'node:test';

const urls = ['turn:turn.example.org:3478?transport=udp', 'turn:[2001:db8::1]?transport=tcp'];

function secretFile(t: TestContext, secret: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-turn-'));
  const file = path.join(folder, 'secret');

  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(file, secret);

  return file;
}

test('TURN credentials: as the REST interface has them, for a day, one for each peer', () => {
  const now = Date.UTC(2026, 11, 1);
  const [server] = iceServers({ urls, secret: 'north' }, 'peer-0001', now)!;

  assert.deepEqual(server!.urls, urls);
  assert.equal(server!.username, `${now / 1000 + 86400}:peer-0001`);
  // openssl dgst -sha1 -hmac north -binary <<<… | base64
  const mac = crypto.createHmac('sha1', 'north').update(server!.username!).digest();

  assert.deepEqual(Buffer.from(server!.credential!, 'base64'), mac);
  assert.deepEqual(iceServers({ urls }, 'peer-0001', now), [{ urls }]);
  assert.equal(iceServers({ urls: [] }, 'peer-0001', now), undefined);
});

test('TURN servers come with each transport, the secret never', async (t) => {
  const file = secretFile(t, 'a secret of the servers\n');
  const service = await TestService.start([
    ...urls.flatMap((url) => ['--turn', url]),
    '--turn-secret-file',
    file,
  ]);

  t.after(() => service.stop());
  const client = await TestClient.open(service, 'turn');
  const transport = await client.transport('producer');
  const [server] = transport['iceServers'] as IceServer[];
  const [expiry, peer] = server!.username!.split(':');

  assert.deepEqual(server!.urls, urls);
  assert.equal(peer, client.peerId);
  assert.ok(Math.abs(Number(expiry) - Date.now() / 1000 - 86400) < 60);
  assert.doesNotMatch(JSON.stringify(transport), /a secret of/);
});

test('without --turn there is no list at all', async (t) => {
  const service = await TestService.start();

  t.after(() => service.stop());
  const client = await TestClient.open(service, 'turn');

  assert.ok(!('iceServers' in (await client.transport('producer'))));
});

test('wrong TURN options are one sentence', (t) => {
  for (const [args, said] of [
    [['--turn', 'stun:a.example'], /--turn must be a URL/],
    [['--turn', 'turn:a.example:0'], /port/],
    [['--turn', 'turn:a.example:3478/path'], /--turn must be/],
    [['--turn', 'turn:[1.2.3]:3478'], /--turn must be/],
    [['--turn-secret-file', secretFile(t, 'x')], /name one/],
    [['--turn', 'turn:a.example', '--turn-secret-file', '/nowhere'], /cannot be read/],
    [['--turn', 'turn:a.example', '--turn-secret-file', secretFile(t, ' \n')], /is empty/],
    [Array.from({ length: 9 }, () => ['--turn', 'turn:a.example']).flat(), /At most 8/],
  ] as [string[], RegExp][])
    assert.throws(() => readConfig(args), said);
});
