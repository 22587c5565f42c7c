// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import { createOnce, readIfThere } from './state-file.ts';
import { SetupError } from './errors.ts';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';

export type Identity = {
  key: string;
  cert: string;
  /** SHA-256 of the certificate's DER form, lower-case hex: the link's `fp`. */
  fingerprint: string;
};

const day = 24 * 3600 * 1000;

/** Long: people keep links, and a renewed certificate makes every pinned link wrong. */
const lifetime = 3650 * day;
const renewBefore = 30 * day;

function identity(key: string, cert: string): Identity {
  const x509 = new crypto.X509Certificate(cert);

  if (!x509.checkPrivateKey(crypto.createPrivateKey(key)))
    throw new Error('the key does not belong to the certificate');

  return { key, cert, fingerprint: crypto.createHash('sha256').update(x509.raw).digest('hex') };
}

function readGiven(certFile: string, keyFile: string): Identity {
  try {
    return identity(fs.readFileSync(keyFile, 'utf8'), fs.readFileSync(certFile, 'utf8'));
  } catch (error) {
    throw new SetupError(`The certificate cannot be used: ${(error as Error).message}.`);
  }
}

function split(pem: string): Identity {
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----\n?/.exec(
    pem,
  );
  const cert = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n?/.exec(pem);

  if (!key || !cert) throw new Error('a part is missing');

  return identity(key[0], cert[0]);
}

async function make(host: string): Promise<string> {
  const now = Date.now();
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
    isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
  ];
  const made = await generate([{ name: 'commonName', value: 'Tutti room' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - day),
    notAfterDate: new Date(now + lifetime),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names },
    ],
  });

  return `${made.private.trim()}\n${made.cert.trim()}\n`;
}

/** What is kept in @file, or undefined when there is none that will last. */
function readKept(file: string, log: Logger): Identity | undefined {
  const pem = readIfThere(file);

  if (pem === undefined) return undefined;
  try {
    const kept = split(pem);
    const until = Date.parse(new crypto.X509Certificate(kept.cert).validTo);

    if (until - Date.now() > renewBefore) {
      fs.chmodSync(file, 0o600);
      return kept;
    }
    log.warn({ until: new Date(until) }, 'the own certificate ends soon: a new one is made');
  } catch (error) {
    log.warn({ err: error }, 'the own certificate is unusable: a new one is made');
  }
  fs.rmSync(file);

  return undefined;
}

/** Key and certificate are one file, so that they cannot come apart. */
async function keep(file: string, host: string, log: Logger): Promise<Identity> {
  return readKept(file, log) ?? split(createOnce(file, await make(host)));
}

/** The service's TLS key and certificate: the given ones, or an own pair in the state directory. */
export async function loadIdentity(config: Config, log: Logger): Promise<Identity> {
  if (config.cert !== undefined && config.key !== undefined)
    return readGiven(config.cert, config.key);

  try {
    fs.mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
    return await keep(path.join(config.stateDir, 'identity.pem'), config.announce, log);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`The own certificate cannot be kept: ${(error as Error).message}.`);
  }
}
