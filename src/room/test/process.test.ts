// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { produceOpus } from './lib/media.ts';

const wrapper = path.join(import.meta.dirname, '../tutti-room');

/** Gone, or only waiting for somebody to read its exit status. */
function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

test('health and metrics, and nothing else', async (t) => {
  const service = await TestService.start(['--workers', '2']);

  t.after(() => service.stop());
  const client = await TestClient.join(service, 'health');
  const health = await service.get('/healthz');

  assert.equal(health.status, 200);
  const { status, workers, rooms, peers } = JSON.parse(health.text);

  assert.deepEqual(
    { status, workers, rooms, peers },
    { status: 'ok', workers: { alive: 2, total: 2 }, rooms: 1, peers: 1 },
  );
  assert.equal(await service.metric('tutti_room_peers'), 1);
  assert.equal(await service.metric('tutti_room_workers'), 2);
  assert.equal(await service.metric('tutti_room_requests_total{method="join",outcome="ok"}'), 1);
  for (const worker of [0, 1]) {
    assert.ok((await service.metric(`tutti_room_worker_cpu_seconds{worker="${worker}"}`)) > 0);
    assert.ok((await service.metric(`tutti_room_worker_max_rss_bytes{worker="${worker}"}`)) > 1e6);
  }
  const { text } = await service.get('/metrics');

  assert.doesNotMatch(text, new RegExp(`health"|${client.peerId}`), 'names no room and no peer');
  for (const url of ['/healthz/', '/../main.ts', '/guest/../main.ts', '/guest/nothing'])
    assert.equal((await service.get(url)).status, 404, url);
  await client.leave();
});

test('a killed worker: its rooms are closed, and new joins go on', async (t) => {
  const service = await TestService.start(['--workers', '1']);

  t.after(() => service.stop());
  const clients = await Promise.all([1, 2].map(() => TestClient.join(service, 'killed')));

  await produceOpus(clients[0]!);
  const [pid] = service.workerPids();

  process.kill(pid!, 'SIGKILL');
  for (const { closed } of clients)
    assert.deepEqual(await closed, { code: 1012, reason: 'worker-died' });
  const again = await Promise.all([1, 2].map(() => TestClient.join(service, 'killed')));

  await produceOpus(again[0]!);
  await again[1]!.event('newConsumer');
  assert.notEqual(service.workerPids()[0], pid);
  assert.equal(await service.metric('tutti_room_worker_deaths'), 1);
  await Promise.all(again.map((client) => client.leave()));
});

test('a killed worker among several takes only its own rooms', async (t) => {
  const service = await TestService.start(['--workers', '3']);

  t.after(() => service.stop());
  const one = await TestClient.join(service, 'one'); // Audio and video on two of the three…
  const before = service.workerPids();
  const closed: string[] = [];

  one.closed.then(() => closed.push('one'), assert.fail);
  for (const pid of before) {
    process.kill(pid, 'SIGKILL');
    await sleep(300);
    if (closed.length > 0) break;
  }
  assert.deepEqual(await one.closed, { code: 1012, reason: 'worker-died' });
  const two = await TestClient.join(service, 'two');

  await sleep(1500);
  assert.equal(service.workerPids().length, 3, 'all workers are there again');
  await two.request('clock');
  await two.leave();
});

test('a killed worker that carried only pictures disturbs nobody who had none', async (t) => {
  const service = await TestService.start(['--workers', '2']);

  t.after(() => service.stop());
  const one = await TestClient.join(service, 'sound'); // Its audio is on the first worker.
  const two = await TestClient.join(service, 'pictures'); // And of this one on the second.
  const gone: string[] = [];

  one.closed.then(() => gone.push('sound'), assert.fail);
  two.closed.then(() => gone.push('pictures'), assert.fail);
  await produceOpus(one);
  await produceOpus(two);
  process.kill(service.workerPids()[0]!, 'SIGKILL');
  await sleep(1500);
  assert.equal(gone.length, 1, 'each worker carries the sound of one room');

  const [stayed, lost] = gone[0] === 'sound' ? [two, 'sound'] : [one, 'pictures'];

  await stayed.request('createWebRtcTransport', { direction: 'producer', media: 'video' });
  const again = await TestClient.join(service, lost);

  await produceOpus(again);
  await Promise.all([stayed.leave(), again.leave()]);
});

test('SIGTERM: tells everyone, takes no new rooms, ends when empty', async () => {
  const service = await TestService.start(['--workers', '1', '--drain-seconds', '20']);
  const client = await TestClient.join(service, 'staying');

  service.process.kill('SIGTERM');
  assert.deepEqual(await client.event('draining'), { seconds: 20 });
  await produceOpus(client); // Media goes on.
  assert.equal((await service.get('/healthz')).status, 503);
  await assert.rejects(TestClient.join(service, 'new'), (e: Refused) => e.code === 503);
  await client.leave();
  assert.equal(await service.exit(), 0);
  await service.stop();
});

test('SIGTERM: who stays is sent away in the end', async () => {
  const service = await TestService.start(['--workers', '1', '--drain-seconds', '0.5']);
  const client = await TestClient.join(service, 'staying');

  service.process.kill('SIGTERM');
  assert.deepEqual(await client.closed, { code: 1012, reason: 'draining' });
  assert.equal(await service.exit(), 0);
  await service.stop();
});

test('stdin is a lifeline, and no worker stays behind', async () => {
  const service = await TestService.start(['--workers', '2']);
  const client = await TestClient.join(service, 'life');
  const pids = service.workerPids();

  service.process.stdin?.end();
  assert.deepEqual(await client.closed, { code: 1012, reason: 'draining' });
  assert.equal(await service.exit(), 0);
  await sleep(200);
  for (const pid of pids) assert.ok(hasEnded(pid), `worker ${pid} is left`);
  await service.stop();
});

test('a client that is silent is lost, even when its connection stands', async (t) => {
  const service = await TestService.start(['--workers', '1', '--keep-alive', '0.3']);

  t.after(() => service.stop());
  const silent = await TestClient.open(service, 'silent', 'silent-peer', { autoPong: false });

  await silent.joinRoom();
  const witness = await TestClient.join(service, 'silent');
  const start = Date.now();

  await witness.event('peerClosed');
  assert.ok(Date.now() - start < 2000);
  await sleep(1000);
  await witness.request('clock'); // Who answers pings stays.
  await witness.leave();
});

test('the certificate lasts over restarts, is private, and is made anew when it is broken', async () => {
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-room-test-'));
  const file = path.join(stateDir, 'identity.pem');
  const run = async () => {
    const service = await TestService.start(['--workers', '1'], stateDir);

    await service.get('/healthz'); // Checks the fingerprint in the link.
    service.process.stdin?.end();
    await service.exit();

    return service.fingerprint;
  };
  const first = await run();

  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  fs.chmodSync(file, 0o644);
  assert.equal(await run(), first);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const pem = fs.readFileSync(file, 'utf8');
  const x509 = new crypto.X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERT')));

  assert.match(x509.subjectAltName ?? '', /127\.0\.0\.1/);
  assert.ok(Date.parse(x509.validTo) - Date.now() > 3600 * 24 * 3600 * 1000);
  fs.writeFileSync(file, pem.slice(0, 300));
  assert.notEqual(await run(), first);
  fs.rmSync(stateDir, { recursive: true });
});

test('wrong options are one sentence and exit status 2', () => {
  for (const [args, reason] of [
    [['--port', 'many'], /--port must be/],
    [['--listen', 'somewhere'], /--listen must be an IP address/],
    [['--cert', 'x'], /belong together/],
    [['--cert', '/none', '--key', '/none'], /certificate cannot be used/],
    [['--players', '65'], /--players must be a whole number from 1 to 64/],
    [['--packet-budget', '99'], /--packet-budget must be/],
    [['--peer-packets', '0'], /--peer-packets must be/],
    [['--raw-bits', '20'], /--raw-bits must be 16 or 24/],
    [['--what'], /--what/],
    [['positional'], /positional/],
    [['--listen', '192.0.2.1', '--workers', '1'], /does not start|cannot listen/],
  ] as [string[], RegExp][]) {
    const { status, stderr, stdout } = spawnSync(wrapper, ['--log-level', 'silent', ...args], {
      encoding: 'utf8',
      timeout: 20_000,
    });

    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, reason);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.equal(stdout, '');
  }
});
