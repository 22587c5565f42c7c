/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

#define TUTTI_FRAME_STORE_SLOTS   256
#define TUTTI_FRAME_STORE_PAYLOAD 1488

/**
 * TuttiFrame: a payload that waits to be decoded
 * @timestamp: RTP timestamp of its first sample, unwrapped
 * @duration: samples
 */
typedef struct {
  gint64 timestamp;
  guint16 duration;
  guint16 size;
  guint8 payload[TUTTI_FRAME_STORE_PAYLOAD];
} TuttiFrame;

/**
 * TuttiFrameStore: the payloads of one stream in the order of their timestamps. Fixed memory.
 */
typedef struct {
  TuttiFrame *frames;
  guint16 order[TUTTI_FRAME_STORE_SLOTS]; /* used ones by timestamp, from first */
  guint16 spare[TUTTI_FRAME_STORE_SLOTS];
  guint first;
  guint n_used;
} TuttiFrameStore;

typedef enum {
  TUTTI_FRAME_STORED,
  TUTTI_FRAME_REORDERED, /* stored before one that came earlier */
  TUTTI_FRAME_DUPLICATE,
  TUTTI_FRAME_REFUSED, /* too big, or no room */
} TuttiFrameResult;

void tutti_frame_store_init (TuttiFrameStore *self);
void tutti_frame_store_clear (TuttiFrameStore *self);
void tutti_frame_store_empty (TuttiFrameStore *self);
TuttiFrameResult tutti_frame_store_insert (TuttiFrameStore *self,
                                           gint64 timestamp,
                                           guint duration,
                                           const guint8 *payload,
                                           gsize size);
/* The frame with the lowest timestamp, NULL when there is none; pop() drops it. */
const TuttiFrame *tutti_frame_store_head (const TuttiFrameStore *self);
void tutti_frame_store_pop (TuttiFrameStore *self);

G_END_DECLS
