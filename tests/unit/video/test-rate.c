/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-rate.h"

#include <math.h>

/* A line in miniature: it carries so many bits, queues what is more, and drops what does not fit.
 * Its other end's clock has another origin. */

#define MS     G_GINT64_CONSTANT (1000000)
#define ORIGIN (G_GINT64_CONSTANT (1075773) * 1000 * MS)
#define STEP   (20 * MS)
#define SIZE   1000

typedef struct {
  TuttiRate *rate;
  gint64 now;
  gint64 free_at; /* the line is busy until then */
  double credit;  /* bits that the encoder owes */
  double share;   /* of the target that it makes */
  double line;    /* bit/s */
  double drop;    /* of packets, at random but the same each time */
  gint64 delay;
  gint64 max_queue;
  guint count;
} Line;

static const TuttiRateBounds bounds = { .start = 300000, .min = 80000, .max = 1800000 };

static Line
new_line (double bits)
{
  return (Line) {
    .rate = tutti_rate_new (&bounds),
    .now = 5000 * MS,
    .share = 1,
    .line = bits,
    .delay = 10 * MS,
    .max_queue = 300 * MS,
  };
}

static void
step (Line *line)
{
  TuttiPacketFeedback packets[64];
  guint n = 0;

  line->now += STEP;
  line->credit += line->share * tutti_rate_get_target (line->rate) * (STEP / 1e9);
  while (line->credit > SIZE * 8 && n < G_N_ELEMENTS (packets)) {
    gint64 begin = MAX (line->now, line->free_at);
    gboolean lost = begin - line->now > line->max_queue ||
                    (line->drop > 0 && line->count % (guint) (1 / line->drop) == 0);

    line->count++;
    line->credit -= SIZE * 8;
    if (!lost)
      line->free_at = begin + (gint64) (SIZE * 8e9 / line->line);
    packets[n++] = (TuttiPacketFeedback) {
      .sent_ns = line->now,
      .arrived_ns = lost ? -1 : ORIGIN + line->free_at + line->delay,
      .size = SIZE,
    };
  }
  tutti_rate_feedback (line->rate, packets, n, line->now);
  tutti_rate_update (line->rate, line->now);
}

static void
run (Line *line, guint seconds)
{
  for (guint i = 0; i < seconds * 50; i++)
    step (line);
}

static void
test_starts_low_and_grows (void)
{
  Line line = new_line (100e6);

  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, bounds.start);
  run (&line, 3);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >, bounds.start);
  /* Slowly: not twice as much in so short a time. */
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, 2 * bounds.start);
  run (&line, 60);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, bounds.max);
  tutti_rate_set_max (line.rate, 500000);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, 500000);
  tutti_rate_free (line.rate);
}

static void
test_fits_the_line (void)
{
  Line line = new_line (600e3);
  double sum = 0, longest = 0;

  run (&line, 30);
  for (guint i = 0; i < 60 * 50; i++) {
    step (&line);
    sum += tutti_rate_get_target (line.rate);
    longest = MAX (longest, (line.free_at - line.now) / (double) MS);
  }
  g_assert_cmpfloat (sum / (60 * 50), <, 600e3);
  g_assert_cmpfloat (sum / (60 * 50), >, 250e3);
  /* What stands in the queue would stand in front of sound, too. */
  g_assert_cmpfloat (longest, <, 150);
  tutti_rate_free (line.rate);
}

static void
test_line_gets_narrow (void)
{
  Line line = new_line (10e6);

  run (&line, 60);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, bounds.max);
  line.line = 300e3;
  run (&line, 4);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, 300000);
  run (&line, 10);
  g_assert_cmpfloat ((line.free_at - line.now) / (double) MS, <, 100);
  line.line = 10e6;
  run (&line, 60);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >, 1000000);
  tutti_rate_free (line.rate);
}

static void
test_losses (void)
{
  Line line = new_line (100e6);
  guint before;

  run (&line, 10);
  line.drop = 0.05; /* hold, once it was noticed */
  run (&line, 1);
  before = tutti_rate_get_target (line.rate);
  run (&line, 5);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <=, before);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >=, before * 0.8);
  line.drop = 0.25; /* cut */
  run (&line, 5);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, before * 0.6);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >=, bounds.min);
  tutti_rate_free (line.rate);
}

static void
test_sound_first (void)
{
  Line line = new_line (100e6);
  guint before;

  run (&line, 20);
  tutti_rate_sound (line.rate, 0, 20, line.now);
  before = tutti_rate_get_target (line.rate);
  run (&line, 1);
  tutti_rate_sound (line.rate, 5, 20, line.now); /* once may be chance */
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >=, before);
  run (&line, 1);
  tutti_rate_sound (line.rate, 5, 20, line.now);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, before * 0.7);

  /* The same of a round trip that grows. */
  run (&line, 10);
  before = tutti_rate_get_target (line.rate);
  tutti_rate_sound (line.rate, 0, 80, line.now);
  run (&line, 1);
  tutti_rate_sound (line.rate, 0, 80, line.now);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, before * 0.7);

  /* What is not known says nothing. */
  before = tutti_rate_get_target (line.rate);
  for (guint i = 0; i < 5; i++)
    tutti_rate_sound (line.rate, -1, -1, line.now);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, before);
  tutti_rate_free (line.rate);
}

/* An encoder that needs less says nothing of what the line carries. */
static void
test_little_to_send (void)
{
  Line line = new_line (100e6);

  line.share = 0.2;
  run (&line, 60);
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <=, 2 * bounds.start);
  tutti_rate_free (line.rate);
}

static void
test_no_feedback (void)
{
  TuttiRate *rate = tutti_rate_new (&bounds);

  for (gint64 now = MS; now < 20000 * MS; now += 250 * MS)
    tutti_rate_update (rate, now);
  g_assert_cmpuint (tutti_rate_get_target (rate), ==, bounds.min);
  tutti_rate_feedback (rate, NULL, 0, 0);
  tutti_rate_free (rate);
}

/* The clocks of both ends drift: a tenth of a millisecond a second is no queue. */
static void
test_drift (void)
{
  Line line = new_line (100e6);

  for (guint i = 0; i < 120 * 50; i++) {
    line.delay += STEP / 10000;
    step (&line);
  }
  g_assert_cmpuint (tutti_rate_get_target (line.rate), ==, bounds.max);
  g_assert_cmpfloat (tutti_rate_get_queue_ms (line.rate), <, 5);
  tutti_rate_free (line.rate);
}

/* Another road, longer for good: for a while that looks like trouble, and then it is what is. */
static void
test_longer_road (void)
{
  Line line = new_line (100e6);

  for (guint i = 0; i < 20; i++) {
    run (&line, 1);
    tutti_rate_sound (line.rate, 0, 15, line.now);
  }
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >, 2 * bounds.start);
  for (guint i = 0; i < 20; i++) {
    run (&line, 1);
    tutti_rate_sound (line.rate, 0, 75, line.now);
  }
  g_assert_cmpuint (tutti_rate_get_target (line.rate), <, bounds.start);
  for (guint i = 0; i < 200; i++) {
    run (&line, 1);
    tutti_rate_sound (line.rate, 0, 75, line.now);
  }
  g_assert_cmpuint (tutti_rate_get_target (line.rate), >, 2 * bounds.start);
  tutti_rate_free (line.rate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/video/rate/grows", test_starts_low_and_grows);
  g_test_add_func ("/video/rate/fits-the-line", test_fits_the_line);
  g_test_add_func ("/video/rate/line-gets-narrow", test_line_gets_narrow);
  g_test_add_func ("/video/rate/losses", test_losses);
  g_test_add_func ("/video/rate/sound-first", test_sound_first);
  g_test_add_func ("/video/rate/longer-road", test_longer_road);
  g_test_add_func ("/video/rate/little-to-send", test_little_to_send);
  g_test_add_func ("/video/rate/no-feedback", test_no_feedback);
  g_test_add_func ("/video/rate/drift", test_drift);
  return g_test_run ();
}
