// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** The errorCode values of docs/PROTOCOL.md. */
export const Code = {
  malformed: 400,
  notAllowed: 403,
  notFound: 404,
  wrongState: 409,
  tooLarge: 413,
  tooFast: 429,
  ourFault: 500,
  busy: 503,
} as const;

/** An error that a client may read: its message goes out as `errorReason`. */
export class RequestError extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** Close codes and reasons of docs/PROTOCOL.md. */
export const Close = {
  left: { code: 4000, reason: 'left' },
  replaced: { code: 4000, reason: 'replaced' },
  removed: { code: 4000, reason: 'removed' },
  locked: { code: 4000, reason: 'room-locked' },
  joinTimeout: { code: 4000, reason: 'join-timeout' },
  protocolError: { code: 4000, reason: 'protocol-error' },
  busy: { code: 4001, reason: 'busy' },
  mediaLost: { code: 4001, reason: 'media-lost' },
  workerDied: { code: 1012, reason: 'worker-died' },
  draining: { code: 1012, reason: 'draining' },
} as const;

export type CloseWhy = { readonly code: number; readonly reason: string };

/** A wrong command line or set-up: the process says it in one sentence and ends. */
export class SetupError extends Error {}
