// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { reserved } from './names.ts';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Logger } from './log.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/**
 * The page runs only what is its own, talks to nobody else, is shown in nobody's frame, and tells
 * nobody by which link it was opened: there is an invite in that.
 */
function safety(host = ''): OutgoingHttpHeaders {
  // Not every browser takes 'self' for the WebSocket's scheme, too.
  const socket = /^[\w.:[\]-]{1,255}$/.test(host) ? ` wss://${host}` : '';

  return {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob: mediastream:; " +
      `connect-src 'self'${socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'microphone=(self), camera=(), geolocation=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

type Page = { type: string; body: Buffer; zipped: Buffer; tag: string };

function read(file: string): Page {
  const body = fs.readFileSync(file);

  return {
    type: types[path.extname(file)] ?? 'application/octet-stream',
    body,
    zipped: zlib.gzipSync(body, { level: 9 }),
    tag: `"${crypto.createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}

/** The path of a room: one name, with or without a slash behind it. */
const roomPath = /^\/(?:([a-z0-9._-]{1,64})\/?)?$/;

/** What browsers get: one page for every room, and its parts. All of it is in memory. */
export class Pages {
  readonly #pages = new Map<string, Page>();

  /** @directory: what guest/build.ts has made; where it is missing, browsers find nothing here. */
  constructor(directory: string, log: Logger) {
    try {
      for (const name of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }))
        if (fs.statSync(path.join(directory, name)).isFile())
          this.#pages.set(`/guest/${name}`, read(path.join(directory, name)));
    } catch (error) {
      log.warn({ err: error }, 'there is no page for browsers');
    }
  }

  /** Answers a GET or HEAD of a page; returns false when @pathname is none. */
  answer(pathname: string, request: IncomingMessage, response: ServerResponse): boolean {
    const page = this.#find(pathname);

    if (!page) return false;

    const zip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const same = request.headers['if-none-match'] === page.tag;
    const body = zip ? page.zipped : page.body;

    response.writeHead(same ? 304 : 200, {
      ...safety(request.headers.host),
      'Content-Type': page.type,
      'Cache-Control': 'no-cache',
      ETag: page.tag,
      Vary: 'Accept-Encoding',
      ...(zip && { 'Content-Encoding': 'gzip' }),
      ...(!same && { 'Content-Length': body.length }),
    });
    response.end(same || request.method === 'HEAD' ? undefined : body);

    return true;
  }

  knows(pathname: string): boolean {
    return this.#find(pathname) !== undefined;
  }

  #find(pathname: string): Page | undefined {
    const match = roomPath.exec(pathname);
    const isRoom = match && !reserved.includes(match[1] ?? '');

    return this.#pages.get(isRoom ? '/guest/index.html' : pathname);
  }
}
