/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-picture.h"

G_BEGIN_DECLS

/**
 * TuttiPattern: what a test picture says of itself: two rows of black and white blocks, which are
 * still read when it was scaled and encoded, on a colour of its own
 * @number: of the frame
 * @time_ns: CLOCK_MONOTONIC when it was made, to 0.1 ms
 * @red, @green, @blue: the colour, as it came
 */
typedef struct {
  guint32 number;
  gint64 time_ns;
  guint8 red;
  guint8 green;
  guint8 blue;
} TuttiPattern;

/* Pure. Paints the blocks into an I420 picture's brightness plane: @stride bytes a line. */
void tutti_pattern_draw (guint8 *luma,
                         guint width,
                         guint height,
                         gsize stride,
                         guint32 number,
                         gint64 time_ns);
/* Pure. @now_ns: CLOCK_MONOTONIC. FALSE: there is no pattern, or one that is damaged or not of the
 * last day. */
gboolean tutti_pattern_read (const TuttiFrame *frame, gint64 now_ns, TuttiPattern *pattern);

G_END_DECLS
