/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiCaptureClock:
 * @rtp_timestamp: of a sample
 * @room_time_us: when that sample reached the sender's device: the start of the graph cycle that
 *   brought it, plus its place in that cycle, minus the quantum the device needed to collect it
 *
 * What a sender publishes once a second for each producer (`rtpClock`), as far as a delay needs it.
 */
typedef struct {
  guint32 rtp_timestamp;
  gint64 room_time_us;
} TuttiCaptureClock;

/* Samples by which a standard Opus decoder's output lags what was encoded (restricted-lowdelay,
 * OPUS_GET_LOOKAHEAD at 48 kHz): the sample that the decoder labels T was captured as T − 120. */
#define TUTTI_OPUS_LOOKAHEAD_SAMPLES 120

/**
 * tutti_delay_ms:
 * @capture: the sender's clock pair
 * @rtp_timestamp: a sample that is played here
 * @playback_room_us: room time at which it is played (start of the graph cycle + place in it)
 * @lookahead_samples: by how much the decoder's output lags its label
 *
 * The delay of one musician to another, in ms. It contains: collecting one quantum at the sender's
 * device (nothing if a file or a tone plays instead of one), framing, encoding, network up, SFU,
 * network down, playout buffer, codec look-ahead. It ends at the start of the graph cycle that
 * plays: it contains neither converters, drivers' extra headroom nor the quantum that the playing
 * device still has to push out, since nothing reports those truthfully for every device. Pure.
 */
double tutti_delay_ms (const TuttiCaptureClock *capture,
                       guint32 rtp_timestamp,
                       gint64 playback_room_us,
                       guint lookahead_samples);

G_END_DECLS
