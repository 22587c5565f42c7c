/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-playout.h"

#define SIM_PAYLOAD_TYPE 100
#define SIM_TONE_HERTZ   440.0
#define SIM_TONE_PEAK    0.25
/* Of a packet that never comes */
#define SIM_LOST INFINITY

/**
 * SimSegment: what a sender sends from @from to @to seconds; several may overlap
 */
typedef struct {
  TuttiAudioFormat format;
  double from;
  double to;
} SimSegment;

/**
 * Sim: a sender, a line and a listener's graph in simulated time; the same for the same seed.
 *
 * The sender codes a tone (or @sound, again and again); what a packet meets is decided by the
 * functions, if given:
 * @delay_ms: what the line adds to packet @index (in sent order); SIM_LOST: it disappears
 * @lost: whether it disappears
 * @lane: 0 or 1; 2: both
 */
typedef struct _Sim Sim;
struct _Sim {
  /* set before run */
  const SimSegment *segments; /* NULL: plain Opus of @frame samples all the time */
  guint n_segments;
  guint frame;
  guint quantum;
  double seconds;
  double drift_ppm; /* the sender's clock is this much faster */
  double sigma_ms;
  double base_ms;
  gboolean in_order;
  double loss;
  float bias;
  guint32 first_timestamp;
  guint seed;
  const float *sound;
  gsize n_sound;
  double (*delay_ms) (Sim *sim, guint index, double seconds);
  gboolean (*lost) (Sim *sim, guint index, double seconds);
  guint (*lane) (Sim *sim, guint index);
  /* Samples that the sender's timestamps jump before packet @index */
  gint32 (*jump) (Sim *sim, guint index);
  gboolean (*paused) (Sim *sim, guint index, double seconds);
  void (*cycle) (Sim *sim, double seconds);
  /* Gets what is played instead of @out, which is then not kept */
  void (*listen) (Sim *sim, double seconds, const float *samples, guint n_samples);
  gboolean no_worker;
  gpointer user_data;

  /* filled by run */
  float *out;
  gsize n_out;
  TuttiRemoteStats stats;
  guint n_sent;
  double *delay; /* a cycle each: samples from timestamp to playback, NAN while waiting */
  gsize n_cycles;
  GArray *transits;  /* (element-type double): of each packet, up to the cycle that can use it, in
                      * samples from its timestamp on; SIM_LOST */
  double cpu_us;     /* a cycle */
  double cpu_max_us; /* the longest cycle but for the 20 longest, which are the machine's */
};

void sim_init (Sim *sim, guint frame, double seconds);
void sim_run (Sim *sim);
void sim_clear (Sim *sim);
double sim_gauss (guint *seed);
double sim_uniform (guint *seed);

/* Mean delay between two times (s), in ms, above the line's base and the first segment's frame. */
double sim_mean_delay_ms (Sim *sim, double from, double to);
/* The same, which only @share of the cycles exceed. */
double sim_quantile_delay_ms (Sim *sim, double share);
/* The delay of a buffer of fixed length, in the same sense, that has as many gaps as there were.
 * @percent: (out) (optional): gaps at that delay */
double sim_fixed_delay_ms (Sim *sim, double *percent);
double sim_concealed_percent (Sim *sim);
/* How far the output departs from a sine of any phase and amplitude, worst case between two
 * times: |x[n] − 2 cos ω x[n−1] + x[n−2]|, which is the size of a step. */
double sim_worst_step (Sim *sim, double from, double to);
/* RMS between two times */
double sim_rms (Sim *sim, double from, double to);
