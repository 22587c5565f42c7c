/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

typedef struct {
  const char *element;
  const char *package; /* Debian's name: what a person can look for */
} NeededElement;

static const NeededElement needed_elements[] = {
  { "webrtcbin", "gstreamer1.0-plugins-bad" }, { "dtlsdec", "gstreamer1.0-plugins-bad" },
  { "dtlsenc", "gstreamer1.0-plugins-bad" },   { "srtpdec", "gstreamer1.0-plugins-bad" },
  { "srtpenc", "gstreamer1.0-plugins-bad" },   { "nicesrc", "gstreamer1.0-nice" },
  { "nicesink", "gstreamer1.0-nice" },         { "rtpbin", "gstreamer1.0-plugins-good" },
};

static gboolean
check_elements (GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (needed_elements); i++) {
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (needed_elements[i].element);

    if (factory != NULL)
      continue;
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                 _ ("Sound cannot be sent or received, because GStreamer's element “%s” is not "
                    "installed (on Debian and Ubuntu it is in the package “%s”)."),
                 needed_elements[i].element, needed_elements[i].package);
    return FALSE;
  }
  return TRUE;
}

/**
 * tutti_net_init:
 *
 * Main thread, before the first transport; more calls do no harm.
 *
 * Returns: %FALSE with TUTTI_ERROR_TRANSPORT when GStreamer or one of its elements is missing
 */
gboolean
tutti_net_init (GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!gst_init_check (NULL, NULL, &local_error)) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT, _ ("GStreamer cannot be started: %s."),
                 local_error != NULL ? local_error->message : "?");
    return FALSE;
  }
  if (!gst_registry_check_feature_version (gst_registry_get (), "webrtcbin", 1, 26, 0) &&
      gst_registry_check_feature_version (gst_registry_get (), "webrtcbin", 0, 0, 0)) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                         _ ("GStreamer is too old: Tutti needs version 1.26 or later."));
    return FALSE;
  }
  return check_elements (error);
}

/* -- taking pipelines down --
 * Going to NULL joins streaming threads; each waits for at most a packet, but main waits for
 * nobody. */

static GMutex reap_lock;
static GCond reap_cond;
static guint n_reaping;            /* under reap_lock */
static guint n_unreleased;         /* under reap_lock: elements that somebody still holds */
static GPtrArray *open_transports; /* main thread's; borrowed */

/* At most; then the program ends all the same. */
#define EXIT_WAIT_MS 3000
#define EXIT_LOOK_US 500
/* Threads of GStreamer's pool may hold what was taken down for a moment longer. */
#define RELEASE_WAIT_MS 500
/* By then OpenSSL has certainly been used. */
#define MAX_EXIT_HANDLERS 64

static gboolean
wait_until_released (gint64 end)
{
  G_MUTEX_AUTO_LOCK (&reap_lock, locker);

  while (n_reaping > 0 || n_unreleased > 0)
    if (!g_cond_wait_until (&reap_cond, &reap_lock, end))
      return FALSE;
  return TRUE;
}

/* Whether threads of webrtcbin's and libnice's are left, which bear the name of the element. */
static gboolean
has_media_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;

  while (dir != NULL && (tid = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename ("/proc/self/task", tid, "comm", NULL);
    g_autofree char *comm = NULL;

    if (g_file_get_contents (path, &comm, NULL, NULL) &&
        g_str_has_prefix (comm, TUTTI_TRANSPORT_ELEMENT ":"))
      return TRUE;
  }
  return FALSE;
}

/* webrtcbin tells its threads to end, but joins none of them: after its last element is gone, one
 * may still be on its way out, through OpenSSL's own clean-up for the thread. Nobody tells. */
static gboolean
wait_until_ended (gint64 end)
{
  while (has_media_threads ()) {
    if (g_get_monotonic_time () >= end)
      return FALSE;
    g_usleep (EXIT_LOOK_US);
  }
  return TRUE;
}

/* The thread that ends the program. What media threads use must outlive them. Where they do not end
 * in time, the program ends without the exit handlers that take it away. */
static void
on_exit_program (int status, gpointer data)
{
  gint64 end = g_get_monotonic_time () + EXIT_WAIT_MS * G_TIME_SPAN_MILLISECOND;
  static gboolean has_begun;

  if (has_begun)
    return;
  has_begun = TRUE;

  /* Nobody has closed these, and their main loop runs no more. */
  while (tutti_thread_is_main () && open_transports != NULL && open_transports->len > 0)
    tutti_transport_abandon (g_ptr_array_index (open_transports, open_transports->len - 1));
  if (wait_until_released (end) && wait_until_ended (end))
    return;
  g_message ("The program ends before all media connections are closed.");
  fflush (NULL);
  _exit (status);
}

/*< private >
 * tutti_net_wait_at_exit:
 *
 * Main thread. What was registered last runs first, so this before OpenSSL's, which takes away what
 * a thread that still closes a DTLS connection needs. OpenSSL registers its own when it is first
 * used, in a thread of webrtcbin's; nobody tells, hence this comes again whenever a transport has
 * just made certain that it was.
 */
void
tutti_net_wait_at_exit (void)
{
  static guint n_registered; /* main thread's */

  if (n_registered++ < MAX_EXIT_HANDLERS)
    on_exit (on_exit_program, NULL);
}

/*< private >
 * tutti_net_add:
 * @transport: (transfer none): has a pipeline from now on, until tutti_net_remove(); what is still
 *   there when the program ends is taken down then
 */
void
tutti_net_add (TuttiTransport *transport)
{
  if (open_transports == NULL)
    open_transports = g_ptr_array_new ();
  g_ptr_array_add (open_transports, transport);
  tutti_net_wait_at_exit ();
}

void
tutti_net_remove (TuttiTransport *transport)
{
  g_ptr_array_remove (open_transports, transport);
}

/* Nothing is left of an element; any thread. */
static void
on_released (gpointer data)
{
  int *n_held = data;

  g_mutex_lock (&reap_lock);
  *n_held -= 1;
  n_unreleased--;
  g_cond_broadcast (&reap_cond);
  g_mutex_unlock (&reap_lock);
  g_atomic_rc_box_release (n_held);
}

static void
watch_release (GstElement *element, int *n_held)
{
  g_mutex_lock (&reap_lock);
  *n_held += 1;
  n_unreleased++;
  g_mutex_unlock (&reap_lock);
  g_object_set_data_full (G_OBJECT (element), "tutti-reaped", g_atomic_rc_box_acquire (n_held),
                          on_released);
}

/* What webrtcbin's thread was just starting when everything else was stopped. */
static void
stop_straggler (const GValue *item, gpointer data)
{
  GstElement *element = g_value_get_object (item);

  if (GST_STATE (element) != GST_STATE_NULL)
    gst_element_set_state (element, GST_STATE_NULL);
}

static void
stop_all (GstElement *pipeline)
{
  g_autoptr (GstIterator) elements = NULL;

  gst_element_set_state (pipeline, GST_STATE_NULL);
  elements = gst_bin_iterate_recurse (GST_BIN (pipeline));
  while (gst_iterator_foreach (elements, stop_straggler, NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
}

static gpointer
reap_thread (gpointer data)
{
  GstElement *pipeline = data;
  GstElement *webrtc = gst_bin_get_by_name (GST_BIN (pipeline), TUTTI_TRANSPORT_ELEMENT);
  int *n_held = g_atomic_rc_box_new0 (int);
  gint64 end;

  stop_all (pipeline);
  watch_release (pipeline, n_held);
  if (webrtc != NULL)
    watch_release (webrtc, n_held);
  gst_clear_object (&webrtc);
  gst_object_unref (pipeline);

  /* Whoever still recalculates a latency may be the one that lets go last, DTLS included. */
  end = g_get_monotonic_time () + RELEASE_WAIT_MS * G_TIME_SPAN_MILLISECOND;
  g_mutex_lock (&reap_lock);
  while (*n_held > 0 && g_cond_wait_until (&reap_cond, &reap_lock, end))
    ;
  n_reaping--;
  g_cond_broadcast (&reap_cond);
  g_mutex_unlock (&reap_lock);
  g_atomic_rc_box_release (n_held);
  return NULL;
}

/*< private >
 * tutti_net_reap:
 * @pipeline: (transfer full): is taken down in a thread of its own
 *
 * Main thread, which waits only where the system has no more threads to give.
 */
void
tutti_net_reap (GstElement *pipeline)
{
  GThread *thread;

  tutti_net_wait_at_exit ();
  g_mutex_lock (&reap_lock);
  n_reaping++;
  g_mutex_unlock (&reap_lock);
  thread = g_thread_try_new ("tutti-net-reap", reap_thread, pipeline, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    reap_thread (pipeline);
}

void
tutti_net_reap_pipeline (gpointer pipeline)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  tutti_net_reap (pipeline);
}

/**
 * tutti_net_wait_idle:
 * @timeout_ms: at most so long
 *
 * Waits until the threads and sockets of all closed transports are gone. For the end of a program
 * and for tests; nothing else may wait for it.
 *
 * Returns: %FALSE when some were still there in the end
 */
gboolean
tutti_net_wait_idle (guint timeout_ms)
{
  gint64 end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  G_MUTEX_AUTO_LOCK (&reap_lock, locker);

  while (n_reaping > 0)
    if (!g_cond_wait_until (&reap_cond, &reap_lock, end))
      return FALSE;
  return TRUE;
}
