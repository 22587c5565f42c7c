// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Chat } from './chat.ts';
import { Controls } from './controls.ts';
import { Tempo } from './tempo.ts';

/** What a room knows that outlives its worker: for those who come back it is the same room. */
export class Memory {
  readonly tempo = new Tempo();
  readonly chat = new Chat();
  readonly controls = new Controls();
}
