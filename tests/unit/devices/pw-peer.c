/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "pw-peer.h"

#include "pw-server.h"

#include <math.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#define TONE_STEP (2 * G_PI * 1000 / 48000)

void
pw_follow_peak (float *peak, const float *samples, guint n_frames)
{
  float value = *peak * 0.9f;

  for (guint i = 0; samples != NULL && i < n_frames; i++)
    value = MAX (value, fabsf (samples[i]));
  *peak = value;
}

static void
on_process (void *data, struct spa_io_position *position)
{
  PwPeer *self = data;
  guint n = position->clock.duration;
  float *out[2];

  for (guint c = 0; c < 2; c++) {
    out[c] = pw_filter_get_dsp_buffer (self->out[c], n);
    pw_follow_peak (&self->heard_peak[c], pw_filter_get_dsp_buffer (self->in[c], n), n);
  }
  for (guint i = 0; i < n; i++) {
    float value = (float) sin (self->phase);

    self->phase += TONE_STEP;
    for (guint c = 0; c < 2; c++) {
      if (out[c] != NULL)
        out[c][i] = self->sent_peak[c] * value;
    }
  }
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
