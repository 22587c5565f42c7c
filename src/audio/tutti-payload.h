/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

#define TUTTI_PAYLOAD_HEADER     2
#define TUTTI_PAYLOAD_MAX_COPIES 2
/* What a payload may hold so that the whole packet (RTP, header extension, SRTP, UDP, IPv6, a
 * tunnel) fits a path of 1280 bytes, the least that IPv6 allows. */
#define TUTTI_PAYLOAD_MAX_SIZE 1160

/**
 * TuttiPayload: an RTP payload in Tutti's framing, parsed
 * @wire, @frame_samples, @channels, @bits: of every frame in it
 * @n_copies: older frames that are repeated
 * @distance: the packet's own frame begins at its RTP timestamp; copy k (1 …) lies
 *   k · @distance · @frame_samples samples before it
 * @frames: [0] the packet's own, [k] copy k; @size bytes each, inside the parsed buffer
 *
 * Two bytes of header, then the frames, all of the same size:
 *
 *   bit  7 6   version, 1
 *        5 4 3 kind: 0 raw 16 bit, 1 raw 24 bit, 2 tight, 3 opus
 *        2     channels − 1
 *        1 0   number of copies
 *        7 … 4 frame: 0: 64, 1: 128, 2: 120, 3: 240, 4: 480, 5: 960 samples
 *        3 … 0 distance in frames, 0 without copies
 *
 * raw: interleaved two's complement, most significant byte first, full scale ±1; kinds 0, 1 and 2
 * come in 64 and 128 samples, kind 3 in the others. Timestamps label what a decoder puts out: a
 * sender takes its codec's look-ahead off.
 */
typedef struct {
  TuttiWireFormat wire;
  guint frame_samples;
  guint channels;
  guint bits;
  guint n_copies;
  guint distance;
  gsize size;
  const guint8 *frames[1 + TUTTI_PAYLOAD_MAX_COPIES];
} TuttiPayload;

/* FALSE when it is malformed or of a version or kind that we do not know. Pure, any thread. */
gboolean tutti_payload_parse (TuttiPayload *self, const guint8 *data, gsize size);
/* Writes header and frames. Returns bytes, 0 when they do not fit into @max_size (then the caller
 * leaves copies away) or when a number is out of range. */
gsize tutti_payload_write (const TuttiPayload *self, guint8 *data, gsize max_size);

G_END_DECLS
