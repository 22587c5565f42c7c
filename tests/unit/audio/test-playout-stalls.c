/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Stalls of a machine are no jitter of a line: what they cost is over with them. */

#include <math.h>

#include "playout-sim.h"
#include "tutti-codec.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

#define CYCLE_NS G_GINT64_CONSTANT (1333333)

static const SimSegment raw = { { TUTTI_WIRE_RAW, 64, 1, .bits = 16, .framed = TRUE }, 0, 60 };

typedef struct {
  double period; /* s */
  double ms;
} Stalls;

/* What was held up comes at twice the pace, until it is at its place again. */
static double
stalled (Sim *sim, guint index, double seconds)
{
  const Stalls *stalls = sim->user_data;
  double since = seconds < 4 ? INFINITY : fmod (seconds, stalls->period);

  return fmax (stalls->ms - since * 1000 / 2, 0);
}

static void
run (Sim *sim, const Stalls *stalls)
{
  sim_init (sim, 64, 60);
  sim->segments = &raw;
  sim->n_segments = 1;
  sim->base_ms = 0;
  sim->delay_ms = stalled;
  sim->user_data = (gpointer) stalls;
  sim_run (sim);
  g_test_message ("delay %.2f ms, of a twentieth above %.2f, concealed %.3f %%",
                  sim_mean_delay_ms (sim, 5, 60), sim_quantile_delay_ms (sim, 0.05),
                  sim_concealed_percent (sim));
}

/* Three in a minute: the delay is that of a quiet line, during and after. */
static void
test_rare (void)
{
  static const Stalls lengths[] = { { 20, 5 }, { 20, 30 }, { 20, 55 } };
  static const Stalls none = { 100, 0 };
  double quiet;
  Sim sim;

  run (&sim, &none);
  quiet = sim_mean_delay_ms (&sim, 5, 60);
  g_assert_cmpfloat (sim_concealed_percent (&sim), ==, 0);
  sim_clear (&sim);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    run (&sim, &lengths[i]);
    g_assert_cmpfloat_with_epsilon (sim_mean_delay_ms (&sim, 5, 60), quiet, 0.2);
    g_assert_cmpfloat_with_epsilon (sim_quantile_delay_ms (&sim, 0.05), quiet, 0.5);
    /* What is late is invented: the stall and as long again, as it took to catch up. */
    g_assert_cmpuint (sim.stats.concealed_samples, <=, (guint) (2 * 48 * (2 * lengths[i].ms + 8)));
    sim_clear (&sim);
  }
}

/* One a second is what the line is like: it is waited for, and hardly anything invented. */
static void
test_many (void)
{
  static const Stalls each_second = { 1, 12 };
  Sim sim;

  run (&sim, &each_second);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 15, 60), >, 9);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 15, 60), <, 16);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 48 * 60 * 3);
  sim_clear (&sim);
}

static void
push (TuttiPlayout *playout, guint index, gint64 now_ns)
{
  static const guint8 silence[128];
  guint8 data[256], packet[300];
  TuttiPayload payload = { .wire = TUTTI_WIRE_RAW,
                           .frame_samples = 64,
                           .channels = 1,
                           .bits = 16,
                           .size = sizeof silence,
                           .frames = { silence } };
  TuttiRtp rtp = { SIM_PAYLOAD_TYPE,
                   FALSE,
                   (guint16) index,
                   index * 64,
                   1,
                   data,
                   tutti_payload_write (&payload, data, sizeof data) };

  tutti_playout_push (playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp), now_ns);
}

static double
delay_of (TuttiPlayout *playout, gint64 now_ns)
{
  TuttiRemoteStats stats = { 0 };

  tutti_playout_get_stats (playout, &stats);
  /* The cycle that begins now would play what lies a cycle behind the last one's place. */
  return (double) (now_ns - stats.playback_ns) * TUTTI_SAMPLE_RATE / 1e9 + now_ns * 48e-6 -
         (stats.rtp_timestamp + (double) (now_ns - stats.playback_ns) * 48e-6);
}

/* The graph leaves out five cycles: the sound goes on where it should be, in the same cycle. */
static void
test_left_out (void)
{
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&raw.format, SIM_PAYLOAD_TYPE, NULL);
  float out[64];
  float *planes[1] = { out };
  double before = 0;

  for (guint c = 0; c < 3000; c++) {
    gint64 now_ns = c * CYCLE_NS;

    push (playout, c, now_ns - 1000000);
    if (c >= 2000 && c < 2005)
      continue;
    if (c == 2005) {
      before = delay_of (playout, 1999 * CYCLE_NS);
      tutti_playout_leave_out (playout, 5 * 64);
    }
    tutti_playout_process (playout, planes, 64, now_ns);
    if (c >= 2006)
      g_assert_cmpfloat_with_epsilon (delay_of (playout, now_ns), before, 2);
  }
  g_assert_cmpfloat (before, >, 0);
}

/* A sender's computer stands still and goes on where it was: what comes is late for ever, and heard
 * at once. */
static void
test_frozen (gconstpointer data)
{
  guint n_frozen = GPOINTER_TO_UINT (data);
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&raw.format, SIM_PAYLOAD_TYPE, NULL);
  TuttiRemoteStats stats = { 0 };
  float out[64];
  float *planes[1] = { out };

  tutti_playout_set_bias (playout, 1);
  for (guint c = 0; c < 2000 + n_frozen + 600; c++) {
    gint64 now_ns = c * CYCLE_NS;

    if (c < 2000)
      push (playout, c, now_ns - 1000000);
    else if (c >= 2000 + n_frozen)
      push (playout, c - n_frozen, now_ns - 1000000);
    tutti_playout_process (playout, planes, 64, now_ns);
    tutti_playout_get_stats (playout, &stats);
    /* 0.3 s later. */
    if (c >= 2000 + n_frozen + 225)
      g_assert_cmpint (stats.playback_ns, ==, now_ns);
  }
}

/* A sender whose graph leaves cycles out now and then, over a line that stands still now and then.
 * Nothing is lost and nothing comes out of order. */
typedef struct {
  guint frame;
  guint index;
  gint64 timestamp;
  gint64 sent_ns;    /* when the next packet goes out */
  gint64 arrival_ns; /* not before the one before */
  guint seed;
  guint paused; /* before this packet */
} Pausing;

static void
pausing_next (Pausing *self)
{
  gint64 held = sim_uniform (&self->seed) < 0.02 ? (gint64) (sim_uniform (&self->seed) * 4e7) : 0;

  self->paused =
      sim_uniform (&self->seed) < 0.02 ? 64 * (1 + (guint) (9 * sim_uniform (&self->seed))) : 0;
  self->index++;
  self->timestamp += self->frame + self->paused;
  self->sent_ns = (self->timestamp + self->frame) * G_GINT64_CONSTANT (1000000000) / 48000;
  self->arrival_ns = MAX (self->arrival_ns, self->sent_ns + held);
}

static void
pausing_push (const Pausing *self, TuttiPlayout *playout, TuttiEncoder *encoder)
{
  static const float silence[TUTTI_MAX_FRAME_SAMPLES];
  guint8 data[600], packet[700];
  TuttiRtp rtp = { SIM_PAYLOAD_TYPE,          FALSE, (guint16) self->index,
                   (guint32) self->timestamp, 1,     data };
  int n = encoder->klass->encode (encoder, silence, data, sizeof data);

  g_assert_cmpint (n, >, 0);
  rtp.payload_size = (gsize) n;
  tutti_playout_push (playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp),
                      self->arrival_ns);
}

/* @losing: one in 64 is lost, though none beside a pause, which could not be told from it. */
static void
run_pausing (guint seed, guint frame, gboolean losing)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, frame, 1, 64000 };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  Pausing sender = { .frame = frame, .seed = seed };
  TuttiRemoteStats stats = { 0 };
  float out[64];
  float *planes[1] = { out };
  guint n_lost = 0;

  pausing_next (&sender);
  for (guint c = 0; c < 15000; c++) {
    gint64 now_ns = c * CYCLE_NS;

    while (sender.arrival_ns <= now_ns) {
      Pausing before = sender;
      gboolean lose = losing && c < 13000 && sender.index % 64 == 0 && sender.paused == 0;

      pausing_next (&sender);
      if (lose && sender.paused == 0)
        n_lost++;
      else
        pausing_push (&before, playout, encoder);
    }
    tutti_playout_process (playout, planes, 64, now_ns);
  }
  tutti_playout_get_stats (playout, &stats);
  g_test_message ("seed %u, frame %u: late %u, lost %u of %u", seed, frame, (guint) stats.late,
                  (guint) stats.lost, n_lost);
  g_assert_cmpuint (stats.received, >, 1000);
  g_assert_cmpuint (stats.late, >, 0);
  g_assert_cmpuint (stats.packets_missing, ==, n_lost);
  g_assert_cmpuint (stats.lost, ==, n_lost);
}

static void
test_pausing (gconstpointer losing)
{
  for (guint seed = 1; seed <= 10; seed++) {
    run_pausing (seed, 240, GPOINTER_TO_INT (losing));
    run_pausing (seed, 120, GPOINTER_TO_INT (losing));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/playout/stalls/rare", test_rare);
  g_test_add_func ("/playout/stalls/many", test_many);
  g_test_add_func ("/playout/stalls/left-out", test_left_out);
  g_test_add_data_func ("/playout/stalls/frozen/200", GUINT_TO_POINTER (150), test_frozen);
  g_test_add_data_func ("/playout/stalls/frozen/450", GUINT_TO_POINTER (338), test_frozen);
  g_test_add_data_func ("/playout/stalls/frozen/1000", GUINT_TO_POINTER (750), test_frozen);
  g_test_add_data_func ("/playout/stalls/frozen/3000", GUINT_TO_POINTER (2250), test_frozen);
  g_test_add_data_func ("/playout/stalls/frozen/20000", GUINT_TO_POINTER (15000), test_frozen);
  g_test_add_data_func ("/playout/stalls/pausing/never-sent", GINT_TO_POINTER (FALSE),
                        test_pausing);
  g_test_add_data_func ("/playout/stalls/pausing/lost", GINT_TO_POINTER (TRUE), test_pausing);
  return g_test_run ();
}
