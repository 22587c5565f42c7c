/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "playout-sim.h"

#include <math.h>
#include <string.h>

#include "tutti-clock.h"
#include "tutti-codec.h"
#include "tutti-rtp.h"

#define RATE     48000.0
#define START_NS (1000 * TUTTI_NSEC_PER_SEC)

typedef struct {
  gint64 arrival_ns;
  guint order;
  guint lane;
  guint size;
  guint8 data[400];
} SimPacket;

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

static int
by_arrival (gconstpointer a, gconstpointer b)
{
  const SimPacket *x = a, *y = b;

  if (x->arrival_ns != y->arrival_ns)
    return x->arrival_ns < y->arrival_ns ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static double
line_delay (Sim *sim, guint index, double seconds, guint *seed)
{
  double delay = sim->base_ms + sim->sigma_ms * fabs (sim_gauss (seed));

  /* Normal around a mean, cut off at no delay at all. */
  if (sim->sigma_ms > 0)
    delay = MAX (0, sim->base_ms + 3 * sim->sigma_ms + sim->sigma_ms * sim_gauss (seed));
  return sim->delay_ms != NULL ? sim->delay_ms (sim, index, seconds) : delay;
}

static GArray *
send_all (Sim *sim)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, sim->frame, 1, 128000 };
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  GArray *packets = g_array_new (FALSE, TRUE, sizeof (SimPacket));
  guint seed = sim->seed;
  guint32 timestamp = sim->first_timestamp;
  guint16 sequence[2] = { 65000, 100 };
  double latest[2] = { 0, 0 };
  double rate = RATE * (1 + sim->drift_ppm * 1e-6);
  double phase = 0;

  for (guint i = 0;; i++) {
    /* Sent when its last sample was captured. */
    double sent = (double) (i + 1) * sim->frame / rate;
    float pcm[TUTTI_MAX_FRAME_SAMPLES];
    guint8 payload[400];
    guint lane = sim->lane != NULL ? sim->lane (sim, i) : 0;
    int size;

    if (sent > sim->seconds)
      break;
    for (guint k = 0; k < sim->frame; k++) {
      pcm[k] = (float) (SIM_TONE_PEAK * sin (phase));
      phase += 2 * G_PI * SIM_TONE_HERTZ / RATE;
    }
    size = encoder->klass->encode (encoder, pcm, payload, sizeof payload);
    g_assert_cmpint (size, >, 0);
    if (sim->jump != NULL)
      timestamp += (guint32) sim->jump (sim, i);
    for (guint l = 0; l < 2; l++) {
      SimPacket packet = { .order = i, .lane = l };
      TuttiRtp rtp = { .payload_type = SIM_PAYLOAD_TYPE,
                       .sequence = sequence[l],
                       .timestamp = timestamp,
                       .ssrc = 77 + l,
                       .payload = payload,
                       .payload_size = (gsize) size };
      double arrival = sent + line_delay (sim, i, sent, &seed) / 1000;

      if ((lane != l && lane != 2) || (sim->paused != NULL && sim->paused (sim, i, sent)))
        continue;
      sequence[l]++;
      sim->n_sent++;
      if (sim->in_order)
        arrival = MAX (arrival, latest[l]);
      latest[l] = MAX (arrival, latest[l]);
      packet.size = tutti_rtp_write (packet.data, sizeof packet.data, &rtp);
      packet.arrival_ns = START_NS + (gint64) (arrival * 1e9);
      if ((sim->lost != NULL && sim->lost (sim, i, sent)) || sim_uniform (&seed) < sim->loss)
        continue;
      g_array_append_val (packets, packet);
    }
    timestamp += sim->frame;
  }
  g_array_sort (packets, by_arrival);
  return packets;
}

void
sim_run (Sim *sim)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, sim->frame, 1, 128000 };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
  g_autoptr (GArray) packets = send_all (sim);
  gsize n = (gsize) (sim->seconds * RATE) / sim->quantum;
  guint next = 0;
  gint64 before = 0, spent = 0;
  guint64 played = 0;

  tutti_playout_set_bias (playout, sim->bias);
  sim->out = g_new0 (float, n * sim->quantum);
  sim->n_out = n * sim->quantum;
  sim->delay = g_new0 (double, n);
  sim->n_cycles = n;
  for (gsize c = 0; c < n; c++) {
    gint64 cycle_ns = START_NS + (gint64) ((double) c * sim->quantum / RATE * 1e9);
    float *planes[2] = { sim->out + c * sim->quantum, NULL };
    gboolean more;

    for (; next < packets->len; next++) {
      SimPacket *packet = &g_array_index (packets, SimPacket, next);

      if (packet->arrival_ns > cycle_ns)
        break;
      tutti_playout_push (playout, packet->lane, packet->data, packet->size, packet->arrival_ns);
    }
    if (sim->cycle != NULL)
      sim->cycle (sim, (double) c * sim->quantum / RATE);
    before = tutti_clock_now_ns ();
    more = tutti_playout_process (playout, planes, sim->quantum, cycle_ns);
    spent += tutti_clock_now_ns () - before;
    tutti_playout_get_stats (playout, &sim->stats);
    sim->delay[c] = NAN;
    if (sim->stats.played_samples != played) {
      gint32 since = (gint32) (sim->stats.rtp_timestamp - sim->first_timestamp);
      double captured = since / (RATE * (1 + sim->drift_ppm * 1e-6));

      sim->delay[c] = (sim->stats.playback_ns - START_NS) / 1e9 * RATE - captured * RATE;
    }
    played = sim->stats.played_samples;
    /* The worker gets its turn between cycles, now and then. */
    while (more && (c % 3) != 0)
      more = tutti_playout_decode_ahead (playout);
  }
  sim->cpu_us = (double) spent / (double) n / 1000;
  g_assert_cmpuint (tutti_playout_get_misses (playout), ==, 0);
}

void
sim_clear (Sim *sim)
{
  g_clear_pointer (&sim->out, g_free);
  g_clear_pointer (&sim->delay, g_free);
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
  /* Above the transit of an undisturbed packet: the frame has to be captured and travel. */
  return n > 0 ? (sum / n - sim->frame) * 1000 / RATE - sim->base_ms : NAN;
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
