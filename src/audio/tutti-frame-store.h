/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

#define TUTTI_FRAME_STORE_SLOTS   512
#define TUTTI_FRAME_STORE_PAYLOAD 1488

/**
 * TuttiFrame: a payload that waits to be decoded
 * @timestamp: RTP timestamp of its first sample, unwrapped
 * @duration: samples
 * @kind: how it is coded; frames of different kinds may overlap
 * @is_copy: it came in a later packet than its own
 */
typedef struct {
  gint64 timestamp;
  guint16 duration;
  guint16 size;
  guint8 kind;
  gboolean is_copy;
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
  guint64 n_steps; /* of searching and moving, for tests: what a flood costs */
} TuttiFrameStore;

typedef enum {
  TUTTI_FRAME_STORED,
  TUTTI_FRAME_REORDERED, /* stored before one that came earlier */
  TUTTI_FRAME_DUPLICATE, /* one of its kind and timestamp is here */
  TUTTI_FRAME_ORIGINAL,  /* the same, but only a copy was here: it is none any more */
  TUTTI_FRAME_REFUSED,   /* too big, or no room */
} TuttiFrameResult;

void tutti_frame_store_init (TuttiFrameStore *self);
void tutti_frame_store_clear (TuttiFrameStore *self);
void tutti_frame_store_empty (TuttiFrameStore *self);
/* Copies @payload. */
TuttiFrameResult
tutti_frame_store_insert (TuttiFrameStore *self, const TuttiFrame *frame, const guint8 *payload);
/* The frame with the @n lowest timestamp (0: the first), NULL when there are not so many. */
const TuttiFrame *tutti_frame_store_nth (const TuttiFrameStore *self, guint n);
void tutti_frame_store_remove (TuttiFrameStore *self, guint n);

G_END_DECLS
