// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { appData, framed, produceOpus } from './lib/media.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

type Musician = { client: TestClient; framed: string; standard?: string };

const standardOf = { appData: { ...appData, strip: { id: 'strip-1', label: 'strip-1' } } };

function sends({ wire, frameSamples }: Data): string {
  return `${String(wire)}${String(frameSamples)}`;
}

/** Four who send framed sound, and standard Opus as soon as they are to. */
async function quartet(room: string): Promise<Musician[]> {
  const all: Musician[] = [];

  for (let i = 0; i < 4; i++) {
    const client = await TestClient.joinFramed(service, room);

    all.push({ client, framed: (await produceOpus(client, undefined, framed())).producerId });
  }

  return all;
}

async function produceStandard(all: Musician[], frameSamples: number): Promise<void> {
  for (const musician of all) {
    await musician.client.event(
      'plan',
      ({ standard }) => (standard as Data | null)?.['frameSamples'] === frameSamples,
      30_000,
    );
    musician.standard = (await produceOpus(musician.client, undefined, standardOf)).producerId;
  }
}

async function until(what: string, is: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;

  while (!is()) {
    assert.ok(performance.now() < end, what);
    await sleep(50);
  }
}

/** What @client hears. */
function heard({ events }: TestClient): string[] {
  const closed = events
    .filter(({ method }) => method === 'consumerClosed')
    .map(({ data }) => data['consumerId']);

  return events
    .filter(({ method, data }) => method === 'newConsumer' && !closed.includes(data['consumerId']))
    .map(({ data }) => String(data['producerId']))
    .sort();
}

const hears = async (client: TestClient, producers: string[]) => {
  await until('the others are heard so', () => String(heard(client)) === String(producers.sort()));
};

/** At every moment something of everyone who had been heard before was heard. */
function assertNoGap({ events }: TestClient): void {
  const there = new Map<unknown, unknown>();

  for (const { method, data } of events) {
    if (method === 'newConsumer') there.set(data['consumerId'], data['peerId']);
    if (method !== 'consumerClosed') continue;
    const peer = there.get(data['consumerId']);

    there.delete(data['consumerId']);
    assert.ok([...there.values()].includes(peer), 'the other format was there before');
  }
}

test('a client that takes little hears standard Opus, and framed sound when there is less', async () => {
  const all = await quartet('little');
  const four = all.map(({ client }) => client);
  const tiny = await TestClient.join(service, 'little', undefined, {
    tutti: {
      protocol: { major: 1, minor: 1 },
      formats: ['raw', 'tight', 'opus'],
      maxPacketsPerSecond: 450,
    },
  });

  tiny.notify('linkReport', { rttMs: 0.5, quantum: 64, up: { lossPercent: 0 }, down: [] });
  // What there is until there is something better.
  await hears(
    tiny,
    all.map((m) => m.framed),
  );
  await produceStandard(all, 480);
  await hears(
    tiny,
    all.map((m) => m.standard!),
  );
  assertNoGap(tiny);
  assert.equal(await service.metric('tutti_room_plan_spared'), 1);
  for (const { client, framed: own } of all) {
    await until('quick', () => sends(client.last('plan')!) === 'raw64');
    await hears(
      client,
      all.map((m) => m.framed).filter((id) => id !== own),
    );
  }
  const left = performance.now();

  // Two with 200 packets a second each are not too many.
  await Promise.all(four.slice(2).map((client) => client.leave()));
  const before = tiny.events.length;

  await hears(
    tiny,
    all.slice(0, 2).map((m) => m.framed),
  );
  assert.ok(performance.now() - left > 8000, 'not at once: they may come back');
  assert.equal(sends(four[0]!.last('plan')!), 'opus240');
  assert.ok(four[0]!.last('plan')!['standard'], 'it may be needed again');
  assert.ok(tiny.events.length > before);
  assert.equal(await service.metric('tutti_room_plan_spared'), 0);
  await Promise.all([...four.slice(0, 2), tiny].map((client) => client.leave()));
});

test('a way down that loses too much is given standard Opus, the others stay quick', async () => {
  const all = await quartet('narrow');
  const thin = await TestClient.joinFramed(service, 'narrow');
  let loss = 60;

  await hears(
    thin,
    all.map((m) => m.framed),
  );
  const report = () =>
    thin.notify('linkReport', {
      rttMs: 0.5,
      quantum: 64,
      up: { lossPercent: 0 },
      down: heard(thin).map((producerId) => ({
        producerId,
        lossPercent: loss,
        jitterMs: 1,
        concealedPercent: loss,
      })),
    });
  const timer = setInterval(report, 1000);

  try {
    await produceStandard(all, 480);
    loss = 0;
    await hears(
      thin,
      all.map((m) => m.standard!),
    );
    for (const { client } of all) {
      await until('quick again', () => sends(client.last('plan')!) === 'raw64');
      for (const { method, data } of client.events)
        if (method === 'plan')
          assert.ok(data['wire'] !== 'opus' || Number(data['frameSamples']) <= 240, sends(data));
    }
    assertNoGap(thin);
    // What it loses of standard Opus counts as well: there is less still.
    loss = 60;
    await all[0]!.client.event(
      'plan',
      ({ standard }) => (standard as Data | null)?.['frameSamples'] === 960,
      30_000,
    );
  } finally {
    clearInterval(timer);
  }
  await Promise.all([...all.map(({ client }) => client), thin].map((client) => client.leave()));
});
