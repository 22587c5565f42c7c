// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { BlockList, isIPv4 } from 'node:net';
import NatAPI from '@silentbot1/nat-api';
import type { Logger } from './log.ts';

// Why this library: it is WebTorrent's, kept up since the older nat-api was not, and speaks UPnP-IGD
// of both versions and NAT-PMP. @achingbrain/nat-port-mapper finds only routers with IGD 2, which
// many homes do not have, and does not take UDP mappings back. Neither speaks PCP; routers with PCP
// answer NAT-PMP on the same port. Not used are its own renewal (that of NAT-PMP does nothing) and
// one object for long (a lost NAT-PMP answer blocks it): each try gets a new one.

export type Port = { protocol: 'tcp' | 'udp'; port: number };

type Method = 'upnp' | 'nat-pmp';

export type Mapped = {
  /** How the router opened the ports; undefined: it did not. */
  method?: Method;
  /** The router's own address outside, where it says one. */
  address?: string;
};

const methods: Method[] = ['upnp', 'nat-pmp'];
/** For all of one try. A router that has nothing to say costs the search alone, 2 s. */
const tryMs = 5000;

const unreachable = new BlockList();

for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  unreachable.addSubnet(net, bits);

/** Whether the whole internet may reach @address: not so behind a second router, or a provider's. */
export function isPublic(address: string): boolean {
  return isIPv4(address) && !unreachable.check(address);
}

async function within<T>(promise: Promise<T>, ms: number, otherwise: T): Promise<T> {
  const late = new Promise<T>((resolve) => setTimeout(resolve, ms, otherwise).unref());

  return Promise.race([promise.catch(() => otherwise), late]);
}

function client(method: Method, log: Logger): NatAPI {
  const api = new NatAPI({
    enableUPNP: method === 'upnp',
    enablePMP: method === 'nat-pmp',
    // Where a router knows nothing else; we take them back.
    upnpPermanentFallback: true,
    autoUpdate: false,
  });

  // Nobody else listens, and then it would end the service.
  api._pmpClient?.on('error', (error) => log.debug({ err: error }, 'NAT-PMP'));

  return api;
}

/** The ports of this computer that a router sends on to it, as long as the service runs. */
export class PortMapping {
  readonly ports: Port[];
  /** Called when a renewal came out otherwise than the time before. */
  onChange: () => void = () => undefined;
  readonly #leaseSeconds: number;
  readonly #log: Logger;
  #mapped: Mapped = {};
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  private constructor(ports: Port[], leaseSeconds: number, log: Logger) {
    this.ports = ports;
    this.#leaseSeconds = leaseSeconds;
    this.#log = log;
  }

  /**
   * Asks the router to send @ports on, and goes on asking in half of @leaseSeconds, also when it
   * refused: it may be told not to, or may have been started again. Never rejects.
   */
  static async open(ports: Port[], leaseSeconds: number, log: Logger): Promise<PortMapping> {
    const self = new PortMapping(ports, leaseSeconds, log);

    await self.#map();
    self.#timer = setInterval(() => {
      self.#renewing ??= self.#map().finally(() => (self.#renewing = undefined));
    }, leaseSeconds * 500);

    return self;
  }

  get mapped(): Mapped {
    return this.#mapped;
  }

  /** Takes everything back; the lease does that where the router does not answer any more. */
  async close(): Promise<void> {
    const { method } = this.#mapped;

    clearInterval(this.#timer);
    await this.#renewing;
    if (method === undefined) return;
    await this.#with(method, (api) => this.#each(this.ports, (port) => api.unmap(port)));
    this.#log.info({ method }, 'ports given back');
  }

  async #map(): Promise<void> {
    const before = this.#mapped;

    this.#mapped = await this.#ask(before.method);
    const { method, address } = this.#mapped;

    this.#log.debug({ method, address, ports: this.ports }, 'asked for our ports');
    if (method === before.method && address === before.address) return;
    if (method === undefined) this.#log.warn({ address }, 'the router does not send our ports on');
    else this.#log.info({ method, address, ports: this.ports }, 'the router sends our ports on');
    this.onChange();
  }

  /** @first: what worked before is asked first: two mappings of one port get in each other's way. */
  async #ask(first: Method | undefined): Promise<Mapped> {
    let address: string | undefined;

    for (const method of first ? [first, ...methods.filter((m) => m !== first)] : methods) {
      const mapped = await this.#try(method);

      if (mapped.method !== undefined) return mapped;
      address ??= mapped.address;
    }

    return { address };
  }

  async #try(method: Method): Promise<Mapped> {
    return this.#with(method, async (api) => {
      const done = await this.#each(this.ports, (port) => api.map(port));
      const said = await within(api.externalIp(), tryMs / 2, '');
      const address = isIPv4(said) && said !== '0.0.0.0' ? { address: said } : {};

      if (done.length === this.ports.length) return { method, ...address };
      // Only ours: what was refused may be somebody else's.
      await this.#each(done, (port) => api.unmap(port));

      return address;
    });
  }

  async #with<T>(method: Method, run: (api: NatAPI) => Promise<T>): Promise<T> {
    const api = client(method, this.#log);

    try {
      return await run(api);
    } finally {
      this.#leave(api);
    }
  }

  /** Ends @api's sockets; what it holds is kept, which destroy() would take back. */
  #leave(api: NatAPI): void {
    api._openPorts.length = 0;
    api.destroy().catch((error: unknown) => this.#log.debug({ err: error }, 'port mapping'));
  }

  /** Resolves to those of @ports that the router agreed to. */
  async #each(
    ports: Port[],
    ask: (port: Parameters<NatAPI['map']>[0]) => Promise<boolean>,
  ): Promise<Port[]> {
    const asked = ports.map(({ protocol, port }) =>
      within(
        ask({
          publicPort: port,
          privatePort: port,
          protocol: protocol === 'tcp' ? 'TCP' : 'UDP',
          ttl: this.#leaseSeconds,
          description: 'Tutti',
        }),
        tryMs,
        false,
      ),
    );
    const answers = await Promise.all(asked);

    return ports.filter((_, index) => answers[index]);
  }
}
