/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-stem.h"

#define Q 64

/* Sample n of the stream is n + 1 on the left and its negative on the right. */
static void
write_some (TuttiStem *stem, guint64 *written, guint n)
{
  float left[TUTTI_MAX_QUANTUM], right[TUTTI_MAX_QUANTUM];

  for (guint i = 0; i < n; i++) {
    left[i] = (float) ((*written + i + 1) % 10000000);
    right[i] = -left[i];
  }
  tutti_stem_write (stem, left, right, n);
  *written += n;
}

/* In one graph: each cycle's read holds each cycle's samples. */
static void
test_same_cycle (void)
{
  float left[Q], right[Q];
  float *planes[2] = { left, right };
  TuttiStem stem = { 0 };
  guint64 written = 0;

  left[0] = 42;
  g_assert_false (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[0], ==, 42);
  tutti_stem_set (&stem, TRUE);
  g_assert_true (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[0], ==, 0);
  for (guint c = 0; c < 1000; c++) {
    guint64 first = written;

    write_some (&stem, &written, Q);
    g_assert_true (tutti_stem_read (&stem, planes, Q));
    for (guint i = 0; i < Q; i++) {
      g_assert_cmpfloat (left[i], ==, (float) (first + i + 1));
      g_assert_cmpfloat (right[i], ==, -left[i]);
    }
  }
  /* What is missing is silence. */
  write_some (&stem, &written, 10);
  g_assert_true (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[9], ==, (float) written);
  for (guint i = 10; i < Q; i++)
    g_assert_cmpfloat (left[i], ==, 0);
  /* A stream that has not begun is silence, too. */
  tutti_stem_write (&stem, NULL, NULL, Q);
  g_assert_true (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[Q - 1], ==, 0);
  tutti_stem_clear (&stem);
}

/* Off and on again: nothing of before is heard. */
static void
test_off_and_on (void)
{
  float left[Q], right[Q];
  float *planes[2] = { left, right };
  TuttiStem stem = { 0 };
  guint64 written = 0;

  tutti_stem_set (&stem, TRUE);
  tutti_stem_set (&stem, TRUE);
  tutti_stem_read (&stem, planes, Q);
  write_some (&stem, &written, 500);
  tutti_stem_set (&stem, FALSE);
  g_assert_false (tutti_stem_read (&stem, planes, Q));
  tutti_stem_set (&stem, TRUE);
  g_assert_true (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[0], ==, 0);
  write_some (&stem, &written, Q);
  g_assert_true (tutti_stem_read (&stem, planes, Q));
  g_assert_cmpfloat (left[0], ==, 501);
  tutti_stem_clear (&stem);
}

/* A reader on a slower clock, or none at all: the ring overflows without harm, and who reads again
 * is near the present. */
static void
test_slow_reader (void)
{
  float left[128], right[128];
  float *planes[2] = { left, right };
  TuttiStem stem = { 0 };
  guint64 written = 0;
  float farthest = 0;

  tutti_stem_set (&stem, TRUE);
  tutti_stem_read (&stem, planes, Q);
  for (guint c = 0; c < 100000; c++) {
    write_some (&stem, &written, Q);
    if (c % 2 == 0 && c < 90000 && c % 100 != 0) {
      tutti_stem_read (&stem, planes, 126);
      farthest = fmaxf (farthest, (float) (written % 10000000) - left[125]);
    }
  }
  g_assert_cmpfloat (farthest, >, 1000);
  g_assert_cmpfloat (farthest, <=, 2 * TUTTI_MAX_QUANTUM + 2 * 128);
  tutti_stem_read (&stem, planes, 128);
  write_some (&stem, &written, 128);
  tutti_stem_read (&stem, planes, 128);
  g_assert_cmpfloat (left[127], ==, (float) written);
  tutti_stem_clear (&stem);
}

static _Atomic gboolean stop;

static gpointer
write_on (gpointer data)
{
  guint64 written = 0;

  while (!atomic_load (&stop)) {
    write_some (data, &written, Q);
    g_usleep (20);
  }
  return NULL;
}

/* Another thread reads while main turns it off and on: what is heard is in order. */
static void
test_threads (void)
{
  float left[Q], right[Q];
  float *planes[2] = { left, right };
  static TuttiStem stem;
  GThread *thread = g_thread_new ("writer", write_on, &stem);
  float last = 0;
  guint n_heard = 0;

  tutti_stem_set (&stem, TRUE);
  for (guint c = 0; c < 4000; c++) {
    if (c % 500 == 499)
      tutti_stem_set (&stem, c % 1000 != 499);
    if (tutti_stem_read (&stem, planes, Q))
      for (guint i = 0; i < Q; i++)
        if (left[i] != 0) {
          g_assert_cmpfloat (left[i], >, last);
          g_assert_cmpfloat (right[i], ==, -left[i]);
          last = left[i];
          n_heard++;
        }
    g_usleep (50);
  }
  g_assert_cmpuint (n_heard, >, 1000);
  atomic_store (&stop, TRUE);
  g_thread_join (thread);
  tutti_stem_clear (&stem);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stem/same-cycle", test_same_cycle);
  g_test_add_func ("/stem/off-and-on", test_off_and_on);
  g_test_add_func ("/stem/slow-reader", test_slow_reader);
  g_test_add_func ("/stem/threads", test_threads);
  return g_test_run ();
}
