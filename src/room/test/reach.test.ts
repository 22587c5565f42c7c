// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import https from 'node:https';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { ReachAsker } from '../reach-asker.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';

// Both services are on this computer; through a router it is tried by the suite nat.

async function post(service: TestService, body: string, method = 'POST') {
  const request = https.request({
    ...{ host: service.host, port: service.port, path: '/service/reach', method },
    ...{ rejectUnauthorized: false, agent: false },
  });

  request.end(body);
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  let text = '';

  for await (const part of response.setEncoding('utf8')) text += part;

  return { status: response.statusCode, text };
}

const asker = (service: TestService, fp = service.fingerprint) =>
  new ReachAsker(`https://${service.host}:${service.port}/?fp=${fp}`);

/** A transport of @service: the name that its ICE agent knows, and its port. */
async function transportOf(service: TestService) {
  const client = await TestClient.open(service, 'reach');
  const transport = await client.transport('consumer');
  const [candidate] = transport['iceCandidates'] as { port: number }[];
  const { usernameFragment } = transport['iceParameters'] as Data;

  return { ufrag: usernameFragment as string, rtcPort: candidate!.port };
}

test('what is there is reached, what is not is not, and nothing else is asked for', async (t) => {
  const helper = await TestService.start(['--reach']);
  const asking = await TestService.start();

  t.after(() => Promise.all([helper.stop(), asking.stop()]));
  const { port, fingerprint } = asking;
  const media = await transportOf(asking);

  assert.equal(await asker(helper).address(), '127.0.0.1');
  assert.deepEqual(await asker(helper).ask({ port, fingerprint, ...media }), {
    ...{ service: true, mediaUdp: true, mediaTcp: true },
  });
  // Another certificate, and a name that no transport there has.
  assert.deepEqual(
    await asker(helper).ask({ port, fingerprint: '0'.repeat(64), ...media, ufrag: 'nobody' }),
    { service: false, mediaUdp: false, mediaTcp: true },
  );
  const free = net.createServer().listen(0, '127.0.0.1');

  await once(free, 'listening');
  const { port: nothing } = free.address() as net.AddressInfo;

  free.close();
  assert.deepEqual(
    await asker(helper).ask({ ...{ port: nothing, fingerprint }, rtcPort: nothing, ufrag: 'abcd' }),
    { service: false, mediaUdp: false, mediaTcp: false },
  );
  // That was as often as one may at once.
  assert.equal(await asker(helper).ask({ port, fingerprint, ...media }), undefined);
  assert.equal((await post(helper, '{}')).status, 429);
});

test('questions that are none', async (t) => {
  const good = { port: 4443, fingerprint: '0'.repeat(64), rtcPort: 40000, ufrag: 'abcd' };
  const wrong = [
    '',
    'null',
    '[]',
    JSON.stringify({ ...good, port: 22 }),
    JSON.stringify({ ...good, rtcPort: 53 }),
    JSON.stringify({ ...good, port: 65536 }),
    JSON.stringify({ ...good, fingerprint: 'x' }),
    JSON.stringify({ ...good, ufrag: 'a b c d' }),
    JSON.stringify({ ...good, ufrag: 'a'.repeat(2000) }),
  ];

  for (let i = 0; i < wrong.length; i += 3) {
    const helper = await TestService.start(['--reach', '--workers', '1']);

    for (const body of wrong.slice(i, i + 3))
      assert.equal((await post(helper, body)).status, 400, body);
    assert.equal((await post(helper, '', 'DELETE')).status, 405);
    await helper.stop();
  }
  const other = await TestService.start(['--workers', '1']);

  t.after(() => other.stop());
  assert.equal((await post(other, JSON.stringify(good))).status, 404, 'off without --reach');
  assert.equal(await asker(other).address(), undefined);
  assert.equal(await asker(other, '0'.repeat(64)).address(), undefined, 'another certificate');
  for (const url of ['http://a.example', 'a.example', 'https://a.example/?fp=12'])
    assert.throws(() => new ReachAsker(url), /--reach-helper must be/);
});
