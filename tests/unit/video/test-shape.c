/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-test-pattern.h"
#include "tutti-video-shape.h"

static TuttiVideoShape
choose (TuttiVideoKind kind, guint bitrate, guint width, guint height)
{
  int rung = -1;

  return tutti_video_choose_shape (kind, bitrate, width, height, &rung);
}

static void
test_shapes (void)
{
  guint last = 0;

  for (guint bitrate = 20000; bitrate < 4000000; bitrate += 20000) {
    TuttiVideoShape shape = choose (TUTTI_VIDEO_CAMERA, bitrate, 1920, 1080);

    g_assert_cmpuint (shape.height, >=, last);
    g_assert_cmpuint (shape.height, <=, 720);
    g_assert_cmpuint (shape.width * 9, ==, shape.height * 16);
    g_assert_cmpuint (shape.width % 2 + shape.height % 2, ==, 0);
    g_assert_cmpuint (shape.fps, >=, 15);
    g_assert_cmpuint (shape.fps, <=, 30);
    last = shape.height;
  }
  g_assert_cmpuint (last, ==, 720);
  /* Never larger than the source, however it stands, and even where that is odd. */
  g_assert_cmpuint (choose (TUTTI_VIDEO_CAMERA, 2000000, 320, 240).width, ==, 320);
  g_assert_cmpuint (choose (TUTTI_VIDEO_CAMERA, 2000000, 720, 1280).width, ==, 720);
  g_assert_cmpuint (choose (TUTTI_VIDEO_CAMERA, 300000, 720, 1280).width, ==, 360);
  g_assert_cmpuint (choose (TUTTI_VIDEO_CAMERA, 2000000, 321, 241).width % 2, ==, 0);
  g_assert_cmpuint (choose (TUTTI_VIDEO_CAMERA, 2000000, 1, 1).width, ==, 2);
  /* A screen is rather sharp than smooth. */
  g_assert_cmpuint (choose (TUTTI_VIDEO_SCREEN, 300000, 1920, 1080).height, ==, 720);
  g_assert_cmpuint (choose (TUTTI_VIDEO_SCREEN, 300000, 1920, 1080).fps, ==, 5);
  g_assert_cmpuint (choose (TUTTI_VIDEO_SCREEN, 9000000, 15360, 8640).width, <=,
                    TUTTI_VIDEO_MAX_WIDTH);
}

/* A rate that wavers about a step does not change the picture each time. */
static void
test_hysteresis (void)
{
  int rung = -1;
  guint changes = 0, last;

  last = tutti_video_choose_shape (TUTTI_VIDEO_CAMERA, 780000, 1280, 720, &rung).height;
  for (guint i = 0; i < 100; i++) {
    guint height =
        tutti_video_choose_shape (TUTTI_VIDEO_CAMERA, i % 2 ? 760000 : 840000, 1280, 720, &rung)
            .height;

    changes += height != last;
    last = height;
  }
  g_assert_cmpuint (changes, ==, 0);
  g_assert_cmpuint (tutti_video_choose_shape (TUTTI_VIDEO_CAMERA, 1000000, 1280, 720, &rung).height,
                    >, last);
}

static void
test_key_frames (void)
{
  const guint8 key[] = { 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41 };
  guint8 other[sizeof key];
  guint width = 0, height = 0;

  g_assert_true (tutti_vp8_read_key_frame (key, sizeof key, &width, &height));
  g_assert_cmpuint (width, ==, 640);
  g_assert_cmpuint (height, ==, 360); /* the two highest bits are a scale */
  for (gsize i = 0; i < sizeof key; i++)
    g_assert_false (tutti_vp8_read_key_frame (key, i, &width, &height));
  memcpy (other, key, sizeof key);
  other[0] |= 1;
  g_assert_false (tutti_vp8_read_key_frame (other, sizeof other, &width, &height));
  memcpy (other, key, sizeof key);
  other[4] = 2;
  g_assert_false (tutti_vp8_read_key_frame (other, sizeof other, &width, &height));
}

/* -- the test picture -- */

static TuttiFrame *
draw (guint width, guint height, guint32 number, gint64 time_ns, guint8 **pixels)
{
  g_autofree guint8 *luma = g_malloc (width * height);

  memset (luma, 80, width * height);
  tutti_pattern_draw (luma, width, height, width, number, time_ns);
  *pixels = g_malloc (4 * width * height);
  for (guint i = 0; i < width * height; i++)
    memset (*pixels + 4 * i, luma[i], 4);
  return tutti_frame_new (g_bytes_new_take (*pixels, 4 * width * height), width, height, 4 * width);
}

static void
test_pattern (void)
{
  const gint64 time = G_GINT64_CONSTANT (987654321) * 100000;
  guint8 *pixels;
  TuttiPattern pattern;

  for (guint number = 1; number < 0xffffff; number = number * 3 + 1) {
    g_autoptr (TuttiFrame) frame = draw (320, 180, number, time, &pixels);

    g_assert_true (tutti_pattern_read (frame, time + 50000000, &pattern));
    g_assert_cmpuint (pattern.number, ==, number);
    g_assert_cmpint (pattern.time_ns, ==, time);
    g_assert_cmpuint (pattern.green, ==, 80);
  }
  {
    g_autoptr (TuttiFrame) frame = draw (320, 180, 5, time, &pixels);
    g_autoptr (TuttiFrame) small = draw (64, 64, 5, time, &pixels);
    guint8 *large;
    g_autoptr (TuttiFrame) grey = draw (320, 180, 5, time, &large);

    /* From the future, or much too old; too small; without one; damaged. */
    g_assert_false (tutti_pattern_read (frame, time - 100000000, &pattern));
    g_assert_false (
        tutti_pattern_read (frame, time + 90000 * G_GINT64_CONSTANT (1000000000), &pattern));
    g_assert_false (tutti_pattern_read (small, time, &pattern));
    memset (large, 255, 4 * 320 * 40);
    g_assert_false (tutti_pattern_read (grey, time, &pattern));
    memset (large, 80, 4 * 320 * 180);
    g_assert_false (tutti_pattern_read (grey, time, &pattern));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/video/shape/shapes", test_shapes);
  g_test_add_func ("/video/shape/hysteresis", test_hysteresis);
  g_test_add_func ("/video/shape/key-frames", test_key_frames);
  g_test_add_func ("/video/shape/pattern", test_pattern);
  return g_test_run ();
}
