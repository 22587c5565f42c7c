// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { complainPart } from './schemas.ts';

/** Where the service answers itself: no browser would find a room of that name. */
export const reserved: readonly string[] = ['healthz', 'metrics'];

/** Says what is wrong with a room name or a peer id; undefined when both fit. */
export function complainId(roomId: string, peerId: string): string | undefined {
  if (complainPart('roomName', roomId))
    return 'A room name is 1 to 64 lower-case letters, digits, “-”, “_” and “.”.';
  if (reserved.includes(roomId)) return `No room can be called “${roomId}”.`;
  if (complainPart('peerId', peerId)) return 'A peer id is 8 to 64 letters, digits, “-” and “_”.';

  return undefined;
}
