// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { announcedCapabilities, routerCodecs } from './codecs.ts';
import { Close } from './errors.ts';
import { heardBy } from './format.ts';
import { limits } from './limits.ts';
import { dropUnheard, serveConsumers } from './consumers.ts';
import { Planning } from './planning.ts';
import { Succession } from './succession.ts';
import { TokenBucket } from './rate-limit.ts';
import type { types } from 'mediasoup';
import type { CloseWhy } from './errors.ts';
import type { Config } from './config.ts';
import type { Controls } from './controls.ts';
import type { Data } from './channel.ts';
import type { Invites, Role } from './invites.ts';
import type { LeaveReason, Peer, PeerProducer } from './peer.ts';
import type { LiveWorker, Workers } from './workers.ts';
import type { Media } from './codecs.ts';
import type { Memory } from './memory.ts';
import type { Metrics } from './metrics.ts';

type Place = { worker: LiveWorker; router: types.Router };

export type RoomContext = { config: Config; invites: Invites; metrics: Metrics };

/** A room: two routers, and the peers that are connected to it. It closes when the last one goes. */
export class Room {
  readonly name: string;
  readonly config: Config;
  readonly invites: Invites;
  readonly metrics: Metrics;
  readonly peers = new Map<string, Peer>();
  readonly planning: Planning;
  readonly memory: Memory;
  readonly #succession: Succession;
  readonly tempos = new TokenBucket(...limits.roomTempos);
  readonly #places: Record<Media, Place>;
  readonly #onClose: (room: Room) => void;
  #reserved = 0;
  #closed = false;

  private constructor(
    name: string,
    context: RoomContext,
    places: Record<Media, Place>,
    memory: Memory,
    onClose: (room: Room) => void,
  ) {
    this.name = name;
    this.memory = memory;
    this.config = context.config;
    this.invites = context.invites;
    this.metrics = context.metrics;
    this.#places = places;
    this.#onClose = onClose;
    this.#succession = new Succession(this);
    this.planning = new Planning(this, places.audio.worker, () => {
      for (const peer of this.joinedPeers) serveConsumers(peer);
    });
  }

  /** Makes a room on the workers that have most to spare. @onClose runs when it is empty or lost. */
  static async create(
    name: string,
    context: RoomContext,
    workers: Workers,
    memory: Memory,
    onClose: (room: Room) => void,
  ): Promise<Room> {
    const picked = workers.pick();

    picked.audio.audioRooms += 1;
    picked.video.videoRooms += 1;
    try {
      const [audio, video] = await Promise.all([
        picked.audio.worker.createRouter({ mediaCodecs: routerCodecs }),
        picked.video.worker.createRouter({ mediaCodecs: routerCodecs }),
      ]);

      return new Room(
        name,
        context,
        {
          audio: { worker: picked.audio, router: audio },
          video: { worker: picked.video, router: video },
        },
        memory,
        onClose,
      );
    } catch (error) {
      picked.audio.audioRooms -= 1;
      picked.video.videoRooms -= 1;
      throw error;
    }
  }

  get controls(): Controls {
    return this.memory.controls;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get joinedPeers(): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.joined && !peer.closed);
  }

  router(media: Media): types.Router {
    return this.#places[media].router;
  }

  webRtcServer(media: Media): types.WebRtcServer {
    return this.#places[media].worker.webRtcServer;
  }

  capabilities(media: Media): types.RtpCapabilities {
    return announcedCapabilities(this.router(media).rtpCapabilities, media);
  }

  /**
   * A worker died. Whoever lost their sound by it is sent away to come back, to a new room; where
   * only pictures went by it, the others play on, and pictures get a router elsewhere.
   */
  async lose(worker: LiveWorker, workers: Workers): Promise<void> {
    const { audio, video } = this.#places;

    if (audio.worker === worker) this.close(Close.workerDied);
    if (this.#closed || video.worker !== worker) return;
    for (const peer of [...this.peers.values()])
      if (peer.hadVideo) peer.close(Close.workerDied, 'lost');
    if (this.closed) return; // That was everybody.

    const other = workers.pick().video;

    other.videoRooms += 1;
    const router = await other.worker
      .createRouter({ mediaCodecs: routerCodecs })
      .catch((error: unknown) => {
        other.videoRooms -= 1;
        throw error;
      });

    if (this.closed) {
      router.close();
      other.videoRooms -= 1;
    } else this.#places.video = { worker: other, router };
  }

  /** Keeps an empty room for somebody who is about to come in; undo with release(). */
  reserve(): void {
    this.#reserved += 1;
  }

  release(): void {
    this.#reserved -= 1;
    this.#closeIfEmpty();
  }

  /** Lets @peer in; one of the same id, which it was before, is sent away. */
  add(peer: Peer): void {
    this.peers.get(peer.id)?.close(Close.replaced, 'replaced');
    this.peers.set(peer.id, peer);
  }

  /** For Peer.close() only. */
  remove(peer: Peer, reason: LeaveReason): void {
    if (this.peers.get(peer.id) === peer) this.peers.delete(peer.id);
    this.planning.leave(peer);
    if (peer.joined) this.notifyOthers(peer, 'peerClosed', { peerId: peer.id, reason });
    if (reason === 'left' && this.controls.spotlight === peer.id) {
      this.controls.spotlight = undefined;
      this.controlsChanged();
    }
    this.#closeIfEmpty();
    this.#succession.update();
  }

  notifyOthers(peer: Peer, method: string, data: Data): void {
    for (const other of this.joinedPeers) if (other !== peer) other.channel.notify(method, data);
  }

  /** @peer has joined. */
  came(peer: Peer): void {
    this.controls.places.came(peer.grant);
    this.#succession.update();
  }

  /** @by: the host who says so; undefined: it was inherited. */
  setRole(peer: Peer, role: Role, by?: Peer): void {
    const change = { peerId: peer.id, role, ...(by && { byPeerId: by.id }) };

    this.controls.places.assign(peer.grant, role);
    if (role === 'host') this.controls.admitHost(peer.id);
    this.notifyOthers(peer, 'roleChanged', change);
    peer.become(role, change).catch((err: unknown) => peer.log.error({ err }, 'role not told'));
    this.controlsChanged(by);
    this.hearingChanged();
    this.#succession.update();
  }

  /** Tells everyone what the hosts have set. */
  controlsChanged(by?: Peer): void {
    const state = { ...this.controls.state, ...(by && { byPeerId: by.id }) };

    for (const peer of this.joinedPeers) peer.channel.notify('controls', state);
  }

  /** Who hears whom is another: nobody goes on hearing what is not for them. */
  hearingChanged(): void {
    for (const peer of this.joinedPeers) dropUnheard(peer);
    this.planning.hearingChanged();
    for (const peer of this.joinedPeers) serveConsumers(peer);
  }

  notifyAll(method: string, data: Data): void {
    for (const peer of this.peers.values()) peer.channel.notify(method, data);
  }

  /** The open producers of all that @peer is to hear, in formats that it knows. */
  producersFor(peer: Peer): PeerProducer[] {
    const spared = this.planning.spares(peer);

    return this.joinedPeers
      .filter((other) => other !== peer && this.controls.hears(other.id, peer.id))
      .flatMap((other) =>
        heardBy(
          peer,
          spared,
          [...other.producers.values()].filter(({ producer }) => !producer.closed),
        ),
      );
  }

  /** Makes the consumers that are missing after something changed in the room. */
  serveOthers(peer: Peer): void {
    for (const other of this.joinedPeers) if (other !== peer) serveConsumers(other);
  }

  /** Sends everyone away and ends the room. */
  close(why: CloseWhy): void {
    if (this.#closed) return;
    this.#closed = true;
    this.planning.close();
    this.#succession.close();
    for (const peer of [...this.peers.values()]) peer.close(why, 'lost');
    for (const { router } of Object.values(this.#places)) router.close();
    this.#places.audio.worker.audioRooms -= 1;
    this.#places.video.worker.videoRooms -= 1;
    this.#onClose(this);
  }

  #closeIfEmpty(): void {
    if (this.peers.size === 0 && this.#reserved === 0) this.close(Close.removed);
  }
}
