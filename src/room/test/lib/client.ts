// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { complain, complainFrame } from '../../schemas.ts';
import type { ClientOptions } from 'ws';
import type { Data } from '../../channel.ts';
import type { TestService } from './service.ts';

export type Event = { kind: 'request' | 'notification'; method: string; data: Data; id?: number };

type Handler = (data: Data) => Data | Promise<Data> | undefined;

let lastPeer = 0;

export class Refused extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** A client that checks everything it gets against the contract, and keeps it. */
export class TestClient {
  readonly peerId: string;
  readonly events: Event[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  /** Answers newConsumer; what it throws refuses, undefined does not answer at all. */
  onNewConsumer: Handler = () => ({});
  readonly #pending = new Map<number, { resolve: (d: Data) => void; reject: (e: Error) => void }>();
  readonly #methods = new Map<number, string>();
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  private constructor(socket: WebSocket, peerId: string) {
    this.socket = socket;
    this.peerId = peerId;
    socket.on('message', (raw) => this.#message(JSON.parse(String(raw))));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        for (const { reject } of this.#pending.values()) reject(new Error(`closed ${reason}`));
        resolve({ code, reason: String(reason) });
      });
    });
  }

  static open(
    service: TestService,
    room: string,
    peerId = `peer-${String(++lastPeer).padStart(4, '0')}`,
    options: ClientOptions = {},
    protocol: string | string[] = 'protoo',
    right: { invite?: string; seat?: string } = { invite: service.invite },
  ): Promise<TestClient> {
    const base = `${service.host}:${service.port}`;
    const query = new URLSearchParams({ roomId: room, peerId, ...right });
    const socket = new WebSocket(`wss://${base}/?${query}`, protocol, {
      rejectUnauthorized: false,
      origin: `https://${base}`,
      ...options,
    });
    const client = new TestClient(socket, peerId);

    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        const why = response.headers['tutti-refusal'];

        reject(new Refused(response.statusCode ?? 0, String(why ?? 'refused')));
      });
    });
  }

  /** Opens, makes consumer transports and joins. */
  static async join(
    service: TestService,
    room: string,
    peerId?: string,
    more: Data = {},
  ): Promise<TestClient> {
    const client = await TestClient.open(service, room, peerId);

    await client.transport('consumer');
    await client.joinRoom(more);

    return client;
  }

  /** The same, by one who knows framed sound, and is near however busy this computer is. */
  static async joinFramed(
    service: TestService,
    room: string,
    formats = ['raw', 'tight', 'opus'],
    quantum = 64,
  ): Promise<TestClient> {
    const tutti = { protocol: { major: 1, minor: 1 }, formats, quantum };
    const client = await TestClient.join(service, room, undefined, { tutti });

    client.notify('linkReport', { rttMs: 0.5, quantum, up: { lossPercent: 0 }, down: [] });

    return client;
  }

  /** Sends whatever one likes. */
  raw(data: string | Buffer): void {
    this.socket.send(data);
  }

  async request(method: string, data: Data = {}): Promise<Data> {
    const id = this.#nextId++;

    this.#methods.set(id, method);
    const answer = await new Promise<Data>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.raw(JSON.stringify({ request: true, id, method, data }));
    });
    const wrong = complain('client-requests', method, 'response', answer);

    assert.equal(wrong, undefined, `the answer to ${method}: ${wrong}`);

    return answer;
  }

  notify(method: string, data: Data): void {
    this.raw(JSON.stringify({ notification: true, method, data }));
  }

  /** Expects @method to be refused with @code; returns the reason. */
  async refused(code: number, method: string, data: Data = {}): Promise<string> {
    try {
      await this.request(method, data);
    } catch (error) {
      assert.ok(error instanceof Refused, String(error));
      assert.equal(error.code, code, `${method}: ${error.message}`);
      return error.message;
    }
    return assert.fail(`${method} was not refused`);
  }

  /** Waits for an event that @wanted accepts, those that were there before included. */
  async event(
    method: string,
    wanted: (data: Data) => boolean = () => true,
    timeoutMs = 5000,
  ): Promise<Data> {
    const find = () => this.events.find((e) => e.method === method && wanted(e.data));
    const until = Date.now() + timeoutMs;

    for (;;) {
      const found = find();

      if (found) return found.data;
      if (Date.now() > until) assert.fail(`${this.peerId}: no ${method}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);

        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The newest event of @method. */
  last(method: string): Data | undefined {
    return this.events.findLast((e) => e.method === method)?.data;
  }

  count(method: string, wanted: (data: Data) => boolean = () => true): number {
    return this.events.filter((e) => e.method === method && wanted(e.data)).length;
  }

  async transport(direction: string, media = 'audio', extra: Data = {}): Promise<Data> {
    return this.request('createWebRtcTransport', { direction, media, ...extra });
  }

  async joinRoom(more: Data = {}): Promise<Data> {
    const audio = await this.request('getRouterRtpCapabilities', { media: 'audio' });
    const video = await this.request('getRouterRtpCapabilities', { media: 'video' });
    const [a, v] = [audio, video].map((answer) => answer['routerRtpCapabilities'] as Data);

    return this.request('join', {
      displayName: `Name of ${this.peerId}`,
      device: { flag: 'test', name: 'Test', version: '1' },
      rtpCapabilities: {
        codecs: [...(a!['codecs'] as []), ...(v!['codecs'] as [])],
        headerExtensions: [...(a!['headerExtensions'] as []), ...(v!['headerExtensions'] as [])],
      },
      tutti: { protocol: { major: 1, minor: 0 }, formats: ['opus'] },
      ...more,
    });
  }

  async leave(): Promise<void> {
    await this.request('leave');
    await this.closed;
  }

  #message(frame: Data): void {
    assert.equal(complainFrame(frame), undefined, JSON.stringify(frame));
    if (frame['response']) this.#response(frame);
    else void this.#incoming(frame);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #response(frame: Data): void {
    const id = frame['id'] as number;
    const pending = this.#pending.get(id);

    assert.ok(pending, 'an answer to nothing');
    this.#pending.delete(id);
    if (frame['ok']) pending.resolve((frame['data'] as Data | undefined) ?? {});
    else pending.reject(new Refused(frame['errorCode'] as number, String(frame['errorReason'])));
  }

  async #incoming(frame: Data): Promise<void> {
    const kind = frame['request'] ? 'request' : 'notification';
    const method = frame['method'] as string;
    const data = frame['data'] as Data;
    const id = frame['id'] as number | undefined;

    assert.equal(complain(`server-${kind}s`, method, 'data', data), undefined, method);
    this.events.push({ kind, method, data, id });
    if (kind !== 'request') return;
    try {
      const answer = await this.onNewConsumer(data);

      if (answer) this.raw(JSON.stringify({ response: true, id, ok: true, data: answer }));
    } catch (error) {
      this.raw(
        JSON.stringify({
          response: true,
          id,
          ok: false,
          errorCode: 500,
          errorReason: (error as Error).message,
        }),
      );
    }
  }
}
