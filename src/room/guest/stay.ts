// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Device, type types } from 'mediasoup-client';
import { Lost, Protoo, Refused } from './protoo.ts';
import { Sound } from './sounds.ts';
import { Statistics } from './statistics.ts';
import type { Data } from './protoo.ts';
import type { Reading } from './statistics.ts';

/** Opus frames; browsers make none shorter. */
const frameMs = 10;
const bitrate = 128_000;
const welcomeMs = 10_000;
const joinMs = 15_000;
const aliveMs = 5000;
const patienceMs = 8000;

export type StayHandlers = {
  /** Somebody's stream; false: nobody of that name is here any more. */
  sound(peerId: string, sound: Sound, replaced: (string | undefined)[]): boolean;
  paused(consumerId: string, paused: boolean): void;
  stopped(consumerId: string): void;
  notification(method: string, data: Data): void;
  /** Once, and not after close(). */
  ended(code: number, reason: string): void;
};

/** A consumer that is being made: what is said of it meanwhile must not get lost. */
type Coming = { closed: boolean; paused: boolean };

function later(ms: number): Promise<never> {
  return new Promise((_done, late) => setTimeout(() => late(new Lost('too late')), ms));
}

/**
 * One connection to a room, with its transports, from its beginning to its end; who stays longer
 * makes another. Nothing calls back after close().
 */
export class Stay {
  readonly #handlers: StayHandlers;
  readonly #protoo: Protoo;
  readonly #coming = new Map<string, Coming>();
  readonly #incoming = new Statistics();
  readonly #outgoing = new Statistics();
  readonly #welcome: Promise<Data>;
  #device: Device | undefined;
  #receive: types.Transport | undefined;
  #send: types.Transport | undefined;
  #producer: types.Producer | undefined;
  #watch: number | undefined;
  #closed = false;

  constructor(address: string, handlers: StayHandlers) {
    let welcomed: (data: Data) => void = () => undefined;

    this.#handlers = handlers;
    this.#welcome = new Promise((resolve) => (welcomed = resolve));
    this.#protoo = new Protoo(address, {
      request: (method, data) => this.#request(method, data),
      notification: (method, data) =>
        method === 'roomWelcome' ? welcomed(data) : this.#notification(method, data),
      closed: (code, reason) => this.#lost(code, reason),
    });
  }

  /** What the room says first: `role`, `seat`. */
  greeting(): Promise<Data> {
    return Promise.race([this.#welcome, later(welcomeMs)]);
  }

  /**
   * Resolves with who is there (`peers`), and what hosts have set (`controls`). Rejects with Refused,
   * Lost, or what the browser could not do.
   */
  join(displayName: string): Promise<Data> {
    return Promise.race([this.#join(displayName), later(joinMs)]);
  }

  /**
   * Sends @track from now on, or that it is muted; an undefined one, or one that has ended, is
   * not sent for the first time. Rejects like join().
   */
  async send(track: MediaStreamTrack | undefined, muted: boolean): Promise<void> {
    if (!track || track.readyState === 'ended' || this.#closed) return;

    track.enabled = !muted;
    if (!this.#producer) await this.#produce(track);
    else if (this.#producer.track !== track) await this.#producer.replaceTrack({ track });
    this.mute(muted);
  }

  mute(muted: boolean): void {
    const producer = this.#producer;

    if (!producer || producer.closed) return;
    if (muted) producer.pause();
    else producer.resume();
    this.#protoo.notify(muted ? 'pauseProducer' : 'resumeProducer', { producerId: producer.id });
  }

  /** Levels and the line; undefined before there is anything. */
  async read(): Promise<{ incoming?: Reading; outgoing?: Reading }> {
    const read = (statistics: Statistics, transport: types.Transport | undefined) =>
      transport && !transport.closed
        ? statistics.read(transport).catch(() => undefined)
        : undefined;
    const [incoming, outgoing] = await Promise.all([
      read(this.#incoming, this.#receive),
      read(this.#outgoing, this.#send),
    ]);

    return { incoming, outgoing };
  }

  /** @leaves: the room is told, so that nobody waits for us. */
  close(leaves = false): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    if (leaves) this.#protoo.ask('leave').catch(() => undefined);
    this.#protoo.close();
    this.#receive?.close();
    this.#send?.close();
  }

  /** The connection is of no use any more, whether the other side has noticed or not. */
  #lost(code: number, reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.ended(code, reason);
  }

  async #join(displayName: string): Promise<Data> {
    const { routerRtpCapabilities } = await this.#protoo.ask('getRouterRtpCapabilities', {
      media: 'audio',
    });
    const device = await Device.factory();

    await device.load({ routerRtpCapabilities });
    this.#device = device;
    this.#receive = await this.#transport('consumer', (it) => device.createRecvTransport(it));

    const answer = await this.#protoo.ask('join', {
      displayName,
      device: { flag: 'browser', name: device.handlerName },
      rtpCapabilities: device.recvRtpCapabilities,
    });

    this.#watch = window.setInterval(() => void this.#checkAlive(), aliveMs);

    return answer;
  }

  async #transport(
    direction: 'consumer' | 'producer',
    make: (options: types.TransportOptions) => types.Transport,
  ): Promise<types.Transport> {
    const { transportId, ...options } = await this.#protoo.ask('createWebRtcTransport', {
      direction,
      media: 'audio',
    });
    const transport = make({ id: transportId, ...options } as types.TransportOptions);

    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#protoo
        .ask('connectWebRtcTransport', { transportId, dtlsParameters })
        .then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.#protoo
        .ask('produce', { transportId, kind, rtpParameters, appData })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      if (state === 'failed') this.#lost(1006, 'media');
    });
    if (this.#closed) transport.close();

    return transport;
  }

  async #produce(track: MediaStreamTrack): Promise<void> {
    const device = this.#device!;
    const channels = track.getSettings().channelCount ?? 1;
    const format = { wire: 'opus', frameSamples: 48 * frameMs, channels, bitrate };

    this.#send ??= await this.#transport('producer', (it) => device.createSendTransport(it));
    this.#producer = await this.#send.produce({
      track,
      stopTracks: false,
      codecOptions: {
        opusStereo: channels > 1,
        opusDtx: false,
        opusFec: false,
        opusPtime: frameMs,
        opusMaxAverageBitrate: bitrate,
      },
      appData: { source: 'audio', strip: { id: 'main', label: '' }, format },
    });
  }

  async #request(method: string, data: Data): Promise<Data> {
    const receive = this.#receive;

    if (method !== 'newConsumer' || !receive) throw new Refused(404, `no method ${method}`);

    const { consumerId, producerId, kind, rtpParameters, peerId } = data;
    const coming: Coming = { closed: false, paused: data['producerPaused'] === true };

    this.#coming.set(consumerId, coming);
    try {
      const consumer = await receive.consume({
        id: consumerId,
        producerId,
        kind,
        rtpParameters,
        streamId: consumerId, // Each for itself: streams of one name wait for one another.
      });
      const sound = new Sound(consumer);
      const replaced = [data['replacesConsumerId'], data['replacesProducerId']];

      if (coming.closed || !this.#handlers.sound(peerId, sound, replaced)) {
        sound.close();
        throw new Refused(404, 'nobody of that name is here');
      }
      this.#handlers.paused(consumerId, coming.paused);
    } finally {
      this.#coming.delete(consumerId);
    }

    return {};
  }

  #notification(method: string, data: Data): void {
    if (this.#closed) return;

    const id: string = data['consumerId'];
    const coming = this.#coming.get(id);

    if (method === 'consumerClosed') {
      if (coming) coming.closed = true;
      else this.#handlers.stopped(id);
    } else if (method === 'consumerPaused' || method === 'consumerResumed') {
      if (coming) coming.paused = method === 'consumerPaused';
      else this.#handlers.paused(id, method === 'consumerPaused');
    } else this.#handlers.notification(method, data);
  }

  /** A page is not told of the service's pings: it asks for itself whether the line is there. */
  async #checkAlive(): Promise<void> {
    await Promise.race([this.#protoo.ask('clock'), later(patienceMs)]).catch(() =>
      this.#lost(1006, 'silent'),
    );
  }
}
