// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import https from 'node:https';
import path from 'node:path';
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer } from 'ws';
import { Addresses, addressOf } from './addresses.ts';
import { complainId } from './names.ts';
import { limits } from './limits.ts';
import { Pages } from './pages.ts';
import { ReachHelper } from './reach.ts';
import { Refusal } from './invites.ts';
import { RequestError } from './errors.ts';
import { version } from './service.ts';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from './certificate.ts';
import type { Service } from './service.ts';

/** An upgrade that is refused with an HTTP status and a sentence. */
class UpgradeError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What guest/build.ts makes of the page for browsers. */
const guestDirectory = path.join(import.meta.dirname, 'guest/dist');

/** Of an invite or a seat: a few times what ours are. */
const maxToken = 2048;

/** Browsers cannot lie about Origin: a page of somebody else's does not reach the room. */
function checkOrigin({ headers }: IncomingMessage): void {
  const same = () => {
    const origin = new URL(headers.origin ?? '');

    return origin.protocol === 'https:' && origin.host === new URL(`https://${headers.host}`).host;
  };

  try {
    if (same()) return;
  } catch {
    // Not a URL: refused below.
  }
  throw new UpgradeError(403, 'The Origin header must be https://HOST:PORT of this service.');
}

type Address = { roomId: string; peerId: string; invite?: string; seat?: string };

function readAddress(request: IncomingMessage): Address {
  const url = URL.parse(request.url ?? '/', 'https://localhost');

  // What is in it must not get into the log.
  if (!url) throw new UpgradeError(400, 'The address of the request cannot be read.');

  const { searchParams } = url;
  const roomId = searchParams.get('roomId') ?? '';
  const peerId = searchParams.get('peerId') ?? '';
  const invite = searchParams.get('invite') ?? undefined;
  const seat = searchParams.get('seat') ?? undefined;
  const wrong = complainId(roomId, peerId);

  if (wrong !== undefined) throw new UpgradeError(400, wrong);
  if ([invite, seat].some((token) => token !== undefined && token.length > maxToken))
    throw new UpgradeError(400, `An invite is at most ${maxToken} characters long.`);

  return { roomId, peerId, invite, seat };
}

function checkProtocol({ headers }: IncomingMessage): void {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',');

  if (!offered.some((name) => name.trim() === 'protoo'))
    throw new UpgradeError(400, 'The WebSocket sub-protocol must be protoo.');
}

function statusOf(error: unknown): number {
  if (error instanceof UpgradeError) return error.status;
  if (error instanceof Refusal) return 403;

  return error instanceof RequestError ? 503 : 500;
}

function refuseUpgrade(socket: Duplex, status: number, message: string, code?: string): void {
  const body = `${message}\n`;
  const more = code === undefined ? '' : `Tutti-Refusal: ${code}\r\n`;

  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      more +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function healthz(service: Service, response: ServerResponse): void {
  const { workers, rooms, draining } = service;
  const alive = workers.alive.length;
  const ok = alive > 0 && !draining;

  response.writeHead(ok ? 200 : 503, { 'Content-Type': 'application/json' });
  response.end(
    JSON.stringify({
      status: draining ? 'draining' : !ok ? 'failing' : alive < workers.total ? 'degraded' : 'ok',
      version,
      uptimeSeconds: Math.round(process.uptime()),
      workers: { alive, total: workers.total },
      rooms: rooms.size,
      peers: [...rooms.values()].reduce((sum, room) => sum + room.joinedPeers.length, 0),
    }) + '\n',
  );
}

async function metrics(service: Service, response: ServerResponse): Promise<void> {
  const { registry } = service.metrics;
  const text = await registry.metrics();

  response.writeHead(200, { 'Content-Type': registry.contentType });
  response.end(text);
}

/** What stands behind the port. */
type Behind = {
  service: Service;
  pages: Pages;
  addresses: Addresses;
  helper: ReachHelper | undefined;
};

/** A page cannot see why its WebSocket was refused: it asks here, also before anybody says a name. */
async function admission(
  { service, addresses }: Behind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, what: object) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(`${JSON.stringify(what)}\n`);
  };

  if (!addresses.mayKnock(request.socket)) {
    service.metrics.refusedConnections.inc({ status: 429 });
    say(429, { code: 'too-fast', message: 'Too many questions from one address.' });
    return;
  }
  try {
    const { roomId, peerId, invite, seat } = readAddress(request);
    const role = await service.admission(roomId, peerId, invite, seat);

    say(200, { role });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UpgradeError)) throw error;
    say(statusOf(error), {
      code: error instanceof Refusal ? error.code : 'malformed',
      message: error.message,
    });
  }
}

type Answer = (
  behind: Behind,
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

const answers: Record<string, Answer> = {
  '/healthz': ({ service }, _request, response) => healthz(service, response),
  '/metrics': ({ service }, _request, response) => metrics(service, response),
  '/guest/admission': admission,
};

function answer(behind: Behind, request: IncomingMessage, response: ServerResponse): void {
  const { service, pages, helper } = behind;
  const pathname = (request.url ?? '').split('?')[0]!;
  const run = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
  const asks = ['GET', 'HEAD'].includes(request.method ?? '');

  if (pathname === '/service/reach' && helper) {
    helper.answer(request, response).catch((error: unknown) => {
      service.log.error({ err: error }, 'reach failed');
      response.destroy();
    });
    return;
  }
  if (!run && asks && pages.answer(pathname, request, response)) return;
  if (!run || !asks) {
    const known = run || pages.knows(pathname);

    response.writeHead(known ? 405 : 404, { 'Content-Type': 'text/plain' });
    response.end(`${known ? 'Only GET is allowed here.' : 'There is nothing here.'}\n`);
    return;
  }
  void (async () => run(behind, request, response))().catch((error: unknown) => {
    service.log.error({ err: error, pathname }, 'an answer failed');
    response.writeHead(500).end();
  });
}

async function upgrade(
  service: Service,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  checkOrigin(request);
  const { roomId, peerId, invite, seat } = readAddress(request);

  checkProtocol(request);

  const address = addressOf(request.socket);
  const place = await service.reserve({ roomId, peerId, invite, seat, address });

  if (socket.destroyed) {
    service.cancel(place); // It went while the room was being made.
    return;
  }

  // ws ends the socket itself when the handshake is wrong, and then never calls back.
  const giveBack = () => service.cancel(place);

  socket.once('close', giveBack);
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    socket.off('close', giveBack);
    service.enter(place, webSocket);
  });
}

export type Listening = { port: number; close: () => void };

/** One TLS port for the WebSocket, the page for browsers, /healthz and /metrics. */
export async function listen(service: Service, identity: Identity): Promise<Listening> {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.message,
    perMessageDeflate: false,
    handleProtocols: () => 'protoo',
  });
  const pages = new Pages(guestDirectory, service.log);
  const addresses = new Addresses();
  const helper = service.config.reach ? new ReachHelper() : undefined;
  const server = https.createServer(
    {
      key: identity.key,
      cert: identity.cert,
      minVersion: 'TLSv1.2',
      maxHeaderSize: 16 * 1024,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      handshakeTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => answer({ service, pages, addresses, helper }, request, response),
  );

  server.maxConnections = limits.connections;
  server.on('connection', (socket: Socket) => {
    if (addresses.admit(socket)) return;
    service.metrics.refusedConnections.inc({ status: 'address' });
    socket.destroy();
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => service.log.debug({ err: error }, 'socket error'));
    upgrade(service, sockets, request, socket, head).catch((error: unknown) => {
      const known = [UpgradeError, Refusal, RequestError].some((type) => error instanceof type);
      const status = statusOf(error);
      const code = error instanceof Refusal ? error.code : undefined;

      service.metrics.refusedConnections.inc({ status });
      service.log[known ? 'info' : 'error']({ err: error, status }, 'connection refused');
      refuseUpgrade(
        socket,
        status,
        known ? (error as Error).message : 'Something went wrong.',
        code,
      );
    });
  });
  server.listen(service.config.port, service.config.listen);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
