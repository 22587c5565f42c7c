// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import os from 'node:os';
import path from 'node:path';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { SetupError } from './errors.ts';
import { ReachAsker } from './reach-asker.ts';
import { readTurn } from './turn.ts';
import type { Turn } from './turn.ts';

export type Config = {
  /** Address that the service and the media listen on. */
  listen: string;
  /** TCP port of the service; 0: any free one. */
  port: number;
  /** Address that goes into the link and into the ICE candidates. */
  announce: string;
  /** The same, when somebody named it. */
  announceGiven?: string;
  /** Address that the media listen on, and the one outside of a router that goes along with it. */
  media: { listen: string; announce?: string };
  /** The router is asked to let people in from the internet. */
  internet: boolean;
  /** Who tries from outside whether people get in. */
  reachHelper?: ReachAsker;
  /** Be that for others. */
  reach: boolean;
  /** How long a router keeps a port open without being asked again. */
  mappingSeconds: number;
  /** PEM files of a certificate from elsewhere; both or none. */
  cert?: string;
  key?: string;
  stateDir: string;
  /** UDP and TCP port of the first worker, the next worker has the next one; 0: any free ones. */
  rtcPort: number;
  workers: number;
  /** Relays for clients that reach the media ports neither by UDP nor by TCP. */
  turn: Turn;
  stdinLifeline: boolean;
  players: number;
  listeners: number;
  /** How long a room waits for its host to come back before a musician inherits it. */
  hostAwayMs: number;
  /** Whoever knows the address may come in, as a musician. */
  open: boolean;
  /** Packets a second that a worker may send out. */
  packetBudget: number;
  /** The most that one client gets, unless it says what it can take. */
  peerPackets: number;
  /** Of a sample of PCM. */
  rawBits: number;
  joinTimeoutMs: number;
  drainMs: number;
  requestTimeoutMs: number;
  keepAliveMs: number;
  benchPlain: boolean;
  logLevel: string;
};

export const usage = `Usage: tutti-room [OPTION…]

  --listen ADDRESS      address to listen on (127.0.0.1: this computer only)
  --port N              TCP port of the service (0: any free one)
  --internet            ask the router to let people in from the internet
  --reach-helper URL    another service that tries from outside whether they get in
  --reach               be such a helper for others
  --mapping-seconds N   how long it does so without being asked again (3600)
  --announce ADDRESS    address that others reach this computer by
  --cert FILE --key FILE  TLS certificate and key (PEM) instead of an own one
  --state-dir DIR       where the own certificate and the invites are kept
  --rtc-port N          UDP and TCP port of the first worker (0: any free ones)
  --workers N           mediasoup workers (one for each processor core)
  --turn URL            a TURN server, for networks that let nothing else through; repeatable
  --turn-secret-file FILE  what the TURN servers check time-limited credentials with
  --players N           musicians in a room (16, at most 64)
  --listeners N         listeners in a room (50, at most 200)
  --open                no invites: whoever knows the address may come in and play
  --host-away S         seconds until a musician becomes host after the last host went (20)
  --packet-budget N     audio packets a second that a worker may send out (50000)
  --peer-packets N      audio packets a second that one client may get (5000)
  --raw-bits N          bits of an uncompressed sample, 16 or 24 (16)
  --stdin-lifeline      end when standard input is closed
  --log-level LEVEL     trace, debug, info, warn, error or silent (info)
  --join-timeout S      seconds until who has not joined is sent away (10)
  --drain-seconds S     seconds that rooms get to empty after SIGTERM (5)
  --request-timeout S   seconds that a client has to answer (15)
  --keep-alive S        a silent connection is dead after three to four times this (2.5)
  --bench-plain         benches only: RTP without encryption, from this computer
  --help                this text`;

const options = {
  listen: { type: 'string' },
  port: { type: 'string' },
  internet: { type: 'boolean', default: false },
  reach: { type: 'boolean', default: false },
  'reach-helper': { type: 'string' },
  'mapping-seconds': { type: 'string', default: '3600' },
  announce: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  'state-dir': { type: 'string' },
  'rtc-port': { type: 'string' },
  workers: { type: 'string' },
  turn: { type: 'string', multiple: true, default: [] as string[] },
  'turn-secret-file': { type: 'string' },
  players: { type: 'string', default: '16' },
  listeners: { type: 'string', default: '50' },
  open: { type: 'boolean', default: false },
  'host-away': { type: 'string', default: '20' },
  'packet-budget': { type: 'string', default: '50000' },
  'peer-packets': { type: 'string', default: '5000' },
  'raw-bits': { type: 'string', default: '16' },
  'stdin-lifeline': { type: 'boolean', default: false },
  'log-level': { type: 'string', default: 'info' },
  'join-timeout': { type: 'string', default: '10' },
  'drain-seconds': { type: 'string', default: '5' },
  'request-timeout': { type: 'string', default: '15' },
  'keep-alive': { type: 'string', default: '2.5' },
  'bench-plain': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error));
  }
}

function number(name: string, text: string, min: number, max: number, whole = true): number {
  const value = Number(text);

  if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
    throw new SetupError(
      `--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not “${text}”.`,
    );

  return value;
}

/** The first address of this computer that others can reach, or loopback when there is none. */
function ownAddress(family: 'IPv4' | 'IPv6'): string {
  for (const list of Object.values(os.networkInterfaces()))
    for (const item of list ?? [])
      if (!item.internal && item.family === family && !item.address.startsWith('fe80:'))
        return item.address;

  return family === 'IPv4' ? '127.0.0.1' : '::1';
}

function announced(listen: string, announce: string | undefined): string {
  if (announce !== undefined) {
    if (!/^[A-Za-z0-9.:-]{1,253}$/.test(announce))
      throw new SetupError(`--announce must be a host name or an address, not “${announce}”.`);
    return announce;
  }
  if (listen === '0.0.0.0') return ownAddress('IPv4');
  if (listen === '::') return ownAddress('IPv6');
  return listen;
}

function mediaAddress(listen: string, announce: string | undefined): Config['media'] {
  const address = announced(listen, announce);

  return { listen, ...(address !== listen && { announce: address }) };
}

type Values = ReturnType<typeof parse>;

/** A router that was set up by hand sends the same ports on the next time. */
const internetDefaults = { listen: '0.0.0.0', port: '47700', 'rtc-port': '47701', workers: '1' };

const defaults = () => ({
  listen: '127.0.0.1',
  port: '0',
  'rtc-port': '0',
  workers: String(os.availableParallelism()),
});

function check(v: Values, listen: string): void {
  if (isIP(listen) === 0) throw new SetupError(`--listen must be an IP address, not “${listen}”.`);
  if (v.internet && isIP(listen) !== 4)
    throw new SetupError('--internet needs an IPv4 address to listen on.');
  if ((v.cert === undefined) !== (v.key === undefined))
    throw new SetupError('--cert and --key belong together: give both or none.');
  if (!['trace', 'debug', 'info', 'warn', 'error', 'silent'].includes(v['log-level']))
    throw new SetupError(`“${v['log-level']}” is not a log level.`);
  if (!['16', '24'].includes(v['raw-bits']))
    throw new SetupError(`--raw-bits must be 16 or 24, not “${v['raw-bits']}”.`);
}

/** Where the service is, and how people get to it. */
function readPlace(v: Values) {
  const usual = v.internet ? internetDefaults : defaults();
  const listen = v.listen ?? usual.listen;
  const least = v.internet ? 1 : 0;

  check(v, listen);

  return {
    listen,
    port: number('port', v.port ?? usual.port, least, 65535),
    announce: announced(listen, v.announce),
    announceGiven: v.announce,
    media: mediaAddress(listen, v.announce),
    rtcPort: number('rtc-port', v['rtc-port'] ?? usual['rtc-port'], least, 65535),
    workers: number('workers', v.workers ?? usual.workers, 1, 256),
    internet: v.internet,
    mappingSeconds: number('mapping-seconds', v['mapping-seconds'], 2, 604_800),
    reach: v.reach,
    reachHelper: v['reach-helper'] === undefined ? undefined : new ReachAsker(v['reach-helper']),
    turn: readTurn(v.turn, v['turn-secret-file']),
  };
}

/**
 * Reads the command line. Returns undefined when only the usage was asked for; throws SetupError
 * with a sentence when something is wrong.
 */
export function readConfig(args: string[]): Config | undefined {
  const v = parse(args);

  if (v.help) return undefined;

  const state =
    v['state-dir'] ??
    path.join(
      process.env['XDG_STATE_HOME'] || path.join(os.homedir(), '.local/state'),
      'tutti/room',
    );

  return {
    ...readPlace(v),
    cert: v.cert,
    key: v.key,
    stateDir: path.resolve(state),
    stdinLifeline: v['stdin-lifeline'],
    players: number('players', v.players, 1, 64),
    listeners: number('listeners', v.listeners, 0, 200),
    open: v.open,
    hostAwayMs: 1000 * number('host-away', v['host-away'], 0, 86_400, false),
    packetBudget: number('packet-budget', v['packet-budget'], 100, 10_000_000),
    peerPackets: number('peer-packets', v['peer-packets'], 50, 1_000_000),
    rawBits: Number(v['raw-bits']),
    joinTimeoutMs: 1000 * number('join-timeout', v['join-timeout'], 0.1, 3600, false),
    drainMs: 1000 * number('drain-seconds', v['drain-seconds'], 0, 3600, false),
    requestTimeoutMs: 1000 * number('request-timeout', v['request-timeout'], 0.1, 600, false),
    keepAliveMs: 1000 * number('keep-alive', v['keep-alive'], 0.05, 600, false),
    benchPlain: v['bench-plain'],
    logLevel: v['log-level'],
  };
}
