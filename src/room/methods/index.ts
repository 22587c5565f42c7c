// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { bench } from './bench.ts';
import { chatting } from './chatting.ts';
import { clock } from './clock.ts';
import { controlling } from './controlling.ts';
import { inviting } from './inviting.ts';
import { joining } from './joining.ts';
import { planning } from './planning.ts';
import { producing } from './producing.ts';
import { rebuilding } from './rebuilding.ts';
import { stats } from './stats.ts';
import { tempo } from './tempo.ts';
import { transporting } from './transporting.ts';
import { watching } from './watching.ts';
import type { NotificationTable, RequestEntry, RequestTable } from './table.ts';

const requestTables: RequestTable[] = [
  joining.requests,
  inviting.requests,
  controlling.requests,
  transporting.requests,
  producing.requests,
  rebuilding.requests,
  stats.requests,
  clock.requests,
  tempo.requests,
  chatting.requests,
  bench.requests,
];
const notificationTables: NotificationTable[] = [
  joining.notifications,
  producing.notifications,
  watching.notifications,
  clock.notifications,
  planning.notifications,
];

/** Every request that a client may make. */
export const requests: ReadonlyMap<string, RequestEntry> = new Map(
  requestTables.flatMap((table) => Object.entries(table)),
);

/** Every notification that a client may send. */
export const notifications: ReadonlyMap<string, NotificationTable[string]> = new Map(
  notificationTables.flatMap((table) => Object.entries(table)),
);
