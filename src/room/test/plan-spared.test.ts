// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everything, Jam } from './lib/jam.ts';
import type { Line } from './lib/jam.ts';

const near = { rttMs: 1 };

/** Five, one of them with a way down for no more than standard Opus. */
function oneThin(line: Partial<Line>): Jam {
  const jam = new Jam();

  for (const id of ['a', 'b', 'c', 'd']) jam.join(id);
  jam.join('thin', line);

  return jam;
}

const others = ['a', 'b', 'c', 'd'];

test('one thin way down among five: it hears standard Opus, the others stay quick', () => {
  const jam = oneThin({ down: 800_000 });

  jam.run(40);
  assert.ok(jam.spared('thin'));
  assert.equal(jam.standard('a'), 480);
  jam.run(560);
  assert.deepEqual(
    others.map((id) => jam.name(id)),
    ['raw64', 'raw64', 'raw64', 'raw64'],
  );
  assert.ok(jam.spared('thin'));
  assert.equal(jam.standard('thin'), undefined);
  for (const { id, to } of jam.changes) assert.ok(id === 'thin' || to <= jam.planner.shared);
});

test('a sender whose way up has no room for what the spared hear does without, and keeps its rung', () => {
  const jam = oneThin({ down: 800_000 });
  const tight = jam.lines.get('a')!;

  tight.up = 1_200_000;
  jam.run(300);
  assert.ok(jam.spared('thin'));
  assert.equal(jam.name('a'), 'raw64');
  assert.equal(jam.standard('a'), undefined);
  assert.equal(jam.name('b'), 'raw64');
  assert.equal(jam.standard('b'), 480);
});

test('guests get no slower for somebody who takes hardly anything', () => {
  const jam = new Jam();

  for (const id of ['a', 'b', 'c']) jam.join(id, near);
  jam.joinGuest('guest');
  jam.run(10);
  const before = jam.standard('a')!;

  jam.join('liar', near, everything, 50);
  jam.run(60);
  assert.ok(before <= 480);
  assert.ok(jam.standard('a')! <= 480, `${jam.standard('a')}`);
});

test('who hears standard Opus is tried framed now and then, ever more rarely', () => {
  const jam = oneThin({ down: 800_000 });
  const tries: number[] = [];
  let before = false;
  let framedFor = 0;

  jam.run(60);
  assert.ok(jam.spared('thin'));
  before = true;
  const changes = jam.changes.length;

  jam.run(1800, () => {
    const spared = jam.spared('thin');

    if (before && !spared) tries.push(jam.now / 1000);
    if (!spared) framedFor += 1;
    before = spared;
  });
  const gaps = tries.slice(1).map((at, i) => at - tries[i]!);

  assert.ok(tries.length >= 2 && tries.length <= 6, `${tries.length} tries`);
  for (const [i, gap] of gaps.entries())
    assert.ok(gap >= Math.min(600, 30 * 2 ** i), `after ${gap} s`);
  assert.ok(framedFor <= 4 * tries.length, 'at most until the second report');
  assert.deepEqual(
    jam.changes.slice(changes).filter(({ to, from }) => to > from),
    [],
    'nobody is slowed down for a trial',
  );
});

test('a way down that is wide again: framed again, and nobody notices', () => {
  const jam = oneThin({ down: 800_000 });

  jam.run(120);
  assert.ok(jam.spared('thin'));
  jam.lines.get('thin')!.down = Infinity;
  const changes = jam.changes.length;

  jam.run(300);
  assert.ok(!jam.spared('thin'));
  assert.equal(jam.standard('a'), undefined);
  assert.equal(jam.planner.players.get('thin')!.member.downFloor, 0);
  assert.deepEqual(
    jam.changes.slice(changes).filter(({ to, from }) => to > from),
    [],
  );
});

test('while somebody is tried framed the others keep their standard Opus ready', () => {
  const jam = oneThin({ down: 800_000 });
  const standards = new Set<number | undefined>();

  jam.run(60);
  jam.run(600, () => standards.add(jam.standard('a')));
  assert.deepEqual([...standards], [480]);
});

test('what a spared one loses keeps nobody from going up', () => {
  const jam = new Jam();

  for (const id of others) jam.join(id);
  jam.join('thin', { down: 800_000, downLoss: 1 });
  jam.run(120);
  assert.ok(jam.spared('thin'));
  assert.deepEqual([jam.name('a'), jam.copies('a')], ['raw64', 0]);
});

test('a way down too thin even for that: the lightest there is', () => {
  const jam = oneThin({ down: 320_000 });

  jam.run(60);
  assert.ok(jam.spared('thin'));
  assert.deepEqual([jam.standard('a'), jam.name('a')], [960, 'raw64']);
});

test('two alone: nobody is spared', () => {
  const jam = new Jam();

  jam.join('a');
  jam.join('thin', { down: 160_000 });
  jam.run(60);
  assert.deepEqual([jam.spared('thin'), jam.name('a')], [false, 'opus960']);
  assert.equal(jam.standard('a'), undefined);
});

test('who comes and goes does not make it flap who is spared', () => {
  const jam = new Jam();
  let switches = 0;
  let before = false;

  for (const id of ['a', 'b']) jam.join(id, near);
  jam.join('tiny', near, everything, 450);
  jam.run(5);
  assert.ok(!jam.spared('tiny'), 'two with 200 packets a second each fit when all are slow');
  for (let i = 0; i < 30; i++) {
    jam.join('restless', near);
    jam.run(2, () => {
      if (jam.spared('tiny') !== before) switches += 1;
      before = jam.spared('tiny');
    });
    jam.leave('restless');
    jam.run(2, () => {
      if (jam.spared('tiny') !== before) switches += 1;
      before = jam.spared('tiny');
    });
  }
  assert.ok(switches <= 1, `${switches}`);
});

test('who reports no more slows nobody down for long', () => {
  const jam = new Jam();

  for (const id of ['a', 'b', 'c']) jam.join(id);
  const line = jam.join('thin', { down: 1_100_000 });

  jam.run(40);
  const { member } = jam.planner.players.get('thin')!;

  assert.ok(member.downFloor > 0 && !jam.spared('thin'));
  assert.equal(jam.reason('a'), 'downlink thin');
  line.reports = false;
  jam.run(28);
  assert.ok(member.downFloor > 0, 'a short silence says nothing');
  jam.run(7);
  assert.equal(member.downFloor, 0);
  assert.equal(jam.name('a'), 'tight64', 'as it was');
  // When it speaks again, it counts again.
  line.reports = true;
  jam.run(30);
  assert.ok(member.downFloor > 0);
});

test('whose client takes little: the standard streams stay as they are for a while', () => {
  const jam = new Jam();
  const seen: (number | undefined)[] = [];

  for (const id of ['a', 'b', 'c']) jam.join(id, near);
  jam.join('tiny', near, everything, 450);
  jam.run(5);
  assert.ok(jam.spared('tiny'));
  jam.leave('c');
  jam.run(40, () => seen.push(jam.standard('a')));
  assert.ok(!jam.spared('tiny'));
  assert.deepEqual([...new Set(seen)], [480, undefined]);
  // Ten seconds of waiting, and twenty from the last of these.
  assert.equal(seen.indexOf(undefined) + 1, 29);
});
