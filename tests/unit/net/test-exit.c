/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a program ends that has, or had, transports. Each end is one of a process of its own. */

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"
#include "tutti-transport-private.h"

#define STATUS 3 /* what the processes end with */

static const char *self_path;

/* Threads that webrtcbin and libnice have for a transport. */
static guint
count_media_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;
  guint n = 0;

  while ((tid = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename ("/proc/self/task", tid, "comm", NULL);
    g_autofree char *comm = NULL;

    n += g_file_get_contents (path, &comm, NULL, NULL) && g_str_has_prefix (comm, "webrtc:");
  }
  return n;
}

/* Registered before all else, so it comes after all else. */
static void
on_last_handler (void)
{
  g_print ("last handler, %u media threads\n", count_media_threads ());
}

/* -- the ways to end -- */

static void
on_connect (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  tutti_transport_connected (transport, NULL);
}

static void
on_ignored (GObject *source, GAsyncResult *result, gpointer user_data)
{
}

static TuttiTransport *
new_transport (void)
{
  g_autoptr (JsonObject) parameters = fixture_load ("transport");
  g_autoptr (GError) error = NULL;
  TuttiTransport *transport = tutti_transport_new (TUTTI_DIRECTION_SEND, parameters, &error);

  g_assert_no_error (error);
  return transport;
}

/* As far as one gets without a server. */
static void
produce (TuttiTransport *transport)
{
  g_autoptr (JsonObject) router = fixture_load ("router-audio");
  g_autoptr (JsonObject) codec = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_asked = FALSE;

  codec = tutti_ortc_send_codec (router, "audio/opus", 240, 1, &error);
  g_assert_no_error (error);
  tutti_transport_set_connect_func (transport, on_connect, &is_asked);
  tutti_transport_produce_async (transport, codec, NULL, NULL, on_ignored, NULL);
  while (!is_asked)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_media_threads (), >, 0);
}

static TuttiTransport *
open_transport (void)
{
  TuttiTransport *transport = new_transport ();

  produce (transport);
  return transport;
}

/* Both were there before OpenSSL was used. */
static void
end_open (void)
{
  TuttiTransport *one = new_transport (), *other = new_transport ();

  produce (one);
  produce (other);
}

static void
end_closed (void)
{
  TuttiTransport *transport = open_transport ();

  tutti_transport_close (transport);
  g_object_unref (transport);
}

static gpointer
hold_for_a_second (gpointer element)
{
  g_usleep (G_USEC_PER_SEC);
  gst_object_unref (element);
  return NULL;
}

/* As a thread of GStreamer's that gets no time on a busy machine. */
static void
end_held (void)
{
  TuttiTransport *transport = open_transport ();

  g_thread_unref (g_thread_new ("holds", hold_for_a_second, gst_object_ref (transport->webrtc)));
  tutti_transport_close (transport);
  g_object_unref (transport);
}

static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  g_atomic_int_set ((int *) data, 1);
  g_usleep (60 * G_USEC_PER_SEC);
}

/* A streaming thread that does not come back. */
static void
end_stuck (void)
{
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *pipeline =
      gst_parse_launch ("fakesrc ! fakesink name=sink signal-handoffs=true sync=false", &error);
  int is_stuck = 0;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), &is_stuck);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!g_atomic_int_get (&is_stuck))
    g_usleep (1000);
  tutti_net_reap (pipeline);
}

static const struct {
  const char *name;
  void (*run) (void);
} ends[] = {
  { "open", end_open },
  { "closed", end_closed },
  { "held", end_held },
  { "stuck", end_stuck },
};

static void
run_end (const char *name)
{
  g_autoptr (GError) error = NULL;

  tutti_thread_init_main ();
  tutti_net_init (&error);
  g_assert_no_error (error);
  atexit (on_last_handler);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_equal (ends[i].name, name))
      ends[i].run ();
  exit (STATUS);
}

/* -- what became of it -- */

typedef struct {
  const char *name;
  guint min_ms, max_ms;
  gboolean is_whole; /* to the last handler */
} Case;

static const Case cases[] = {
  { "open", 0, 2900, TRUE },
  { "closed", 0, 2900, TRUE },
  { "held", 900, 2900, TRUE },
  { "stuck", 2900, 8000, FALSE },
};

static void
test_end (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL, *err = NULL;
  gint64 begin = g_get_monotonic_time (), ms;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, self_path, "--end", one->name, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  ms = (g_get_monotonic_time () - begin) / G_TIME_SPAN_MILLISECOND;
  g_test_message ("%" G_GINT64_FORMAT " ms: %s%s", ms, out, err);

  g_assert_true (g_subprocess_get_if_exited (process)); /* by no signal */
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, STATUS);
  g_assert_cmpint (ms, >=, one->min_ms);
  g_assert_cmpint (ms, <=, one->max_ms);
  g_assert_cmpstr (out, ==, one->is_whole ? "last handler, 0 media threads\n" : "");
  g_assert_cmpint (strstr (err, "before all media connections are closed") == NULL, ==,
                   one->is_whole);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--end"))
    run_end (argv[2]);

  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/exit/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_end);
  }
  return g_test_run ();
}
