// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import fs from 'node:fs';
import { isIPv6 } from 'node:net';
import { SetupError } from './errors.ts';

export type Turn = { urls: string[]; secret?: string };

export type IceServer = { urls: string[]; username?: string; credential?: string };

/** Of a credential. A server asks for it when a transport is made, not while one lasts. */
const lifetimeSeconds = 24 * 60 * 60;
const maxUrls = 8;

/** RFC 7065, without escapes. The contract's pattern for a URL is the same. */
const pattern =
  /^turns?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?(\?transport=(udp|tcp))?$/;

function checkUrl(url: string): void {
  const [, host = '', port] = pattern.exec(url) ?? [];

  if (host === '' || url.length > 300 || (host.startsWith('[') && !isIPv6(host.slice(1, -1))))
    throw new SetupError(
      `--turn must be a URL like turn:turn.example.org:3478?transport=udp, not “${url}”.`,
    );
  if (port !== undefined && !(Number(port.slice(1)) >= 1 && Number(port.slice(1)) <= 65535))
    throw new SetupError(`The port in --turn ${url} must be from 1 to 65535.`);
}

function readSecret(file: string): string {
  let secret;

  try {
    secret = fs.readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new SetupError(`The TURN secret cannot be read: ${(error as Error).message}.`);
  }
  if (secret === '') throw new SetupError(`The TURN secret in ${file} is empty.`);

  return secret;
}

/** What the command line says about TURN servers, checked; throws SetupError with a sentence. */
export function readTurn(urls: string[], secretFile: string | undefined): Turn {
  if (urls.length > maxUrls) throw new SetupError(`At most ${maxUrls} --turn are possible.`);
  for (const url of urls) checkUrl(url);
  if (secretFile === undefined) return { urls };
  if (urls.length === 0)
    throw new SetupError('--turn-secret-file says how to be let in by a --turn: name one.');

  return { urls, secret: readSecret(secretFile) };
}

/**
 * What @peerId is told of the TURN servers; undefined when there is none. With a secret, the name
 * and password are good for a day and made of it as TURN servers' REST interface wants it
 * (draft-uberti-behave-turn-rest): no client ever knows the secret.
 */
export function iceServers(
  { urls, secret }: Turn,
  peerId: string,
  now: number,
): IceServer[] | undefined {
  if (urls.length === 0) return undefined;
  if (secret === undefined) return [{ urls }];

  const username = `${Math.floor(now / 1000) + lifetimeSeconds}:${peerId}`;
  const credential = crypto.createHmac('sha1', secret).update(username).digest('base64');

  return [{ urls, username, credential }];
}
