// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Tempo } from '../tempo.ts';
import { TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import { random } from './lib/jam.ts';
import type { TempoState } from '../tempo.ts';

const wish = { bpm: 120, beatsPerBar: 4, running: true, countInBars: 1 };

const beatAt = ({ originUs, bpm }: TempoState, n: number) => originUs + (n * 60e6) / bpm;

type Beat = { at: number; inBar: number; countIn: boolean };

/** When a beat is, which of its bar, and whether it is counted in. */
function beat(tempo: TempoState, n: number): Beat {
  return {
    at: beatAt(tempo, n),
    inBar: n % tempo.beatsPerBar,
    countIn: n < tempo.countInBars * tempo.beatsPerBar,
  };
}

const place = ({ originUs, bpm }: TempoState, us: number) => ((us - originUs) * bpm) / 60e6;
const nextBeat = (tempo: TempoState, us: number) =>
  beat(tempo, Math.max(0, Math.ceil(place(tempo, us))));
const beatNear = (tempo: TempoState, us: number) => beat(tempo, Math.round(place(tempo, us)));

test('starts half a second later, stops, starts anew', () => {
  const tempo = new Tempo();

  assert.equal(tempo.current, undefined);
  assert.deepEqual(tempo.set(wish, 'somebody', 7_000_000), {
    ...wish,
    originUs: 7_500_000,
    byPeerId: 'somebody',
  });
  const stopped = tempo.set({ ...wish, running: false }, 'another one', 9_000_000);

  assert.deepEqual(stopped, {
    ...wish,
    running: false,
    originUs: 7_500_000,
    byPeerId: 'another one',
  });
  tempo.set({ ...wish, running: false, bpm: 90 }, 'somebody', 10_000_000);
  assert.equal(tempo.set({ ...wish, bpm: 90 }, 'somebody', 11_000_000).originUs, 11_500_000);
  assert.equal(tempo.set({ ...wish, bpm: 90 }, 'x', 12_345_678).originUs, 11_500_000, 'the same');
});

test('a new tempo: the next beat comes when it would have come, and is the same of its bar', () => {
  const next = random(99);

  for (let round = 0; round < 500; round++) {
    const tempo = new Tempo();
    const beatsPerBar = 1 + Math.floor(16 * next());
    const pick = () => Math.round(10 * (20 + 380 * next())) / 10;
    let now = 1_000_000;
    let old = tempo.set({ ...wish, bpm: pick(), beatsPerBar }, 'a', now);

    for (let i = 0; i < 8; i++) {
      now += Math.round(next() * 20e6);
      const changed = tempo.set({ ...wish, bpm: pick(), beatsPerBar }, 'a', now);
      const before = nextBeat(old, now + 50_000);
      const afterwards = beatNear(changed, before.at);

      assert.ok(Math.abs(before.at - afterwards.at) <= 1, 'on time');
      assert.equal(afterwards.inBar, before.inBar);
      assert.equal(afterwards.countIn, before.countIn);
      old = changed;
    }
  }
});

test('a new length of the bar: the next beat is the first of a bar, and nobody counts in again', () => {
  const tempo = new Tempo();
  const old = tempo.set(wish, 'a', 0);
  const changed = tempo.set({ ...wish, beatsPerBar: 3, countInBars: 2 }, 'a', 10_100_000);
  const before = nextBeat(old, 10_150_000);
  const afterwards = beatNear(changed, before.at);

  assert.ok(Math.abs(before.at - afterwards.at) <= 1);
  assert.deepEqual([afterwards.inBar, afterwards.countIn], [0, false]);
});

let service: TestService;

before(async () => {
  service = await TestService.start(['--workers', '1']);
});
after(() => service.stop());

test('whoever is in the room sets its tempo, who comes later is told', async () => {
  const a = await TestClient.joinFramed(service, 'tempo');
  const b = await TestClient.join(service, 'tempo');
  const { roomTimeUs } = await a.request('clock');

  await b.request('setTempo', wish);
  const tempo = await a.event('tempo');

  assert.deepEqual(await b.event('tempo'), tempo);
  assert.equal(tempo['byPeerId'], b.peerId);
  assert.ok(Math.abs(Number(tempo['originUs']) - Number(roomTimeUs) - 500_000) < 400_000);
  const late = await TestClient.open(service, 'tempo');

  assert.deepEqual((await late.joinRoom())['tempo'], tempo);
  await a.refused(400, 'setTempo', { ...wish, bpm: 500 });
  await Promise.all([a, b, late].map((client) => client.leave()));
});

test('a client of the demo hears nothing of it, and nobody sets it before joining', async () => {
  const a = await TestClient.joinFramed(service, 'demo');
  const demo = await TestClient.join(service, 'demo', undefined, { tutti: undefined });
  const lobby = await TestClient.open(service, 'demo');

  await lobby.refused(409, 'setTempo', wish);
  await a.request('setTempo', wish);
  await a.event('tempo');
  await demo.request('clock');
  assert.equal(demo.count('tempo') + demo.count('plan') + lobby.count('tempo'), 0);
  await Promise.all([a.leave(), demo.leave(), lobby.leave()]);
});

test('not faster than anybody could follow', async () => {
  const a = await TestClient.joinFramed(service, 'quick');
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, () => a.request('setTempo', wish)),
  );
  const refused = results.filter(({ status }) => status === 'rejected').length;

  assert.ok(refused >= 15 && refused <= 20, `${refused}`);
  // That was all its own.
  const b = await TestClient.joinFramed(service, 'quick');

  await b.request('setTempo', wish);
  await Promise.all([a.leave(), b.leave()]);
});

test('not even by many at once', async () => {
  const all = await Promise.all(
    Array.from({ length: 8 }, () => TestClient.joinFramed(service, 'hectic')),
  );
  const start = performance.now();
  const results = await Promise.allSettled(
    all.flatMap((client) => Array.from({ length: 20 }, () => client.request('setTempo', wish))),
  );
  const done = results.filter(({ status }) => status === 'fulfilled').length;
  const seconds = (performance.now() - start) / 1000;

  assert.ok(done >= 80 && done <= 81 + 20 * seconds, `${done} in ${seconds} s`);
  await Promise.all(all.map((client) => client.leave()));
});
