/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "playout-sim.h"

#include <math.h>
#include <string.h>

#include "playout-sim-sender.h"
#include "tutti-clock.h"

#define RATE      48000.0
#define START_NS  (1000 * TUTTI_NSEC_PER_SEC)
#define N_LONGEST 20

double
sim_uniform (guint *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) / 16777216.0;
}

double
sim_gauss (guint *seed)
{
  double a = sim_uniform (seed) + 1e-9;
  double b = sim_uniform (seed);

  return sqrt (-2 * log (a)) * cos (2 * G_PI * b);
}

void
sim_init (Sim *sim, guint frame, double seconds)
{
  memset (sim, 0, sizeof *sim);
  sim->frame = frame;
  sim->quantum = 64;
  sim->seconds = seconds;
  sim->base_ms = 20;
  sim->in_order = TRUE;
  sim->bias = 0.5f;
  sim->first_timestamp = 123456789;
  sim->seed = 42;
}

static TuttiPlayout *
new_playout (Sim *sim)
{
  TuttiAudioFormat plain = { TUTTI_WIRE_OPUS, sim->frame, 1, 128000 };
  g_autoptr (GError) error = NULL;
  TuttiPlayout *playout = tutti_playout_new (
      sim->segments != NULL ? &sim->segments[0].format : &plain, SIM_PAYLOAD_TYPE, &error);

  g_assert_no_error (error);
  tutti_playout_set_bias (playout, sim->bias);
  return playout;
}

static void
note_delay (Sim *sim, gsize cycle, guint64 played)
{
  gint32 since = (gint32) (sim->stats.rtp_timestamp - sim->first_timestamp);
  double captured = since / (RATE * (1 + sim->drift_ppm * 1e-6));

  sim->delay[cycle] =
      sim->stats.played_samples == played
          ? NAN
          : (double) (sim->stats.playback_ns - START_NS) / 1e9 * RATE - captured * RATE;
}

/* Ascending; the shortest makes room. */
static void
note_longest (gint64 *longest, gint64 spent)
{
  guint i = 0;

  if (spent <= longest[0])
    return;
  for (; i + 1 < N_LONGEST && longest[i + 1] < spent; i++)
    longest[i] = longest[i + 1];
  longest[i] = spent;
}

static void
prepare (Sim *sim, gsize n)
{
  sim->out = sim->listen == NULL ? g_new0 (float, n * sim->quantum) : NULL;
  sim->n_out = n * sim->quantum;
  sim->delay = g_new0 (double, n);
  sim->n_cycles = n;
  sim->transits = g_array_new (FALSE, FALSE, sizeof (double));
}

static void
deliver (SimSender *sender, TuttiPlayout *playout, double now)
{
  SimPacket *packet;

  sim_sender_send (sender, now);
  for (; (packet = sim_sender_receive (sender, now)) != NULL; g_free (packet))
    tutti_playout_push (playout, packet->lane, packet->data, packet->size,
                        START_NS + (gint64) (packet->arrival * 1e9));
}

void
sim_run (Sim *sim)
{
  g_autoptr (TuttiPlayout) playout = new_playout (sim);
  SimSender *sender = sim_sender_new (sim);
  gsize n = (gsize) (sim->seconds * RATE) / sim->quantum;
  g_autofree float *scratch = g_new0 (float, 2 * TUTTI_MAX_QUANTUM);
  gint64 spent = 0, longest[N_LONGEST] = { 0 };

  prepare (sim, n);
  for (gsize c = 0; c < n; c++) {
    double now = (double) c * sim->quantum / RATE;
    float *planes[2] = { sim->out != NULL ? sim->out + c * sim->quantum : scratch,
                         scratch + TUTTI_MAX_QUANTUM };
    guint64 played = sim->stats.played_samples;
    gint64 before;
    gboolean more;

    deliver (sender, playout, now);
    if (sim->cycle != NULL)
      sim->cycle (sim, now);
    before = tutti_clock_now_ns ();
    more = tutti_playout_process (playout, planes, sim->quantum, START_NS + (gint64) (now * 1e9));
    before = tutti_clock_now_ns () - before;
    spent += before;
    note_longest (longest, before);
    tutti_playout_get_stats (playout, &sim->stats);
    note_delay (sim, c, played);
    if (sim->listen != NULL)
      sim->listen (sim, now, planes[0], sim->quantum);
    /* The worker gets its turn between cycles, now and then. */
    while (more && !sim->no_worker && (c % 3) != 0)
      more = tutti_playout_decode_ahead (playout);
  }
  sim->cpu_us = (double) spent / (double) n / 1000;
  sim->cpu_max_us = (double) longest[0] / 1000;
  g_assert_cmpuint (tutti_playout_get_misses (playout), ==, 0);
  sim_sender_free (sender);
}

void
sim_clear (Sim *sim)
{
  g_clear_pointer (&sim->out, g_free);
  g_clear_pointer (&sim->delay, g_free);
  g_clear_pointer (&sim->transits, g_array_unref);
}

static double
delay_to_ms (Sim *sim, double samples)
{
  guint frame = sim->segments != NULL ? sim->segments[0].format.frame_samples : sim->frame;

  /* Above the transit of an undisturbed packet: the frame has to be captured and travel. */
  return (samples - frame) * 1000 / RATE - sim->base_ms;
}

double
sim_mean_delay_ms (Sim *sim, double from, double to)
{
  double sum = 0;
  guint n = 0;

  for (gsize c = (gsize) (from * RATE / sim->quantum);
       c < sim->n_cycles && c < (gsize) (to * RATE / sim->quantum); c++)
    if (!isnan (sim->delay[c])) {
      sum += sim->delay[c];
      n++;
    }
  return n > 0 ? delay_to_ms (sim, sum / n) : NAN;
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

double
sim_quantile_delay_ms (Sim *sim, double share)
{
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (double));

  for (gsize c = 0; c < sim->n_cycles; c++)
    if (!isnan (sim->delay[c]))
      g_array_append_val (sorted, sim->delay[c]);
  g_array_sort (sorted, by_value);
  if (sorted->len == 0)
    return NAN;
  return delay_to_ms (sim,
                      g_array_index (sorted, double, (guint) ((1 - share) * (sorted->len - 1))));
}

double
sim_fixed_delay_ms (Sim *sim, double *percent)
{
  g_autoptr (GArray) sorted = g_array_copy (sim->transits);
  guint allowed = (guint) (sim_concealed_percent (sim) / 100 * sorted->len);

  g_array_sort (sorted, by_value);
  if (percent != NULL)
    *percent = 100.0 * allowed / sorted->len;
  return delay_to_ms (sim, g_array_index (sorted, double, sorted->len - 1 - allowed));
}

double
sim_concealed_percent (Sim *sim)
{
  return 100.0 * (double) sim->stats.concealed_samples / (double) sim->stats.played_samples;
}

double
sim_worst_step (Sim *sim, double from, double to)
{
  double c = 2 * cos (2 * G_PI * SIM_TONE_HERTZ / RATE);
  double worst = 0;

  for (gsize i = (gsize) (from * RATE) + 2; i < sim->n_out && i < (gsize) (to * RATE); i++)
    worst = fmax (worst, fabs (sim->out[i] - c * sim->out[i - 1] + sim->out[i - 2]));
  return worst;
}

double
sim_rms (Sim *sim, double from, double to)
{
  double sum = 0;
  gsize n = 0;

  for (gsize i = (gsize) (from * RATE); i < sim->n_out && i < (gsize) (to * RATE); i++, n++)
    sum += sim->out[i] * sim->out[i];
  return sqrt (sum / (double) MAX (n, 1));
}
