// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import https from 'node:https';
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer } from 'ws';
import { complainId } from './names.ts';
import { limits } from './limits.ts';
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

/** A whole IPv6 network of one customer counts as one address, and IPv4 in IPv6 as IPv4. */
function addressOf({ remoteAddress = '' }: Socket): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');

  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}

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
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');

  if (wrong !== undefined) throw new UpgradeError(400, wrong);
  if (!offered.some((name) => name.trim() === 'protoo'))
    throw new UpgradeError(400, 'The WebSocket sub-protocol must be protoo.');

  if ([invite, seat].some((token) => token !== undefined && token.length > maxToken))
    throw new UpgradeError(400, `An invite is at most ${maxToken} characters long.`);

  return { roomId, peerId, invite, seat };
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

function answer(
  service: Service,
  helper: ReachHelper | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = (request.url ?? '').split('?')[0];
  const known = path === '/healthz' || path === '/metrics';

  if (path === '/reach' && helper)
    helper.answer(request, response).catch((error: unknown) => {
      service.log.error({ err: error }, 'reach failed');
      response.destroy();
    });
  else if (!known || !['GET', 'HEAD'].includes(request.method ?? '')) {
    response.writeHead(known ? 405 : 404, { 'Content-Type': 'text/plain' });
    response.end(`${known ? 'Only GET is allowed here.' : 'There is nothing here.'}\n`);
  } else if (path === '/healthz') healthz(service, response);
  else
    metrics(service, response).catch((error: unknown) => {
      service.log.error({ err: error }, 'metrics failed');
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

/** Nobody alone takes all connections. */
function boundAddresses(server: https.Server, service: Service): void {
  const open = new Map<string, number>();

  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket);
    const count = (open.get(address) ?? 0) + 1;

    if (count > limits.connectionsPerAddress) {
      service.metrics.refusedConnections.inc({ status: 'address' });
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = open.get(address)! - 1;

      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

export type Listening = { port: number; close: () => void };

/** One TLS port for the WebSocket, /healthz and /metrics. */
export async function listen(service: Service, identity: Identity): Promise<Listening> {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.message,
    perMessageDeflate: false,
    handleProtocols: () => 'protoo',
  });
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
    (request, response) => answer(service, helper, request, response),
  );

  server.maxConnections = limits.connections;
  boundAddresses(server, service);
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
