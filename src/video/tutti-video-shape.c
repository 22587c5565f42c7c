/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-shape.h"

/* From there on so many lines and frames a second. */
typedef struct {
  guint bitrate;
  guint height;
  guint fps;
} Rung;

#define N_RUNGS 5

static const Rung ladders[][N_RUNGS] = {
  [TUTTI_VIDEO_CAMERA] = { { 0, 180, 15 },
                           { 150000, 270, 20 },
                           { 280000, 360, 30 },
                           { 800000, 540, 30 },
                           { 1500000, 720, 30 } },
  [TUTTI_VIDEO_SCREEN] = { { 0, 540, 5 },
                           { 200000, 720, 5 },
                           { 500000, 1080, 8 },
                           { 1000000, 1080, 15 },
                           { 2000000, 1440, 15 } },
};

static guint
even (double value)
{
  return MAX (2, (guint) (value / 2 + 0.5) * 2);
}

static int
choose_rung (const Rung *ladder, guint bitrate, int before)
{
  int rung = 0;

  while (rung + 1 < N_RUNGS && bitrate >= ladder[rung + 1].bitrate)
    rung++;
  if (before < 0 || before >= N_RUNGS || rung == before)
    return rung;
  /* Each change costs a key frame: it should last. */
  if (rung > before && bitrate < ladder[rung].bitrate * 1.15)
    return rung - 1;
  if (rung < before && bitrate > ladder[rung + 1].bitrate * 0.85)
    return rung + 1;
  return rung;
}

TuttiVideoShape
tutti_video_choose_shape (TuttiVideoKind kind,
                          guint bitrate,
                          guint source_width,
                          guint source_height,
                          int *rung)
{
  const Rung *ladder = ladders[kind];
  double scale;

  *rung = choose_rung (ladder, bitrate, *rung);
  /* A picture that stands upright has the same area as one that lies. */
  scale = ladder[*rung].height / (double) MAX (1, MIN (source_width, source_height));
  scale = MIN (scale, 1);
  scale = MIN (scale, TUTTI_VIDEO_MAX_WIDTH / (double) MAX (1, source_width));
  scale = MIN (scale, TUTTI_VIDEO_MAX_HEIGHT / (double) MAX (1, source_height));
  return (TuttiVideoShape) {
    .width = even (source_width * scale),
    .height = even (source_height * scale),
    .fps = ladder[*rung].fps,
  };
}

gboolean
tutti_vp8_read_key_frame (const guint8 *data, gsize size, guint *width, guint *height)
{
  if (size < 10 || (data[0] & 1) != 0 || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a)
    return FALSE;
  *width = (data[6] | data[7] << 8) & 0x3fff;
  *height = (data[8] | data[9] << 8) & 0x3fff;
  return TRUE;
}
