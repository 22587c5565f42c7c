/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-gate.h"

#define QUANTUM 64
#define MS      48

/* Plays @ms of @value (NAN: no device) in quanta through @gate to the end of @heard. */
static guint
play (TuttiGate *gate, float *heard, guint at, float value, gboolean open, guint ms)
{
  for (guint end = at + ms * MS; at < end; at += QUANTUM) {
    float in[QUANTUM], room[QUANTUM];
    const float *out;

    for (guint i = 0; i < QUANTUM; i++)
      in[i] = value;
    out = tutti_gate_take (gate, isnan (value) ? NULL : in, open, room, QUANTUM);
    for (guint i = 0; i < QUANTUM; i++)
      heard[at + i] = out != NULL ? out[i] : 0;
  }
  return at;
}

static float
steepest (const float *heard, guint from, guint to)
{
  float most = 0;

  for (guint i = from + 1; i < to; i++)
    most = MAX (most, fabsf (heard[i] - heard[i - 1]));
  return most;
}

static void
test_open_is_untouched (void)
{
  float in[QUANTUM] = { 0.5f, -0.25f }, room[QUANTUM], heard[100 * MS];
  TuttiGate gate = { 0 };

  play (&gate, heard, 0, 0.5f, TRUE, 50);
  g_assert_true (tutti_gate_take (&gate, in, TRUE, room, QUANTUM) == in);
  g_assert_false (tutti_gate_is_quiet (&gate));
}

static void
test_first_rises (void)
{
  float heard[100 * MS];
  TuttiGate gate = { 0 };

  g_assert_true (tutti_gate_is_quiet (&gate));
  play (&gate, heard, 0, 1, TRUE, 50);
  g_assert_cmpfloat (heard[0], <, 0.01f);
  g_assert_cmpfloat_with_epsilon (heard[240], 0.5f, 0.02f);
  g_assert_cmpfloat (heard[500], ==, 1);
  g_assert_cmpfloat (steepest (heard, 0, 50 * MS), <, 0.003f);
}

/* Shut, changed for another device, opened. */
static void
test_shut_and_opened (void)
{
  float heard[400 * MS];
  TuttiGate gate = { 0 };
  guint shut, gone, back, end;

  shut = play (&gate, heard, 0, 1, TRUE, 30);
  gone = play (&gate, heard, shut, 1, FALSE, 30);
  g_assert_true (tutti_gate_is_quiet (&gate));
  g_assert_cmpfloat (heard[gone - 1], ==, 0);
  back = play (&gate, heard, gone, NAN, FALSE, 30);
  g_assert_cmpfloat (steepest (heard, gone, back), ==, 0);
  back = play (&gate, heard, back, -1, FALSE, 30); /* the next one is there, and not yet let in */
  g_assert_cmpfloat (heard[back - 1], ==, 0);
  end = play (&gate, heard, back, -1, TRUE, 30);
  g_assert_cmpfloat (heard[end - 1], ==, -1);
  g_assert_cmpfloat (steepest (heard, 30 * MS, end), <, 0.003f);
}

/* Opened before it was shut wholly: on from where it was. */
static void
test_changed_mind (void)
{
  float heard[200 * MS];
  TuttiGate gate = { 0 };
  guint at = play (&gate, heard, 0, 1, TRUE, 30);

  at = play (&gate, heard, at, 1, FALSE, 4);
  g_assert_false (tutti_gate_is_quiet (&gate));
  at = play (&gate, heard, at, 1, TRUE, 30);
  g_assert_cmpfloat (heard[at - 1], ==, 1);
  g_assert_cmpfloat (steepest (heard, 30 * MS, at), <, 0.003f);
}

static void
test_unplugged (void)
{
  float heard[400 * MS];
  TuttiGate gate = { 0 };
  guint gone = play (&gate, heard, 0, 1, TRUE, 30);
  guint back = play (&gate, heard, gone, NAN, TRUE, 30), end;

  g_assert_cmpfloat (heard[gone + 120], >, 0.4f);
  g_assert_cmpfloat (heard[gone + 120], <, 0.6f);
  g_assert_cmpfloat (heard[gone + 240], ==, 0);
  g_assert_true (tutti_gate_is_quiet (&gate));
  end = play (&gate, heard, back, 1, TRUE, 30);
  g_assert_cmpfloat (heard[end - 1], ==, 1);
  g_assert_cmpfloat (steepest (heard, 15 * MS, end), <, 0.005f);
}

/* One cycle that came without a device: not made longer than it has to be. */
static void
test_stumble (void)
{
  float heard[100 * MS], room[QUANTUM];
  TuttiGate gate = { 0 };
  guint gone = play (&gate, heard, 0, 1, TRUE, 30), back, end;

  g_assert_true (tutti_gate_take (&gate, NULL, TRUE, room, QUANTUM) == room);
  memcpy (heard + gone, room, sizeof room);
  back = gone + QUANTUM;
  end = play (&gate, heard, back, 1, TRUE, 10);
  g_assert_cmpfloat (heard[back + 2 * MS], ==, 1);
  g_assert_cmpfloat (heard[end - 1], ==, 1);
  g_assert_cmpfloat (steepest (heard, gone, end), <, 0.03f);
  for (guint i = gone; i < end; i++)
    g_assert_cmpfloat (heard[i], <, 1.01f);
}

/* Comes back while the last value dies away. */
static void
test_back_at_once_after_silence (void)
{
  float heard[200 * MS];
  TuttiGate gate = { 0 };
  guint at = play (&gate, heard, 0, 0, TRUE, 30);

  /* It ended in silence: nothing has to die away. */
  at = play (&gate, heard, at, NAN, TRUE, 4);
  g_assert_true (tutti_gate_is_quiet (&gate));
  g_assert_cmpfloat (heard[at - 1], ==, 0);
}

static void
test_give (void)
{
  float from[QUANTUM], out[QUANTUM], last = 0;
  TuttiGate gate = { 0 };

  for (guint i = 0; i < QUANTUM; i++)
    from[i] = 1;
  tutti_gate_give (&gate, from, TRUE, NULL, QUANTUM);
  g_assert_true (tutti_gate_is_quiet (&gate));
  for (guint cycle = 0; cycle < 30; cycle++) {
    tutti_gate_give (&gate, from, cycle < 15, out, QUANTUM);
    for (guint i = 0; i < QUANTUM; i++) {
      g_assert_cmpfloat (fabsf (out[i] - last), <, 0.03f);
      last = out[i];
    }
    if (cycle == 14)
      g_assert_cmpfloat (last, ==, 1);
  }
  g_assert_cmpfloat (last, ==, 0);
  g_assert_true (tutti_gate_is_quiet (&gate));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gate/open-is-untouched", test_open_is_untouched);
  g_test_add_func ("/gate/first-rises", test_first_rises);
  g_test_add_func ("/gate/shut-and-opened", test_shut_and_opened);
  g_test_add_func ("/gate/changed-mind", test_changed_mind);
  g_test_add_func ("/gate/unplugged", test_unplugged);
  g_test_add_func ("/gate/stumble", test_stumble);
  g_test_add_func ("/gate/back-at-once-after-silence", test_back_at_once_after_silence);
  g_test_add_func ("/gate/give", test_give);

  return g_test_run ();
}
