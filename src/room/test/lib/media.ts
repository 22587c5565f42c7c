// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { Data } from '../../channel.ts';
import type { TestClient } from './client.ts';

/** What a client would send for one Opus stream. */
export function opus(ssrc: number): Data {
  return {
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 100,
        clockRate: 48000,
        channels: 2,
        parameters: { stereo: 1, minptime: 3 },
        rtcpFeedback: [{ type: 'nack' }, { type: 'transport-cc' }],
      },
    ],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: `cname-${ssrc}` },
  };
}

export function vp8(ssrc: number): Data {
  return {
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: 101,
        clockRate: 90000,
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
      },
      { mimeType: 'video/rtx', payloadType: 102, clockRate: 90000, parameters: { apt: 101 } },
    ],
    encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
    rtcp: { cname: `cname-${ssrc}` },
  };
}

export const appData = {
  source: 'audio',
  strip: { id: 'strip-1', label: 'Cello' },
  format: { wire: 'opus', frameSamples: 120, channels: 1, bitrate: 128000 },
};

/** What a client of Tutti says of a strip that it sends framed. */
export function framed(id = 'strip-1', channels = 1): Data {
  return {
    appData: {
      source: 'audio',
      strip: { id, label: id },
      format: { wire: 'framed', version: 1, channels },
    },
  };
}

let lastSsrc = 1000;

/** Makes a producer transport if @transportId is not given, and one Opus producer on it. */
export async function produceOpus(
  client: TestClient,
  transportId?: unknown,
  more: Data = {},
): Promise<{ transportId: string; producerId: string; ssrc: number }> {
  const id = transportId ?? (await client.transport('producer'))['transportId'];
  const ssrc = (lastSsrc += 10);
  const { producerId } = await client.request('produce', {
    transportId: id,
    kind: 'audio',
    rtpParameters: opus(ssrc),
    appData,
    ...more,
  });

  return { transportId: String(id), producerId: String(producerId), ssrc };
}

export const dtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
};
