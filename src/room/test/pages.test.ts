// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Refused, TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

test('every room has the page, and it runs nothing that is not its own', async () => {
  for (const url of ['/', '/jam', '/jam/', '/jam?invite=x&fp=y', '/guest', '/a.b-c_d']) {
    const { status, text, headers } = await service.get(url);

    assert.equal(status, 200, url);
    assert.match(String(headers['content-type']), /^text\/html/);
    assert.match(text, /src="\/guest\/guest\.js"/);
    assert.equal(headers['referrer-policy'], 'no-referrer', 'the link holds an invite');
    assert.equal(headers['x-content-type-options'], 'nosniff');

    const policy = String(headers['content-security-policy']);

    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, new RegExp(`connect-src 'self' wss://127.0.0.1:${service.port};`));
    assert.doesNotMatch(policy, /unsafe|data:|http|wss:(?!\/\/127)/);
  }
  for (const url of [
    '//',
    '/Jam',
    '/jam/more',
    `/${'x'.repeat(65)}`,
    '/%2e%2e',
    '/guest/../pages.ts',
  ])
    assert.equal((await service.get(url)).status, 404, url);
});

test('its parts, packed where that is understood, and not twice', async () => {
  const plain = await service.get('/guest/guest.js');
  const packed = await service.get('/guest/guest.js', { 'accept-encoding': 'gzip, br' });

  assert.match(String(plain.headers['content-type']), /^text\/javascript/);
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(Number(plain.headers['content-length']), Buffer.byteLength(plain.text));
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(Number(packed.headers['content-length']) < Buffer.byteLength(plain.text) / 2);
  assert.equal(packed.text, plain.text);

  const tag = String(plain.headers.etag);

  assert.equal((await service.get('/guest/guest.js', { 'if-none-match': tag })).status, 304);
  assert.equal((await service.get('/guest/guest.css', { 'if-none-match': tag })).status, 200);
  for (const [name, type] of [
    ['guest.css', 'text/css'],
    ['icon.svg', 'image/svg'],
  ])
    assert.ok((await service.get(`/guest/${name}`)).headers['content-type']?.startsWith(type!));

  const head = await service.get('/jam', {}, 'HEAD');

  assert.deepEqual([head.status, head.text], [200, '']);
  for (const url of ['/jam', '/guest/guest.js', '/metrics', '/guest/admission'])
    assert.equal((await service.get(url, {}, 'POST')).status, 405, url);
  assert.equal((await service.get('/guest/nothing', {}, 'POST')).status, 404);
});

async function admission(query: Record<string, string>) {
  const { status, text } = await service.get(`/guest/admission?${new URLSearchParams(query)}`);

  return { status, ...(JSON.parse(text) as Data) } as Data & { status: number; code?: string };
}

test('whoever knocks is told whether they would be let in, and as what', async () => {
  const host = await TestClient.join(service, 'door');
  const { invite } = await host.request('createInvite', { role: 'listener', seconds: 60 });
  const token = String((invite as Data)['token']);
  const peerId = 'web-0123456789';

  assert.deepEqual(await admission({ roomId: 'door', peerId, invite: service.invite }), {
    status: 200,
    role: 'host',
  });
  assert.deepEqual(await admission({ roomId: 'door', peerId, invite: token }), {
    status: 200,
    role: 'listener',
  });
  for (const [code, query] of [
    ['invite-missing', { roomId: 'door', peerId }],
    ['invite-invalid', { roomId: 'door', peerId, invite: `${token}x` }],
    ['invite-other-room', { roomId: 'elsewhere', peerId, invite: token }],
    ['peer-taken', { roomId: 'door', peerId: host.peerId, invite: token }],
  ] as const) {
    const answer = await admission(query);

    assert.deepEqual([answer.status, answer.code], [403, code]);
    assert.match(String(answer['message']), /\.$/);
  }
  await host.request('revokeInvite', { id: (invite as Data)['id'] });
  assert.equal((await admission({ roomId: 'door', peerId, invite: token })).code, 'invite-revoked');
  for (const query of [
    {},
    { roomId: 'door', peerId: 'short' },
    { roomId: 'Not a room', peerId },
    { roomId: 'metrics', peerId, invite: service.invite },
    { roomId: 'door', peerId, invite: 'x'.repeat(2049) },
  ] as Record<string, string>[])
    assert.equal((await admission(query)).status, 400, JSON.stringify(query));
  assert.equal(await service.metric('tutti_room_rooms'), 1, 'knocking makes no room');
  await host.leave();
});

test('knocking again and again is answered for a while only', async () => {
  const query = new URLSearchParams({ roomId: 'door', peerId: 'web-0123456789' });
  const once = async () => (await service.get(`/guest/admission?${query}`)).status;
  const answers = await Promise.all(Array.from({ length: 90 }, once));

  assert.ok(answers.includes(403) && answers.includes(429), answers.join());
  assert.deepEqual([...new Set(answers)].toSorted(), [403, 429]);
  assert.ok((await service.metric('tutti_room_refused_connections_total{status="429"}')) > 0);
});

test('no room takes the name of what the service answers itself', async () => {
  for (const room of ['healthz', 'metrics'])
    await assert.rejects(
      TestClient.open(service, room, 'somebody-1', {}, 'protoo', { invite: service.invite }),
      (error) => error instanceof Refused && error.code === 400,
    );
});

test('the page speaks the languages that there are', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-guest-'));
  const entry = (where: string, id: string, text: string, flag = '') =>
    `${flag}#: ${where}\nmsgid "${id}"\nmsgstr "${text}"\n\n`;

  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'LINGUAS'), '# those that are whole\nde\n\n');
  fs.writeFileSync(
    path.join(folder, 'de.po'),
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' +
      entry('src/room/guest/texts.js:1 src/ui/x.c:1', 'Leave', 'Verlassen') +
      entry('src/room/guest/texts.js:2', 'You', 'Du', '#, fuzzy\n') +
      entry('src/room/guest/texts.js:3', 'Host', '') +
      entry('src/ui/tutti-window.c:1', 'Elsewhere', 'Anderswo'),
  );
  const build = path.join(import.meta.dirname, '../guest/build.ts');

  execFileSync(process.execPath, [build, path.join(folder, 'dist'), folder]);
  const catalog = fs.readFileSync(path.join(folder, 'dist/locale/de.json'), 'utf8');

  assert.deepEqual(JSON.parse(catalog), { Leave: 'Verlassen' });
  assert.match(fs.readFileSync(path.join(folder, 'dist/guest.js'), 'utf8'), /\["de"\]/);
});

test('the language that is read first and is there', async () => {
  Object.assign(globalThis, { LANGUAGES: [] });
  // By a name that the compiler does not follow: of the browser's world it knows nothing here.
  const file: string = '../guest/i18n.ts';
  const { choose, fill } = (await import(file)) as {
    choose(wanted: readonly string[], there: readonly string[]): string | undefined;
    fill(text: string, ...values: (string | number)[]): string;
  };
  const there = ['de', 'fr', 'pt', 'pt_BR', 'sr_Latn'];

  for (const [wanted, language] of [
    [['de-AT', 'fr'], 'de'],
    [['pt-BR'], 'pt_BR'],
    [['pt-PT'], 'pt'],
    [['sr-latn-RS'], 'sr_Latn'],
    [['nl', 'fr-CA', 'de'], 'fr'],
    [['en-GB', 'de'], undefined],
    [['nl'], undefined],
    [[], undefined],
    [['d', 'constructor', ''], undefined],
  ] as const)
    assert.equal(choose(wanted, there), language, wanted.join());
  assert.equal(fill('%s, %s of %s', 'a', 2), 'a, 2 of undefined');
  assert.equal(fill('%s', '%s'), '%s', 'what was put in is not read again');
});
