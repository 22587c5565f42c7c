/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sfu.h"

struct _Sfu {
  GSubprocess *process;
  GOutputStream *input;
  GDataInputStream *output;
  guint id;
  JsonObject *capabilities;
};

static char *
find_node (void)
{
  const char *named = g_getenv ("TUTTI_NODE");

  return named != NULL ? g_strdup (named) : NULL;
}

Sfu *
sfu_new (void)
{
  g_autofree char *node = find_node ();
  g_autofree char *script =
      g_build_filename (TUTTI_TEST_SOURCE_DIR, "tests", "oracle", "sfu.mjs", NULL);
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;
  Sfu *self;

  if (node == NULL || g_getenv ("MEDIASOUP_WORKER_BIN") == NULL)
    return NULL;
  self = g_new0 (Sfu, 1);
  launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_setenv (launcher, "TUTTI_SOURCE_DIR", TUTTI_TEST_SOURCE_DIR, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  self->process = g_subprocess_launcher_spawn (launcher, &error, node, script, NULL);
  g_assert_no_error (error);
  self->input = g_subprocess_get_stdin_pipe (self->process);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->capabilities = sfu_call (self, "getRouterRtpCapabilities", NULL);
  return self;
}

void
sfu_free (Sfu *self)
{
  g_output_stream_close (self->input, NULL, NULL);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->output);
  g_object_unref (self->process);
  json_object_unref (self->capabilities);
  g_free (self);
}

JsonObject *
sfu_get_capabilities (Sfu *self)
{
  return self->capabilities;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  char **line = data;
  g_autoptr (GError) error = NULL;

  *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (*line);
}

static JsonObject *
make_request (Sfu *self, const char *method, JsonObject *data)
{
  JsonObject *request = json_object_new ();

  json_object_set_int_member (request, "id", ++self->id);
  json_object_set_string_member (request, "method", method);
  json_object_set_object_member (request, "data", data != NULL ? data : json_object_new ());
  return request;
}

JsonObject *
sfu_call (Sfu *self, const char *method, JsonObject *data)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autoptr (JsonNode) answer = NULL;
  g_autofree char *text = NULL, *line = NULL, *message = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  json_node_init (node, JSON_NODE_OBJECT);
  json_node_take_object (node, make_request (self, method, data));
  text = json_to_string (node, FALSE);
  message = g_strconcat (text, "\n", NULL);
  g_output_stream_write_all (self->input, message, strlen (message), NULL, NULL, &error);
  g_assert_no_error (error);
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL, on_line, &line);
  while (line == NULL)
    g_main_context_iteration (NULL, TRUE);

  answer = json_from_string (line, &error);
  g_assert_no_error (error);
  object = json_node_get_object (answer);
  if (!json_object_get_boolean_member (object, "ok"))
    g_error ("%s: %s", method, json_object_get_string_member (object, "errorReason"));
  return json_object_ref (json_object_get_object_member (object, "data"));
}

void
sfu_do (Sfu *self, const char *method, const char *name, const char *value)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, name, value);
  json_object_unref (sfu_call (self, method, data));
}

/* The answer comes from within the callback: that must do, too. */
void
sfu_connect (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "transportId", tutti_transport_get_id (transport));
  json_object_set_object_member (data, "dtlsParameters", json_object_ref (dtls_parameters));
  json_object_unref (sfu_call (user_data, "connectWebRtcTransport", data));
  tutti_transport_connected (transport, NULL);
}

TuttiTransport *
sfu_make_transport (Sfu *self, TuttiDirection direction)
{
  g_autoptr (JsonObject) parameters = sfu_call (self, "createWebRtcTransport", NULL);
  g_autoptr (GError) error = NULL;
  TuttiTransport *transport = tutti_transport_new (direction, parameters, &error);

  g_assert_no_error (error);
  tutti_transport_set_connect_func (transport, sfu_connect, self);
  return transport;
}

static gboolean
on_time (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

gboolean
wait_until (gboolean (*condition) (gpointer data), gpointer data, guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;
  gboolean tick = FALSE;
  guint id = g_timeout_add (10, on_time, &tick);
  gboolean is_met;

  while (!(is_met = condition (data)) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return is_met;
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

void
wait_ms (guint ms)
{
  wait_until (never, NULL, ms);
}
