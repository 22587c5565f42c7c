// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { Code, RequestError } from '../errors.ts';
import type { Data } from '../channel.ts';
import type { Peer, PeerConsumer, PeerProducer } from '../peer.ts';
import type { PeerTransport } from '../transports.ts';

/** A method: @run gets data that its schema has passed. */
export type RequestEntry = {
  /** Only after `join`. */
  joined?: boolean;
  /** Only with --bench-plain. */
  bench?: boolean;
  /** `never`: only the schema knows what the data is, so each method names its own type. */
  run(peer: Peer, data: never): Data | Promise<Data>;
};

export type RequestTable = Record<string, RequestEntry>;
export type NotificationTable = Record<string, (peer: Peer, data: never) => void | Promise<void>>;

/** The peer's own transport, producer or consumer of that id; others' do not exist for it. */
export function transportOf(peer: Peer, id: string): PeerTransport {
  const item = peer.transports.get(id);

  if (!item) throw new RequestError(Code.notFound, 'You have no such transport.');

  return item;
}

export function producerOf(peer: Peer, id: string): PeerProducer {
  const item = peer.producers.get(id);

  if (!item) throw new RequestError(Code.notFound, 'You have no such producer.');

  return item;
}

export function consumerOf(peer: Peer, id: string): PeerConsumer {
  const item = peer.consumers.get(id);

  if (!item) throw new RequestError(Code.notFound, 'You have no such consumer.');

  return item;
}

/** For hosts only, and only in the room that they are in. */
export function ofHost<T extends Data>(run: (peer: Peer, data: T) => Data | Promise<Data>) {
  return {
    joined: true,
    run(peer: Peer, data: T): Data | Promise<Data> {
      if (peer.grant.role !== 'host')
        throw new RequestError(Code.notAllowed, 'Only a host of this room can do this.');

      return run(peer, data);
    },
  };
}

/** Turns what mediasoup thinks of a client's parameters into an answer to the client. */
export function refusal(error: unknown): RequestError {
  if (error instanceof RequestError) return error;

  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };

  if (name === 'TypeError') return new RequestError(Code.malformed, message);
  if (name === 'UnsupportedError') return new RequestError(Code.notAllowed, message);

  return new RequestError(Code.wrongState, message);
}

/** Runs @then after the answer to this request is on its way. */
export function afterAnswer(peer: Peer, then: () => void): void {
  setImmediate(() => {
    if (!peer.closed) then();
  });
}
