// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Device, type types } from 'mediasoup-client';
import { knock } from './door.ts';
import { Musician, Sound } from './sounds.ts';
import { Protoo, Refused } from './protoo.ts';
import { Statistics } from './statistics.ts';
import type { Data } from './protoo.ts';
import type { Line } from './statistics.ts';
import type { Place } from './door.ts';
import type { Role } from './sounds.ts';

/** Opus frames; browsers make none shorter. */
const frameMs = 10;
const bitrate = 128_000;
const readingMs = 200;
const welcomeMs = 10_000;
const longestPauseMs = 10_000;
const aliveMs = 5000;
const patienceMs = 8000;

/** One stay: from a connection to its end. Nothing of it outlives it but the mix. */
type Stay = {
  protoo: Protoo;
  receive?: types.Transport;
  send?: types.Transport;
  producer?: types.Producer;
  readings: [Statistics, Statistics];
};

export type State = 'joining' | 'in' | 'reconnecting' | 'ended';

/** Why it ended: what the service called it, or a sentence of its own. */
export type Ending = { code: string; message?: string };

/**
 * A room as a browser is in it: standard Opus both ways. Dispatches `change` when anything but a
 * level changes, `reading` after levels were read, and `news` (detail: came or went, and the name).
 */
export class Room extends EventTarget {
  readonly place: Place;
  readonly musicians = new Map<string, Musician>();
  state: State = 'joining';
  ending: Ending | undefined;
  draining = false;
  role: Role = 'musician';
  line: Line | undefined;
  ownLevel = 0;
  #name = '';
  #track: MediaStreamTrack | undefined;
  #muted = false;
  #stay: Stay | undefined;
  #tries = 0;
  #again: number | undefined;
  #reader: number | undefined;
  #watch: number | undefined;

  constructor(place: Place) {
    super();
    this.place = place;
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#tellMuted();
    this.#changed();
  }

  /** @track: what is sent; undefined: this page only listens. */
  enter(name: string, track: MediaStreamTrack | undefined): void {
    this.#name = name;
    this.#track = track;
    this.#reader = window.setInterval(() => void this.#read(), readingMs);
    this.#watch = window.setInterval(() => void this.#checkAlive(), aliveMs);
    void this.#connect();
  }

  /** Sends something else from now on, in the same stream. */
  async replace(track: MediaStreamTrack): Promise<void> {
    this.#track?.stop();
    this.#track = track;
    await this.#stay?.producer?.replaceTrack({ track });
  }

  async leave(): Promise<void> {
    const stay = this.#stay;

    await stay?.protoo.ask('leave').catch(() => undefined);
    this.#end({ code: 'left' });
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }

  #news(what: 'came' | 'went', name: string): void {
    this.dispatchEvent(new CustomEvent('news', { detail: { what, name } }));
  }

  #address(): string {
    return `wss://${location.host}/?${this.place.query()}`;
  }

  async #connect(): Promise<void> {
    let welcome: (data: Data) => void = () => undefined;
    const welcomed = new Promise<Data>((resolve, reject) => {
      welcome = resolve;
      setTimeout(() => reject(new Error('the room does not greet')), welcomeMs);
    });
    const protoo = new Protoo(this.#address(), {
      request: (method, data) => this.#request(method, data),
      notification: (method, data) =>
        method === 'roomWelcome' ? welcome(data) : this.#notification(method, data),
      closed: (code, reason) => void this.#closed(protoo, code, reason),
    });
    const stay: Stay = { protoo, readings: [new Statistics(), new Statistics()] };

    this.#stay = stay;
    try {
      const { role, seat } = await welcomed;

      this.role = role;
      this.place.seat = seat;
      await this.#join(stay);
      this.#tries = 0;
      this.draining = false;
      this.state = 'in';
      this.#changed();
    } catch (error) {
      if (this.#stay !== stay) return; // Its end was dealt with.
      if (error instanceof Refused) this.#end({ code: String(error.code), message: error.message });
      else protoo.close();
    }
  }

  async #join(stay: Stay): Promise<void> {
    const { protoo } = stay;
    const { routerRtpCapabilities } = await protoo.ask('getRouterRtpCapabilities', {
      media: 'audio',
    });
    const device = await Device.factory();

    await device.load({ routerRtpCapabilities });
    stay.receive = await this.#transport(stay, 'consumer', (options) =>
      device.createRecvTransport(options),
    );

    const { peers } = await protoo.ask('join', {
      displayName: this.#name,
      device: { flag: 'browser', name: device.handlerName },
      rtpCapabilities: device.recvRtpCapabilities,
    });

    this.#meet(peers as Data[]);
    if (!this.#track || this.role === 'listener') return;
    stay.send = await this.#transport(stay, 'producer', (options) =>
      device.createSendTransport(options),
    );
    await this.#produce(stay, this.#track);
  }

  async #transport(
    stay: Stay,
    direction: 'consumer' | 'producer',
    make: (options: types.TransportOptions) => types.Transport,
  ): Promise<types.Transport> {
    const { transportId, ...options } = await stay.protoo.ask('createWebRtcTransport', {
      direction,
      media: 'audio',
    });
    const transport = make({ id: transportId, ...options } as types.TransportOptions);

    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      stay.protoo.ask('connectWebRtcTransport', { transportId, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      stay.protoo
        .ask('produce', { transportId, kind, rtpParameters, appData })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      if (state === 'failed') stay.protoo.close(); // And come back.
    });

    return transport;
  }

  async #produce(stay: Stay, track: MediaStreamTrack): Promise<void> {
    const channels = track.getSettings().channelCount ?? 1;
    const wire = { wire: 'opus', frameSamples: 48 * frameMs, channels, bitrate };

    stay.producer = await stay.send!.produce({
      track,
      stopTracks: false,
      codecOptions: {
        opusStereo: channels > 1,
        opusDtx: false,
        opusFec: false,
        opusPtime: frameMs,
        opusMaxAverageBitrate: bitrate,
      },
      appData: { source: 'audio', strip: { id: 'main', label: '' }, format: wire },
    });
    if (this.#muted) this.#tellMuted();
  }

  #tellMuted(): void {
    const { protoo, producer } = this.#stay ?? {};

    if (!protoo || !producer) return;
    if (this.#muted) producer.pause();
    else producer.resume();
    protoo.notify(this.#muted ? 'pauseProducer' : 'resumeProducer', { producerId: producer.id });
  }

  /** Who was here before a reconnect keeps their place in the mix. */
  #meet(peers: Data[]): void {
    const present = new Set(peers.map(({ peerId }) => peerId));

    for (const id of [...this.musicians.keys()]) if (!present.has(id)) this.#forget(id);
    for (const peer of peers) this.#greet(peer);
  }

  #greet({ peerId, displayName, instrument, role }: Data): void {
    const known = this.musicians.get(peerId);

    if (known) known.name = displayName;
    else
      this.musicians.set(
        peerId,
        new Musician(peerId, displayName, instrument ?? '', role ?? 'musician'),
      );
    this.#changed();
  }

  #forget(id: string): void {
    const musician = this.musicians.get(id);

    if (!musician) return;
    musician.silence();
    this.musicians.delete(id);
    this.#news('went', musician.name);
    this.#changed();
  }

  async #request(method: string, data: Data): Promise<Data> {
    const { receive } = this.#stay ?? {};

    if (method !== 'newConsumer' || !receive) throw new Refused(404, `no method ${method}`);

    const { consumerId, producerId, kind, rtpParameters, peerId } = data;
    const consumer = await receive.consume({
      id: consumerId,
      producerId,
      kind,
      rtpParameters,
      streamId: consumerId, // Each for itself: streams of one name wait for one another.
    });
    const musician = this.musicians.get(peerId);

    if (!musician || this.#stay?.receive !== receive) {
      consumer.close();
      throw new Refused(404, 'nobody of that name is here');
    }

    const sound = new Sound(consumer);

    musician.add(sound);
    if (data['producerPaused']) musician.pausedThere.add(consumerId);
    await sound.play().catch(() => undefined); // Whoever reads this page has pressed a button of it.
    this.#supersede(musician, data);
    this.#changed();

    return {};
  }

  #supersede(
    musician: Musician,
    { consumerId, replacesConsumerId, replacesProducerId }: Data,
  ): void {
    for (const { consumer } of [...musician.sounds.values()])
      if (
        consumer.id !== consumerId &&
        (consumer.id === replacesConsumerId || consumer.producerId === replacesProducerId)
      )
        musician.take(consumer.id);
  }

  #notification(method: string, data: Data): void {
    const all = [...this.musicians.values()];
    const owner = all.find(({ sounds }) => sounds.has(data['consumerId']));

    if (method === 'newPeer') {
      this.#greet(data);
      this.#news('came', data['displayName']);
    } else if (method === 'peerClosed') this.#forget(data['peerId']);
    else if (method === 'peerDisplayNameChanged') this.#greet(data);
    else if (method === 'consumerClosed') owner?.take(data['consumerId']);
    else if (method === 'consumerPaused') owner?.pausedThere.add(data['consumerId']);
    else if (method === 'consumerResumed') owner?.pausedThere.delete(data['consumerId']);
    else if (method === 'draining') this.draining = true;
    else return; // Plans, tempo, clocks: not of this page.
    this.#changed();
  }

  /** A page is not told of the service's pings: it asks for itself whether the line is there. */
  async #checkAlive(): Promise<void> {
    const stay = this.#stay;
    const timeout = new Promise<void>((_done, late) => setTimeout(late, patienceMs));

    if (!stay || this.state !== 'in') return;
    await Promise.race([stay.protoo.ask('clock'), timeout]).catch(() => stay.protoo.close());
  }

  #tearDown(): void {
    const { receive, send } = this.#stay ?? {};

    this.#stay = undefined;
    for (const musician of this.musicians.values()) musician.silence();
    receive?.close();
    send?.close();
    this.line = undefined;
    this.ownLevel = 0;
  }

  async #closed(protoo: Protoo, code: number, reason: string): Promise<void> {
    if (this.#stay?.protoo !== protoo || this.state === 'ended') return;
    this.#tearDown();
    // After a while in the room it was the line; who does not get in is told why.
    if (code === 4000 && (reason !== 'join-timeout' || this.state === 'joining')) {
      this.#end({ code: reason });
      return;
    }

    const answer = await knock(this.place);

    if (answer && 'code' in answer && answer.code !== 'busy') {
      this.#end(answer);
      return;
    }
    if (this.state === 'joining' && !answer) {
      this.#end({ code: 'gone' });
      return;
    }
    this.state = 'reconnecting';
    this.#again = window.setTimeout(
      () => void this.#connect(),
      Math.min(250 * 2 ** this.#tries++, longestPauseMs),
    );
    this.#changed();
  }

  #end(ending: Ending): void {
    const { protoo } = this.#stay ?? {};

    this.state = 'ended';
    this.ending = ending;
    if (ending.code === 'replaced' || ending.code === 'peer-taken') this.place.forget();
    clearTimeout(this.#again);
    clearInterval(this.#reader);
    clearInterval(this.#watch);
    this.#tearDown();
    this.#track?.stop();
    protoo?.close();
    this.#changed();
  }

  async #read(): Promise<void> {
    const { receive, send, readings } = this.#stay ?? {};

    if (!receive || !readings) return;

    const incoming = await readings[0].read(receive).catch(() => undefined);
    const outgoing = send && (await readings[1].read(send).catch(() => undefined));

    for (const musician of this.musicians.values())
      musician.level = Math.max(
        0,
        ...[...musician.sounds.values()].map(
          ({ consumer }) => incoming?.levels.get(consumer.track.id) ?? 0,
        ),
      );
    this.ownLevel = this.#muted ? 0 : Math.max(0, ...(outgoing?.levels.values() ?? []));
    this.line = incoming?.line ?? outgoing?.line;
    this.dispatchEvent(new Event('reading'));
  }
}
