// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controls } from '../controls.ts';
import { appData, framed, opus, produceOpus } from './lib/media.ts';
import { Places } from '../places.ts';
import { Refused, TestClient } from './lib/client.ts';
import { TestService } from './lib/service.ts';
import type { Data } from '../channel.ts';
import type { Grant, Role } from '../invites.ts';

type Right = { invite?: string; seat?: string };

const hostAwayMs = 1500;

let service: TestService;
let lastPeer = 0;

before(async () => {
  service = await TestService.start([
    ...['--workers', '1', '--players', '6', '--host-away', String(hostAwayMs / 1000)],
  ]);
});
after(() => service.stop());

function open(room: string, right: Right, peerId?: string): Promise<TestClient> {
  const id = peerId ?? `someone-${String(++lastPeer).padStart(4, '0')}`;

  return TestClient.open(service, room, id, {}, 'protoo', right);
}

async function enter(room: string, right: Right, peerId?: string): Promise<TestClient> {
  const client = await open(room, right, peerId);

  await client.transport('consumer');
  await client.joinRoom();

  return client;
}

async function refused(code: string, room: string, right: Right, peerId?: string) {
  await assert.rejects(open(room, right, peerId), (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.deepEqual([error.code, error.message], [403, code]);
    return true;
  });
}

async function invited(host: TestClient, role: string): Promise<{ id: string; token: string }> {
  const { invite } = await host.request('createInvite', { role, seconds: 3600 });

  return invite as { id: string; token: string };
}

const seatOf = async (client: TestClient) =>
  String((await client.event('roomWelcome'))['seat'] ?? '');
/** One more strip. */
const besides = (id: string): Data => ({ appData: { ...appData, strip: { id, label: id } } });
const leave = (...clients: TestClient[]) => Promise.all(clients.map((client) => client.leave()));

/** Whom @client hears: whose consumers were offered and not closed. */
function heardBy(client: TestClient): string[] {
  const heard = new Map<unknown, unknown>();

  for (const { method, data } of client.events) {
    if (method === 'newConsumer') heard.set(data['consumerId'], data['peerId']);
    if (method === 'consumerClosed') heard.delete(data['consumerId']);
  }

  return [...new Set(heard.values())].map(String).sort();
}

async function hears(client: TestClient, ...others: TestClient[]) {
  const wanted = others.map(({ peerId }) => peerId).sort();
  const until = Date.now() + 5000;

  while (Date.now() < until && String(heardBy(client)) !== String(wanted)) await sleep(20);
  assert.deepEqual(heardBy(client), wanted);
}

/** A host, a second host by an invite, two musicians and a listener, all that may do so sending. */
async function band(room: string) {
  const host = await TestClient.join(service, room);
  const other = await enter(room, { invite: (await invited(host, 'host')).token });
  const invite = await invited(host, 'musician');
  const mia = await enter(room, { invite: invite.token });
  const noa = await enter(room, { invite: invite.token });
  const lou = await enter(room, { invite: (await invited(host, 'listener')).token });

  return { host, other, mia, noa, lou, invite };
}

const methods: [string, (peerId: string) => Data][] = [
  ['lockRoom', () => ({ locked: true })],
  ['removePeer', (peerId) => ({ peerId })],
  ['mutePeer', (peerId) => ({ peerId })],
  ['askUnmute', (peerId) => ({ peerId })],
  ['isolatePeer', (peerId) => ({ peerId, isolated: true })],
  ['setSpotlight', (peerId) => ({ peerId })],
  ['setRole', (peerId) => ({ peerId, role: 'host' })],
];

test('every method: hosts may, the others are refused, told why, counted and logged', async () => {
  for (const [method, data] of methods) {
    const room = `may-${method.toLowerCase()}`;
    const { host, other, mia, noa, lou } = await band(room);
    const metric = `tutti_room_requests_total{method="${method}",outcome="refused"}`;

    for (const client of [mia, lou]) {
      for (const target of [host, noa, client])
        assert.match(await client.refused(403, method, data(target.peerId)), /Only a host/);
    }
    assert.ok((await service.metric(metric)) >= 6);
    const lobby = await open(room, { invite: service.invite });

    await lobby.refused(409, method, data(noa.peerId));
    lobby.socket.terminate();
    const lines = service.log().split('\n');
    const logged = lines.filter((line) => line.includes(room) && line.includes('not allowed'));

    assert.equal(logged.filter((line) => line.includes(`"method":"${method}"`)).length, 6);
    for (const client of [host, mia, noa, lou])
      assert.equal(
        client.count('controls') + client.count('roleChanged') + client.count('muted'),
        0,
      );
    assert.deepEqual(await other.request(method, data(noa.peerId)), {});
    await leave(...[host, other, mia, lou], ...(method === 'removePeer' ? [] : [noa]));
  }
});

test('nobody is to be found who is not there, and what makes no sense is refused', async () => {
  const { host, other, mia, noa, lou } = await band('sense');
  const nobody = 'nobody-at-all';

  for (const [method, data] of methods.slice(1)) await host.refused(404, method, data(nobody));
  for (const method of ['removePeer', 'mutePeer', 'askUnmute'])
    await host.refused(409, method, { peerId: host.peerId });
  await host.refused(409, 'isolatePeer', { peerId: host.peerId, isolated: true });
  await host.refused(409, 'isolatePeer', { peerId: other.peerId, isolated: true });
  await host.refused(404, 'isolatePeer', { peerId: mia.peerId, isolated: true, with: [nobody] });
  for (const method of ['mutePeer', 'askUnmute'])
    await host.refused(409, method, { peerId: lou.peerId });
  // Whoever runs the service comes back anyway.
  await other.refused(403, 'removePeer', { peerId: host.peerId });
  await other.refused(403, 'setRole', { peerId: host.peerId, role: 'musician' });
  await leave(host, other, mia, noa, lou);
});

test('a locked door keeps out who has not been in', async () => {
  const { host, other, mia, noa, lou, invite } = await band('locked');
  const seat = await seatOf(mia);
  const waiting = await open('locked', { invite: invite.token });

  await host.request('lockRoom', { locked: true });
  const told = { locked: true, spotlight: null, isolated: [], byPeerId: host.peerId };

  for (const client of [host, other, mia, noa, lou])
    assert.deepEqual(await client.event('controls'), told);
  assert.deepEqual(await waiting.closed, { code: 4000, reason: 'room-locked' });
  await refused('room-locked', 'locked', { invite: invite.token });
  const knock = `/guest/admission?roomId=locked&peerId=somebody-new&invite=${invite.token}`;
  const { status, text } = await service.get(knock);

  assert.deepEqual([status, JSON.parse(text)['code']], [403, 'room-locked']);
  // Who was in comes back, and is told; a host may come in.
  const back = await open('locked', { invite: invite.token, seat }, mia.peerId);
  const { controls } = await back.joinRoom();

  assert.deepEqual(controls, { locked: true, spotlight: null, isolated: [] });
  const late = await enter('locked', { invite: service.invite });

  await late.request('lockRoom', { locked: false });
  const stranger = await enter('locked', { invite: invite.token });

  await leave(host, other, noa, lou, back, late, stranger);
});

test('who is removed stays out until a host makes another invite; the others come back', async () => {
  const { host, other, mia, noa, lou, invite } = await band('removed');
  const [seat, noasSeat] = [await seatOf(mia), await seatOf(noa)];
  const waiting = await open('removed', { invite: invite.token });

  await host.request('setSpotlight', { peerId: mia.peerId });
  await other.request('removePeer', { peerId: mia.peerId });
  assert.deepEqual(await mia.closed, { code: 4000, reason: 'removed' });
  assert.deepEqual(await waiting.closed, { code: 4000, reason: 'removed' }, 'as somebody new');
  assert.deepEqual(await noa.event('peerClosed', ({ peerId }) => peerId === mia.peerId), {
    peerId: mia.peerId,
    reason: 'removed',
  });
  await noa.event('controls', ({ spotlight }) => spotlight === null);
  await refused('invite-revoked', 'removed', { invite: invite.token, seat }, mia.peerId);
  await refused('invite-missing', 'removed', { seat }, mia.peerId);
  await refused('invite-revoked', 'removed', { invite: invite.token });
  const back = await enter('removed', { invite: invite.token, seat: noasSeat }, noa.peerId);

  assert.deepEqual(await noa.closed, { code: 4000, reason: 'replaced' });
  const { token } = await invited(host, 'musician');
  const again = await enter('removed', { invite: token, seat }, mia.peerId);

  assert.notEqual(await seatOf(again), seat);
  await leave(host, other, back, lou, again);
});

test('with a host who is removed the invites go that it made, and nobody who came by them', async () => {
  const host = await TestClient.join(service, 'usurper');
  const second = await enter('usurper', { invite: (await invited(host, 'host')).token });
  const { token } = await invited(second, 'host');
  const third = await enter('usurper', { invite: token });
  const kept = await invited(host, 'musician');

  await host.request('removePeer', { peerId: second.peerId });
  await refused('invite-revoked', 'usurper', { invite: token });
  await third.request('listInvites');
  const musician = await enter('usurper', { invite: kept.token });
  // Who came by what is shut now, and did nothing, comes back as what they were.
  const seat = await seatOf(third);

  third.socket.terminate();
  await third.closed;
  const back = await enter('usurper', { seat }, third.peerId);

  await back.request('listInvites');
  await leave(host, back, musician);
});

test('muted at the source: nobody hears it, and only the musician changes that', async () => {
  const { host, other, mia, noa, lou } = await band('muted');
  const { producerId, transportId } = await produceOpus(mia);
  const offer = await noa.event('newConsumer');

  await host.request('mutePeer', { peerId: mia.peerId });
  assert.deepEqual(await mia.event('muted'), { byPeerId: host.peerId });
  await noa.event('consumerPaused', ({ consumerId }) => consumerId === offer['consumerId']);
  assert.equal(noa.count('consumerPaused'), 1);
  // What it sends besides is no way around it.
  const second = await produceOpus(mia, transportId, besides('another'));
  const more = await noa.event('newConsumer', (data) => data['producerId'] === second.producerId);

  assert.equal(more['producerPaused'], true);
  host.notify('resumeProducer', { producerId });
  await host.request('askUnmute', { peerId: mia.peerId });
  assert.deepEqual(await mia.event('unmuteAsked'), { byPeerId: host.peerId });
  assert.equal(noa.count('consumerResumed'), 0);
  mia.notify('resumeProducer', { producerId });
  await noa.event('consumerResumed', ({ consumerId }) => consumerId === offer['consumerId']);
  const third = await produceOpus(mia, transportId, besides('third'));
  const free = await noa.event('newConsumer', (data) => data['producerId'] === third.producerId);

  assert.equal(free['producerPaused'], false);
  assert.equal(other.count('muted') + noa.count('muted') + host.count('muted'), 0);
  await leave(host, other, mia, noa, lou);
});

test('a side room: its musician hears and is heard by the host only, or by whom the host says', async () => {
  const { host, other, mia, noa, lou } = await band('side');

  for (const client of [host, mia, noa]) await produceOpus(client);
  await hears(host, mia, noa);
  await hears(lou, host, mia, noa);
  await host.request('isolatePeer', { peerId: mia.peerId, isolated: true });
  const isolated = [{ peerId: mia.peerId, with: [host.peerId] }];

  for (const client of [host, mia, noa, lou, other])
    assert.deepEqual((await client.event('controls'))['isolated'], isolated);
  await hears(mia, host);
  await hears(host, mia, noa);
  await hears(noa, host);
  await hears(lou, host, noa);
  // Neither what it sends anew nor a rebuild is a way around it, nor coming back.
  await produceOpus(mia, undefined, besides('second'));
  await noa.transport('consumer');
  const seat = await seatOf(noa);
  const back = await enter('side', { seat }, noa.peerId);

  await produceOpus(back);
  await sleep(300);
  await hears(back, host);
  await hears(mia, host);

  await host.request('isolatePeer', {
    peerId: mia.peerId,
    isolated: true,
    with: [lou.peerId, back.peerId],
  });
  await hears(mia, back);
  await hears(host, back);
  await hears(lou, host, mia, back);
  await hears(back, host, mia);
  await other.request('isolatePeer', { peerId: mia.peerId, isolated: false });
  await hears(mia, host, back);
  await hears(lou, host, mia, back);
  await leave(host, other, mia, back, lou);
});

test('a consumer that is just being made does not slip into the side room', async () => {
  const { host, other, mia, noa, lou } = await band('slip');

  await produceOpus(noa);
  await hears(mia, noa);
  const asked = host.request('isolatePeer', { peerId: mia.peerId, isolated: true });

  // On its way while the consumers of it are made.
  await Promise.all([produceOpus(noa), produceOpus(mia), mia.transport('consumer'), asked]);
  await sleep(500);
  await hears(mia);
  await hears(noa);
  await hears(host, mia, noa);
  await leave(host, other, mia, noa, lou);
});

test('who is apart costs the others no packets', async () => {
  const room = 'apart';
  const host = await TestClient.joinFramed(service, room);
  const { token } = await invited(host, 'musician');
  const [a, b] = [await enterFramed(room, token), await enterFramed(room, token)];

  for (const client of [host, a, b]) await produceOpus(client, undefined, framed());
  const wire = ({ wire: name, packetsPerSecond }: Data) => [name, packetsPerSecond];

  await host.event('plan', (plan) => String(wire(plan)) === 'raw,4500');
  await host.request('isolatePeer', { peerId: a.peerId, isolated: true });
  await host.event('plan', (plan) => String(wire(plan)) === 'raw,3000');
  await host.request('isolatePeer', { peerId: a.peerId, isolated: false });
  await sleep(100);
  assert.deepEqual(wire(host.last('plan')!), ['raw', 4500]);
  await leave(host, a, b);
});

async function enterFramed(room: string, invite: string): Promise<TestClient> {
  const client = await open(room, { invite });

  await client.transport('consumer');
  await client.joinRoom({
    tutti: { protocol: { major: 1, minor: 1 }, formats: ['raw', 'tight', 'opus'], quantum: 64 },
  });
  client.notify('linkReport', { rttMs: 0.5, quantum: 64, up: { lossPercent: 0 }, down: [] });

  return client;
}

test('the spotlight is on one person, and goes with them', async () => {
  const { host, other, mia, noa, lou } = await band('spot');

  await host.request('setSpotlight', { peerId: host.peerId });
  await lou.event('controls', ({ spotlight }) => spotlight === host.peerId);
  await other.request('setSpotlight', { peerId: mia.peerId });
  const late = await open('spot', { invite: service.invite });

  assert.equal(((await late.joinRoom())['controls'] as Data)['spotlight'], mia.peerId);
  await mia.leave();
  await noa.event('controls', ({ spotlight }) => spotlight === null);
  await host.request('setSpotlight', { peerId: null });
  await leave(host, other, noa, lou, late);
});

test('a role is given live, with the seat that goes with it', async () => {
  const { host, other, mia, noa, lou, invite } = await band('roles');
  const old = await seatOf(mia);
  const hostInvite = await seatOf(other);

  await host.request('setRole', { peerId: mia.peerId, role: 'host' });
  const change = { peerId: mia.peerId, role: 'host', byPeerId: host.peerId };

  assert.deepEqual(await noa.event('roleChanged'), change);
  const { seat, ...rest } = await mia.event('roleChanged');

  assert.deepEqual(rest, change);
  await mia.request('listInvites');
  // The seat that it had before is worth no less, and one that was more is worth no more.
  const back = await enter('roles', { invite: invite.token, seat: old }, mia.peerId);

  assert.equal((await back.event('roomWelcome'))['role'], 'host');
  const again = await enter('roles', { seat: String(seat) }, mia.peerId);

  assert.equal((await again.event('roomWelcome'))['role'], 'host');
  await again.request('setRole', { peerId: other.peerId, role: 'musician' });
  await other.refused(403, 'listInvites');
  const demoted = await enter('roles', { seat: hostInvite }, other.peerId);

  assert.equal((await demoted.event('roomWelcome'))['role'], 'musician');
  await demoted.refused(403, 'lockRoom', { locked: true });
  // Somebody has to be host.
  await host.request('setRole', { peerId: host.peerId, role: 'musician' });
  await host.refused(403, 'listInvites');
  await again.refused(409, 'setRole', { peerId: again.peerId, role: 'musician' });
  await leave(host, demoted, again, noa, lou);
});

test('who becomes a listener is silent at once; who becomes a musician may play', async () => {
  const { host, other, mia, noa, lou } = await band('turns');
  const { transportId } = await produceOpus(mia);
  const sends = { kind: 'audio', rtpParameters: opus(77) };

  await hears(noa, mia);
  await host.request('setRole', { peerId: mia.peerId, role: 'listener' });
  await hears(noa);
  await mia.refused(403, 'produce', { transportId, ...sends });
  await mia.refused(403, 'setTempo', { bpm: 60, beatsPerBar: 4, running: true, countInBars: 0 });
  await host.request('setRole', { peerId: lou.peerId, role: 'musician' });
  await lou.event('roleChanged', ({ role }) => role === 'musician');
  await produceOpus(lou);
  await hears(noa, lou);
  await hears(mia, lou);
  const more = [await TestClient.join(service, 'turns'), await TestClient.join(service, 'turns')];

  // The room has six places for musicians.
  assert.match(
    await host.refused(503, 'setRole', { peerId: mia.peerId, role: 'musician' }),
    /6 musicians/,
  );
  await leave(host, other, mia, noa, lou, ...more);
});

test('the musician who is here longest inherits a room whose hosts do not come back', async () => {
  const { host, other, mia, noa, lou } = await band('orphans');
  const seat = await seatOf(host);

  await other.leave();
  await host.request('isolatePeer', { peerId: lou.peerId, isolated: true });
  host.socket.terminate();
  await mia.event('peerClosed', ({ peerId }) => peerId === host.peerId);
  await sleep(hostAwayMs / 2);
  const back = await enter('orphans', { seat }, host.peerId);

  await sleep(hostAwayMs);
  assert.equal(mia.count('roleChanged'), 0, 'in time');
  const start = Date.now();

  await back.leave();
  const { seat: given, ...change } = await mia.event('roleChanged');

  assert.ok(Date.now() - start >= hostAwayMs - 50);
  assert.deepEqual(change, { peerId: mia.peerId, role: 'host' });
  assert.deepEqual(await noa.event('roleChanged'), { peerId: mia.peerId, role: 'host' });
  await mia.request('listInvites');
  const [{ with: others }] = noa.last('controls')!['isolated'] as [{ with: string[] }];

  assert.ok(others.includes(mia.peerId), 'who is in a side room has a host again');
  const returned = await enter('orphans', { seat: String(given) }, mia.peerId);

  assert.equal((await returned.event('roomWelcome'))['role'], 'host');
  await leave(returned, noa, lou);
});

test('nobody inherits before a host was there, and a listener never', async () => {
  const host = await TestClient.join(service, 'early');
  const [{ token }, listen] = [await invited(host, 'musician'), await invited(host, 'listener')];

  await host.leave();
  const mia = await enter('early', { invite: token });

  await sleep(2 * hostAwayMs);
  assert.equal(mia.count('roleChanged'), 0);
  const again = await TestClient.join(service, 'early');

  await mia.leave();
  const lou = await enter('early', { invite: listen.token });

  await again.leave();
  await sleep(2 * hostAwayMs);
  assert.equal(lou.count('roleChanged'), 0);
  const late = await enter('early', { invite: token });

  await lou.event('roleChanged', ({ peerId }) => peerId === late.peerId);
  await leave(lou, late);
});

test('what was set outlives a media worker', async () => {
  const own = await TestService.start(['--workers', '1']);
  const host = await TestClient.join(own, 'lasting');

  await host.request('lockRoom', { locked: true });
  const seat = await seatOf(host);
  const { invite } = await host.request('createInvite', { role: 'musician', seconds: 60 });
  const { token } = invite as { token: string };

  for (const pid of own.workerPids()) process.kill(pid, 'SIGKILL');
  assert.deepEqual(await host.closed, { code: 1012, reason: 'worker-died' });
  const stranger = TestClient.open(own, 'lasting', undefined, {}, 'protoo', { invite: token });

  await assert.rejects(stranger, { code: 403, message: 'room-locked' });
  const back = await TestClient.open(own, 'lasting', host.peerId, {}, 'protoo', { seat });

  assert.equal(((await back.joinRoom())['controls'] as Data)['locked'], true);
  await back.leave();
  await own.stop();
});

test('who hears whom, and who may come in: by themselves', () => {
  const controls = new Controls();

  controls.isolate('a', ['host']);
  controls.isolate('b', ['host', 'a']);
  assert.deepEqual(
    ['host', 'b', 'c'].map((other) => controls.hears('a', other)),
    [true, false, false],
  );
  assert.equal(controls.hears('c', 'b'), controls.hears('b', 'c'));
  controls.admitHost('c');
  assert.ok(controls.hears('a', 'c'));
  controls.admitHost('a');
  assert.ok(!controls.isIsolated('a') && controls.hears('a', 'b') && controls.hears('a', 'd'));

  const places = new Places();
  const grant = (holder: string, role: Role): Grant => ({ holder, role, since: 0 });

  for (let i = 0; i < 5000; i++) places.came(grant(`h${i}`, 'musician'));
  places.locked = true;
  assert.ok(!places.knows(grant('h0', 'musician')) && places.knows(grant('h4999', 'musician')));
  assert.ok(!places.hadHost && places.admits(grant('new', 'host')));
  assert.ok(!places.admits(grant('new', 'musician')) && !places.admits(grant('new', 'listener')));
  places.assign(grant('h1', 'musician'), 'listener');
  assert.equal(places.current(grant('h1', 'host')).role, 'listener');
});
