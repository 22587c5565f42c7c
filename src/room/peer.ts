// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { types } from 'mediasoup';
import { Close, Code, RequestError } from './errors.ts';
import { complain } from './schemas.ts';
import { framedFormats } from './format.ts';
import { limits } from './limits.ts';
import { notifications, requests } from './methods/index.ts';
import { TokenBucket } from './rate-limit.ts';
import type { Channel, Data } from './channel.ts';
import type { CloseWhy } from './errors.ts';
import type { Grant, Role } from './invites.ts';
import type { Logger } from './log.ts';
import type { Media } from './codecs.ts';
import type { PeerTransport } from './transports.ts';
import type { Room } from './room.ts';
import type { Wire } from './plan/ladder.ts';

/** What a peer says of itself when it joins. */
export type Joined = {
  displayName: string;
  device: Data;
  instrument?: string;
  rtpCapabilities: types.RtpCapabilities;
  /** Undefined: a client of the demo's dialect, which knows nothing of plans. */
  tutti?: { formats?: string[]; maxPacketsPerSecond?: number; quantum?: number };
};

export type PeerProducer = {
  producer: types.Producer;
  peerId: string;
  target: PeerTransport;
  appData: Data;
  /** The older producer that this one takes over from. */
  replaces?: types.Producer;
};

export type PeerConsumer = {
  consumer: types.Consumer;
  source: PeerProducer;
  target: PeerTransport;
  /** What the client wants. */
  paused: boolean;
  accepted: boolean;
};

/** Who is connected, from where, and by what right. */
export type Who = { id: string; address: string; grant: Grant };

export type LeaveReason = 'left' | 'lost' | 'replaced' | 'asleep' | 'removed';

/** One client of a room: its connection, what it said when it joined, and its media objects. */
export class Peer {
  readonly id: string;
  readonly room: Room;
  grant: Grant;
  readonly address: string;
  readonly channel: Channel;
  readonly log: Logger;
  joined: Joined | undefined;
  /** What it hears framed; undefined: only standard Opus. */
  formats: ReadonlySet<Wire> | undefined;
  readonly transports = new Map<string, PeerTransport>();
  /** It ever had a transport for video. */
  hadVideo = false;
  readonly producers = new Map<string, PeerProducer>();
  readonly consumers = new Map<string, PeerConsumer>();
  /** Producers whose consumer is being made. */
  readonly starting = new Set<string>();
  /** Consumers whose successor on another transport is being made. */
  readonly moving = new Set<string>();
  /** Producers that the client cannot or does not want to consume: not offered again. */
  readonly refused = new Set<string>();
  /** A host has muted it, and it has not unmuted itself since. */
  hushed = false;
  /** Transports and producers being made: they count for the limits. */
  transportsStarting = 0;
  producersStarting: Record<Media, number> = { audio: 0, video: 0 };

  readonly #rates = new Map(
    Object.entries(limits.methods).map(([method, rate]) => [method, new TokenBucket(...rate)]),
  );
  readonly #joinTimer: NodeJS.Timeout;
  #closed = false;
  #wrong = 0;

  constructor(room: Room, who: Who, channel: Channel, log: Logger) {
    this.room = room;
    this.id = who.id;
    this.address = who.address;
    this.grant = who.grant;
    this.channel = channel;
    this.log = log;
    this.#joinTimer = setTimeout(() => {
      this.close(Close.joinTimeout, 'left');
    }, room.config.joinTimeoutMs);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Here to listen only. */
  get listens(): boolean {
    return this.grant.role === 'listener';
  }

  /** Starts to answer. Call once, when the room knows this peer. */
  start(): void {
    this.channel.start({
      request: (method, data) => this.#request(method, data),
      notification: (method, data) => this.#notification(method, data),
      closed: () => this.close(undefined, 'lost'),
    });
  }

  /** The peer has joined: it may stay. */
  join(joined: Joined): void {
    clearTimeout(this.#joinTimer);
    this.joined = joined;
    this.#chooseFormats();
    this.room.came(this);
  }

  /** It is @role from now on, and told of this @change with the seat that goes with it. */
  async become(role: Role, change: Data): Promise<void> {
    const listened = this.listens;

    this.grant = { ...this.grant, role };
    if (this.listens !== listened) {
      if (this.listens) for (const { producer } of [...this.producers.values()]) producer.close();
      this.#chooseFormats();
      this.room.planning.rejoin(this);
    }
    const seat = await this.room.invites.seat(this.room.name, this.id, this.grant);

    this.channel.notify('roleChanged', { ...change, seat });
  }

  /** Silences what it sends, until it unmutes itself. */
  async hush(): Promise<void> {
    this.hushed = true;
    // One that closes meanwhile is silent as well.
    await Promise.allSettled(
      [...this.producers.values()]
        .filter(({ producer }) => producer.kind === 'audio' && !producer.closed)
        .map(({ producer }) => producer.pause()),
    );
  }

  /** The audience does not decide in which format the band plays: it hears standard Opus. */
  #chooseFormats(): void {
    this.formats = this.listens ? undefined : framedFormats(this.joined?.tutti?.formats);
  }

  /**
   * Ends this peer: its media, its place in the room, and then its connection with @why (undefined:
   * that is gone already). Only the first call counts.
   */
  close(why: CloseWhy | undefined, reason: LeaveReason, delayMs = 0): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#joinTimer);
    this.log.info({ code: why?.code, why: why?.reason ?? 'connection', reason }, 'peer gone');
    this.room.metrics.closes.inc({ reason: why?.reason ?? 'connection' });
    for (const { transport } of [...this.transports.values()]) transport.close();
    this.room.remove(this, reason);
    if (!why) return;
    if (delayMs > 0) setTimeout(() => this.channel.close(why), delayMs);
    else this.channel.close(why);
  }

  /** Whether @method may be called once more now. */
  #inTime(method: string): boolean {
    if (this.#rates.get(method)?.take() ?? true) return true;
    this.room.metrics.tooFast.inc({ method });

    return false;
  }

  #request(method: string, data: Data): Data | Promise<Data> {
    const count = (outcome: string) => this.room.metrics.requests.inc({ method, outcome });
    const entry = requests.get(method);

    if (!entry || (entry.bench && !this.room.config.benchPlain)) {
      this.room.metrics.requests.inc({ method: 'unknown', outcome: 'refused' });
      throw new RequestError(Code.notFound, `There is no method “${method.slice(0, 64)}”.`);
    }
    try {
      const wrong = complain('client-requests', method, 'data', data);

      if (wrong !== undefined) throw new RequestError(Code.malformed, wrong);
      if (this.#closed && method !== 'leave')
        throw new RequestError(Code.wrongState, 'You have left the room.');
      if (entry.joined && !this.joined)
        throw new RequestError(Code.wrongState, `Join the room before “${method}”.`);
      if (!this.#inTime(method))
        throw new RequestError(Code.tooFast, `Too many messages “${method}”: slow down.`);

      const result = entry.run(this, data as never);

      if (!(result instanceof Promise)) {
        count('ok');
        return result;
      }

      return result.then(
        (answer) => (count('ok'), answer),
        (error: unknown) => {
          this.#refused(method, error);
          throw error;
        },
      );
    } catch (error) {
      this.#refused(method, error);
      throw error;
    }
  }

  #refused(method: string, error: unknown): void {
    const known = error instanceof RequestError;

    this.room.metrics.requests.inc({ method, outcome: known ? 'refused' : 'failed' });
    if (known && error.code === Code.notAllowed)
      this.log.warn({ method, role: this.grant.role, why: error.message }, 'not allowed');
  }

  #notification(method: string, data: Data): void {
    if (this.#closed) return;

    const run = notifications.get(method);
    const wrong = run
      ? complain('client-notifications', method, 'data', data)
      : `unknown notification “${method.slice(0, 64)}”`;

    this.room.metrics.notifications.inc({ method: run ? method : 'unknown' });
    if (!run || wrong !== undefined) {
      this.log.warn({ method: method.slice(0, 64), wrong }, 'a wrong notification');
      if (++this.#wrong > limits.wrongNotifications) this.close(Close.protocolError, 'lost');
      return;
    }
    if (!this.#inTime(method)) return;
    // An async function: what is thrown at once must not get further than this peer, either.
    void (async () => run(this, data as never))().catch((error: unknown) => {
      this.log.warn({ err: error, method }, 'a notification failed');
    });
  }
}
