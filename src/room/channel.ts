// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { RawData, WebSocket } from 'ws';
import { Close, Code, RequestError } from './errors.ts';
import { complainFrame } from './schemas.ts';
import { limits } from './limits.ts';
import { TokenBucket } from './rate-limit.ts';
import type { CloseWhy } from './errors.ts';
import type { Logger } from './log.ts';

export type Data = Record<string, unknown>;

type RequestFrame = { request: true; id: number; method: string; data?: Data };
type ResponseFrame = {
  response: true;
  id: number;
  ok: boolean;
  data?: Data;
  errorCode?: number;
  errorReason?: string;
};
type NotificationFrame = { notification: true; method: string; data?: Data };
type Frame = RequestFrame | ResponseFrame | NotificationFrame;

/** What the channel's owner does with what comes in. */
export type ChannelHandler = {
  /** Its result is the answer; a RequestError refuses, anything else thrown is a 500. */
  request(method: string, data: Data): Data | Promise<Data>;
  notification(method: string, data: Data): void;
  /** Once, when the connection is gone for whatever reason. */
  closed(): void;
};

export type ChannelOptions = { requestTimeoutMs: number; keepAliveMs: number; log: Logger };

type Pending = {
  resolve: (data: Data) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
};

/** Clients read 32; what goes on to others stands a few levels deeper there. */
const deepest = 24;

/**
 * What readers that are stricter than JSON.parse() take for the end of the connection, were it sent
 * on to them: halves of characters, and endless depth.
 */
function complainText(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? 'broken text' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= deepest) return 'nested too deep';
  for (const [key, item] of Object.entries(value)) {
    const wrong = complainText(key) ?? complainText(item, depth + 1);

    if (wrong !== undefined) return wrong;
  }

  return undefined;
}

/** protoo 4 over one WebSocket: requests both ways, notifications, keep-alive and rate limit. */
export class Channel {
  readonly #socket: WebSocket;
  readonly #options: ChannelOptions;
  readonly #log: Logger;
  readonly #pending = new Map<number, Pending>();
  readonly #bucket = new TokenBucket(limits.framesPerSecond, limits.frameBurst);
  readonly #keepAlive: NodeJS.Timeout;
  #handler: ChannelHandler | undefined;
  #nextId = 1;
  #open = 0;
  #abuse = 0;
  #lastHeard = performance.now();
  #rttMs: number | undefined;
  #pings = 0;
  #pingedAt = 0;
  #closed = false;

  constructor(socket: WebSocket, options: ChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#log = options.log;
    socket.on('message', (data, binary) => this.#message(data, binary));
    socket.on('pong', () => this.#pong());
    socket.on('ping', () => this.#heard());
    socket.on('error', (error) => this.#log.info({ err: error }, 'socket error'));
    socket.on('close', (code) => this.#gone(code));
    this.#keepAlive = setInterval(() => this.#checkAlive(), options.keepAliveMs);
    this.#ping();
  }

  /** Starts to hand frames to @handler. */
  start(handler: ChannelHandler): void {
    this.#handler = handler;
    if (this.#closed) handler.closed();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The shortest round trip so far, ms. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** Asks the client; rejects when it refuses, does not answer in time, or goes away. */
  request(method: string, data: Data): Promise<Data> {
    const id = this.#nextId++;

    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('the connection is closed'));
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`no answer to ${method} in time`));
      }, this.#options.requestTimeoutMs);

      this.#pending.set(id, { resolve, reject, timer });
      this.#send({ request: true, id, method, data });
    });
  }

  notify(method: string, data: Data): void {
    this.#send({ notification: true, method, data });
  }

  /** Closes with a code and a reason; who does not answer the close is cut off after a second. */
  close(why: CloseWhy): void {
    if (this.#closed) return;
    this.#socket.close(why.code, why.reason);
    setTimeout(() => this.#socket.terminate(), 1000).unref();
  }

  #send(frame: Frame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > limits.sendBacklog) {
      this.#log.warn('the client does not read: cut off');
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(frame));
  }

  #heard(): void {
    this.#lastHeard = performance.now();
  }

  #checkAlive(): void {
    if (performance.now() - this.#lastHeard > 3 * this.#options.keepAliveMs) {
      this.#log.info('the client is silent: cut off');
      this.#socket.terminate();
      return;
    }
    this.#ping();
  }

  #ping(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#pingedAt = performance.now();
    this.#pings += 1;
    this.#socket.ping();
  }

  /** The first ones follow one another, so that the way is known when the client joins. */
  #pong(): void {
    this.#heard();
    if (this.#pingedAt === 0) return;

    const rttMs = performance.now() - this.#pingedAt;

    this.#pingedAt = 0;
    this.#rttMs = Math.min(this.#rttMs ?? Infinity, rttMs);
    if (this.#pings < limits.firstPings) this.#ping();
  }

  #gone(code: number): void {
    this.#closed = true;
    clearInterval(this.#keepAlive);
    this.#log.debug({ code }, 'connection closed');
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new Error('the connection is closed'));
    }
    this.#pending.clear();
    this.#handler?.closed();
  }

  #parse(raw: RawData, binary: boolean): Frame | undefined {
    let frame: unknown;
    let wrong: string | undefined = 'a binary message';

    if (!binary) {
      try {
        frame = JSON.parse(String(raw));
        wrong = complainText(frame) ?? complainFrame(frame);
      } catch {
        wrong = 'not JSON';
      }
    }
    if (wrong !== undefined) {
      this.#log.warn({ wrong }, 'not a protoo frame');
      this.close(Close.protocolError);
      return undefined;
    }

    return frame as Frame;
  }

  #message(raw: RawData, binary: boolean): void {
    this.#heard();
    if (this.#socket.readyState !== this.#socket.OPEN) return;

    const withinRate = this.#bucket.take();

    if (!withinRate && ++this.#abuse > limits.abuse) {
      this.#log.warn('the client does not slow down: closed');
      this.close(Close.protocolError);
      return;
    }

    const frame = this.#parse(raw, binary);

    if (!frame) return;
    if ('response' in frame) this.#response(frame);
    else if ('request' in frame) void this.#request(frame, withinRate);
    else if (withinRate) this.#handler?.notification(frame.method, frame.data ?? {});
  }

  #response(frame: ResponseFrame): void {
    const pending = this.#pending.get(frame.id);

    if (!pending) return; // Too late, or never asked.
    this.#pending.delete(frame.id);
    clearTimeout(pending.timer);
    if (frame.ok) pending.resolve(frame.data ?? {});
    else pending.reject(new RequestError(frame.errorCode ?? 0, frame.errorReason ?? ''));
  }

  async #request({ id, method, data }: RequestFrame, withinRate: boolean): Promise<void> {
    if (!withinRate || this.#open >= limits.openRequests)
      return this.#refuse(id, new RequestError(Code.tooFast, 'Too many messages: slow down.'));

    this.#open += 1;
    try {
      // Without an await for what needs none: `clock` answers in the same turn.
      const result = this.#handler?.request(method, data ?? {}) ?? {};

      this.#send({
        response: true,
        id,
        ok: true,
        data: result instanceof Promise ? await result : result,
      });
    } catch (error) {
      this.#refuse(id, error, method);
    } finally {
      this.#open -= 1;
    }
  }

  #refuse(id: number, error: unknown, method?: string): void {
    const known = error instanceof RequestError;

    if (!known) this.#log.error({ err: error, method }, 'a request failed');
    this.#send({
      response: true,
      id,
      ok: false,
      errorCode: known ? error.code : Code.ourFault,
      errorReason: known ? error.message : 'Something went wrong in the room service.',
    });
  }
}
