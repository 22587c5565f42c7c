// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  copiesThatFit,
  heavier,
  ladder,
  lighter,
  lineRate,
  packetsPerSecond,
  sharedFloor,
  standardLike,
  standards,
} from '../plan/ladder.ts';
import { everything, random } from './lib/jam.ts';
import { leastPackets, solve } from '../plan/solve.ts';
import type { Member } from '../plan/solve.ts';
import type { Wire } from '../plan/ladder.ts';

const rungs = ladder(16);
const wires = (...list: Wire[]): ReadonlySet<Wire> => new Set([...list, 'opus']);

function member(id: string, more: Partial<Member> = {}): Member {
  return {
    id,
    formats: everything,
    quantum: 64,
    maxPackets: 5000,
    strips: [1],
    standardPackets: 0,
    allowance: Infinity,
    upLimit: Infinity,
    downFloor: 0,
    spareHold: false,
    hold: 0,
    standardHold: 0,
    copies: 0,
    bursty: false,
    ...more,
  };
}

const guest = (id: string, standardPackets = 50) =>
  member(id, { formats: undefined, strips: [], standardPackets });

function players(n: number, more: Partial<Member> = {}): Member[] {
  return Array.from({ length: n }, (_, i) => member(`player${i}`, more));
}

function plan(members: Member[], budget = 50_000) {
  const solution = solve(rungs, members, budget);

  return {
    ...solution,
    spared: [...solution.spared],
    of(id: string) {
      const { rung, standard, copies, reason, up } = solution.senders.get(id)!;
      const { wire, frameSamples } = rungs[rung]!;

      return {
        name: `${wire}${frameSamples}`,
        standard: standard === undefined ? undefined : standards[standard]!.frameSamples,
        copies,
        up,
        reason: reason.peerId === undefined ? reason.limit : `${reason.limit} ${reason.peerId}`,
      };
    },
  };
}

test('what a strip takes on the line', () => {
  const rates = rungs.map((rung) => Math.round(lineRate(rung, 1) / 1000));

  assert.deepEqual(rates, [1128, 486, 948, 306, 320, 224, 176, 152, 120, 88, 72]);
  assert.equal(Math.round(lineRate(rungs[1]!, 2) / 1000), 612);
  assert.equal(Math.round(lineRate(rungs[0]!, 1, 2) / 1000), 2664);
  assert.deepEqual(
    rungs.map((rung) => copiesThatFit(rung, 1)),
    Array(rungs.length).fill(2),
  );
  assert.deepEqual(
    rungs.map((rung) => copiesThatFit(rung, 2)),
    [2, 2, 1, 2, 2, 2, 2, 0, 1, 2, 2],
  );
  assert.equal(copiesThatFit(ladder(24)[2]!, 2), 0);
});

test('going to less, and back', () => {
  const way = [0];

  while (way.at(-1)! < rungs.length - 1) way.push(lighter(rungs, way.at(-1)!));
  assert.deepEqual(way, [0, 1, 3, 5, 6, 7, 8, 9, 10]);
  assert.equal(lighter(rungs, 2), 3);
  assert.equal(lighter(rungs, 10), 10);
  for (let i = 1; i < way.length; i++) assert.equal(heavier(rungs, way[i]!), way[i - 1]);
  assert.equal(heavier(rungs, 0), 0);
});

test('the more musicians, the fewer packets', () => {
  const names = [1, 2, 7, 8, 14, 15, 16].map((n) => {
    const { of, packetsPerSecond: packets } = plan(players(n));

    return `${n} ${of('player0').name} ${packets} ${of('player0').reason}`;
  });

  assert.deepEqual(names, [
    '1 raw64 0 none',
    '2 raw64 1500 none',
    '7 raw64 31500 none',
    '8 raw128 21000 client player1',
    '14 opus240 36400 client player1',
    '15 opus240 42000 client player1',
    '16 opus240 48000 client player1',
  ]);
  assert.equal(plan(players(11)).of('player0').name, 'raw128');
  // Where every client can take more, the worker cannot.
  assert.deepEqual(plan(players(12, { maxPackets: 1e6 })).of('player3').name, 'raw128');
  assert.equal(plan(players(12, { maxPackets: 1e6 })).packetsPerSecond, 49_500);
  assert.deepEqual(plan(players(13, { maxPackets: 1e6 })).of('player3').reason, 'packets');
  assert.equal(plan(players(32, { maxPackets: 1e6 })).of('player0').name, 'opus960');
  assert.equal(plan(players(32, { maxPackets: 1e6 })).packetsPerSecond, 49_600);
  assert.equal(plan(players(32)).fits, true);
  assert.equal(plan(players(33)).fits, false);
});

test('strips count', () => {
  const members = players(4, { strips: [1, 2, 1] });
  const { of, packetsPerSecond: packets } = plan(members);

  assert.equal(of('player0').name, 'raw128');
  assert.equal(packets, 4 * 3 * 3 * 375);
  assert.equal(of('player0').up, 2 * lineRate(rungs[2]!, 1) + lineRate(rungs[2]!, 2));
});

test('one client that can take less slows those down that it hears', () => {
  const members = [...players(3), member('thin', { maxPackets: 700 })];
  const { of } = plan(members);

  assert.equal(of('player0').name, 'opus240');
  assert.equal(of('player0').reason, 'client thin');
  assert.equal(of('thin').name, 'raw64');
});

test('nobody hears what they did not list', () => {
  const members = [member('all'), member('raw', { formats: wires('raw') })];
  const third = member('tight', { formats: wires('tight') });

  assert.equal(plan(members).of('all').name, 'raw64');
  assert.equal(plan(members).of('raw').reason, 'none');
  const { of } = plan([...members, third]);

  assert.equal(of('all').name, 'opus120');
  assert.equal(of('all').reason, 'formats raw');
  assert.equal(of('raw').reason, 'formats raw');
});

test('a large quantum does not send small frames', () => {
  const { of } = plan([member('a', { quantum: 256 }), member('b')]);

  assert.deepEqual([of('a').name, of('a').reason], ['raw128', 'none']);
  assert.equal(of('b').name, 'raw64');
});

test('guests get standard Opus, which the musicians upload besides', () => {
  const members = [...players(2), guest('browser', 0)];
  const { of, packetsPerSecond: packets } = plan(members);

  assert.deepEqual(
    [of('player0').name, of('player0').standard, of('browser').standard],
    ['raw64', 120, 120],
  );
  assert.equal(packets, 2 * 750 + 2 * 400);
  assert.equal(plan(players(2)).of('player0').standard, undefined);
  assert.equal(of('player0').up, lineRate(rungs[0]!, 1) + lineRate(standards[0]!, 1));
  // Both are heard by everyone as they are.
  assert.equal(plan([guest('a', 50), guest('b', 400)]).packetsPerSecond, 450);
});

test('a browser gets frames of ten milliseconds, unless somebody gains from shorter ones', () => {
  const browser = (id: string) => ({ ...guest(id), leastSamples: 480 });

  for (const [who, samples] of [
    [[browser('a')], 480],
    [[browser('a'), browser('b')], 480],
    [[browser('a'), guest('app')], 120],
    [[guest('app')], 120],
  ] as const)
    assert.equal(plan([...players(2), ...who]).of('player0').standard, samples);

  const far = member('far', { downFloor: 8 });

  assert.equal(plan([...players(4), far]).of('player0').standard, 960);
  assert.equal(plan([...players(4), far, browser('a')]).of('player0').standard, 480);
});

test('guests become slower before musicians do, and not slower than ten milliseconds', () => {
  const room = [...players(6), ...['a', 'b', 'c'].map((id) => guest(id))];

  assert.deepEqual(
    [40_000, 30_000, 26_000, 24_000].map((budget) => {
      const { of, packetsPerSecond: packets } = plan(room, budget);

      assert.ok(packets <= budget);
      return `${of('player0').name} ${of('player0').standard}`;
    }),
    ['raw64 120', 'raw64 240', 'raw64 480', 'raw128 480'],
  );
});

test('a thin uplink slows its owner only', () => {
  const { of } = plan([...players(2), member('thin', { upLimit: 400_000 })]);

  assert.deepEqual([of('thin').name, of('thin').reason], ['tight128', 'uplink thin']);
  assert.equal(of('player0').name, 'raw64');
  for (const [limit, name] of [
    [1e6, 'raw64'],
    [2e5, 'opus240'],
    [1.6e5, 'opus480'],
    [1e5, 'opus960'],
    [1, 'opus960'],
  ] as const) {
    const stereo = plan([member('a', { upLimit: 2 * limit, strips: [2] }), member('b')]);

    assert.equal(stereo.of('a').name, name, `${limit} for each channel`);
  }
});

test('copies cost bits: where there are none to spare, the rung pays', () => {
  const limit = 1.05 * lineRate(rungs[1]!, 1);
  const up = (copies: number) =>
    plan([member('a', { upLimit: limit, copies }), member('b')]).of('a');

  assert.deepEqual([up(0).name, up(0).copies], ['tight64', 0]);
  assert.deepEqual([up(1).name, up(1).copies], ['tight128', 1]);
  assert.ok(up(2).up <= limit);
  assert.equal(up(2).copies, 2);
});

test('what is not tried yet is not trusted by its weight, not its place', () => {
  const tight = lineRate(rungs[1]!, 1);
  const names = players(8, { allowance: tight });

  assert.equal(plan(players(2, { allowance: tight })).of('player0').name, 'tight64');
  assert.equal(plan(players(2, { allowance: tight })).of('player0').reason, 'trial');
  assert.equal(plan(names).of('player0').name, 'tight128', 'not PCM with half the packets');
});

test('a way down that is too narrow slows everyone that it hears', () => {
  const { of } = plan([...players(2), member('far', { downFloor: 3 })]);

  assert.deepEqual([of('player0').name, of('player0').reason], ['tight128', 'downlink far']);
  assert.equal(of('far').name, 'raw64');
});

test('what suits only few slows nobody below 5 ms: these hear standard Opus', () => {
  for (const [downFloor, standard] of [
    [6, 480],
    [8, 960],
    [10, 960],
  ] as const) {
    const { of, spared } = plan([...players(4), member('far', { downFloor })]);

    assert.deepEqual(spared, ['far']);
    assert.deepEqual([of('player0').name, of('player0').standard], ['raw64', standard]);
    assert.deepEqual([of('far').name, of('far').standard], ['raw64', undefined]);
    assert.equal(of('player0').reason, 'none');
  }
  const tiny = plan([...players(4), member('tiny', { maxPackets: 500 })]);

  assert.deepEqual(tiny.spared, ['tiny']);
  assert.deepEqual([tiny.of('player0').name, tiny.of('player0').standard], ['raw64', 480]);
  assert.equal(tiny.packetsPerSecond, 4 * 4 * 750 + 4 * 100);
  assert.equal(
    plan([...players(4), member('lying', { maxPackets: 1 })]).of('player3').name,
    'raw64',
  );
  assert.deepEqual(
    [6, 7, 8, 9, 10].map((i) => standardLike(rungs[i]!)),
    [2, 3, 4, 4, 5],
  );
});

test('nobody is spared where there is nobody to spare it for', () => {
  const duo = plan([member('a'), member('thin', { downFloor: 7 })]);

  assert.deepEqual([duo.spared, duo.of('a').name], [[], 'opus960']);
  const half = plan([...players(2), ...['x', 'y'].map((id) => member(id, { downFloor: 6 }))]);

  assert.deepEqual([half.spared, half.of('player0').name], [[], 'opus480']);
  // Everyone takes 5000 packets a second, and 31 with 200 each are more.
  const crowd = plan(players(32));

  assert.deepEqual([crowd.spared, crowd.of('player0').name], [[], 'opus960']);
});

test('a sender with a thin uplink does not pay for who is spared, and is heard framed', () => {
  const upLimit = 1.1 * lineRate(rungs[1]!, 1);
  const members = [...players(3), member('up', { upLimit }), member('down', { downFloor: 6 })];
  const { of, spared, packetsPerSecond: packets } = plan(members);

  assert.deepEqual(spared, ['down']);
  assert.deepEqual([of('up').name, of('up').standard], ['tight64', undefined]);
  assert.equal(of('player0').standard, 480);
  assert.equal(packets, 4 * 4 * 750 + 3 * 100 + 750);
});

test('copies that go out at once are none for who is spared', () => {
  const { of, packetsPerSecond: packets } = plan([
    member('lossy', { copies: 1 }),
    ...players(3),
    member('far', { downFloor: 6, maxPackets: 500 }),
  ]);

  assert.equal(of('lossy').copies, 1);
  assert.equal(packets, 4 * 4 * 750 + 3 * 750 + 4 * 100);
});

test('whatever one of several says, the others are not slowed below 5 ms for it', () => {
  const next = random(77);

  for (let round = 0; round < 2000; round++) {
    const strips = [[1], [2], [1, 1], [1, 2]][Math.floor(next() * 4)]!;
    const others = players(2 + Math.floor(next() * 6), { strips, maxPackets: 1e6 });
    const one = member('one', {
      downFloor: Math.floor(next() * rungs.length),
      maxPackets: Math.floor(10 ** (1 + 3 * next())),
      spareHold: next() < 0.2,
      strips,
    });
    const { senders } = solve(rungs, [...others, one], 1e6);

    for (const { id } of others) assert.ok(senders.get(id)!.rung <= sharedFloor(rungs));
    assert.equal(senders.get('one')!.rung, 0);
  }
});

function anyMember(id: string, next: () => number): Member {
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)]!;

  if (next() < 0.15) return guest(id, pick([0, 50, 50, 200]));

  return member(id, {
    formats: pick([everything, everything, wires('raw'), wires('tight')]),
    quantum: pick([32, 64, 64, 128, 256]),
    maxPackets: pick([1000, 3000, 5000, 5000, 20_000]),
    strips: pick([[1], [1], [2], [1, 2], [1, 1, 1]]),
    allowance: pick([Infinity, lineRate(rungs[1]!, 1)]),
    upLimit: pick([Infinity, Infinity, 2e6, 5e5, 2e5]),
    downFloor: pick([0, 0, 0, 0, 1, 3, 5, 7, 10]),
    spareHold: next() < 0.05,
    lingering: pick([undefined, undefined, undefined, 2]),
    hold: pick([0, 0, 0, 2, 5]),
    copies: pick([0, 0, 1, 2]),
  });
}

test('whatever the room: within the budget, in listed formats, within what clients take', () => {
  const next = random(20261122);
  let full = 0;
  let crowded = 0;
  let spares = 0;

  for (let round = 0; round < 3000; round++) {
    const members = Array.from({ length: 1 + Math.floor(next() * 24) }, (_, i) =>
      anyMember(`m${i}`, next),
    );
    const budget = [5000, 20_000, 50_000][Math.floor(next() * 3)]!;
    const solution = solve(rungs, members, budget);
    const framed = members.filter(({ formats }) => formats);
    const plain = ({ id, formats }: Member) => !formats || solution.spared.has(id);
    let out = 0;

    spares += solution.spared.size;
    for (const sender of members) {
      const { rung, standard, copies, distance } = solution.senders.get(sender.id)!;
      const { wire, frameSamples } = rungs[rung]!;
      const times = copies > 0 && distance === 0 ? 1 + copies : 1;

      for (const other of members) {
        if (other === sender) continue;
        out += sender.standardPackets;
        if (!sender.formats) continue;
        if (other.formats) assert.ok(other.formats.has(wire), 'a listener knows it');
        out +=
          sender.strips.length *
          (plain(other) && standard !== undefined
            ? packetsPerSecond(standards[standard]!)
            : times * packetsPerSecond(rungs[rung]!));
      }
      if (!sender.formats) continue;
      assert.ok(sender.formats.has(wire));
      assert.ok(rung >= sender.hold);
      assert.ok(copies <= sender.copies);
      assert.ok(sender.quantum < 128 || frameSamples !== 64);
      for (const other of framed)
        if (other !== sender && !plain(other)) assert.ok(rung >= other.downFloor);
      if (framed.length < members.length) assert.ok(standard !== undefined);
      else if (solution.spared.size + framed.filter((m) => m.lingering).length === 0)
        assert.equal(standard, undefined);
    }
    for (const { id, maxPackets } of framed.filter((m) => !plain(m))) {
      const others = members.filter((other) => other.id !== id);
      const format = (other: Member) => rungs[solution.senders.get(other.id)!.rung]!;
      const times = (other: Member) => {
        const { copies, distance } = solution.senders.get(other.id)!;

        return copies > 0 && distance === 0 ? 1 + copies : 1;
      };
      const packets = others.reduce(
        (sum, m) =>
          sum + m.standardPackets + m.strips.length * times(m) * packetsPerSecond(format(m)),
        0,
      );

      if (packets > maxPackets) {
        crowded++;
        for (const other of others) assert.equal(format(other).frameSamples, 960);
      }
    }
    assert.ok(Math.abs(out - solution.packetsPerSecond) < 1e-6);
    if (leastPackets(members) <= budget) assert.ok(out <= budget + 1e-6, `${out} of ${budget}`);
    else full++;
    assert.equal(solution.fits, out <= budget);
  }
  assert.ok(crowded > 100, 'clients were overrun');
  assert.ok(spares > 1000, `${spares} were spared`);
  assert.ok(full > 50 && full < 1500, `${full} rooms were too full: the budget was tried`);
});

test('a room of 64 is planned quickly', () => {
  const members = players(64, { allowance: lineRate(rungs[1]!, 1) });
  const start = process.cpuUsage();

  for (let i = 0; i < 20; i++) solve(rungs, members, 50_000);
  assert.ok(process.cpuUsage(start).user / 20 < 20_000, 'less than 20 ms');
});

test('who is in a side room slows only those that hear it, and costs packets only there', () => {
  const set = (...ids: string[]): ReadonlySet<string> => new Set(ids);
  const slow = { downFloor: rungs.findIndex(({ frameSamples }) => frameSamples === 240) };
  const apart = [
    member('host'),
    member('a', { apart: set('far', 'guest') }),
    member('b', { apart: set('far', 'guest') }),
    member('c', { apart: set('far', 'guest') }),
    member('far', { ...slow, formats: wires('tight'), apart: set('a', 'b', 'c', 'guest') }),
    { ...guest('guest'), apart: set('a', 'b', 'c', 'far') },
  ];
  const { of, packetsPerSecond: packets } = plan(apart);
  const sent = (id: string) => Number(/\d+$/.exec(of(id).name));

  for (const id of ['a', 'b', 'c'])
    assert.deepEqual([of(id).name, of(id).standard, of(id).reason], ['raw64', undefined, 'none']);
  // The host is heard by all of them, and so is what it sends.
  assert.equal(of('host').reason, 'downlink far');
  assert.ok(of('host').standard !== undefined);
  // Each of the three is heard by three, the host by these and two more, one of them in standard Opus.
  const each = (samples: number) => packetsPerSecond({ frameSamples: samples });

  assert.equal(
    packets,
    9 * each(64) + 4 * each(sent('host')) + each(of('host').standard!) + each(sent('far')) + 50,
  );
  const together = plan(apart.map((one) => ({ ...one, apart: undefined })));

  assert.notEqual(together.of('a').name, 'raw64');
});
