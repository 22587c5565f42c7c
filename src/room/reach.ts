// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenBucket } from './rate-limit.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';

// The helper's side of trying a room at home from outside. It connects to nobody but who asks, says
// no more than whether that worked, and sends no more than it was sent.

/** What the asker wants to be tried. */
export type Question = {
  /** TCP port of its service, and the SHA-256 of the certificate that must answer there. */
  port: number;
  fingerprint: string;
  /** UDP and TCP port of its media, and the ICE user fragment of a transport there. */
  rtcPort: number;
  ufrag: string;
};

export type Reached = { service: boolean; mediaUdp: boolean; mediaTcp: boolean };

export type Answer = { address: string; reached?: Reached };

const tryMs = 3000;
const maxBody = 1024;
const maxAtOnce = 8;
/** Of one address: a second, and at once. */
const rate = [0.1, 3] as const;

function isQuestion(value: unknown): value is Question {
  const q = value as Question;
  // Nobody lets a room listen below, and others at the same address might have something there.
  const isPort = (port: unknown) =>
    Number.isInteger(port) &&
    ((port as number) >= 1024 || port === 443) &&
    (port as number) < 65536;

  return (
    typeof value === 'object' &&
    value !== null &&
    isPort(q.port) &&
    isPort(q.rtcPort) &&
    typeof q.fingerprint === 'string' &&
    /^[0-9a-f]{64}$/.test(q.fingerprint) &&
    typeof q.ufrag === 'string' &&
    /^[A-Za-z0-9+/]{4,64}$/.test(q.ufrag)
  );
}

async function until<T extends net.Socket>(socket: T, event: string): Promise<boolean> {
  socket.setTimeout(tryMs, () => socket.destroy());
  try {
    await once(socket, event, { signal: AbortSignal.timeout(tryMs) });

    return true;
  } catch {
    return false;
  }
}

async function tryService(host: string, { port, fingerprint }: Question): Promise<boolean> {
  // Whom it belongs to is told by the fingerprint alone; nothing is sent.
  const socket = tls.connect({ host, port, rejectUnauthorized: false });

  socket.on('error', () => undefined);
  try {
    if (!(await until(socket, 'secureConnect'))) return false;
    const { raw } = socket.getPeerCertificate();

    return crypto.createHash('sha256').update(raw).digest('hex') === fingerprint;
  } finally {
    socket.destroy();
  }
}

async function tryTcp(host: string, port: number): Promise<boolean> {
  const socket = net.connect({ host, port });

  socket.on('error', () => undefined);
  try {
    return await until(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/**
 * A STUN binding request (RFC 8489) with nothing but the user name. An ICE-lite agent that has such
 * a transport answers it, if only that it is not complete: so the password need not be told.
 */
function bindingRequest(ufrag: string): { packet: Buffer; transaction: Buffer } {
  const name = Buffer.from(`${ufrag}:reach`);
  const attribute = Buffer.alloc(4 + Math.ceil(name.length / 4) * 4);
  const transaction = crypto.randomBytes(12);
  const header = Buffer.alloc(8);

  attribute.writeUInt16BE(0x0006, 0);
  attribute.writeUInt16BE(name.length, 2);
  name.copy(attribute, 4);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(attribute.length, 2);
  header.writeUInt32BE(0x2112a442, 4);

  return { packet: Buffer.concat([header, transaction, attribute]), transaction };
}

async function tryUdp(host: string, { rtcPort, ufrag }: Question): Promise<boolean> {
  const socket = dgram.createSocket('udp4');
  const { packet, transaction } = bindingRequest(ufrag);
  const late = new AbortController();
  const answered = new Promise<boolean>((resolve) => {
    socket.on('error', () => resolve(false));
    socket.on('message', (message) => {
      const isAnswer = message.length >= 20 && (message.readUInt16BE(0) & 0x0100) !== 0;

      if (isAnswer && message.subarray(8, 20).equals(transaction)) resolve(true);
    });
  });
  const sent = (async () => {
    for (let i = 0; i < tryMs / 500; i++) {
      socket.send(packet, rtcPort, host);
      await sleep(500, undefined, { signal: late.signal });
    }

    return false;
  })().catch(() => false);

  try {
    return await Promise.race([answered, sent]);
  } finally {
    late.abort();
    socket.close();
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;

  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBody) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Answers GET /service/reach (under which address somebody comes) and POST /service/reach (whether they are reached). */
export class ReachHelper {
  readonly #buckets = new Map<string, TokenBucket>();
  #running = 0;

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');

    if (!net.isIPv4(address)) this.#say(response, 400, 'Only IPv4 can be tried.');
    else if (request.method === 'GET') this.#say(response, 200, { address });
    else if (request.method !== 'POST') this.#say(response, 405, 'Only GET and POST are allowed.');
    else if (!this.#mayAsk(address)) this.#say(response, 429, 'Not so often.');
    else await this.#try(address, request, response);
  }

  #say(response: ServerResponse, status: number, what: Answer | string): void {
    const text = typeof what === 'string' ? what : JSON.stringify(what);

    response.writeHead(status, {
      'Content-Type': typeof what === 'string' ? 'text/plain' : 'application/json',
    });
    response.end(`${text}\n`);
  }

  #mayAsk(address: string): boolean {
    if (this.#running >= maxAtOnce) return false;
    // Old ones are forgotten together: they have filled up long before there are so many.
    if (this.#buckets.size > 10_000) this.#buckets.clear();
    const bucket = this.#buckets.get(address) ?? new TokenBucket(...rate);

    this.#buckets.set(address, bucket);

    return bucket.take();
  }

  async #try(address: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#running += 1;
    try {
      const question = await readBody(request);

      if (!isQuestion(question)) {
        this.#say(response, 400, 'This is no question that could be tried.');
        return;
      }
      const [service, mediaUdp, mediaTcp] = await Promise.all([
        tryService(address, question),
        tryUdp(address, question),
        tryTcp(address, question.rtcPort),
      ]);

      this.#say(response, 200, { address, reached: { service, mediaUdp, mediaTcp } });
    } finally {
      this.#running -= 1;
    }
  }
}
