/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-test-pattern.h"

#include <string.h>

/* Row 0: the time in tenths of a millisecond, 32 bits. Row 1: 24 bits of number, 8 of checksum.
 * Each row is an eighth of the height, and a stripe below shows people that it moves. */

#define COLUMNS 32
#define ROWS    2
#define PARTS   8 /* of the height: one a row */
#define TICK_NS 100000
#define BLACK   16
#define WHITE   235

static guint8
checksum (guint32 time, guint32 number)
{
  guint32 mixed = time * 2654435761u ^ number * 40503u;

  return (guint8) (mixed ^ mixed >> 8 ^ mixed >> 16 ^ mixed >> 24 ^ 0x5a);
}

static void
fill (guint8 *luma, gsize stride, guint x, guint y, guint width, guint height, guint8 value)
{
  for (guint line = y; line < y + height; line++)
    memset (luma + line * stride + x, value, width);
}

void
tutti_pattern_draw (guint8 *luma,
                    guint width,
                    guint height,
                    gsize stride,
                    guint32 number,
                    gint64 time_ns)
{
  guint32 time = (guint32) (time_ns / TICK_NS);
  guint32 rows[ROWS] = { time, (number & 0xffffff) << 8 | checksum (time, number & 0xffffff) };
  guint row_height = height / PARTS, bar = MAX (4, width / 40);

  for (guint row = 0; row < ROWS; row++)
    for (guint column = 0; column < COLUMNS; column++) {
      guint x = column * width / COLUMNS, end = (column + 1) * width / COLUMNS;

      fill (luma, stride, x, row * row_height, end - x, row_height,
            rows[row] >> column & 1 ? WHITE : BLACK);
    }
  fill (luma, stride, number * 4 % (width - bar), height - 2 * row_height, bar, row_height, WHITE);
}

static const guint8 *
pixel (const TuttiFrame *frame, guint x, guint y)
{
  return (const guint8 *) g_bytes_get_data (frame->bytes, NULL) + y * frame->stride + 4 * x;
}

static gboolean
is_white (const TuttiFrame *frame, guint x, guint y)
{
  guint sum = 0;

  for (guint line = y - 1; line <= y + 1; line++)
    for (guint column = x - 1; column <= x + 1; column++)
      sum += pixel (frame, column, line)[1];
  return sum > 9 * 128;
}

gboolean
tutti_pattern_read (const TuttiFrame *frame, gint64 now_ns, TuttiPattern *pattern)
{
  guint row_height = frame->height / PARTS;
  guint32 rows[ROWS] = { 0 };
  gint64 now = now_ns / TICK_NS;
  guint32 age;

  if (frame->width < 4 * COLUMNS || row_height < 4)
    return FALSE;
  for (guint row = 0; row < ROWS; row++)
    for (guint column = 0; column < COLUMNS; column++)
      if (is_white (frame, (2 * column + 1) * frame->width / (2 * COLUMNS),
                    row * row_height + row_height / 2))
        rows[row] |= 1u << column;
  if ((rows[1] & 0xff) != checksum (rows[0], rows[1] >> 8))
    return FALSE;
  age = (guint32) now - rows[0];
  if (age > 24u * 3600 * 10000)
    return FALSE;

  {
    const guint8 *middle = pixel (frame, frame->width / 2, frame->height / 2);

    *pattern = (TuttiPattern) {
      .number = rows[1] >> 8,
      .time_ns = (now - age) * TICK_NS,
      .red = middle[2],
      .green = middle[1],
      .blue = middle[0],
    };
  }
  return TRUE;
}
