// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { EventEmitter } from 'node:events';
import * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';
import { Code, RequestError, SetupError } from './errors.ts';
import { freePort } from './ports.ts';
import { hurry } from './priority.ts';
import { limits } from './limits.ts';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';

export type LiveWorker = {
  index: number;
  worker: types.Worker;
  webRtcServer: types.WebRtcServer;
  /** The one number of its UDP and TCP port. */
  port: number;
  audioRooms: number;
  videoRooms: number;
  /** Audio packets a second that each room has planned to send out. */
  packets: Map<object, number>;
};

export type WorkerUsage = { index: number; cpuSeconds: number; maxRssBytes: number };

type Slot = { index: number; live?: LiveWorker; failures: number; deaths: number };

const firstBackOffMs = 200;
const longestBackOffMs = 10_000;
/** A worker that lived this long has earned a fresh back-off. */
const steadyMs = 30_000;

/**
 * mediasoup ends its workers as soon as this process is asked to end: whoever is told that we drain
 * would hear nothing from then on. They end with us, by close() or when their pipes do.
 */
function outlastSignals(worker: types.Worker): void {
  const { onSignal } = worker as unknown as { onSignal: () => void };

  for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, onSignal);
}

/** The mediasoup workers: one process for each core, made again when it dies. */
export class Workers extends EventEmitter<{ died: [LiveWorker] }> {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #slots: Slot[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(config: Config, log: Logger) {
    super();
    this.#config = config;
    this.#log = log;
    this.#slots = Array.from({ length: config.workers }, (_, index) => ({
      index,
      failures: 0,
      deaths: 0,
    }));
  }

  /** Resolves when all workers run. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map((slot) => this.#spawn(slot)));
    } catch (error) {
      this.close();
      throw new SetupError(`The media worker does not start: ${(error as Error).message}.`);
    }
  }

  get total(): number {
    return this.#slots.length;
  }

  get alive(): LiveWorker[] {
    return this.#slots.flatMap((slot) => (slot.live ? [slot.live] : []));
  }

  get deaths(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.deaths, 0);
  }

  /**
   * The workers for a new room: the one with the least audio, and for video another one where there
   * is one, so that pictures never queue in front of sound.
   */
  pick(): { audio: LiveWorker; video: LiveWorker } {
    const byAudio = this.alive.sort((a, b) => a.audioRooms - b.audioRooms);
    const audio = byAudio[0];

    if (!audio) throw new RequestError(Code.busy, 'No media worker is running.');

    const load = (w: LiveWorker) => 4 * w.audioRooms + w.videoRooms;
    const video =
      byAudio.filter((other) => other !== audio).sort((a, b) => load(a) - load(b))[0] ?? audio;

    return { audio, video };
  }

  /** Processor time and memory of every worker that answers within a second. */
  async usage(): Promise<WorkerUsage[]> {
    const asked = this.alive.map(async ({ index, worker }) => {
      const late = new Promise<undefined>((resolve) => {
        setTimeout(resolve, 1000, undefined).unref();
      });
      const usage = await Promise.race([worker.getResourceUsage().catch(() => undefined), late]);

      return usage
        ? [
            {
              index,
              cpuSeconds: (usage.ru_utime + usage.ru_stime) / 1000,
              maxRssBytes: usage.ru_maxrss * 1024,
            },
          ]
        : [];
    });

    return (await Promise.all(asked)).flat();
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { worker } of this.alive) worker.close();
    for (const slot of this.#slots) slot.live = undefined;
  }

  async #server(worker: types.Worker, port: number): Promise<types.WebRtcServer> {
    const { media, internet } = this.#config;
    const info = {
      ip: media.listen,
      port,
      ...(media.announce !== undefined && { announcedAddress: media.announce }),
      // Who is in the same network needs no way through the router.
      exposeInternalIp: internet,
    };

    return worker.createWebRtcServer({
      listenInfos: [
        {
          protocol: 'udp',
          ...info,
          recvBufferSize: limits.socketBuffer,
          sendBufferSize: limits.socketBuffer,
        },
        { protocol: 'tcp', ...info },
      ],
    });
  }

  async #listen(slot: Slot, worker: types.Worker): Promise<[types.WebRtcServer, number]> {
    if (this.#config.rtcPort !== 0) {
      const port = this.#config.rtcPort + slot.index;

      return [await this.#server(worker, port), port];
    }
    for (let attempt = 1; ; attempt++) {
      const port = await freePort(this.#config.listen);

      try {
        return [await this.#server(worker, port), port];
      } catch (error) {
        if (attempt === 10) throw error; // Somebody else was quicker ten times.
      }
    }
  }

  async #spawn(slot: Slot): Promise<void> {
    const worker = await mediasoup.createWorker({ logLevel: 'warn' });

    try {
      outlastSignals(worker);
      const [webRtcServer, port] = await this.#listen(slot, worker);

      if (this.#closed || worker.died) throw new Error('the worker ended while starting');
      slot.live = {
        index: slot.index,
        worker,
        webRtcServer,
        port,
        audioRooms: 0,
        videoRooms: 0,
        packets: new Map(),
      };
    } catch (error) {
      worker.close();
      throw error;
    }

    const born = performance.now();

    worker.once('died', (error) => this.#died(slot, born, error));
    this.#log.info(
      {
        worker: slot.index,
        pid: worker.pid,
        port: slot.live.port,
        priority: await hurry(worker.pid),
      },
      'worker runs',
    );
  }

  #died(slot: Slot, born: number, error: Error): void {
    const live = slot.live;

    if (!live || this.#closed) return;
    slot.live = undefined;
    slot.deaths += 1;
    if (performance.now() - born > steadyMs) slot.failures = 0;
    this.#log.error({ worker: slot.index, err: error }, 'worker died');
    this.emit('died', live);
    this.#again(slot);
  }

  #again(slot: Slot): void {
    const wait = Math.min(longestBackOffMs, firstBackOffMs * 2 ** slot.failures);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#closed) return;
      this.#spawn(slot).catch((error: unknown) => {
        if (this.#closed) return;
        this.#log.error({ worker: slot.index, err: error }, 'worker does not start');
        this.#again(slot);
      });
    }, wait);

    slot.failures += 1;
    this.#timers.add(timer);
  }
}
