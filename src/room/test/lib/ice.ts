// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import dgram from 'node:dgram';
import zlib from 'node:zlib';
import { once } from 'node:events';
import type { Data } from '../../channel.ts';

const magic = 0x2112a442;

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);

  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);

  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);

  buffer.writeUInt32BE(value >>> 0);

  return buffer;
}

/** A STUN binding request as an ICE controlling agent sends it (RFC 8445, RFC 8489). */
export function bindingRequest(ufrag: string, password: string): Buffer {
  const head = Buffer.concat([
    Buffer.from([0, 1, 0, 0]),
    uint32(magic),
    crypto.randomBytes(12),
    attribute(0x0006, Buffer.from(`${ufrag}:test`)),
    attribute(0x0024, uint32(0x6e7f1eff)),
    attribute(0x802a, crypto.randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);

  head.writeUInt16BE(head.length - 20 + 24, 2);
  const hmac = crypto.createHmac('sha1', password).update(head).digest();
  const signed = Buffer.concat([head, attribute(0x0008, hmac)]);

  signed.writeUInt16BE(signed.length - 20 + 8, 2);

  return Buffer.concat([signed, attribute(0x8028, uint32(zlib.crc32(signed) ^ 0x5354554e))]);
}

/** Keeps a transport of the service connected, as far as ICE goes, until stop(). */
export class IceAgent {
  readonly #socket = dgram.createSocket('udp4');
  readonly #timer: NodeJS.Timeout;
  /** Resolves at the first answer. */
  readonly connected: Promise<unknown>;

  constructor(transport: Data) {
    const { usernameFragment, password } = transport['iceParameters'] as Record<string, string>;
    const candidates = transport['iceCandidates'] as { protocol: string; port: number }[];
    const { port } = candidates.find(({ protocol }) => protocol === 'udp')!;
    const ask = () => {
      this.#socket.send(bindingRequest(usernameFragment!, password!), port, '127.0.0.1');
    };

    this.connected = once(this.#socket, 'message');
    this.#timer = setInterval(ask, 200);
    ask();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
