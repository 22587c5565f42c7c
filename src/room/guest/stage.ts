// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { element, Meter, say } from './elements.ts';
import { fill } from './i18n.ts';
import { gainOf } from './sounds.ts';
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
  readonly #meter: Meter;
  readonly #mute: HTMLButtonElement;

  constructor(musician: Musician) {
    const { name } = musician;
    const slider = element('input', {
      type: 'range',
      min: 0,
      max: 100,
      value: 100 * musician.volume,
      'aria-label': fill(texts.volumeOf, name),
      'aria-valuetext': dbText(musician.volume),
      input: () => {
        musician.volume = Number(slider.value) / 100;
        slider.setAttribute('aria-valuetext', dbText(musician.volume));
        slider.title = dbText(musician.volume);
      },
    });

    this.#musician = musician;
    this.#meter = new Meter(fill(texts.levelOf, name));
    this.#mute = element(
      'button',
      {
        type: 'button',
        class: 'toggle',
        'aria-label': fill(texts.muteOf, name),
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
      ...(musician.role === 'listener' ? [] : [slider, this.#mute]),
    );
    this.update();
  }

  update(): void {
    const { name, instrument, role, mutedThere, muted } = this.#musician;
    const part = role === 'host' ? texts.host : role === 'listener' ? texts.listens : '';
    const about = [instrument, part, mutedThere ? texts.mutedThere : ''];

    say(this.#name, name);
    say(this.#about, about.filter((text) => text !== '').join(' · '));
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
  readonly #banner = element('p', { class: 'banner', role: 'status' });
  readonly #line = element('p', { class: 'dim small' });
  readonly #own = new Meter(texts.level);
  readonly #mute: HTMLButtonElement;

  /** @own: what stands below one's own name; undefined where nothing is sent. */
  constructor(room: Room, name: string, own: HTMLElement | undefined) {
    this.#room = room;
    this.#mute = element(
      'button',
      { type: 'button', class: 'toggle', click: () => (room.muted = !room.muted) },
      texts.mute,
    );
    this.node = element(
      'section',
      { class: 'stage' },
      this.#banner,
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
        { type: 'button', class: 'destructive', click: () => void room.leave() },
        texts.leave,
      ),
    );
    this.update();
  }

  /** After anything changed. @trouble: of the microphone, a sentence. */
  update(trouble = ''): void {
    const { state, draining, musicians, muted } = this.#room;
    const lost = state === 'reconnecting';

    say(this.#banner, lost ? texts.reconnecting : draining ? texts.draining : trouble);
    this.#banner.hidden = this.#banner.textContent === '';
    this.#mute.setAttribute('aria-pressed', String(muted));
    say(this.#mute, muted ? texts.muted : texts.mute);
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

  read(): void {
    const { line, ownLevel } = this.#room;
    const path = line && (line.relayed ? `${line.path}, ${texts.relayed}` : line.path);

    for (const row of this.#rows.values()) row.read();
    this.#own.level = ownLevel;
    say(
      this.#line,
      line
        ? fill(texts.connection, path!, line.roundTripMs.toFixed(0), line.bufferMs.toFixed(0))
        : '',
    );
  }
}
