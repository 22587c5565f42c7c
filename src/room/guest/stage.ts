// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { element, Meter, say } from './elements.ts';
import { fill } from './i18n.ts';
import { gainOf, hasVolume } from './sounds.ts';
import { texts } from './texts.js';
import type { Musician } from './sounds.ts';
import type { Room } from './room.ts';

function dbText(position: number): string {
  return position === 0 ? texts.silent : `${(20 * Math.log10(gainOf(position))).toFixed(1)} dB`;
}

/** One of the others: name, meter, volume and mute for this page only. */
class Row {
  readonly node: HTMLElement;
  readonly #musician: Musician;
  readonly #name = element('span', { class: 'name' });
  readonly #about = element('span', { class: 'about' });
  readonly #meter = new Meter();
  readonly #slider: HTMLInputElement;
  readonly #mute: HTMLButtonElement;

  constructor(musician: Musician) {
    this.#musician = musician;
    this.#slider = element('input', {
      type: 'range',
      min: 0,
      max: 100,
      value: 100 * musician.volume,
      hidden: !hasVolume,
      input: () => {
        musician.volume = Number(this.#slider.value) / 100;
        this.update();
      },
    });
    this.#mute = element(
      'button',
      {
        type: 'button',
        class: 'toggle',
        click: () => {
          musician.muted = !musician.muted;
          this.update();
        },
      },
      texts.mute,
    );
    this.node = element(
      'li',
      { class: 'row' },
      element('div', { class: 'who' }, this.#name, this.#about),
      this.#meter.node,
      this.#slider,
      this.#mute,
    );
    this.update();
  }

  update(): void {
    const { name, instrument, role, mutedThere, muted, volume } = this.#musician;
    const part = role === 'host' ? texts.host : role === 'listener' ? texts.listens : '';
    const about = [instrument, part, mutedThere ? texts.mutedThere : ''];

    say(this.#name, name);
    say(this.#about, about.filter((text) => text !== '').join(' · '));
    this.#meter.label = fill(texts.levelOf, name);
    this.#slider.setAttribute('aria-label', fill(texts.volumeOf, name));
    this.#slider.setAttribute('aria-valuetext', dbText(volume));
    this.#slider.title = dbText(volume);
    this.#mute.setAttribute('aria-label', fill(texts.muteOf, name));
    this.#mute.setAttribute('aria-pressed', String(muted));
    this.node.classList.toggle('listener', role === 'listener');
  }

  read(): void {
    this.#meter.level = this.#musician.level;
  }
}

/** The room as long as one is in it. */
export class Stage {
  readonly node: HTMLElement;
  readonly #room: Room;
  readonly #rows = new Map<string, Row>();
  readonly #list = element('ul', { class: 'rows' });
  readonly #alone = element('p', { class: 'dim' }, texts.alone);
  readonly #banner = element('p', { class: 'banner' });
  readonly #press: HTMLElement;
  readonly #line = element('p', { class: 'dim small' });
  readonly #own = new Meter();
  readonly #mute: HTMLButtonElement;
  readonly #tell: (text: string) => void;
  readonly #invitedToListen: boolean;

  /**
   * @own: what stands below one's own name; undefined where nothing is sent. @tell: has something
   * read out.
   */
  constructor(
    room: Room,
    name: string,
    own: HTMLElement | undefined,
    tell: (text: string) => void,
  ) {
    this.#room = room;
    this.#invitedToListen = room.role === 'listener';
    this.#tell = tell;
    this.#own.label = texts.level;
    this.#press = element(
      'div',
      { class: 'card middle', hidden: true },
      element('p', {}, texts.hearAbout),
      element(
        'button',
        { type: 'button', class: 'suggested', click: () => room.hear() },
        texts.hear,
      ),
    );
    this.#mute = element(
      'button',
      { type: 'button', class: 'toggle', click: () => (room.muted = !room.muted) },
      texts.mute,
    );
    this.node = element(
      'section',
      { class: 'stage' },
      this.#banner,
      this.#press,
      element(
        'div',
        { class: 'card own' },
        element(
          'div',
          { class: 'row' },
          element(
            'div',
            { class: 'who' },
            element('span', { class: 'name' }, name),
            element('span', { class: 'about' }, own ? texts.you : texts.listens),
          ),
          ...(own ? [this.#own.node, this.#mute] : []),
        ),
        ...(own ? [own] : []),
      ),
      element('div', { class: 'card' }, this.#list, this.#alone),
      this.#line,
      element(
        'button',
        { type: 'button', class: 'destructive', click: () => room.leave() },
        texts.leave,
      ),
    );
    this.update();
  }

  /** After anything changed. @trouble: of the microphone, a sentence. */
  update(trouble = ''): void {
    const { state, draining, musicians, muted, needsPress } = this.#room;
    const lost = state === 'reconnecting';

    const notice = lost
      ? texts.reconnecting
      : draining
        ? texts.draining
        : this.#decided() || trouble;

    if (notice !== this.#banner.textContent) this.#tell(notice);
    say(this.#banner, notice);
    this.#banner.hidden = notice === '';
    this.#press.hidden = !needsPress;
    this.#mute.setAttribute('aria-pressed', String(muted));
    this.#alone.hidden = musicians.size > 0;
    for (const id of [...this.#rows.keys()])
      if (!musicians.has(id)) {
        this.#rows.get(id)!.node.remove();
        this.#rows.delete(id);
      }
    for (const [id, musician] of musicians) {
      if (!this.#rows.has(id)) {
        const row = new Row(musician);

        this.#rows.set(id, row);
        this.#list.append(row.node);
      }
      this.#rows.get(id)!.update();
    }
    this.read();
  }

  /** What hosts have done to this page, and what one can do about it. */
  #decided(): string {
    const { mutedBy, askedBy, company, role, sends } = this.#room;

    if (mutedBy) return fill(texts.mutedBy, mutedBy);
    if (askedBy) return fill(texts.askedBy, askedBy);
    if (company !== undefined) return company === '' ? texts.apart : fill(texts.apartWith, company);
    if (role === 'listener' && sends) return texts.nowListens;
    if (role !== 'listener' && this.#invitedToListen && !sends) return texts.mayPlay;

    return '';
  }

  read(): void {
    const { line, ownLevel } = this.#room;
    const path = line && (line.relayed ? `${line.path}, ${texts.relayed}` : line.path);

    for (const row of this.#rows.values()) row.read();
    this.#own.node.hidden = ownLevel === undefined;
    this.#own.level = ownLevel ?? 0;
    say(
      this.#line,
      line
        ? [
            fill(texts.connection, path!),
            ...(line.roundTripMs === undefined
              ? []
              : [fill(texts.roundTrip, line.roundTripMs.toFixed(0))]),
            fill(texts.keptBack, line.bufferMs.toFixed(0)),
          ].join(' · ')
        : '',
    );
  }
}
