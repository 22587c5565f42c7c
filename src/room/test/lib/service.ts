// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';

const command = path.join(import.meta.dirname, '../../tutti-room');

/** One room service with its real workers, as a subprocess behind the real wrapper. */
export class TestService {
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
  /** Of the owner: a host in every room. */
  readonly invite: string;
  readonly process: ChildProcess;
  readonly stateDir: string;
  readonly log: () => string;

  private constructor(
    child: ChildProcess,
    stateDir: string,
    ready: RegExpExecArray,
    log: () => string,
  ) {
    this.process = child;
    this.stateDir = stateDir;
    this.host = '127.0.0.1';
    this.port = Number(ready[1]);
    this.invite = ready[2]!;
    this.fingerprint = ready[3]!;
    this.log = log;
  }

  static async start(args: string[] = [], keptState?: string): Promise<TestService> {
    const stateDir = keptState ?? fs.mkdtempSync(path.join(os.tmpdir(), 'tutti-room-test-'));
    const child = spawn(
      command,
      ['--state-dir', stateDir, '--stdin-lifeline', '--log-level', 'debug', ...args],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let out = '';
    let log = '';

    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    child.stdout.setEncoding('utf8');
    const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
      const give = (why: string) => {
        child.kill('SIGKILL');
        reject(new Error(`${why}: ${log}`));
      };
      const timer = setTimeout(give, 20_000, 'not ready in 20 s');

      child.once('exit', () => give('it ended'));
      child.stdout.on('data', (text: string) => {
        out += text;
        const match =
          /^ready tutti:\/\/127\.0\.0\.1:(\d+)\/\?invite=([\w.-]+)&fp=([0-9a-f]{64})\n/.exec(out);

        if (!match) return;
        clearTimeout(timer);
        resolve(match);
      });
    });

    return new TestService(child, stateDir, ready, () => log);
  }

  async get(
    url: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ status: number; text: string; headers: IncomingHttpHeaders }> {
    const request = https.request({
      host: this.host,
      port: this.port,
      path: url,
      method,
      headers,
      rejectUnauthorized: false,
      agent: false,
    });

    request.end();
    const [response] = await once(request, 'response');
    const cert = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
    const fingerprint = crypto.createHash('sha256').update(cert.raw).digest('hex');

    assert.equal(fingerprint, this.fingerprint);
    const parts: Buffer[] = [];

    for await (const part of response) parts.push(part);

    const body = Buffer.concat(parts);
    const zipped = response.headers['content-encoding'] === 'gzip' && body.length > 0;
    const text = (zipped ? zlib.gunzipSync(body) : body).toString('utf8');

    return { status: response.statusCode, text, headers: response.headers };
  }

  /** Reads one value of /metrics. */
  async metric(name: string): Promise<number> {
    const { text } = await this.get('/metrics');
    const line = text.split('\n').find((item) => item.startsWith(`${name} `));

    assert.ok(line, `no metric ${name}`);

    return Number(line.split(' ')[1]);
  }

  /** The process ids of its workers. */
  workerPids(): number[] {
    const children = `/proc/${this.process.pid}/task/${this.process.pid}/children`;

    return fs.readFileSync(children, 'utf8').trim().split(/\s+/).map(Number).filter(Boolean);
  }

  async exit(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const [code] = await once(this.process, 'exit');

    return code;
  }

  /** Ends it and forgets its state. Fails when it had an error of its own. */
  async stop(): Promise<void> {
    this.process.stdin?.end();
    await this.exit();
    fs.rmSync(this.stateDir, { recursive: true, force: true });
    const failures = this.log()
      .split('\n')
      .filter((line) => /"level":"(fatal)"|a request failed|unhandled rejection/.test(line));

    assert.deepEqual(failures, []);
  }
}
