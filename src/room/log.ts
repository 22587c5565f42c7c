// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import * as mediasoup from 'mediasoup';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger };

/** JSON lines on stderr, written at once so that nothing is lost when the process ends. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Sends mediasoup's own warnings and errors through @log. */
export function adoptMediasoupLog(log: Logger): void {
  const child = log.child({ part: 'mediasoup' });

  mediasoup.setLogEventListeners({
    ondebug: undefined,
    onwarn: (namespace: string, text: string) => child.warn({ namespace }, text),
    onerror: (namespace: string, text: string, error?: Error) =>
      child.error({ namespace, err: error }, text),
  });
}
