/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The edge between a graph of another rate and the engine: pitch, level, gaps and delay, at every
 * rate that devices have and with quanta that do not divide. */

#include "tutti-pw-edge.h"

#include <math.h>
#include <string.h>

#define N_SECONDS 4

static const guint rates[] = { 8000, 16000, 22050, 32000, 44100, 88200, 96000, 176400, 192000 };

typedef struct {
  TuttiPwEdge *edge;
  guint rate;
  guint64 position;
  guint64 next; /* engine position that comes next */
  guint64 n_samples;
  TuttiPwLine line;
  /* the engine: keeps what it hears, and plays it again or a tone */
  double play_hz;
  float *captured; /* 48 kHz */
  float *played;   /* graph's rate */
} Rig;

static Rig *
rig_new (guint rate, double play_hz)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->edge = tutti_pw_edge_new (rate);
  g_assert_nonnull (rig->edge);
  rig->rate = rate;
  rig->play_hz = play_hz;
  rig->captured = g_new0 (float, (N_SECONDS + 1) * TUTTI_SAMPLE_RATE);
  rig->played = g_new0 (float, (N_SECONDS + 1) * rate);
  return rig;
}

static void
rig_free (Rig *rig)
{
  tutti_pw_edge_free (rig->edge);
  g_free (rig->captured);
  g_free (rig->played);
  g_free (rig);
}

static void
rig_run (Rig *rig, const float *in, guint n_frames)
{
  const float *planes[1];
  float out[TUTTI_MAX_QUANTUM];
  guint64 engine_position;
  guint n;

  g_assert_cmpuint (n_frames, <=, tutti_pw_edge_get_max_frames (rig->edge));
  n = tutti_pw_edge_capture (rig->edge, &in, 1, n_frames, rig->position, planes, &engine_position);
  g_assert_cmpuint (n, <=, TUTTI_MAX_QUANTUM);
  if (rig->position != 0)
    g_assert_cmpuint (engine_position, ==, rig->next);
  rig->next = engine_position + n;
  memcpy (rig->captured + rig->n_samples, planes[0], n * sizeof (float));
  for (guint i = 0; i < n; i++)
    out[i] = rig->play_hz > 0
                 ? sinf ((float) fmod (2 * G_PI * rig->play_hz * (double) (rig->n_samples + i) /
                                           TUTTI_SAMPLE_RATE,
                                       2 * G_PI))
                 : planes[0][i];
  rig->n_samples += n;
  tutti_pw_edge_play (rig->edge, &rig->line, out, rig->played + rig->position);
  tutti_pw_edge_advance (rig->edge);
  rig->position += n_frames;
}

/* N_SECONDS of @in in quanta of @quantum, or of changing ones where that is 0. */
static void
rig_run_all (Rig *rig, const float *in, guint quantum)
{
  static const guint odd[] = { 64, 17, 256, 1, 1024, 100 };
  guint64 end = (guint64) N_SECONDS * rig->rate;

  for (guint i = 0; rig->position < end; i++) {
    guint n = quantum != 0 ? quantum : odd[i % G_N_ELEMENTS (odd)];

    n = (guint) MIN (n, end - rig->position);
    n = MIN (n, tutti_pw_edge_get_max_frames (rig->edge));
    rig_run (rig, in + rig->position, n);
  }
}

static float *
make_tone (guint rate, double hz)
{
  float *tone = g_new (float, N_SECONDS *rate);

  for (guint i = 0; i < N_SECONDS * rate; i++)
    tone[i] = (float) sin (fmod (2 * G_PI * hz * i / rate, 2 * G_PI));
  return tone;
}

/* Fits a sine of @hz to one second; returns its amplitude, and the rest's level in dB. */
static double
fit (const float *samples, guint rate, double hz, double *phase, double *rest_db)
{
  const float *at = samples + 2 * (gsize) rate;
  double s = 0, c = 0, rest = 0, amplitude;

  for (guint i = 0; i < rate; i++) {
    s += at[i] * sin (2 * G_PI * hz * i / rate);
    c += at[i] * cos (2 * G_PI * hz * i / rate);
  }
  s *= 2.0 / rate;
  c *= 2.0 / rate;
  amplitude = hypot (s, c);
  for (guint i = 0; i < rate; i++) {
    double wanted = s * sin (2 * G_PI * hz * i / rate) + c * cos (2 * G_PI * hz * i / rate);

    rest += (at[i] - wanted) * (at[i] - wanted);
  }
  *phase = atan2 (c, s);
  *rest_db = 10 * log10 (rest / rate * 2 + 1e-20);
  return amplitude;
}

static void
check_tone (const float *samples, guint rate, double hz, const char *what)
{
  double phase, rest_db;
  double amplitude = fit (samples, rate, hz, &phase, &rest_db);

  g_test_message ("%s %u Hz, tone of %.0f Hz: %.2f dB, rest %.1f dB", what, rate, hz,
                  20 * log10 (amplitude), rest_db);
  g_assert_cmpfloat (fabs (20 * log10 (amplitude)), <, 0.5);
  /* A wrong pitch (1 cent is 0.06 %), a lost sample or an alias would all be in it. */
  g_assert_cmpfloat (rest_db, <, -65);
}

static void
test_tone (void)
{
  static const guint quanta[] = { 64, 128, 1000, 0 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint q = 0; q < G_N_ELEMENTS (quanta); q++) {
      double hz = MIN (997, rates[r] / 8);
      g_autofree float *tone = make_tone (rates[r], hz);
      Rig *rig = rig_new (rates[r], hz);

      rig_run_all (rig, tone, quanta[q]);
      check_tone (rig->captured, TUTTI_SAMPLE_RATE, hz, "captured at");
      check_tone (rig->played, rates[r], hz, "played at");
      rig_free (rig);
    }
  }
}

/* 18 kHz goes through as it is, at 44.1 kHz too; what the other side cannot hold does not come back
 * as something else. */
static void
test_band (void)
{
  g_autofree float *tone = make_tone (44100, 18000);
  g_autofree float *high = make_tone (96000, 30000);
  Rig *rig = rig_new (44100, 18000);
  double phase, rest_db, amplitude;

  rig_run_all (rig, tone, 64);
  check_tone (rig->captured, TUTTI_SAMPLE_RATE, 18000, "captured at 44100 Hz, heard at");
  check_tone (rig->played, 44100, 18000, "played at");
  rig_free (rig);

  rig = rig_new (96000, 1000);
  rig_run_all (rig, high, 64);
  amplitude = fit (rig->captured, TUTTI_SAMPLE_RATE, 18000, &phase, &rest_db);
  g_assert_cmpfloat (20 * log10 (amplitude + 1e-10), <, -65);
  g_assert_cmpfloat (rest_db, <, -65);
  rig_free (rig);

  /* The engine plays 23 kHz into 44.1 kHz: its alias would lie at 21.1, above what is heard; 26
   * does not exist at 48. At 32 kHz 20 kHz would come back as 12. */
  rig = rig_new (32000, 20000);
  rig_run_all (rig, high, 64);
  amplitude = fit (rig->played, 32000, 12000, &phase, &rest_db);
  g_assert_cmpfloat (20 * log10 (amplitude + 1e-10), <, -65);
  rig_free (rig);
}

/* A pulse that goes in comes out as much later as is said, whatever the quantum. */
static void
test_delay (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint quantum = 64; quantum <= 1000; quantum += 936) {
      g_autofree float *in = g_new0 (float, N_SECONDS *rates[r]);
      Rig *rig = rig_new (rates[r], 0);
      guint at = rates[r] / 2, peak = 0;
      double said, is;

      in[at] = 1;
      rig_run_all (rig, in, quantum);
      for (guint i = 0; i < N_SECONDS * rates[r]; i++)
        if (fabsf (rig->played[i]) > fabsf (rig->played[peak]))
          peak = i;
      is = 1e3 * ((double) peak - at) / rates[r];
      said = (double) (tutti_pw_edge_get_capture_ns (rig->edge) +
                       tutti_pw_edge_get_playback_ns (rig->edge)) /
             1e6;
      g_test_message ("%u Hz: %.3f ms, said %.3f", rates[r], is, said);
      g_assert_cmpfloat (fabs (is - said), <, 1000.0 / MIN (rates[r], TUTTI_SAMPLE_RATE));
      if (rates[r] >= 44100)
        g_assert_cmpfloat (said, <, 1);
      rig_free (rig);
    }
  }
}

/* The graph's position jumps: the engine sees the same time pass. */
static void
test_jump (void)
{
  g_autoptr (TuttiPwEdge) edge = tutti_pw_edge_new (44100);
  const float *in = NULL;
  const float *planes[1];
  guint64 position, next;
  guint n;

  n = tutti_pw_edge_capture (edge, &in, 1, 441, 44100, planes, &position);
  g_assert_cmpuint (position, ==, 48000);
  g_assert_null (planes[0]);
  next = position + n;
  n = tutti_pw_edge_capture (edge, &in, 1, 441, 44100 + 441, planes, &position);
  g_assert_cmpuint (position, ==, next);
  next = position + n;
  n = tutti_pw_edge_capture (edge, &in, 1, 441, 44100 + 882 + 4410, planes, &position);
  g_assert_cmpuint (position, ==, next + 4800);
  next = position + n;
  tutti_pw_edge_capture (edge, &in, 1, 441, 44100, planes, &position);
  g_assert_cmpuint (position, ==, next - 4800 - 3 * 480);
  tutti_pw_edge_restart (edge);
  tutti_pw_edge_capture (edge, &in, 1, 441, 0, planes, &position);
  g_assert_cmpuint (position, ==, 0);
}

static void
test_rates (void)
{
  g_assert_null (tutti_pw_edge_new (48000));
  g_assert_null (tutti_pw_edge_new (44101));
  g_assert_null (tutti_pw_edge_new (0));
  g_assert_null (tutti_pw_edge_new (G_MAXUINT));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edge/rates", test_rates);
  g_test_add_func ("/edge/tone", test_tone);
  g_test_add_func ("/edge/band", test_band);
  g_test_add_func ("/edge/delay", test_delay);
  g_test_add_func ("/edge/jump", test_jump);
  return g_test_run ();
}
