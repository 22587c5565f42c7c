// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Service } from './service.ts';
import type { WorkerUsage } from './workers.ts';

/** What `GET /metrics` tells. Nothing in it names a person or a room. */
export type Metrics = {
  registry: Registry;
  requests: Counter<'method' | 'outcome'>;
  notifications: Counter<'method'>;
  tooFast: Counter<'method'>;
  closes: Counter<'reason'>;
  refusedConnections: Counter<'status'>;
  planChanges: Counter<'reason'>;
  planTrials: Counter<'outcome'>;
  linkLoss: Histogram<'direction'>;
  linkRtt: Histogram;
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
    tooFast: new Counter({
      name: 'tutti_room_too_fast_total',
      help: 'Messages refused or dropped because one client sent too many of them, by method.',
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
      help: 'Connections refused before they were WebSockets, by HTTP status (address: too many of one).',
      labelNames: ['status'],
      registers,
    }),
    ...planMetrics(registry),
  };
}

type PlanMetrics = Pick<Metrics, 'planChanges' | 'planTrials' | 'linkLoss' | 'linkRtt'>;

function planMetrics(registry: Registry): PlanMetrics {
  const registers = [registry];

  return {
    planChanges: new Counter({
      name: 'tutti_room_plan_changes_total',
      help: 'Changes of what somebody is to send, by what limits it now.',
      labelNames: ['reason'],
      registers,
    }),
    planTrials: new Counter({
      name: 'tutti_room_plan_trials_total',
      help: 'Better formats that were tried, by outcome (kept, undone).',
      labelNames: ['outcome'],
      registers,
    }),
    linkLoss: new Histogram({
      name: 'tutti_room_link_loss_percent',
      help: 'Packets lost, as clients report it: up (theirs, to the service), down (end to end).',
      labelNames: ['direction'],
      buckets: [0, 0.1, 0.2, 0.5, 1, 2, 5, 8, 15, 30, 100],
      registers,
    }),
    linkRtt: new Histogram({
      name: 'tutti_room_link_rtt_milliseconds',
      help: 'Round trips between clients and the service, as clients report them.',
      buckets: [1, 2, 5, 10, 20, 30, 50, 80, 120, 200, 400, 1000],
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
  watchPlans(registry, service);
}

function watchPlans(registry: Registry, service: Service): void {
  const plans = () => [...service.rooms.values()].map(({ planning }) => planning);
  const registers = [registry];

  new Gauge({
    name: 'tutti_room_plan_packets_per_second',
    help: 'Audio packets a second that the plans of all rooms let the workers send out.',
    registers,
    collect() {
      this.set(plans().reduce((sum, plan) => sum + plan.packetsPerSecond, 0));
    },
  });
  new Gauge({
    name: 'tutti_room_plan_budget_packets_per_second',
    help: 'Audio packets a second that all workers that run may send out.',
    registers,
    collect() {
      this.set(service.workers.alive.length * service.config.packetBudget);
    },
  });
  new Gauge({
    name: 'tutti_room_plan_spared',
    help: 'Peers that know framed sound and hear standard Opus, so that nobody slows down for them.',
    registers,
    collect() {
      this.set(plans().reduce((sum, plan) => sum + plan.spared, 0));
    },
  });
  new Gauge({
    name: 'tutti_room_plan_senders',
    help: 'Peers that send framed sound, by format, samples of a frame and copies in a packet.',
    labelNames: ['wire', 'frame_samples', 'copies'],
    registers,
    collect() {
      this.reset();
      for (const { wire, frameSamples, copies } of plans().flatMap((plan) => plan.formats()))
        this.inc({ wire, frame_samples: frameSamples, copies });
    },
  });
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
