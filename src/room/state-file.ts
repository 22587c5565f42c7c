// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import fs from 'node:fs';

/** Writes @text beside @file, for its owner only, and lets @place put it where it belongs. */
function writeWhole(file: string, text: string, place: (temporary: string) => void): void {
  const temporary = `${file}.${process.pid}.${crypto.randomBytes(4).toString('hex')}`;

  fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
  try {
    place(temporary);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * Makes @file of @text unless there is one, whole or not at all: two services that start at once end
 * up with the same one. Returns what is in it now. Throws what node:fs throws.
 */
export function createOnce(file: string, text: string): string {
  writeWhole(file, text, (temporary) => {
    try {
      fs.linkSync(temporary, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  });

  return fs.readFileSync(file, 'utf8');
}

/** Puts @text in the place of @file, whole or not at all. Throws what node:fs throws. */
export function replace(file: string, text: string): void {
  writeWhole(file, text, (temporary) => fs.renameSync(temporary, file));
}

/** What is in @file; undefined when there is none. Throws what else node:fs throws. */
export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
