// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Chat } from '../chat.ts';
import { limits } from '../limits.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';

test('the last hundred are kept, and count on', () => {
  const chat = new Chat();

  for (let i = 1; i <= limits.chatMessages + 20; i++)
    assert.equal(chat.add('p', 'P', `word ${i}`, i)?.id, i);
  assert.equal(chat.messages.length, limits.chatMessages);
  assert.deepEqual(chat.messages[0], {
    id: 21,
    peerId: 'p',
    displayName: 'P',
    text: 'word 21',
    at: 21,
  });
});

test('what cannot be read goes, and nothing is not sent', () => {
  const chat = new Chat();
  const text = (from: string) => chat.add('p', 'P', from, 0)?.text;

  assert.equal(text('  Bar 12:\r\nF\tsharp\u0007 🎺 \n'), 'Bar 12:\nF sharp  🎺');
  assert.equal(text('a\u202eb\u2066c'), 'a b c');
  assert.equal(text('\u0000 \n\u2069'), undefined);
  assert.equal(chat.messages.length, 2);
});

test('what is kept fits into one message, whatever was written', () => {
  const chat = new Chat();

  for (let i = 0; i < 100; i++) chat.add('p', 'P', '🎺'.repeat(2000), i);
  assert.ok(Buffer.byteLength(JSON.stringify(chat.messages)) <= limits.chatBytes + 200);
  assert.ok(chat.messages.length > 5);
  assert.equal(chat.messages.at(-1)?.id, 100);
});

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

test('everybody who is in reads it, its writer too, and who comes later finds it', async () => {
  const a = await TestClient.joinFramed(service, 'talk');
  const b = await TestClient.joinFramed(service, 'talk');
  const { id } = await b.request('sendChat', { text: ' From the top? ' });
  const message = await a.event('chat');

  assert.equal(id, 1);
  assert.equal(message['id'], 1);
  assert.equal(message['text'], 'From the top?');
  assert.equal(message['peerId'], b.peerId);
  assert.ok(Math.abs(Number(message['at']) - Date.now()) < 60_000);
  assert.deepEqual(await b.event('chat'), message);
  await a.request('sendChat', { text: 'Yes.' });

  const late = await TestClient.open(service, 'talk');
  const chat = (await late.joinRoom())['chat'] as unknown[];

  assert.equal(chat.length, 2);
  assert.deepEqual(chat[0], message);
  await Promise.all([a, b, late].map((client) => client.leave()));
});

test('a listener may write; nobody does before joining, or nothing at all', async () => {
  const host = await TestClient.joinFramed(service, 'hall');
  const { invite } = await host.request('createInvite', { role: 'listener', seconds: 3600 });
  const { token } = invite as { token: string };
  const listener = await TestClient.open(service, 'hall', 'listener-0001', {}, 'protoo', {
    invite: token,
  });

  await listener.refused(409, 'sendChat', { text: 'Hello?' });
  await listener.joinRoom();
  await listener.request('sendChat', { text: 'I hear nothing.' });
  assert.equal((await host.event('chat'))['peerId'], 'listener-0001');
  await host.refused(400, 'sendChat', { text: ' \u0007 ' });
  await host.refused(400, 'sendChat', { text: 'x'.repeat(2001) });
  await Promise.all([host.leave(), listener.leave()]);
});

test('a client of the demo is not bothered, and nobody can flood', async () => {
  const a = await TestClient.joinFramed(service, 'flood');
  const demo = await TestClient.join(service, 'flood', undefined, { tutti: undefined });
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, () => a.request('sendChat', { text: 'la' })),
  );
  const sent = results.filter(({ status }) => status === 'fulfilled').length;

  assert.ok(sent >= 10 && sent <= 13, `${sent}`);
  await demo.request('clock');
  assert.equal(demo.count('chat'), 0);
  await Promise.all([a.leave(), demo.leave()]);
});

test('what stricter readers do not read is not handed on: its sender is shown out', async () => {
  const a = await TestClient.joinFramed(service, 'strict');
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { x: deep(levels - 1) });
  const bad = [
    '{"text":"\\ud800"}',
    '{"text":"a","\\udc00":1}',
    JSON.stringify({ text: 'a', more: deep(30) }),
  ];

  for (const data of bad) {
    const b = await TestClient.joinFramed(service, 'strict');

    b.socket.send(`{"request":true,"id":99,"method":"sendChat","data":${data}}`);
    assert.equal((await b.closed).reason, 'protocol-error');
  }
  await a.request('clock');
  assert.equal(a.count('chat'), 0);
  await a.leave();
});
