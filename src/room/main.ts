// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { isIPv6 } from 'node:net';
import { adoptMediasoupLog, createLog } from './log.ts';
import { compileAll } from './schemas.ts';
import { listen } from './server.ts';
import { loadIdentity } from './certificate.ts';
import { Invites } from './invites.ts';
import { readConfig, usage } from './config.ts';
import { localAddress, WayIn } from './outside.ts';
import { Service } from './service.ts';
import { SetupError } from './errors.ts';
import type { Config } from './config.ts';
import type { Listening } from './server.ts';
import type { Logger } from './log.ts';

/** Time for close frames to reach the clients. */
const farewellMs = 200;
/** Time for the router to take back what it was asked for. */
const mappingMs = 4000;

type Ending = (graceMs: number, why: string) => Promise<void>;

/** Ends once: drains for the grace time, then closes everything. A second call ends at once. */
function ending(
  service: Service,
  server: Listening,
  wayIn: WayIn | undefined,
  log: Logger,
): Ending {
  let asked = false;

  return async (graceMs, why) => {
    if (asked) process.exit(1);
    asked = true;
    log.info({ why, graceMs }, 'ending');
    await service.drain(graceMs);
    await new Promise((resolve) => setTimeout(resolve, farewellMs));
    // While the port is still ours: who takes it next asks the router for the same.
    await Promise.race([wayIn?.close(), new Promise((resolve) => setTimeout(resolve, mappingMs))]);
    server.close();
    service.workers.close();
    log.info('ended');
    process.exit(0);
  };
}

function watchProcess(config: Config, end: Ending, log: Logger): void {
  process.on('SIGTERM', () => void end(config.drainMs, 'SIGTERM'));
  process.on('SIGINT', () => void end(0, 'SIGINT'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  // Who started us may be gone before it reads the ready line.
  process.stdout.on('error', () => undefined);
  if (!config.stdinLifeline) return;
  process.stdin.on('end', () => void end(0, 'standard input closed'));
  process.stdin.on('error', () => void end(0, 'standard input broken'));
  process.stdin.resume();
}

/** Asks the router before anything listens: what it says goes into the ICE candidates. */
async function openWayIn(config: Config, log: Logger): Promise<WayIn> {
  const local = config.listen === '0.0.0.0' ? await localAddress() : config.listen;

  if (local === undefined || local.startsWith('127.'))
    throw new SetupError('This computer has no connection that others could come in by.');

  const wayIn = await WayIn.open(config, local, log);
  const { state, address } = wayIn.outside;

  // Who owns the room goes in by the near address: not every router leads out and back in.
  config.announce = local;
  config.media = { listen: local, ...(state !== 'double-nat' && { announce: address }) };

  return wayIn;
}

function tellOutside(wayIn: WayIn): void {
  process.stdout.write(`internet ${JSON.stringify(wayIn.outside)}\n`);
}

async function serve(config: Config, wayIn: WayIn | undefined, log: Logger): Promise<void> {
  const identity = await loadIdentity(config, log);
  const invites = Invites.load(config, log);
  const service = new Service(config, invites, log, wayIn);

  await service.workers.start();

  const server = await listen(service, identity).catch((error: NodeJS.ErrnoException) => {
    service.workers.close();
    throw new SetupError(`The service cannot listen: ${error.message}.`);
  });
  const host = isIPv6(config.announce) ? `[${config.announce}]` : config.announce;

  watchProcess(config, ending(service, server, wayIn, log), log);
  log.info({ listen: config.listen, port: server.port, workers: config.workers }, 'ready');
  if (wayIn) {
    tellOutside(wayIn);
    wayIn.onChange = () => tellOutside(wayIn);
  }
  process.stdout.write(
    `ready tutti://${host}:${server.port}/?invite=${await invites.ownerToken()}&fp=${identity.fingerprint}\n`,
  );
  wayIn?.try(service.workers, identity.fingerprint).catch((error: unknown) => {
    log.warn({ err: error }, 'not tried from outside'); // A worker that died just then.
  });
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.logLevel);

  adoptMediasoupLog(log);
  compileAll();

  const wayIn = config.internet ? await openWayIn(config, log) : undefined;

  try {
    await serve(config, wayIn, log);
  } catch (error) {
    await wayIn?.close();
    throw error;
  }
}

try {
  const config = readConfig(process.argv.slice(2));

  if (config) await run(config);
  else process.stdout.write(`${usage}\n`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`tutti-room: ${error.message}\n`);
  process.exit(2);
}
