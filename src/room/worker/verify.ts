// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ends with 0 when the worker in MEDIASOUP_WORKER_BIN speaks with our mediasoup and opens ports.
import * as mediasoup from 'mediasoup';
import { routerCodecs } from '../codecs.ts';

const worker = await mediasoup.createWorker({ logLevel: 'error' });
const ip = '127.0.0.1';
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [
    { protocol: 'udp', ip },
    { protocol: 'tcp', ip },
  ],
});
const router = await worker.createRouter({ mediaCodecs: routerCodecs });
const transport = await router.createWebRtcTransport({ webRtcServer });

console.log(`mediasoup ${mediasoup.version}: ${transport.iceCandidates.length} candidates`);
worker.close();
