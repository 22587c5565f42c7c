// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { knock } from './door.ts';
import { Lost, Refused } from './protoo.ts';
import { Musician } from './sounds.ts';
import { Stay } from './stay.ts';
import { texts } from './texts.js';
import type { Data } from './protoo.ts';
import type { Line } from './statistics.ts';
import type { Place } from './door.ts';
import type { Role, Sound } from './sounds.ts';

const readingMs = 200;
const longestPauseMs = 10_000;
/** What the room will not change its mind about (docs/PROTOCOL.md, errorCode). */
const final = [400, 403, 404, 413, 503];

export type State = 'joining' | 'in' | 'reconnecting' | 'ended';

/** Why it ended: what the service called it, or a sentence of its own. */
export type Ending = { code: string; message?: string };

export type News = { what: 'came' | 'went'; name: string };

/**
 * A room as a browser is in it, over as many connections as it takes. Dispatches `change` when
 * anything but a level changes, `reading` after levels were read, and `news` (detail: News). After
 * it has ended nothing comes back to life.
 */
export class Room extends EventTarget {
  readonly place: Place;
  readonly musicians = new Map<string, Musician>();
  state: State = 'joining';
  ending: Ending | undefined;
  draining = false;
  /** The browser lets nothing be heard before somebody presses something. */
  needsPress = false;
  role: Role = 'musician';
  /** Who has muted this page; until it is unmuted here. */
  mutedBy = '';
  /** Which host asks to hear this page. */
  askedBy = '';
  /** With whom alone it hears and is heard; undefined: with all. */
  apartWith: string[] | undefined;
  line: Line | undefined;
  /** Undefined where the browser does not measure it. */
  ownLevel: number | undefined;
  #name = '';
  #track: MediaStreamTrack | undefined;
  #muted = false;
  #stay: Stay | undefined;
  #tries = 0;
  #again: number | undefined;
  #reader: number | undefined;
  /** How loud somebody was who may come back, by peer id and by name. */
  readonly #mix = new Map<string, { volume: number; muted: boolean }>();

  constructor(place: Place) {
    super();
    this.place = place;
  }

  /** It has something to send. */
  get sends(): boolean {
    return this.#track !== undefined;
  }

  /** With whom alone it hears and is heard, by name; undefined: with all. */
  get company(): string | undefined {
    return this.apartWith?.flatMap((id) => this.musicians.get(id)?.name ?? []).join(', ');
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (!muted) this.mutedBy = '';
    this.askedBy = '';
    if (this.#track) this.#track.enabled = !muted;
    this.#stay?.mute(muted);
    this.#changed();
  }

  /** @track: what is sent; undefined: this page only listens. */
  enter(name: string, track: MediaStreamTrack | undefined): void {
    this.#name = name;
    this.#track = track;
    this.#reader = window.setInterval(() => void this.#read(), readingMs);
    void this.#connect();
  }

  /** Sends something else from now on, in the same stream. Takes care of @track in any case. */
  async replace(track: MediaStreamTrack): Promise<void> {
    if (this.state === 'ended') {
      track.stop();
      return;
    }
    this.#track?.stop();
    this.#track = track;
    track.enabled = !this.#muted;
    if (this.state === 'in') await this.#stay?.send(track, this.#muted);
  }

  leave(): void {
    this.#end({ code: 'left' }, true);
  }

  /** Somebody has pressed something. */
  hear(): void {
    this.needsPress = false;
    for (const { sounds } of this.musicians.values())
      for (const sound of sounds.values()) this.#play(sound);
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }

  #news(what: News['what'], name: string): void {
    this.dispatchEvent(new CustomEvent<News>('news', { detail: { what, name } }));
  }

  async #connect(): Promise<void> {
    const stay = new Stay(`wss://${location.host}/?${this.place.query()}`, {
      sound: (peerId, sound, replaced) => this.#heard(peerId, sound, replaced),
      paused: (id, paused) => this.#paused(id, paused),
      stopped: (id) => {
        this.#owner(id)?.take(id);
        this.#changed();
      },
      notification: (method, data) => this.#notification(method, data),
      ended: (code, reason) => void this.#ended(stay, code, reason),
    });

    this.#stay = stay;
    try {
      const { role, seat } = await stay.greeting();

      this.role = role;
      this.place.seat = seat;

      const { peers, controls } = await stay.join(this.#name);

      this.#apart(controls ?? {});
      this.#meet(peers);
      if (role !== 'listener') await stay.send(this.#track, this.#muted);
      if (this.#stay !== stay) return;
      this.#tries = 0;
      this.draining = false;
      this.state = 'in';
      // What was chosen meanwhile.
      if (role !== 'listener') await stay.send(this.#track, this.#muted);
      this.#changed();
    } catch (error) {
      if (this.#stay === stay) this.#failed(stay, error);
    }
  }

  /** It did not come to a stay: for good, or for now. */
  #failed(stay: Stay, error: unknown): void {
    const refused = error instanceof Refused && final.includes(error.code);

    stay.close();
    if (refused) this.#end({ code: String(error.code), message: error.message });
    // What the browser cannot do once it cannot do a second time, either.
    else if (this.state === 'joining' && !(error instanceof Refused || error instanceof Lost))
      this.#end({ code: 'local', message: (error as Error).message });
    else void this.#ended(stay, 1006, '');
  }

  async #ended(stay: Stay, code: number, reason: string): Promise<void> {
    if (this.#stay !== stay) return;
    this.#tearDown();

    const first = this.state === 'joining';

    // After a while in the room it was the line.
    if (code === 4000 && (reason !== 'join-timeout' || first)) {
      this.#end({ code: reason });
      return;
    }
    if (!first) {
      this.state = 'reconnecting';
      this.#changed();
    }

    const answer = await knock(this.place);

    if ((this.state as State) === 'ended' || this.#stay) return;
    if (answer && 'code' in answer && answer.code !== 'too-fast') this.#end(answer);
    else if (first && !answer) this.#end({ code: 'gone' });
    else
      this.#again = window.setTimeout(
        () => void this.#connect(),
        Math.min(250 * 2 ** this.#tries++, longestPauseMs),
      );
  }

  #tearDown(): void {
    this.#stay = undefined;
    for (const musician of this.musicians.values()) musician.silence();
    this.line = undefined;
    this.ownLevel = undefined;
  }

  #end(ending: Ending, leaves = false): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.ending = ending;
    if (ending.code === 'replaced' || ending.code === 'peer-taken') this.place.forget();
    clearTimeout(this.#again);
    clearInterval(this.#reader);
    this.#stay?.close(leaves);
    this.#tearDown();
    this.#track?.stop();
    this.#changed();
  }

  // -- who is there --

  /** Who was here before a reconnect keeps their place in the mix. */
  #meet(peers: Data[]): void {
    const present = new Set(peers.map(({ peerId }) => peerId));

    for (const id of [...this.musicians.keys()]) if (!present.has(id)) this.#forget(id);
    for (const peer of peers) this.#greet(peer);
  }

  #greet({ peerId, displayName, instrument = '', role = 'musician' }: Data): void {
    const musician = this.musicians.get(peerId) ?? new Musician(peerId);

    if (!this.musicians.has(peerId)) {
      const mix = this.#mix.get(peerId) ?? this.#mix.get(`name ${displayName}`);

      Object.assign(musician, mix);
      this.musicians.set(peerId, musician);
    }
    Object.assign(musician, { name: displayName, instrument, role });
    this.#changed();
  }

  #rename({ peerId, displayName }: Data): void {
    const musician = this.musicians.get(peerId);

    if (musician) musician.name = displayName;
    this.#changed();
  }

  #forget(id: string): void {
    const musician = this.musicians.get(id);

    if (!musician) return;

    const { name, volume, muted } = musician;

    for (const key of [id, `name ${name}`]) this.#mix.set(key, { volume, muted });
    musician.silence();
    this.musicians.delete(id);
    this.#news('went', name);
    this.#changed();
  }

  #notification(method: string, data: Data): void {
    if (method === 'newPeer') {
      this.#greet(data);
      this.#news('came', data['displayName']);
    } else if (method === 'peerClosed') this.#forget(data['peerId']);
    else if (method === 'peerDisplayNameChanged') this.#rename(data);
    else if (method === 'controls') this.#apart(data);
    else if (method === 'roleChanged') this.#changeRole(data);
    else if (method === 'muted') {
      this.muted = true;
      this.mutedBy = this.#nameOf(data['byPeerId']);
      this.#changed();
    } else if (method === 'unmuteAsked') {
      this.askedBy = this.#nameOf(data['byPeerId']);
      this.#changed();
    } else if (method === 'draining') {
      this.draining = true;
      this.#changed();
    } // Plans, tempo, clocks: not of this page.
  }

  // -- what hosts do --

  #nameOf(id: string): string {
    return this.musicians.get(id)?.name ?? texts.host;
  }

  /** As the room says it: who is in a side room, with whom. */
  #apart({ isolated = [] }: Data): void {
    const own = (isolated as Data[]).find(({ peerId }) => peerId === this.place.peerId);

    this.apartWith = own?.['with'];
    this.#changed();
  }

  /** Who begins or ceases to send comes in anew, as what they are now. */
  #changeRole({ peerId, role, seat }: Data): void {
    const musician = this.musicians.get(peerId);

    if (musician) musician.role = role;
    if (peerId === this.place.peerId) {
      const before = this.role;

      this.role = role;
      if (seat) this.place.seat = seat;
      if ((before === 'listener') !== (role === 'listener')) this.#comeAnew();
    }
    this.#changed();
  }

  #comeAnew(): void {
    this.#stay?.close();
    this.#tearDown();
    this.state = 'reconnecting';
    clearTimeout(this.#again);
    void this.#connect();
  }

  // -- what is heard --

  #owner(consumerId: string): Musician | undefined {
    return [...this.musicians.values()].find(({ sounds }) => sounds.has(consumerId));
  }

  #heard(peerId: string, sound: Sound, replaced: (string | undefined)[]): boolean {
    const musician = this.musicians.get(peerId);

    if (!musician) return false;
    for (const { consumer } of [...musician.sounds.values()])
      if ([consumer.id, consumer.producerId].some((id) => replaced.includes(id)))
        musician.take(consumer.id);
    musician.add(sound);
    this.#play(sound);
    this.#changed();

    return true;
  }

  #paused(consumerId: string, paused: boolean): void {
    const owner = this.#owner(consumerId);

    if (paused) owner?.pausedThere.add(consumerId);
    else owner?.pausedThere.delete(consumerId);
    this.#changed();
  }

  /** The room is not kept waiting for it: some browsers want a press first. */
  #play(sound: Sound): void {
    sound.play().catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'NotAllowedError')) return;
      this.needsPress = true;
      this.#changed();
    });
  }

  async #read(): Promise<void> {
    const stay = this.#stay;

    if (!stay) return;

    const { incoming, outgoing } = await stay.read();

    if (this.#stay !== stay) return;
    for (const musician of this.musicians.values())
      musician.level = Math.max(
        0,
        ...[...musician.sounds.values()].map(
          ({ consumer }) => incoming?.levels.get(consumer.track.id) ?? 0,
        ),
      );

    const own = [...(outgoing?.levels.values() ?? [])];

    this.ownLevel = own.length === 0 ? undefined : this.#muted ? 0 : Math.max(...own);
    this.line = incoming?.line ?? outgoing?.line;
    this.dispatchEvent(new Event('reading'));
  }
}
