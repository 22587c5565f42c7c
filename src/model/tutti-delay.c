/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay.h"

#define SAMPLES_PER_MS 48.0

double
tutti_delay_ms (const TuttiCaptureClock *capture,
                guint32 rtp_timestamp,
                gint64 playback_room_us,
                guint lookahead_samples)
{
  /* RTP time wraps: the signed difference is right for ± 12 hours. */
  gint32 ahead = (gint32) (rtp_timestamp - capture->rtp_timestamp);
  double since_ms = (playback_room_us - capture->room_time_us) / 1000.0;

  return since_ms - ahead / SAMPLES_PER_MS + lookahead_samples / SAMPLES_PER_MS;
}
