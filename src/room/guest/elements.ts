// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

/**
 * An element with attributes, listeners (functions) and children; `true` sets an attribute without
 * a value, `false` leaves it out.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);

  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children);

  return made;
}

/** Changes the text only where it differs: a screen reader would read it again. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

const floorDb = -60;

/** A level meter in the picture of the app's: linear @level over 60 dB. Told as a meter in dB. */
export class Meter {
  readonly node: HTMLElement;
  readonly #bar = element('div', { class: 'bar' });

  constructor() {
    this.node = element(
      'div',
      { class: 'meter', role: 'meter', 'aria-valuemin': floorDb, 'aria-valuemax': 0 },
      this.#bar,
    );
    this.level = 0;
  }

  set label(label: string) {
    this.node.setAttribute('aria-label', label);
  }

  set level(level: number) {
    const db = Math.max(floorDb, 20 * Math.log10(Math.max(level, 1e-6)));

    this.node.setAttribute('aria-valuenow', db.toFixed(0));
    this.node.setAttribute('aria-valuetext', `${db.toFixed(0)} dB`);
    this.#bar.style.transform = `scaleX(${1 - db / floorDb})`;
    this.#bar.classList.toggle('hot', db > -3);
  }
}
