// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from '../plan/back-off.ts';
import { CopyControl } from '../plan/copies.ts';
import { everything, Jam, random } from './lib/jam.ts';
import { heavier, ladder, lineRate } from '../plan/ladder.ts';

const near = { rttMs: 1 };

test('near one another: the best at once', () => {
  const jam = new Jam();

  jam.join('a', near);
  assert.equal(jam.name('a'), 'raw64');
  jam.join('b', near);
  assert.deepEqual([jam.name('a'), jam.name('b')], ['raw64', 'raw64']);
  assert.equal(jam.reason('b'), 'none');
  jam.run(60);
  assert.deepEqual(jam.changes, []);
});

test('far from one another: tight, and one after another the better after ten clean seconds', () => {
  const jam = new Jam();

  jam.join('a');
  jam.join('b');
  assert.deepEqual([jam.name('a'), jam.reason('a')], ['tight64', 'trial']);
  jam.run(60);
  assert.deepEqual([jam.name('a'), jam.name('b')], ['raw64', 'raw64']);
  assert.equal(jam.changes.length, 2);
  assert.ok(jam.changes[0]!.at >= 10_000 && jam.changes[0]!.at <= 15_000);
  assert.ok(jam.changes[1]!.at - jam.changes[0]!.at >= 6000, 'one at a time');
  assert.deepEqual(jam.planner.takeOutcomes(), ['kept', 'kept']);
});

test('somebody far away joins one who was alone: both begin with tight', () => {
  const jam = new Jam();

  jam.join('a', near);
  assert.equal(jam.name('a'), 'raw64');
  jam.join('b');
  assert.deepEqual([jam.name('a'), jam.name('b')], ['tight64', 'tight64']);
});

test('somebody far away joins a jam: those who play go on as they do', () => {
  const jam = new Jam();

  jam.join('a', near);
  jam.join('b', near);
  jam.run(20);
  jam.join('c');
  jam.run(5);
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => jam.name(id)),
    ['raw64', 'raw64', 'tight64'],
  );
});

test('without reports nothing is tried', () => {
  const jam = new Jam();

  jam.join('a', { reports: false });
  jam.join('b', { reports: false });
  jam.run(120);
  assert.deepEqual(jam.changes, []);
  assert.equal(jam.name('a'), 'tight64');
});

test('a thin uplink: tried, taken back at once, tried again later and later', () => {
  const jam = new Jam();

  jam.join('thin', { up: 700_000 });
  jam.join('b');
  jam.run(1200);
  const tries = jam.changes.filter(({ id, to }) => id === 'thin' && to < 1);
  const gaps = tries.slice(1).map(({ at }, i) => Math.round((at - tries[i]!.at) / 1000));

  assert.equal(jam.name('thin'), 'tight64');
  assert.equal(jam.reason('thin'), 'uplink thin');
  assert.equal(jam.name('b'), 'raw64', 'the other one is not held back');
  assert.ok(tries.length >= 4 && tries.length <= 6, `${tries.length} tries`);
  for (const [i, gap] of gaps.entries())
    assert.ok(gap >= Math.min(600, 30 * 2 ** i), `after ${gap} s`);
  for (const { at } of tries) {
    const back = jam.changes.find((c) => c.id === 'thin' && c.at > at && c.to >= 1);

    assert.ok(back && back.at - at <= 3000, 'at most until the next report');
  }
});

test('an uplink too thin even for tight: down until it carries it', () => {
  const jam = new Jam();

  jam.join('thin', { up: 250_000 });
  jam.join('b');
  jam.run(15, () =>
    assert.equal(jam.copies('thin'), 0, 'what stands in a queue is not sent twice'),
  );
  assert.equal(jam.name('thin'), 'opus240');
  assert.equal(jam.reason('thin'), 'uplink thin');
  jam.run(300);
  assert.equal(jam.name('thin'), 'opus240', 'it does carry that');
});

test('a way up so choked that its reports do not come through: those who hear it tell', () => {
  const jam = new Jam();
  const thin = jam.join('thin', { ...near, stuck: true });

  for (const id of ['a', 'b', 'c']) jam.join(id, near);
  jam.run(20);
  assert.equal(jam.name('thin'), 'raw64');
  thin.up = 400_000;
  jam.run(12, () => assert.equal(jam.copies('thin'), 0, 'no copies into a choked line'));
  assert.equal(jam.name('thin'), 'tight128');
  assert.equal(jam.reason('thin'), 'uplink thin');
  jam.run(60);
  assert.equal(jam.name('thin'), 'tight128');
  assert.deepEqual(
    jam.changes.filter(({ id }) => id !== 'thin'),
    [],
    'it is nobody else’s way that is thin',
  );
});

test('one rung up on the way that goes down, also from a rung beside it', () => {
  const rungs = ladder(16);
  const way = [0, 1, 3, 5, 6, 7, 8, 9, 10];

  for (const [i, index] of way.entries()) assert.equal(heavier(rungs, index), way[i - 1] ?? 0);
  assert.equal(heavier(rungs, 2), 1);
  assert.equal(heavier(rungs, 4), 3);
});

test('a thin way down slows what goes there', () => {
  const jam = new Jam();

  jam.join('a');
  jam.join('b');
  jam.join('thin', { down: 800_000 });
  jam.run(60);
  assert.equal(jam.name('a'), 'tight128');
  assert.equal(jam.reason('a'), 'downlink thin');
  assert.ok(['raw64', 'tight64'].includes(jam.name('thin')));
});

test('a slower round trip that is not our doing: tried once, then left alone', () => {
  const jam = new Jam();
  const a = jam.join('a');

  jam.join('b');
  jam.run(60);
  assert.equal(jam.name('a'), 'raw64');
  a.rttMs = 150;
  jam.run(60);
  assert.equal(jam.name('a'), 'raw64');
  const steps = jam.changes.filter(({ id, at }) => id === 'a' && at > 60_000);

  assert.ok(steps.length <= 4, `${steps.length} changes`);
  jam.run(300);
  assert.equal(jam.name('a'), 'raw64');
});

test('round trips that jump about are no queue', () => {
  const next = random(31);
  const jam = new Jam();
  const noise = () => -10 * Math.log(1 - next());

  jam.join('a', { noise });
  jam.join('b', { noise });
  jam.run(3600);
  const [up, down] = [true, false].map((is) => jam.changes.filter((c) => c.to < c.from === is));

  assert.equal(jam.name('a'), 'raw64');
  assert.ok(down!.length <= 4, `${down!.length} times down in an hour`);
  assert.ok(up!.length <= 6);
});

test('losses that have nothing to do with how much is sent do not cost the rung', () => {
  for (const upLoss of [1, 5, 12]) {
    const jam = new Jam();

    jam.join('a', { ...near, upLoss });
    jam.join('b', near);
    jam.run(60);
    assert.deepEqual([jam.name('a'), jam.name('b')], ['raw64', 'raw64']);
    assert.equal(jam.copies('a'), upLoss > 8 ? 2 : 1);
    assert.equal(jam.copies('b'), 0, 'of those who are heard well nothing is repeated');
  }
});

test('a way down that loses makes everyone repeat who is heard there', () => {
  const jam = new Jam();

  jam.join('a', near);
  jam.join('b', near);
  jam.join('lossy', { ...near, downLoss: 2 });
  jam.run(20);
  assert.deepEqual(
    ['a', 'b', 'lossy'].map((id) => jam.copies(id)),
    [1, 1, 0],
  );
  jam.leave('lossy');
  jam.run(20);
  assert.deepEqual([jam.copies('a'), jam.copies('b')], [0, 0]);
});

test('copies need room on the line: else a lighter rung', () => {
  const jam = new Jam();
  const a = jam.join('a', { up: 700_000 });

  jam.join('b');
  jam.run(60);
  assert.equal(jam.name('a'), 'tight64');
  jam.planner.players.get('a')!.member.upLimit = 1.1 * jam.planner.solution.senders.get('a')!.up;
  a.upLoss = 3;
  jam.run(10);
  assert.deepEqual([jam.name('a'), jam.copies('a')], ['tight128', 1]);
});

test('worse at once, better after three seconds', () => {
  const jam = new Jam();

  for (let i = 0; i < 7; i++) jam.join(`p${i}`, near);
  jam.run(5);
  assert.equal(jam.name('p0'), 'raw64');
  jam.join('p7', near);
  assert.equal(jam.name('p0'), 'raw128');
  jam.run(5);
  jam.leave('p7');
  assert.equal(jam.name('p0'), 'raw128');
  jam.run(2);
  assert.equal(jam.name('p0'), 'raw128');
  jam.run(2);
  assert.equal(jam.name('p0'), 'raw64');
});

test('who comes and goes all the time does not make it flap', () => {
  const jam = new Jam();

  for (let i = 0; i < 7; i++) jam.join(`p${i}`, near);
  jam.run(5);
  for (let i = 0; i < 30; i++) {
    jam.join('restless', near);
    jam.run(2);
    jam.leave('restless');
    jam.run(2);
  }
  assert.equal(jam.changes.filter(({ id }) => id === 'p0').length, 1);
});

test('a newcomer who lacks a format: nobody waits to leave it', () => {
  const jam = new Jam();

  jam.join('a', near);
  jam.join('b', near);
  jam.join('c', near, new Set(['tight', 'opus']));
  assert.equal(jam.name('a'), 'tight64');
  assert.equal(jam.reason('a'), 'formats c');
  jam.join('d', near, new Set(['raw', 'opus']));
  assert.equal(jam.name('a'), 'opus120');
});

test('any jam: better only after three seconds of waiting, never what nobody may hear', () => {
  const next = random(4711);

  for (let round = 0; round < 40; round++) {
    const jam = new Jam();
    let name = 0;

    jam.budget = 20_000;
    for (let i = 0; i < 120; i++) {
      const dice = next();
      const ids = [...jam.lines.keys()];

      if (dice < 0.15 && ids.length < 12)
        jam.join(
          `p${name++}`,
          {
            rttMs: next() < 0.4 ? 1 : 5 + 60 * next(),
            up: next() < 0.3 ? 1e5 + 2e6 * next() : Infinity,
            down: next() < 0.2 ? 5e5 + 4e6 * next() : Infinity,
            upLoss: next() < 0.2 ? 6 * next() : 0,
            quantum: next() < 0.2 ? 256 : 64,
          },
          next() < 0.2 ? new Set(['raw', 'opus'] as const) : everything,
        );
      else if (dice < 0.2 && ids.length < 16) jam.joinGuest(`p${name++}`);
      else if (dice < 0.3 && ids.length > 0) jam.leave(ids[Math.floor(next() * ids.length)]!);
      jam.run(1);
      assert.ok(jam.planner.solution.packetsPerSecond <= jam.budget);
      for (const { id, formats } of jam.planner.members())
        if (formats)
          for (const other of jam.planner.members())
            assert.ok(!other.formats || other.formats.has(jam.rung(id).wire));
    }
    for (const { id, at, from, to } of jam.changes) {
      if (to >= from) continue;
      const before = jam.changes.findLast((c) => c.id === id && c.at < at);

      assert.ok(
        !before || at - before.at >= 3000,
        `${id} went up ${at - (before?.at ?? 0)} ms later`,
      );
    }
  }
});

test('back-off', () => {
  const backOff = new BackOff();
  const waits: number[] = [];

  assert.ok(backOff.ready(0));
  for (let now = 0, i = 0; i < 7; i++) {
    backOff.failed(now);
    let wait = 0;

    while (!backOff.ready(now + wait)) wait += 1000;
    waits.push(wait / 1000);
    now += wait;
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 600, 600]);
});

/** What @copies says after reports every two seconds. */
function afterReports(copies: CopyControl, reports: [number, number][], from = 0): string[] {
  return reports.map(([lossPercent, concealedPercent], i) => {
    const now = from + 2000 * i;

    copies.heard('listener', { lossPercent, concealedPercent }, now);
    copies.update(now);

    return `${copies.copies}/${copies.copies === 0 ? 0 : copies.bursty(now) ? 2 : 1}`;
  });
}

test('copies: on after two reports, off after fifteen calm seconds', () => {
  const copies = new CopyControl();

  assert.deepEqual(
    afterReports(copies, [
      [2, 2],
      [0, 0],
      [2, 2],
      [2, 2],
      [2, 0.1],
    ]),
    ['0/0', '0/0', '0/0', '1/1', '1/1'],
  );
  const calm = afterReports(copies, Array(10).fill([0.1, 0]), 10_000);

  assert.equal(calm.indexOf('0/0'), 8, 'sixteen seconds later');
  // Between the two thresholds it stays as it is.
  const other = new CopyControl();

  afterReports(other, Array(3).fill([1, 1]));
  assert.equal(new Set(afterReports(other, Array(30).fill([0.3, 0]), 6000)).size, 1);
});

test('copies: two for heavy losses, wider for bursts', () => {
  const heavy = new CopyControl();

  assert.deepEqual(afterReports(heavy, Array(3).fill([10, 1])), ['0/0', '2/1', '2/1']);
  const milder = afterReports(heavy, Array(12).fill([3, 0]), 6000);

  assert.equal(milder[7], '2/1');
  assert.equal(milder[8], '1/1');

  const bursty = new CopyControl();
  const steps = afterReports(bursty, Array(8).fill([3, 2]));

  assert.equal(steps[1], '1/1');
  assert.equal(steps.at(-1), '2/2');
  // Single losses leave their square: one copy is enough.
  const single = new CopyControl();

  assert.equal(afterReports(single, Array(20).fill([5, 0.25])).at(-1), '1/1');
});

test('what a strip may cost is what the planner begins with', () => {
  const { planner } = new Jam();

  assert.equal(planner.cautious, lineRate(planner.rungs[1]!, 1));
});

test('who falls silent while it goes down holds nobody up', () => {
  const jam = new Jam();

  for (const id of ['a', 'b', 'c']) jam.join(id);
  jam.run(14);
  const line = jam.lines.get('c')!;

  // A downlink that loses too much, until it is about to be looked at whether that helped.
  line.downLoss = 40;
  for (let i = 0; i < 10 && !jam.planner.players.get('c')!.stepDown; i++) jam.run(1);
  assert.ok(jam.planner.players.get('c')!.stepDown);
  line.reports = false;
  jam.run(10);
  assert.equal(jam.planner.players.get('c')!.stepDown, undefined);
  jam.leave('c');
  jam.run(40);
  assert.ok(['raw64', 'raw128'].includes(jam.name('a')), jam.name('a'));
});
