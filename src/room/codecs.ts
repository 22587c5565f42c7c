// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import type { types } from 'mediasoup';
import { Code, RequestError } from './errors.ts';
import { limits } from './limits.ts';

export type Media = types.MediaKind;

/**
 * What both routers are made with: payload type 100 for Opus, 101 for VP8, so that no number means
 * two things to a client that puts both routers' capabilities into one list. Only these two come in.
 */
export const routerCodecs: types.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48000,
    channels: 2,
    preferredPayloadType: 100,
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000, preferredPayloadType: 101 },
];

const allowed: Record<Media, string[]> = {
  audio: ['audio/opus'],
  video: ['video/vp8', 'video/rtx'],
};

function isNack(feedback: types.RtcpFeedback): boolean {
  return feedback.type === 'nack' && !feedback.parameter;
}

/**
 * What the router of @media can do, as clients are told: only that medium, and Opus without NACK.
 * mediasoup adds NACK by itself; a sound that comes again comes too late, and costs packets.
 */
export function announcedCapabilities(
  capabilities: types.RtpCapabilities,
  media: Media,
): types.RtpCapabilities {
  return {
    codecs: (capabilities.codecs ?? [])
      .filter((codec) => codec.kind === media)
      .map((codec) => ({
        ...codec,
        rtcpFeedback: (codec.rtcpFeedback ?? []).filter((fb) => media !== 'audio' || !isNack(fb)),
      })),
    headerExtensions: (capabilities.headerExtensions ?? []).filter((ext) => ext.kind === media),
  };
}

/** Refuses what is not Opus or VP8, and takes NACK out of Opus. */
export function checkedParameters(
  media: Media,
  parameters: types.RtpParameters,
): types.RtpParameters {
  for (const codec of parameters.codecs)
    if (!allowed[media].includes(codec.mimeType.toLowerCase()))
      throw new RequestError(
        Code.notAllowed,
        `${codec.mimeType} is not accepted: only Opus for audio and VP8 for video.`,
      );
  if (media === 'audio' && parameters.encodings?.length !== 1)
    throw new RequestError(Code.notAllowed, 'An audio producer has exactly one encoding.');
  if ((parameters.encodings?.length ?? 0) > limits.encodings)
    throw new RequestError(Code.notAllowed, `A picture has ${limits.encodings} encodings at most.`);

  return {
    ...parameters,
    codecs: parameters.codecs.map((codec) => ({
      ...codec,
      rtcpFeedback: codec.rtcpFeedback?.filter((fb) => media !== 'audio' || !isNack(fb)),
    })),
  };
}
