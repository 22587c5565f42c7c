// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Service } from './service.ts';
import type { WorkerUsage } from './workers.ts';

/** What `GET /metrics` tells. Nothing in it names a person or a room. */
export type Metrics = {
  registry: Registry;
  requests: Counter<'method' | 'outcome'>;
  notifications: Counter<'method'>;
  closes: Counter<'reason'>;
  refusedConnections: Counter<'status'>;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];

  collectDefaultMetrics({ register: registry, prefix: 'tutti_room_' });

  return {
    registry,
    requests: new Counter({
      name: 'tutti_room_requests_total',
      help: 'Requests of clients, by method and outcome (ok, refused, failed).',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    notifications: new Counter({
      name: 'tutti_room_notifications_total',
      help: 'Notifications of clients, by method.',
      labelNames: ['method'],
      registers,
    }),
    closes: new Counter({
      name: 'tutti_room_peers_gone_total',
      help: 'Peers that went, by close reason (connection: it broke).',
      labelNames: ['reason'],
      registers,
    }),
    refusedConnections: new Counter({
      name: 'tutti_room_refused_connections_total',
      help: 'Connections refused before they were WebSockets, by HTTP status.',
      labelNames: ['status'],
      registers,
    }),
  };
}

/** Adds the gauges that are read from @service when somebody asks. */
export function watchService({ registry }: Metrics, service: Service): void {
  const peers = () => [...service.rooms.values()].flatMap((room) => [...room.peers.values()]);
  const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `tutti_room_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });

  gauge('rooms', 'Rooms that are open.', () => service.rooms.size);
  gauge('peers', 'Peers that have joined.', () => peers().filter((peer) => peer.joined).length);
  gauge('lobby_peers', 'Peers that have not joined yet.', () => {
    return peers().filter((peer) => !peer.joined).length;
  });
  gauge('transports', 'Transports.', () => sum(peers().map((peer) => peer.transports.size)));
  gauge('producers', 'Producers.', () => sum(peers().map((peer) => peer.producers.size)));
  gauge('consumers', 'Consumers.', () => sum(peers().map((peer) => peer.consumers.size)));
  gauge('workers', 'Media workers that run.', () => service.workers.alive.length);
  gauge('worker_deaths', 'Media workers that died so far.', () => service.workers.deaths);
  watchWorkers(registry, service);
}

function watchWorkers(registry: Registry, service: Service): void {
  const gauge = (name: string, help: string, read: (usage: WorkerUsage) => number) =>
    new Gauge({
      name: `tutti_room_worker_${name}`,
      help,
      labelNames: ['worker'],
      registers: [registry],
      async collect() {
        const usage = await service.workers.usage();

        this.reset();
        for (const item of usage) this.set({ worker: item.index }, read(item));
      },
    });

  gauge('cpu_seconds', 'Processor time of a media worker since it started.', (u) => u.cpuSeconds);
  gauge('max_rss_bytes', 'Largest resident memory of a media worker.', (u) => u.maxRssBytes);
}
