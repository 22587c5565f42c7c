// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import https from 'node:https';
import { SetupError } from './errors.ts';
import type { TLSSocket } from 'node:tls';
import type { Answer, Question, Reached } from './reach.ts';

const timeoutMs = 6000;
const maxAnswer = 4096;

/** Another room service (`--reach`) that tries from outside whether ours can be reached. */
export class ReachAsker {
  readonly #url: URL;
  readonly #pin: string | undefined;

  /** @text: https://HOST[:PORT][?fp=SHA256], the pin as in a room's link. */
  constructor(text: string) {
    const url = URL.parse(text);
    const pin = url?.searchParams.get('fp') ?? undefined;

    if (url?.protocol !== 'https:' || (pin !== undefined && !/^[0-9a-f]{64}$/.test(pin)))
      throw new SetupError(
        `--reach-helper must be a URL like https://room.example.org:4443?fp=…, not “${text}”.`,
      );
    this.#url = new URL('/service/reach', url);
    this.#pin = pin;
  }

  /** Our address as seen from there; undefined when it does not say. */
  async address(): Promise<string | undefined> {
    return (await this.#ask('GET'))?.address;
  }

  async ask(question: Question): Promise<Reached | undefined> {
    return (await this.#ask('POST', question))?.reached;
  }

  async #ask(method: string, question?: Question): Promise<Answer | undefined> {
    try {
      return await this.#request(method, question && JSON.stringify(question));
    } catch {
      return undefined; // Not knowing is an answer, too.
    }
  }

  #isWanted(socket: TLSSocket): boolean {
    if (this.#pin === undefined) return true;
    const { raw } = socket.getPeerCertificate();

    return crypto.createHash('sha256').update(raw).digest('hex') === this.#pin;
  }

  #request(method: string, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = https.request(this.#url, {
        method,
        agent: false,
        // It has to see the address that our players' packets would come to.
        family: 4,
        rejectUnauthorized: this.#pin === undefined,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      });

      request.on('error', reject);
      request.on('socket', (socket) =>
        socket.once('secureConnect', () => {
          if (this.#isWanted(socket as TLSSocket)) request.end(body);
          else request.destroy(new Error('the helper has another certificate'));
        }),
      );
      request.on('response', (response) => {
        let text = '';

        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (part: string) => {
          text += part;
          if (text.length > maxAnswer) request.destroy(new Error('the answer is too long'));
        });
        response.on('end', () => {
          try {
            resolve(readAnswer(text));
          } catch (error) {
            reject(error as Error);
          }
        });
      });
    });
  }
}

function readAnswer(text: string): Answer {
  const { address, reached } = JSON.parse(text) as Partial<Answer>;

  if (typeof address !== 'string' || !/^[0-9.]{7,15}$/.test(address)) throw new Error('no address');
  if (reached === undefined) return { address };
  const { service, mediaUdp, mediaTcp } = reached;

  return {
    address,
    reached: {
      service: service === true,
      mediaUdp: mediaUdp === true,
      mediaTcp: mediaTcp === true,
    },
  };
}
