/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Streams in Tutti's framing, and changes of their format. */

#include <math.h>

#include "playout-checks.h"
#include "tutti-codec.h"
#include "tutti-rtp.h"

static const TuttiAudioFormat raw64 = { TUTTI_WIRE_RAW, 64, 1, .bits = 16, .framed = TRUE };
static const TuttiAudioFormat raw128 = { TUTTI_WIRE_RAW, 128, 1, .bits = 24, .framed = TRUE };
static const TuttiAudioFormat tight64 = { TUTTI_WIRE_TIGHT, 64, 1, .bitrate = 192000,
                                          .framed = TRUE };
static const TuttiAudioFormat opus120 = { TUTTI_WIRE_OPUS, 120, 1, .bitrate = 128000,
                                          .framed = TRUE };
static const TuttiAudioFormat opus240 = { TUTTI_WIRE_OPUS, 240, 1, .bitrate = 128000,
                                          .framed = TRUE };
static const TuttiAudioFormat opus960 = { TUTTI_WIRE_OPUS, 960, 1, .bitrate = 128000,
                                          .framed = TRUE };

static void
set_up (Sim *sim, const SimSegment *segments, guint n_segments, double seconds)
{
  sim_init (sim, segments[0].format.frame_samples, seconds);
  sim->segments = segments;
  sim->n_segments = n_segments;
}

static void
report (Sim *sim)
{
  g_test_message (
      "delay %.2f ms, concealed %" G_GUINT64_FORMAT ", accelerated %" G_GUINT64_FORMAT
      ", expanded %" G_GUINT64_FORMAT ", late %" G_GUINT64_FORMAT ", lost %" G_GUINT64_FORMAT
      ", duplicates %" G_GUINT64_FORMAT ", missing %" G_GUINT64_FORMAT
      ", recovered %" G_GUINT64_FORMAT ", step %.5f, %.1f µs (max %.1f)",
      sim_mean_delay_ms (sim, sim->seconds / 2, sim->seconds), sim->stats.concealed_samples,
      sim->stats.accelerated_samples, sim->stats.expanded_samples, sim->stats.late, sim->stats.lost,
      sim->stats.duplicates, sim->stats.packets_missing, sim->stats.recovered,
      sim_worst_step (sim, 1, sim->seconds), sim->cpu_us, sim->cpu_max_us);
}

static void
assert_clean (Sim *sim)
{
  g_assert_cmpuint (sim->stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim->stats.late + sim->stats.lost + sim->stats.malformed, ==, 0);
  g_assert_cmpuint (sim->stats.packets_missing + sim->stats.duplicates, ==, 0);
  g_assert_cmpfloat (sim_worst_step (sim, 0.5, sim->seconds), <, PLAYOUT_NO_STEP);
  playout_assert_tone (sim, 1, sim->seconds);
}

static const TuttiAudioFormat *const formats[] = { &raw64,   &raw128,  &tight64,
                                                   &opus120, &opus240, &opus960 };

/* Each kind, after the first 20 s, over a perfect line: a quantum of phase and 0.4 ms, no more.
 * What is published says what it is. */
static void
test_each (gconstpointer data)
{
  const TuttiAudioFormat *format = formats[GPOINTER_TO_UINT (data)];
  SimSegment segment = { *format, 0, 26 };
  double lookahead = format->wire == TUTTI_WIRE_OPUS    ? 2.5
                     : format->wire == TUTTI_WIRE_TIGHT ? 64 / 48.0
                                                        : 0;
  double least = 1e9;

  if (format->wire == TUTTI_WIRE_TIGHT && !tutti_codec_has_tight ()) {
    g_test_skip ("libopus has no custom modes");
    return;
  }
  /* Wherever in a cycle packets come. */
  for (guint i = 0; i < 4; i++) {
    double most = lookahead + 64 / 48.0 + 0.4, delay;
    Sim sim;

    set_up (&sim, &segment, 1, 26);
    sim.base_ms = 5 + i * 0.3;
    sim_run (&sim);
    report (&sim);
    assert_clean (&sim);
    delay = sim_mean_delay_ms (&sim, 24, 26);
    least = fmin (least, delay);
    g_assert_cmpfloat (delay, <, most);
    g_assert_cmpfloat (delay, >, lookahead);
    g_assert_cmpuint (sim.stats.frame_samples, ==, format->frame_samples);
    g_assert_cmpint (sim.stats.wire, ==, format->wire);
    g_assert_cmpuint (sim.stats.recovered, ==, 0);
    sim_clear (&sim);
  }
  if (format->frame_samples == 64)
    g_assert_cmpfloat (least, <, lookahead + 0.6);
}

/* The arrival pair is a packet that really came then. */
static void
test_arrival_pair (void)
{
  SimSegment segment = { raw64, 0, 3 };
  double transit;
  Sim sim;

  set_up (&sim, &segment, 1, 3);
  sim.base_ms = 7;
  sim_run (&sim);
  transit = (double) (sim.stats.arrival_ns - G_GINT64_CONSTANT (1000000000000)) / 1e6 -
            (guint32) (sim.stats.arrival_rtp_timestamp - sim.first_timestamp) / 48.0;
  g_assert_cmpfloat_with_epsilon (transit, 7 + 64 / 48.0, 0.001);
  g_assert_cmpint (sim.stats.playback_ns - sim.stats.arrival_ns, <, 1100000000);
  sim_clear (&sim);
}

/* Frames as long as a graph's quantum or any other: nothing depends on it. */
static void
test_quanta (void)
{
  const guint quanta[] = { 32, 48, 128, 256, 1024 };
  SimSegment segment = { raw64, 0, 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (quanta); i++) {
    Sim sim;

    set_up (&sim, &segment, 1, 5);
    sim.quantum = quanta[i];
    sim_run (&sim);
    report (&sim);
    assert_clean (&sim);
    sim_clear (&sim);
  }
}

/* To a slower format: both are sent for a second, in which the sound is stretched until the slower
 * one suffices. Nothing is invented, nothing steps. */
static void
test_slower (gconstpointer data)
{
  const TuttiAudioFormat *to = formats[GPOINTER_TO_UINT (data)];
  SimSegment segments[] = { { raw64, 0, 4 }, { *to, 3, 8 } };
  Sim sim;

  set_up (&sim, segments, 2, 8);
  sim_run (&sim);
  report (&sim);
  assert_clean (&sim);
  g_assert_cmpuint (sim.stats.frame_samples, ==, to->frame_samples);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 2, 3), <, 1.8 + 64 / 48.0);
  if (to->frame_samples == 960)
    g_assert_cmpuint (sim.stats.expanded_samples, >, 700);
  sim_clear (&sim);
}

/* To a faster one: the old one is sent for one more frame; then the delay comes down, by leaving
 * out periods and by playing faster, within a few seconds. */
static void
test_faster (gconstpointer data)
{
  const TuttiAudioFormat *from = formats[GPOINTER_TO_UINT (data)];
  SimSegment segments[] = { { *from, 0, 3 }, { raw64, 0, 14 } };
  double above = 64 / 48.0 + 0.6;
  Sim sim;

  segments[0].to = 3 + from->frame_samples / 48000.0;
  segments[1].from = (guint) (3 * 48000 / from->frame_samples) * from->frame_samples / 48000.0;
  set_up (&sim, segments, 2, 14);
  sim_run (&sim);
  report (&sim);
  assert_clean (&sim);
  g_assert_cmpuint (sim.stats.frame_samples, ==, 64);
  /* Its frame is shorter. */
  above -= (from->frame_samples - 64) / 48.0;
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 12, 14), <, above);
  if (from->frame_samples == 960)
    g_assert_cmpuint (sim.stats.accelerated_samples, >, 600);
  sim_clear (&sim);
}

/* Up and down the ladder on a line that loses 2 % and trembles: what is lost is invented, and no
 * change adds to it. */
static void
test_ladder (void)
{
  SimSegment segments[] = { { raw64, 0, 4 },
                            { opus120, 3, 8 },
                            { opus960, 7, 12.02 },
                            { opus240, 12, 16.005 },
                            { raw64, 16, 20 } };
  Sim sim;

  set_up (&sim, segments, G_N_ELEMENTS (segments), 20);
  sim.loss = 0.02;
  sim.sigma_ms = 0.5;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 3);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 20), <, 2 * PLAYOUT_NO_STEP);
  g_assert_cmpuint (sim.stats.malformed + sim.stats.duplicates, ==, 0);
  playout_assert_tone (&sim, 1, 20);
  sim_clear (&sim);
}

static gboolean
lose_pairs (Sim *sim, guint index, double seconds)
{
  return index % 100 < 2;
}

/* Copies two frames back make good two losses in a row. */
static void
test_copies (void)
{
  SimSegment segment = { tight64, 0, 8 };
  Sim sim;

  if (!tutti_codec_has_tight ()) {
    g_test_skip ("libopus has no custom modes");
    return;
  }
  segment.format.copies = 1;
  segment.format.distance = 2;
  set_up (&sim, &segment, 1, 8);
  sim.lost = lose_pairs;
  sim_run (&sim);
  report (&sim);
  /* But for the first few, before it is known that there is something to wait for. */
  g_assert_cmpuint (sim.stats.concealed_samples, <=, 64 * 10);
  g_assert_cmpuint (sim.stats.recovered, >=, 2 * 50);
  g_assert_cmpuint (sim.stats.packets_missing, >=, 2 * 50);
  g_assert_cmpuint (sim.stats.duplicates + sim.stats.late, ==, 0);
  sim_clear (&sim);
}

/* Copies that nobody needs cost no delay. */
static void
test_needless_copies (void)
{
  SimSegment segment = { raw64, 0, 14 };
  Sim sim;

  segment.format.copies = 2;
  segment.format.distance = 3;
  set_up (&sim, &segment, 1, 14);
  sim_run (&sim);
  report (&sim);
  assert_clean (&sim);
  g_assert_cmpuint (sim.stats.recovered, ==, 0);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 12, 14), <, 64 / 48.0 + 0.4);
  sim_clear (&sim);
}

static gboolean
lose_some (Sim *sim, guint index, double seconds)
{
  return index > 1000 && index % 200 == 0;
}

/* A lost raw frame costs its own 64 samples, and the tone goes on. */
static void
test_raw_loss (void)
{
  SimSegment segment = { raw64, 0, 8 };
  Sim sim;

  set_up (&sim, &segment, 1, 8);
  sim.lost = lose_some;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <=, 64 * 25);
  g_assert_cmpuint (sim.stats.concealed_samples, >=, 64 * 20);
  g_assert_cmpuint (sim.stats.lost, >=, 20);
  playout_assert_tone (&sim, 1, 8);
  sim_clear (&sim);
}

static double
longer_road (Sim *sim, guint index, double seconds)
{
  return seconds < 4 ? 10 : 40;
}

/* 30 ms more at once cost 30 ms and the 6 in which it might be a stall, with frames of any length.
 */
static void
test_route (gconstpointer data)
{
  SimSegment segment = { *formats[GPOINTER_TO_UINT (data)], 0, 10 };
  Sim sim;

  set_up (&sim, &segment, 1, 10);
  sim.base_ms = 10;
  sim.delay_ms = longer_road;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 48 * 37 + segment.format.frame_samples);
  g_assert_cmpfloat_with_epsilon (sim_mean_delay_ms (&sim, 6, 10) - 30,
                                  sim_mean_delay_ms (&sim, 2, 4), 2.5);
  playout_assert_tone (&sim, 5, 10);
  sim_clear (&sim);
}

static double
one_stall (Sim *sim, guint index, double seconds)
{
  return seconds >= 4 && seconds < 4.1 ? (4.1 - seconds) * 1000 + 5 : 5;
}

/* A stall of 100 ms is over when it is over: it is not paid for afterwards. */
static void
test_stall (gconstpointer data)
{
  SimSegment segment = { *formats[GPOINTER_TO_UINT (data)], 0, 8 };
  Sim sim;

  set_up (&sim, &segment, 1, 8);
  sim.base_ms = 5;
  sim.delay_ms = one_stall;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 5, 8), <, sim_mean_delay_ms (&sim, 2, 4) + 1);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 48 * 110);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  playout_assert_tone (&sim, 4.3, 8);
  sim_clear (&sim);
}

static double
early_stall (Sim *sim, guint index, double seconds)
{
  return seconds >= 0.05 && seconds < 0.15 ? (0.15 - seconds) * 1000 + 1 : 1;
}

/* A stall at the very beginning may cost at first, but whatever the sound is, noise or a low note,
 * it comes down within seconds; losses do not keep it from that. */
static void
test_early_stall (gconstpointer data)
{
  gboolean low = GPOINTER_TO_INT (data) != 0;
  SimSegment segment = { raw64, 0, 10 };
  g_autofree float *sound = g_new (float, 48000);
  guint seed = 5;
  Sim sim;

  for (guint i = 0; i < 48000; i++)
    sound[i] = (float) (low ? 0.25 * sin (2 * G_PI * 60 * i / 48000) : 0.1 * sim_gauss (&seed));
  set_up (&sim, &segment, 1, 10);
  sim.sound = sound;
  sim.n_sound = 48000;
  sim.base_ms = 1;
  sim.loss = low ? 0 : 0.02;
  sim.delay_ms = early_stall;
  sim_run (&sim);
  report (&sim);
  g_test_message ("%.1f, %.1f, %.1f ms", sim_mean_delay_ms (&sim, 1, 2),
                  sim_mean_delay_ms (&sim, 5, 6), sim_mean_delay_ms (&sim, 9, 10));
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 1, 2), <, 140);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 9, 10), <, low ? 4 : 8);
  sim_clear (&sim);
}

static gboolean
not_there_yet (Sim *sim, guint index, double seconds)
{
  return seconds < 1;
}

/* Who joins in the middle gets copies of what was sent before: that is not late. */
static void
test_join_copies (void)
{
  SimSegment segment = { raw64, 0, 3 };
  Sim sim;

  segment.format.copies = 2;
  segment.format.distance = 3;
  set_up (&sim, &segment, 1, 3);
  sim.paused = not_there_yet;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 1, 2), <, 64 / 48.0 + 1);
  sim_clear (&sim);
}

/* Whatever bytes come, what is played is neither endless nor deafening. */
static void
test_noise_in_packets (void)
{
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&opus240, SIM_PAYLOAD_TYPE, NULL);
  float out[240], *planes[1] = { out };
  float peak = 0;
  guint seed = 1;

  for (guint k = 0; k < 4000; k++) {
    guint8 payload[122], packet[200];
    gint64 now_ns = (gint64) (k + 1) * 5000000;
    TuttiRtp rtp = { SIM_PAYLOAD_TYPE, FALSE, (guint16) k, k * 240, 1, payload, sizeof payload };

    for (guint i = 0; i < sizeof payload; i++)
      payload[i] = (guint8) (sim_uniform (&seed) * 256);
    /* Version 1, opus of 240 samples; CELT in full band, mono, one frame */
    payload[0] = 1 << 6 | 3 << 3;
    payload[1] = 3 << 4;
    payload[2] = 29 << 3;
    tutti_playout_push (playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp), now_ns);
    tutti_playout_process (playout, planes, 240, now_ns);
    for (guint i = 0; i < 240; i++) {
      g_assert_true (isfinite (out[i]));
      peak = MAX (peak, fabsf (out[i]));
    }
  }
  g_test_message ("peak %.1f", (double) peak);
  g_assert_cmpfloat (peak, >, 0);
  g_assert_cmpfloat (peak, <, 16);
}

static void
add (const char *name, guint from, GTestDataFunc func)
{
  for (guint i = from; i < G_N_ELEMENTS (formats); i++) {
    const char *wires[] = { "opus", "tight", "raw" };
    g_autofree char *path = g_strdup_printf ("/playout/framed/%s/%s%u", name,
                                             wires[formats[i]->wire], formats[i]->frame_samples);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), func);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("each", 0, test_each);
  add ("slower", 3, test_slower);
  add ("faster", 3, test_faster);
  add ("route", 0, test_route);
  add ("stall", 0, test_stall);
  g_test_add_func ("/playout/framed/arrival-pair", test_arrival_pair);
  g_test_add_func ("/playout/framed/quanta", test_quanta);
  g_test_add_func ("/playout/framed/ladder", test_ladder);
  g_test_add_func ("/playout/framed/copies", test_copies);
  g_test_add_func ("/playout/framed/needless-copies", test_needless_copies);
  g_test_add_func ("/playout/framed/raw-loss", test_raw_loss);
  g_test_add_data_func ("/playout/framed/early-stall/noise", GINT_TO_POINTER (0), test_early_stall);
  g_test_add_data_func ("/playout/framed/early-stall/low", GINT_TO_POINTER (1), test_early_stall);
  g_test_add_func ("/playout/framed/join-copies", test_join_copies);
  g_test_add_func ("/playout/framed/noise-in-packets", test_noise_in_packets);
  return g_test_run ();
}
