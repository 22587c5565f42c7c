// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { isPublic } from '../port-mapping.ts';
import { readConfig } from '../config.ts';

// What a router does with it is the suite nat's.

test('which addresses the whole internet may reach', () => {
  for (const address of ['8.8.8.8', '100.63.255.255', '100.128.0.1', '172.32.0.1', '192.169.0.1'])
    assert.ok(isPublic(address), address);
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '169.254.1.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.178.1',
    '239.255.255.250',
    '255.255.255.255',
    '2001:db8::1',
    'fritz.box',
    '',
  ])
    assert.ok(!isPublic(address), address);
});

test('--internet: the same ports every time, one worker, everybody may knock', () => {
  const config = readConfig(['--internet'])!;

  assert.deepEqual(
    [config.listen, config.port, config.rtcPort, config.workers],
    ['0.0.0.0', 47700, 47701, 1],
  );
  const other = readConfig([
    '--internet',
    '--port',
    '4443',
    '--rtc-port',
    '40000',
    '--workers',
    '2',
  ])!;

  assert.deepEqual([other.port, other.rtcPort, other.workers], [4443, 40000, 2]);
  for (const wrong of [
    ['--internet', '--listen', '::'],
    ['--internet', '--port', '0'],
    ['--internet', '--rtc-port', '0'],
    ['--mapping-seconds', '1'],
  ])
    assert.throws(() => readConfig(wrong), /--/);
});

test('--internet on loopback is one sentence', () => {
  const { status, stderr } = spawnSync(path.join(import.meta.dirname, '../tutti-room'), [
    ...['--internet', '--listen', '127.0.0.1', '--log-level', 'silent'],
  ]);

  assert.equal(status, 2);
  assert.match(String(stderr), /^tutti-room: This computer has no connection that others could/);
});
