/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "pw-peer.h"

#include "pw-server.h"
#include "tutti-clock.h"

#include <math.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#define TONE_HZ 1000

/* Data loop. A jump in @position (the machine stalled) begins it anew. */
void
pw_take_add (PwTake *self, const float *samples, guint n, guint64 position)
{
  guint fill = g_atomic_int_get (&self->fill);

  if (g_atomic_int_compare_and_exchange (&self->wanted, TRUE, FALSE) ||
      (fill < PW_TAKE_SIZE && position != self->next_position))
    fill = 0;
  self->next_position = position + n;
  n = MIN (n, PW_TAKE_SIZE - fill);
  for (guint i = 0; i < n; i++)
    self->samples[fill + i] = samples != NULL ? samples[i] : 0;
  g_atomic_int_set (&self->fill, fill + n);
}

static gboolean
take_is_whole (PwTake *self)
{
  return !g_atomic_int_get (&self->wanted) && g_atomic_int_get (&self->fill) == PW_TAKE_SIZE;
}

/* What a fault spoils may come some cycles later, and a fault may be counted after what it spoilt.
 */
#define FAULT_SPAN_MS 100
/* A machine that stalls more often tells nothing. */
#define MAX_TAKES 20

void
pw_take_wait (PwTake *self, PwFaults faults, gpointer data)
{
  for (guint i = 0; i < MAX_TAKES; i++) {
    guint before = faults (data);

    pw_run_for (FAULT_SPAN_MS);
    g_atomic_int_set (&self->wanted, TRUE);
    WAIT_FOR (take_is_whole, self);
    pw_run_for (FAULT_SPAN_MS);
    if (faults (data) == before)
      return;
    g_test_message ("%u cycles were left out or late: taken again", faults (data) - before);
  }
  g_error ("Cycles were left out or late in each of %d takes.", MAX_TAKES);
}

/* Amplitude and phase of the tone @hz in the samples from @from. */
static double
heterodyne (const PwTake *self,
            guint rate,
            double hz,
            guint from,
            guint n,
            double *sine,
            double *cosine)
{
  double s = 0, c = 0, weights = 0;

  for (guint i = from; i < from + n; i++) {
    double weight = 1 - cos (2 * G_PI * (i - from + 0.5) / n);

    s += weight * self->samples[i] * sin (2 * G_PI * hz * i / rate);
    c += weight * self->samples[i] * cos (2 * G_PI * hz * i / rate);
    weights += weight;
  }
  *sine = 2 * s / weights;
  *cosine = 2 * c / weights;
  return atan2 (*cosine, *sine);
}

void
pw_take_fit (const PwTake *self, guint rate, double hz, double *cents, double *peak, double *rest)
{
  const guint half = PW_TAKE_SIZE / 2;
  double s, c, power = 0, first, second;

  first = heterodyne (self, rate, hz, 0, half, &s, &c);
  second = heterodyne (self, rate, hz, half, half, &s, &c);
  *cents = 1200 * log2 (1 + remainder (second - first, 2 * G_PI) / (2 * G_PI) * rate / half / hz);
  hz *= exp2 (*cents / 1200);
  heterodyne (self, rate, hz, 0, PW_TAKE_SIZE, &s, &c);
  *peak = hypot (s, c);
  for (guint i = 0; i < PW_TAKE_SIZE; i++) {
    double angle = 2 * G_PI * hz * i / rate;
    double wrong = self->samples[i] - s * sin (angle) - c * cos (angle);

    power += wrong * wrong;
  }
  *rest = 10 * log10 (2 * power / PW_TAKE_SIZE / (*peak * *peak) + 1e-20);
}

void
pw_follow_peak (float *peak, const float *samples, guint n_frames)
{
  float value = *peak * 0.9f;

  for (guint i = 0; samples != NULL && i < n_frames; i++)
    value = MAX (value, fabsf (samples[i]));
  *peak = value;
}

static void
look_for_pulse (PwPeer *self, guint input, const float *in, guint n, guint64 position)
{
  for (guint i = 0; in != NULL && i < n; i++) {
    if (fabsf (in[i]) > 0.1f && g_atomic_int_get (&self->pulse_delay[input]) == 0)
      g_atomic_int_set (&self->pulse_delay[input], (guint) (position + i - self->pulse_sent));
  }
}

static void
send_pulse (PwPeer *self, float *const *out, guint n, guint64 position)
{
  gboolean now = g_atomic_int_compare_and_exchange (&self->pulse_wanted, TRUE, FALSE);

  if (now) {
    self->pulse_sent = position;
    g_atomic_int_set (&self->pulse_delay[0], 0);
    g_atomic_int_set (&self->pulse_delay[1], 0);
  }
  for (guint c = 0; c < 2; c++) {
    for (guint i = 0; out[c] != NULL && i < n; i++)
      out[c][i] = now && i == 0 ? 0.8f : 0;
  }
}

static void
count_faults (PwPeer *self, const struct spa_io_clock *clock)
{
  gint64 end = (gint64) clock->nsec +
               (gint64) clock->duration * TUTTI_NSEC_PER_SEC / (gint64) clock->rate.denom;

  if (clock->position != self->next_position || tutti_clock_now_ns () > end)
    g_atomic_int_inc (&self->faults);
  self->next_position = clock->position + clock->duration;
}

static void
process (PwPeer *self, struct spa_io_position *position)
{
  guint n = position->clock.duration;
  double step = 2 * G_PI * TONE_HZ / position->clock.rate.denom;
  float *out[2];

  for (guint c = 0; c < 2; c++) {
    const float *in = pw_filter_get_dsp_buffer (self->in[c], n);

    out[c] = pw_filter_get_dsp_buffer (self->out[c], n);
    pw_follow_peak (&self->heard_peak[c], in, n);
    if (self->pulses && self->pulse_sent != 0)
      look_for_pulse (self, c, in, n, position->clock.position);
    if (c == 0)
      pw_take_add (&self->take, in, n, position->clock.position);
  }
  if (self->pulses) {
    send_pulse (self, out, n, position->clock.position);
    return;
  }
  for (guint i = 0; i < n; i++) {
    float value = (float) sin (self->phase);

    self->phase += step;
    for (guint c = 0; c < 2; c++) {
      if (out[c] != NULL)
        out[c][i] = self->sent_peak[c] * value;
    }
  }
}

static void
on_process (void *data, struct spa_io_position *position)
{
  process (data, position);
  count_faults (data, &position->clock);
}

static const struct pw_filter_events events = {
  PW_VERSION_FILTER_EVENTS,
  .process = on_process,
};

static gboolean
is_up (PwPeer *self)
{
  return pw_filter_get_state (self->filter, NULL) >= PW_FILTER_STATE_PAUSED;
}

static void *
add_port (PwPeer *self, enum spa_direction direction, const char *name)
{
  return pw_filter_add_port (self->filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 8,
                             pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                PW_KEY_PORT_NAME, name, NULL),
                             NULL, 0);
}

PwPeer *
pw_peer_new (struct pw_core *core, float left_peak, float right_peak)
{
  static struct spa_hook listener;
  PwPeer *self = g_new0 (PwPeer, 1);

  self->sent_peak[0] = left_peak;
  self->sent_peak[1] = right_peak;
  self->filter = pw_filter_new (
      core, "peer",
      pw_properties_new (PW_KEY_NODE_NAME, "peer", PW_KEY_NODE_AUTOCONNECT, "false", NULL));
  pw_filter_add_listener (self->filter, &listener, &events, self);
  self->out[0] = add_port (self, PW_DIRECTION_OUTPUT, "out_1");
  self->out[1] = add_port (self, PW_DIRECTION_OUTPUT, "out_2");
  self->in[0] = add_port (self, PW_DIRECTION_INPUT, "in_1");
  self->in[1] = add_port (self, PW_DIRECTION_INPUT, "in_2");
  g_assert_cmpint (pw_filter_connect (self->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0), ==, 0);
  WAIT_FOR (is_up, self);

  return self;
}

void
pw_peer_free (PwPeer *self)
{
  pw_filter_destroy (self->filter);
  g_free (self);
}
