// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import dgram from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPublic, PortMapping } from './port-mapping.ts';
import { SetupError } from './errors.ts';
import { tcpFree } from './ports.ts';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';
import type { Port } from './port-mapping.ts';
import type { Reached } from './reach.ts';
import type { Workers } from './workers.ts';

/**
 * What became of letting people in from the internet:
 * - open: the router sends the ports on, and everybody can reach `address`;
 * - closed: it does not: a person has to set it up;
 * - double-nat: it does, but has no address of its own that the internet reaches, only `address`.
 */
export type Outside = {
  state: 'open' | 'closed' | 'double-nat';
  /** Of this computer, where the router is to send the ports. */
  local: string;
  address?: string;
  /** TCP port of the service. */
  port: number;
  ports: Port[];
  /** What somebody outside found when they tried; missing: nobody did. */
  reached?: Reached;
};

/** One that is just ending gives its ports back first, which may take a router some seconds. */
const portWaitMs = 15_000;

/** Throws SetupError when another program has one of @ports: they are to lead to us. */
async function checkFree({ listen }: Config, ports: Port[]): Promise<void> {
  const until = performance.now() + portWaitMs;

  for (const { protocol, port } of ports)
    while (protocol === 'tcp' && !(await tcpFree(listen, port))) {
      if (performance.now() > until)
        throw new SetupError(`Port ${port} is taken: another room may be open on this computer.`);
      await sleep(200);
    }
}

/** This computer's address towards the internet. Nothing is sent to find it out. */
export async function localAddress(): Promise<string | undefined> {
  const socket = dgram.createSocket('udp4');

  try {
    socket.connect(9, '192.0.2.1');
    await once(socket, 'connect');

    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

/** The ports that a service with this configuration needs open. */
function portsOf({ port, rtcPort, workers }: Config): Port[] {
  const media = Array.from({ length: workers }, (_, index): Port[] => [
    { protocol: 'udp', port: rtcPort + index },
    { protocol: 'tcp', port: rtcPort + index },
  ]);

  return [{ protocol: 'tcp', port }, ...media.flat()];
}

/** The way in from the internet, as far as the router lets itself be asked. */
export class WayIn {
  readonly #config: Config;
  readonly #local: string;
  readonly #mapping: PortMapping;
  /** As somebody outside sees it. */
  #seen: string | undefined;
  #reached: Reached | undefined;
  #onChange: () => void = () => undefined;

  private constructor(config: Config, local: string, mapping: PortMapping) {
    this.#config = config;
    this.#local = local;
    this.#mapping = mapping;
    mapping.onChange = () => this.#onChange();
  }

  static async open(config: Config, local: string, log: Logger): Promise<WayIn> {
    const ports = portsOf(config);

    await checkFree(config, ports);
    const mapping = await PortMapping.open(ports, config.mappingSeconds, log);
    const self = new WayIn(config, local, mapping);

    self.#seen = await config.reachHelper?.address();

    return self;
  }

  /** Who named the address knows it better than the router. */
  get outside(): Outside {
    const { method, address: said } = this.#mapping.mapped;
    const address = this.#config.announceGiven ?? said ?? this.#seen;
    const reached = this.#reached;
    const found = reached?.service && reached.mediaUdp && reached.mediaTcp;

    return {
      state: this.#isNested(said)
        ? 'double-nat'
        : (method || found) && address !== undefined
          ? 'open'
          : 'closed',
      local: this.#local,
      ...(address !== undefined && { address }),
      port: this.#config.port,
      ports: this.#mapping.ports,
      ...(reached && { reached }),
    };
  }

  /** Whether our router, which says it has the address @said, is behind another one. */
  #isNested(said: string | undefined): boolean {
    return this.#config.announceGiven === undefined && said !== undefined && !isPublic(said);
  }

  /** Has somebody outside try the first worker's port and the service. */
  async try(workers: Workers, fingerprint: string): Promise<void> {
    const { reachHelper, port } = this.#config;
    const [worker] = workers.alive;

    if (!reachHelper || !worker) return;
    const router = await worker.worker.createRouter({ mediaCodecs: [] });

    try {
      // A moment's transport, whose name the ICE agent there knows.
      const { iceParameters } = await router.createWebRtcTransport({
        webRtcServer: worker.webRtcServer,
      });
      const { usernameFragment: ufrag } = iceParameters;

      this.#reached = await reachHelper.ask({ port, fingerprint, rtcPort: worker.port, ufrag });
    } finally {
      router.close();
    }
    this.#onChange();
  }

  /** Where people outside come in, as far as that is known: it goes into invitations. */
  get reachable(): { address: string; port: number } | undefined {
    const { state, address, port } = this.outside;
    const believed = state === 'open' || this.#config.announceGiven !== undefined;

    return believed && address !== undefined ? { address, port } : undefined;
  }

  set onChange(func: () => void) {
    this.#onChange = func;
  }

  async close(): Promise<void> {
    await this.#mapping.close();
  }
}
