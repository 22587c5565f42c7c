// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { types } from 'mediasoup-client';

/** One stream that is heard: a consumer and what plays it. */
export class Sound {
  readonly consumer: types.Consumer;
  readonly #element = new Audio();

  constructor(consumer: types.Consumer) {
    const receiver = consumer.rtpReceiver!;

    this.consumer = consumer;
    // As little as the line allows; the browser goes no lower than its own bound.
    if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
    else Object.assign(receiver, { playoutDelayHint: 0 });
    this.#element.srcObject = new MediaStream([consumer.track]);
  }

  /** Rejects when the browser wants a click first. */
  play(): Promise<void> {
    return this.#element.play();
  }

  /** @gain: linear, 0 to 1. */
  set gain(gain: number) {
    this.#element.volume = gain;
    this.#element.muted = gain === 0; // On some telephones only this counts.
  }

  close(): void {
    this.#element.srcObject = null;
    this.consumer.close();
  }
}

export type Role = 'host' | 'musician' | 'listener';

/** Whether a page may say how loud something is: on iPhones only their buttons do. */
export const hasVolume = (() => {
  const probe = new Audio();

  probe.volume = 0.5;

  return probe.volume === 0.5;
})();

/** The position of a fader (0 to 1) as a linear gain: each half is 12 dB less. */
export function gainOf(position: number): number {
  return position ** 2;
}

/** Somebody else in the room, and how loud they are to be. */
export class Musician {
  readonly id: string;
  name = '';
  instrument = '';
  role: Role = 'musician';
  /** Streams by consumer id. */
  readonly sounds = new Map<string, Sound>();
  readonly pausedThere = new Set<string>();
  /** Linear, as the browser measures it. */
  level = 0;
  #volume = 1;
  #muted = false;

  constructor(id: string) {
    this.id = id;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(position: number) {
    this.#volume = position;
    this.#apply();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#apply();
  }

  get mutedThere(): boolean {
    return this.sounds.size > 0 && this.pausedThere.size === this.sounds.size;
  }

  add(sound: Sound): void {
    this.sounds.set(sound.consumer.id, sound);
    this.#apply();
  }

  /** Returns whether the stream was of this musician. */
  take(consumerId: string): boolean {
    this.sounds.get(consumerId)?.close();
    this.pausedThere.delete(consumerId);

    return this.sounds.delete(consumerId);
  }

  silence(): void {
    for (const id of [...this.sounds.keys()]) this.take(id);
    this.level = 0;
  }

  #apply(): void {
    for (const sound of this.sounds.values()) sound.gain = this.#muted ? 0 : gainOf(this.#volume);
  }
}
