/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-local-room.h"

#include <string.h>

#include "tutti-backoff.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-lines.h"
#include "tutti-thread.h"

#define READY_PREFIX   "ready "
#define OUTSIDE_PREFIX "internet "
/* With the internet: a router that does not answer, and who had the ports before, are waited for.
 */
#define READY_SECONDS(self) ((self)->internet ? 75 : 30)
#define STABLE_NS           (10 * TUTTI_NSEC_PER_SEC)
#define LAST_WORDS_NS       (2 * TUTTI_NSEC_PER_SEC)

struct _TuttiLocalRoom {
  GObject parent_instance;

  char *listen;
  char *announce;
  guint port; /* wanted; after the first start the one that it got */
  gboolean internet;
  char *helper;
  TuttiOutside *outside; /* owned; NULL: not asked for, or not known yet */

  GSubprocess *process;      /* owned; NULL while there is none */
  GCancellable *cancellable; /* owned; of the present process' readers */
  char *last_words;          /* the newest error on its stderr */
  gint64 last_words_ns;
  TuttiLink *ready;     /* owned; the room in it is a placeholder */
  DexPromise *starting; /* owned while the first `ready` is awaited */
  gint64 ready_ns;
  guint timeout_id;
  guint restart_id;
  guint attempt;
  gboolean keep; /* restart when it dies */
};

typedef enum { PROP_RUNNING = 1, PROP_OUTSIDE } TuttiLocalRoomProperty;

enum { SIGNAL_DIED, SIGNAL_RESTARTED, N_SIGNALS };

static GParamSpec *properties[PROP_OUTSIDE + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiLocalRoom, tutti_local_room, G_TYPE_OBJECT)

static gboolean spawn (TuttiLocalRoom *self, GError **error);

static void
tutti_local_room_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiLocalRoom *self = TUTTI_LOCAL_ROOM (object);

  switch ((TuttiLocalRoomProperty) id) {
  case PROP_RUNNING:
    g_value_set_boolean (value, self->process && self->ready);
    break;
  case PROP_OUTSIDE:
    g_value_set_boxed (value, self->outside);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

/* -- what it says -- */

static void
read_stderr_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TuttiLocalRoom *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (line) {
    g_autofree char *words = tutti_room_line_to_words (line);

    g_debug ("tutti-room: %s", line);
    if (words && *words) {
      g_set_str (&self->last_words, words);
      self->last_words_ns = tutti_clock_now_ns ();
    }
    g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), G_PRIORITY_DEFAULT,
                                         self->cancellable, read_stderr_cb, self);
    return;
  }

  g_object_unref (self);
}

static TuttiLink *
link_for_room (TuttiLocalRoom *self, const char *room)
{
  return tutti_link_new (self->ready->host, self->ready->port, room, self->ready->invite,
                         self->ready->fingerprint);
}

static void
fail_start (TuttiLocalRoom *self, GError *error)
{
  g_autoptr (DexPromise) starting = g_steal_pointer (&self->starting);

  if (starting)
    dex_promise_reject (starting, error);
  else
    g_error_free (error);
}

static void
take_ready (TuttiLocalRoom *self, const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DexPromise) starting = NULL;
  TuttiLink *link = tutti_room_line_to_link (address, &error);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (!link) {
    fail_start (self, g_error_new (TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                                   _ ("The room service gave an address that cannot be read: %s"),
                                   error->message));
    tutti_local_room_stop (self);
    return;
  }

  g_clear_pointer (&self->ready, tutti_link_free);
  self->ready = link;
  self->port = link->port;
  self->ready_ns = tutti_clock_now_ns ();
  self->keep = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  starting = g_steal_pointer (&self->starting);
  if (starting)
    dex_promise_resolve_boolean (starting, TRUE);
  else
    g_signal_emit (self, signals[SIGNAL_RESTARTED], 0);
}

static void
take_outside (TuttiLocalRoom *self, const char *text)
{
  TuttiOutside *outside = tutti_outside_parse (text);

  if (!outside)
    return;
  g_clear_pointer (&self->outside, tutti_outside_free);
  self->outside = outside;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTSIDE]);
}

static void
read_stdout_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TuttiLocalRoom *self = user_data;
  GDataInputStream *stream = G_DATA_INPUT_STREAM (source);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (stream, result, NULL, &error);

  if (!line || !self->cancellable) {
    g_object_unref (self);
    return;
  }

  cancellable = g_object_ref (self->cancellable);
  if (g_str_has_prefix (line, READY_PREFIX) && g_utf8_validate (line, -1, NULL))
    take_ready (self, g_strstrip (line + strlen (READY_PREFIX)));
  else if (g_str_has_prefix (line, OUTSIDE_PREFIX))
    take_outside (self, line + strlen (OUTSIDE_PREFIX));
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, cancellable, read_stdout_cb,
                                       self);
}

/* -- its end -- */

static void
restart_cb (gpointer user_data)
{
  TuttiLocalRoom *self = user_data;
  g_autoptr (GError) error = NULL;

  self->restart_id = 0;
  if (spawn (self, &error))
    return;

  g_signal_emit (self, signals[SIGNAL_DIED], 0, error);
  self->restart_id =
      g_timeout_add_once (tutti_backoff_ms (self->attempt++, g_random_double ()), restart_cb, self);
}

static GError *
death_sentence (TuttiLocalRoom *self, GSubprocess *process)
{
  g_autofree char *how = NULL;

  if (g_subprocess_get_if_signaled (process))
    how = g_strdup_printf (_ ("signal %d"), g_subprocess_get_term_sig (process));
  else
    how = g_strdup_printf (_ ("exit code %d"), g_subprocess_get_exit_status (process));

  /* An old complaint explains nothing. */
  if (self->last_words && tutti_clock_now_ns () - self->last_words_ns < LAST_WORDS_NS)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                        _ ("The room service on this computer ended unexpectedly (%s): %s%s"), how,
                        self->last_words, g_str_has_suffix (self->last_words, ".") ? "" : ".");

  return g_error_new (TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                      _ ("The room service on this computer ended unexpectedly (%s)."), how);
}

static void
drop_process (TuttiLocalRoom *self)
{
  gboolean was_running = self->process && self->ready;

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->process) /* its stdin is its lifeline: by this it ends */
    g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
  g_clear_object (&self->process);
  if (was_running)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TuttiLocalRoom) self = user_data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_finish (process, result, NULL);
  if (self->process != process)
    return; /* stopped by us */

  error = death_sentence (self, process);
  drop_process (self);

  if (!self->keep) {
    fail_start (self, g_steal_pointer (&error));
    return;
  }

  if (tutti_clock_now_ns () - self->ready_ns > STABLE_NS)
    self->attempt = 0;
  g_signal_emit (self, signals[SIGNAL_DIED], 0, error);
  if (self->keep && self->restart_id == 0)
    self->restart_id = g_timeout_add_once (tutti_backoff_ms (self->attempt++, g_random_double ()),
                                           restart_cb, self);
}

static void
late_cb (gpointer user_data)
{
  TuttiLocalRoom *self = user_data;

  self->timeout_id = 0;
  if (self->starting) {
    fail_start (self, g_error_new (TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                                   _ ("The room service on this computer did not become ready "
                                      "within %d seconds."),
                                   READY_SECONDS (self)));
    tutti_local_room_stop (self);
  } else if (self->process) {
    g_subprocess_force_exit (self->process); /* ended_cb() tries again */
  }
}

/* -- its start -- */

static GStrv
build_command (TuttiLocalRoom *self, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *command = g_getenv ("TUTTI_ROOM_COMMAND");
  g_auto (GStrv) argv = NULL;

  if (command && *command) {
    g_autoptr (GError) local = NULL;

    if (!g_shell_parse_argv (command, NULL, &argv, &local)) {
      g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                   _ ("TUTTI_ROOM_COMMAND cannot be read: %s"), local->message);
      return NULL;
    }
    g_strv_builder_addv (builder, (const char **) argv);
  } else {
    g_strv_builder_add (builder, TUTTI_LIBEXECDIR "/tutti-room/tutti-room");
  }

  g_strv_builder_add (builder, "--stdin-lifeline");
  if (self->listen)
    g_strv_builder_add_many (builder, "--listen", self->listen, NULL);
  if (self->announce)
    g_strv_builder_add_many (builder, "--announce", self->announce, NULL);
  if (self->internet)
    g_strv_builder_add (builder, "--internet");
  if (self->internet && self->helper)
    g_strv_builder_add_many (builder, "--reach-helper", self->helper, NULL);
  if (self->port) {
    g_strv_builder_add (builder, "--port");
    g_strv_builder_take (builder, g_strdup_printf ("%u", self->port));
  }

  return g_strv_builder_end (builder);
}

static void
follow (TuttiLocalRoom *self, GInputStream *stream, GAsyncReadyCallback callback)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (stream);

  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, self->cancellable, callback,
                                       g_object_ref (self));
}

static gboolean
spawn (TuttiLocalRoom *self, GError **error)
{
  g_auto (GStrv) argv = build_command (self, error);
  g_autoptr (GError) local = NULL;

  if (!argv)
    return FALSE;

  g_clear_pointer (&self->last_words, g_free);
  self->process =
      g_subprocess_newv ((const char *const *) argv,
                         G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                             G_SUBPROCESS_FLAGS_STDERR_PIPE,
                         &local);
  if (!self->process) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                 _ ("The room service on this computer cannot be started: %s."), local->message);
    return FALSE;
  }

  self->cancellable = g_cancellable_new ();
  follow (self, g_subprocess_get_stdout_pipe (self->process), read_stdout_cb);
  follow (self, g_subprocess_get_stderr_pipe (self->process), read_stderr_cb);
  g_subprocess_wait_async (self->process, NULL, ended_cb, g_object_ref (self));
  self->timeout_id = g_timeout_add_seconds_once (READY_SECONDS (self), late_cb, self);

  return TRUE;
}

static void
tutti_local_room_dispose (GObject *object)
{
  tutti_local_room_stop (TUTTI_LOCAL_ROOM (object));

  G_OBJECT_CLASS (tutti_local_room_parent_class)->dispose (object);
}

static void
tutti_local_room_finalize (GObject *object)
{
  TuttiLocalRoom *self = TUTTI_LOCAL_ROOM (object);

  g_clear_pointer (&self->listen, g_free);
  g_clear_pointer (&self->announce, g_free);
  g_clear_pointer (&self->helper, g_free);
  g_clear_pointer (&self->last_words, g_free);
  g_clear_pointer (&self->ready, tutti_link_free);
  g_clear_pointer (&self->outside, tutti_outside_free);

  G_OBJECT_CLASS (tutti_local_room_parent_class)->finalize (object);
}

static void
tutti_local_room_class_init (TuttiLocalRoomClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  dex_init ();

  object_class->get_property = tutti_local_room_get_property;
  object_class->dispose = tutti_local_room_dispose;
  object_class->finalize = tutti_local_room_finalize;

  properties[PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_OUTSIDE] =
      g_param_spec_boxed ("outside", NULL, NULL, TUTTI_TYPE_OUTSIDE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_DIED] = g_signal_new ("died", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_RESTARTED] = g_signal_new ("restarted", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tutti_local_room_init (TuttiLocalRoom *self)
{
}

TuttiLocalRoom *
tutti_local_room_new (void)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_LOCAL_ROOM, NULL);
}

void
tutti_local_room_set_address (TuttiLocalRoom *self,
                              const char *listen,
                              const char *announce,
                              guint port)
{
  g_set_str (&self->listen, listen);
  g_set_str (&self->announce, announce);
  self->port = port;
}

void
tutti_local_room_set_internet (TuttiLocalRoom *self, gboolean internet, const char *helper)
{
  self->internet = internet;
  g_set_str (&self->helper, helper);
}

typedef struct {
  TuttiLocalRoom *self;
  char *room;
} StartCall;

static void
start_call_free (gpointer data)
{
  StartCall *call = data;

  g_object_unref (call->self);
  g_free (call->room);
  g_free (call);
}

static DexFuture *
started_cb (DexFuture *future, gpointer user_data)
{
  StartCall *call = user_data;

  if (!call->self->ready)
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_SERVICE, "%s",
                                  _ ("The room service on this computer was stopped."));

  return dex_future_new_take_boxed (TUTTI_TYPE_LINK, link_for_room (call->self, call->room));
}

DexFuture *
tutti_local_room_start (TuttiLocalRoom *self, const char *room)
{
  GError *error = NULL;
  StartCall *call;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->process && self->ready)
    return dex_future_new_take_boxed (TUTTI_TYPE_LINK, link_for_room (self, room));

  if (!self->starting) {
    g_clear_handle_id (&self->restart_id, g_source_remove);
    if (!self->process && !spawn (self, &error))
      return dex_future_new_for_error (error);
    self->starting = dex_promise_new ();
  }

  call = g_new0 (StartCall, 1);
  call->self = g_object_ref (self);
  call->room = g_strdup (room);

  return dex_future_then (dex_ref (DEX_FUTURE (self->starting)), started_cb, call, start_call_free);
}

void
tutti_local_room_stop (TuttiLocalRoom *self)
{
  self->keep = FALSE;
  self->attempt = 0;
  g_clear_handle_id (&self->restart_id, g_source_remove);
  fail_start (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                         _ ("The room service on this computer was stopped.")));
  drop_process (self);
  g_clear_pointer (&self->ready, tutti_link_free);
}
