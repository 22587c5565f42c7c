// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { complain, complainFrame, methodsOf } from '../schemas.ts';
import { test } from 'node:test';
import type { Data } from '../channel.ts';
import type { Family } from '../schemas.ts';

type Example = {
  method: string;
  from: 'client' | 'service';
  kind: 'request' | 'notification';
  valid: { data: Data; response?: Data }[];
  invalid: { why: string; data: Data }[];
};

const directory = path.join(import.meta.dirname, '../../../data/protocol/examples');
const examples = fs.readdirSync(directory).map((file) => {
  return JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8')) as Example;
});
const family = ({ from, kind }: Example) =>
  `${from === 'client' ? 'client' : 'server'}-${kind}s` as Family;

test('every message of the contract has an example', () => {
  for (const name of [
    'client-requests',
    'client-notifications',
    'server-requests',
    'server-notifications',
  ] as const)
    assert.deepEqual(
      examples
        .filter((e) => family(e) === name)
        .map(({ method }) => method)
        .sort(),
      [...methodsOf(name)].sort(),
      name,
    );
});

for (const example of examples)
  test(`${example.from}: ${example.method}`, () => {
    const { method, kind, valid, invalid } = example;

    assert.ok(valid.length > 0);
    for (const { data, response } of valid) {
      assert.equal(complain(family(example), method, 'data', data), undefined);
      const frame = kind === 'request' ? { request: true, id: 7 } : { notification: true };

      assert.equal(complainFrame({ ...frame, method, data }), undefined);
      assert.equal(kind === 'request', response !== undefined);
      if (response)
        assert.equal(complain(family(example), method, 'response', response), undefined);
    }
    for (const { why, data } of invalid)
      assert.notEqual(complain(family(example), method, 'data', data), undefined, why);
  });

test('frames', () => {
  for (const frame of [
    { request: true, id: 0, method: 'leave' },
    { response: true, id: 1, ok: true },
    { response: true, id: 1, ok: false, errorCode: 404, errorReason: 'There is no such thing.' },
    { notification: true, method: 'x', data: {}, later: 'a field of a newer version' },
  ])
    assert.equal(complainFrame(frame), undefined, JSON.stringify(frame));
  for (const frame of [
    null,
    [],
    {},
    { request: true, method: 'leave' },
    { request: true, id: -1, method: 'leave' },
    { request: true, id: 1.5, method: 'leave' },
    { request: false, id: 1, method: 'leave' },
    { request: true, id: 1, method: '' },
    { request: true, id: 1, method: 'leave', data: [] },
    { response: true, id: 1, ok: false },
    { notification: true },
    { notification: true, method: 'x', data: 'text' },
  ])
    assert.notEqual(complainFrame(frame), undefined, JSON.stringify(frame));
});
