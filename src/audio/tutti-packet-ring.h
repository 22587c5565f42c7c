/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"
#include "tutti-ring.h"

G_BEGIN_DECLS

/**
 * TuttiPacket: an RTP packet as it came, with its CLOCK_MONOTONIC arrival
 */
typedef struct {
  gint64 arrival_ns;
  guint32 size;
  guint8 data[];
} TuttiPacket;

/**
 * TuttiPacketRing: lock-free ring of whole packets, one writer and one reader thread. Packets take
 * the room they need, so that small ones, of which there are many a second, fit for long.
 */
typedef struct {
  guint8 *bytes;
  guint32 n_bytes;
  _Atomic guint64 dropped;
  _Alignas (TUTTI_CACHE_LINE) _Atomic guint32 write_index;
  _Alignas (TUTTI_CACHE_LINE) _Atomic guint32 read_index;
} TuttiPacketRing;

/* @n_bytes: a power of two */
void tutti_packet_ring_init (TuttiPacketRing *self, guint n_bytes);
void tutti_packet_ring_clear (TuttiPacketRing *self);
/* Writer: FALSE (and counted in dropped) when it is full or the packet too big. */
gboolean
tutti_packet_ring_push (TuttiPacketRing *self, const guint8 *data, gsize size, gint64 arrival_ns);
/* Reader: the oldest packet, valid until pop(); NULL when there is none. */
const TuttiPacket *tutti_packet_ring_peek (TuttiPacketRing *self);
void tutti_packet_ring_pop (TuttiPacketRing *self);

G_END_DECLS
