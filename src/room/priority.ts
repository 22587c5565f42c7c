// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';

/** Under PipeWire's data loop and the clients' own threads, above everything that is not sound. */
const realTimePriority = '5';
const niceness = -11;

/**
 * Lets the kernel run the process @pid before ordinary ones: on a busy computer a worker that waits
 * for its turn makes everybody late at once. Returns what was granted.
 */
export async function hurry(pid: number): Promise<'real-time' | 'nice' | 'none'> {
  try {
    await promisify(execFile)(
      'chrt',
      ['--all-tasks', '--fifo', '--pid', realTimePriority, String(pid)],
      {
        timeout: 2000,
      },
    );
    return 'real-time';
  } catch {
    // Not permitted, or no chrt here.
  }
  try {
    os.setPriority(pid, niceness);
    return 'nice';
  } catch {
    return 'none';
  }
}
