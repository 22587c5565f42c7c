/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "pw-rig.h"

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

static gboolean
is_linked (TuttiSound *sound)
{
  g_autoptr (TuttiDevice) input = NULL;
  g_autoptr (TuttiDevice) output = NULL;

  g_object_get (sound, "active-input", &input, "active-output", &output, NULL);
  return input != NULL && output != NULL && pw_get_uint (sound, "granted-quantum") != 0;
}

/* A sound with microphone (whose channels are @position) and speaker, and a peer. */
void
pw_rig_start (PwRig *rig, PwServer *server, const char *position, guint quantum)
{
  g_autoptr (GError) error = NULL;

  rig->server = server;
  pw_server_add_pair (server, position);
  rig->sound = tutti_sound_new ();
  g_object_set (rig->sound, "quantum", quantum, "adapt-quantum", FALSE, NULL);
  g_assert_true (tutti_sound_start (rig->sound, &error));
  g_assert_no_error (error);
  WAIT_FOR (is_linked, rig->sound);
  rig->connection = tutti_pw_connection_new ();
  g_assert_true (tutti_pw_connection_connect (rig->connection, &error));
  rig->peer = pw_peer_new (tutti_pw_connection_get_core (rig->connection), 0.25f, 0.5f);
}

void
pw_rig_stop (PwRig *rig)
{
  pw_peer_free (rig->peer);
  g_assert_finalize_object (rig->connection);
  tutti_sound_stop (rig->sound);
  g_assert_finalize_object (rig->sound);
  pw_server_remove_pair (rig->server);
}

static void
wire_process (void *data, struct spa_io_position *position)
{
  PwWire *self = data;
  guint n = position->clock.duration;
  gint64 begin = g_get_monotonic_time ();
  const float *in = pw_filter_get_dsp_buffer (self->in, n);
  float *out = pw_filter_get_dsp_buffer (self->out, n);

  for (guint i = 0; out != NULL && i < n; i++)
    out[i] = in != NULL ? in[i] : 0;
  while (g_get_monotonic_time () - begin < g_atomic_int_get (&self->burn_us))
    ;
}

static const struct pw_filter_events wire_events = {
  PW_VERSION_FILTER_EVENTS,
  .process = wire_process,
};

static void *
wire_port (PwWire *self, enum spa_direction direction, const char *name)
{
  return pw_filter_add_port (self->filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 8,
                             pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                PW_KEY_PORT_NAME, name, NULL),
                             NULL, 0);
}

static gboolean
wire_is_up (PwWire *self)
{
  return pw_filter_get_state (self->filter, NULL) >= PW_FILTER_STATE_PAUSED;
}

PwWire *
pw_wire_new (TuttiPwConnection *connection, const char *name, guint force_quantum)
{
  PwWire *self = g_new0 (PwWire, 1);
  struct pw_properties *props =
      pw_properties_new (PW_KEY_NODE_NAME, name, PW_KEY_NODE_AUTOCONNECT, "false", NULL);

  if (force_quantum != 0) {
    pw_properties_setf (props, PW_KEY_NODE_FORCE_QUANTUM, "%u", force_quantum);
    pw_properties_set (props, PW_KEY_NODE_ALWAYS_PROCESS, "true");
  }
  self->filter = pw_filter_new (tutti_pw_connection_get_core (connection), name, props);
  pw_filter_add_listener (self->filter, &self->listener, &wire_events, self);
  self->in = wire_port (self, PW_DIRECTION_INPUT, "in");
  self->out = wire_port (self, PW_DIRECTION_OUTPUT, "out");
  g_assert_cmpint (pw_filter_connect (self->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0), ==, 0);
  WAIT_FOR (wire_is_up, self);
  return self;
}

void
pw_wire_free (PwWire *self)
{
  spa_hook_remove (&self->listener);
  pw_filter_destroy (self->filter);
  g_free (self);
}
