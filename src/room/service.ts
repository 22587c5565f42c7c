// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import * as mediasoup from 'mediasoup';
import packageJson from './package.json' with { type: 'json' };
import { Channel } from './channel.ts';
import { Close, Code, RequestError } from './errors.ts';
import { mayReplace, Refusal } from './invites.ts';
import { createMetrics, watchService } from './metrics.ts';
import { limits } from './limits.ts';
import { Peer } from './peer.ts';
import { Room } from './room.ts';
import { Memory } from './memory.ts';
import { Workers } from './workers.ts';
import type { WebSocket } from 'ws';
import type { Config } from './config.ts';
import type { Grant, Invites, Role } from './invites.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { WayIn } from './outside.ts';

export const version = packageJson.version;

const features = [
  'clock',
  'rtp-clock',
  'rebuild',
  'two-transports',
  'plan',
  'link-report',
  'tempo',
  'invites',
  'chat',
  'controls',
  'video',
];

/** A place kept in a room for somebody whose connection is being made. */
export type Place = {
  room: Room;
  peerId: string;
  address: string;
  grant: Grant;
  seat: string;
  /** They came by a seat that is good. */
  returning: boolean;
};

/** Who wants to come in, to which room, by what right, and from where. */
export type Asking = {
  roomId: string;
  peerId: string;
  invite?: string;
  seat?: string;
  address: string;
};

/** How long a new room waits for a worker when all are being made again. */
const workerWaitMs = 3000;
/** How long what a room knows whose worker died is kept for its successor. */
const memoryMs = 30_000;

/** The rooms, and the workers that they live on. */
export class Service {
  readonly config: Config;
  readonly invites: Invites;
  readonly log: Logger;
  readonly workers: Workers;
  readonly metrics: Metrics;
  readonly rooms = new Map<string, Room>();
  /** For a room at home that the internet reaches. */
  readonly #wayIn: WayIn | undefined;
  readonly #starting = new Map<string, Promise<Room>>();
  /** Of rooms whose worker died a moment ago. */
  readonly #memories = new Map<string, Memory>();
  #drained: (() => void) | undefined;
  #draining = false;

  constructor(config: Config, invites: Invites, log: Logger, wayIn?: WayIn) {
    this.#wayIn = wayIn;
    this.config = config;
    this.invites = invites;
    this.log = log;
    this.workers = new Workers(config, log);
    this.metrics = createMetrics();
    watchService(this.metrics, this);
    this.workers.on('died', (worker) => {
      for (const room of [...this.rooms.values()]) {
        room.lose(worker, this.workers).catch((error: unknown) => {
          log.error({ err: error, room: room.name }, 'no place for pictures');
          room.close(Close.workerDied);
        });
        if (room.closed) this.#remember(room);
      }
    });
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** As what somebody would be let in just now; rejects with a Refusal. Nothing is kept for them. */
  async admission(roomId: string, peerId: string, invite?: string, seat?: string): Promise<Role> {
    const { grant } = await this.invites.admit(roomId, peerId, invite, seat);

    return this.#present(roomId, peerId, grant).role;
  }

  /** What @grant is worth in the room as it is just now; throws a Refusal. */
  #present(roomId: string, peerId: string, admitted: Grant): Grant {
    const room = this.rooms.get(roomId);
    const places = (room ?? this.#memories.get(roomId))?.controls.places;
    const grant = places?.current(admitted) ?? admitted;
    const present = room?.peers.get(peerId);

    if (present && !mayReplace(grant, present.grant)) throw new Refusal('peer-taken');
    if (places && !places.admits(grant)) throw new Refusal('room-locked');

    return grant;
  }

  /**
   * Keeps a place in a room for somebody; give it to enter() or back to cancel(). Rejects with a
   * Refusal, or with a RequestError of code 503 when there is none.
   */
  async reserve({ roomId, peerId, invite, seat: old, address }: Asking): Promise<Place> {
    const admission = await this.invites.admit(roomId, peerId, invite, old);
    const grant = this.#present(roomId, peerId, admission.grant);
    const seat = await this.invites.seat(roomId, peerId, grant);
    const room = await this.#room(roomId);
    const lobby = [...room.peers.values()].filter(({ joined }) => !joined);
    const near = lobby.filter((peer) => peer.address === address);

    if (lobby.length >= limits.lobby || near.length >= limits.lobbyPerAddress)
      throw new RequestError(Code.busy, 'Too many are waiting to join this room.');
    room.reserve();

    return { room, peerId, address, grant, seat, returning: admission.returning };
  }

  cancel({ room }: Place): void {
    room.release();
  }

  /** Makes a peer of a connection, and greets it. */
  enter(place: Place, socket: WebSocket): void {
    const { room, peerId, address, grant: promised, seat, returning } = place;
    const log = this.log.child({ room: room.name, peer: peerId });
    const { requestTimeoutMs, keepAliveMs } = this.config;
    const channel = new Channel(socket, { requestTimeoutMs, keepAliveMs, log });

    if (room.closed) {
      channel.close(Close.workerDied); // It went while the connection was being made.
      return;
    }
    const present = room.peers.get(peerId);
    const { places } = room.controls;
    const grant = places.current(promised);
    const wrong = !this.invites.holds(room.name, grant, returning || places.knows(grant))
      ? Close.removed
      : !places.admits(grant)
        ? Close.locked
        : present && !mayReplace(grant, present.grant) && Close.busy;

    if (wrong) {
      channel.close(wrong); // Much may have happened meanwhile.
      room.release();
      return;
    }

    const outside = this.#wayIn?.reachable;
    const peer = new Peer(room, { id: peerId, address, grant }, channel, log);

    room.add(peer);
    channel.notify('mediasoupVersion', { version: mediasoup.version });
    channel.notify('roomWelcome', {
      protocol: { major: 1, minor: 1 },
      service: { name: 'tutti-room', version },
      features,
      role: grant.role,
      seat,
      room: {
        name: room.name,
        peers: room.joinedPeers.length,
        limits: { players: this.config.players, listeners: this.config.listeners },
        ...(outside && { outside }),
      },
    });
    peer.start();
    room.release();
  }

  /** Tells everyone, then resolves when all rooms are empty or after @ms; then all are closed. */
  async drain(ms: number): Promise<void> {
    this.#draining = true;
    for (const room of this.rooms.values()) room.notifyAll('draining', { seconds: ms / 1000 });
    if (this.rooms.size > 0 && ms > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);

        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    for (const room of [...this.rooms.values()]) room.close(Close.draining);
  }

  async #room(name: string): Promise<Room> {
    for (;;) {
      const open = this.rooms.get(name);

      if (open) return open;
      if (this.#draining)
        throw new RequestError(Code.busy, 'The room service is about to end: no new rooms.');

      let starting = this.#starting.get(name);

      if (!starting) {
        if (this.rooms.size + this.#starting.size >= limits.rooms)
          throw new RequestError(Code.busy, `All ${limits.rooms} rooms are taken.`);
        starting = this.#create(name).finally(() => this.#starting.delete(name));
        this.#starting.set(name, starting);
      }

      const room = await starting;

      if (!room.closed) return room; // Else its worker died at once: again.
    }
  }

  async #create(name: string): Promise<Room> {
    await this.#someWorker();

    const memory = this.#memories.get(name) ?? new Memory();
    const room = await Room.create(name, this, this.workers, memory, (closed) => {
      if (this.rooms.get(name) === closed) this.rooms.delete(name);
      this.log.info({ room: name }, 'room closed');
      if (this.rooms.size === 0) this.#drained?.();
    });

    this.#memories.delete(name);
    this.rooms.set(name, room);
    this.log.info({ room: name }, 'room opened');

    return room;
  }

  /** For those who come back: to them it is the same room, and their metronome runs on. */
  #remember({ name, memory }: Room): void {
    this.#memories.set(name, memory);
    setTimeout(() => {
      if (this.#memories.get(name) === memory) this.#memories.delete(name);
    }, memoryMs).unref();
  }

  async #someWorker(): Promise<void> {
    const until = performance.now() + workerWaitMs;

    while (this.workers.alive.length === 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
