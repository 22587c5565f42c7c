/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pw-connection.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

#include <errno.h>
#include <pipewire/pipewire.h>

#define RETRY_MIN_MS 250
#define RETRY_MAX_MS 4000

struct _TuttiPwConnection {
  GObject parent_instance;

  /* Owned, for the object's whole life: PipeWire's data thread belongs to the context, so it
   * outlives a lost daemon. */
  struct pw_loop *loop;
  struct pw_context *context;
  GSource *source;

  /* Owned, NULL while there is no daemon. */
  struct pw_core *core;
  struct spa_hook core_listener;

  GError *error;
  guint lost_id;
  guint retry_id;
  guint retry_ms;
};

typedef enum { PROP_CONNECTED = 1, PROP_ERROR } TuttiPwConnectionProperty;

enum { SIGNAL_LOST, N_SIGNALS };

static GParamSpec *properties[PROP_ERROR + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiPwConnection, tutti_pw_connection, G_TYPE_OBJECT)

static void schedule_retry (TuttiPwConnection *self);

typedef struct {
  GSource parent;
  struct pw_loop *loop;
} LoopSource;

static gboolean
loop_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  struct pw_loop *loop = ((LoopSource *) source)->loop;

  /* Entered and left each time: between iterations nobody owns the loop, and PipeWire calls that
   * the main thread makes from elsewhere are taken as its own. */
  pw_loop_enter (loop);
  pw_loop_iterate (loop, 0);
  pw_loop_leave (loop);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs loop_source_funcs = { .dispatch = loop_source_dispatch };

static GSource *
loop_source_new (struct pw_loop *loop)
{
  GSource *source = g_source_new (&loop_source_funcs, sizeof (LoopSource));

  ((LoopSource *) source)->loop = loop;
  g_source_add_unix_fd (source, pw_loop_get_fd (loop), G_IO_IN | G_IO_ERR | G_IO_HUP);
  g_source_set_static_name (source, "PipeWire");

  return source;
}

static void
set_error (TuttiPwConnection *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
drop_core (TuttiPwConnection *self)
{
  struct pw_core *core = self->core;

  g_clear_handle_id (&self->lost_id, g_source_remove);
  if (core == NULL)
    return;

  /* Whoever made something on this core takes it down now, while that is still allowed. */
  g_signal_emit (self, signals[SIGNAL_LOST], 0);

  self->core = NULL;
  spa_hook_remove (&self->core_listener);
  pw_core_disconnect (core);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
}

static gboolean
on_lost_idle (gpointer user_data)
{
  TuttiPwConnection *self = user_data;

  self->lost_id = 0;
  g_object_ref (self);
  drop_core (self);
  schedule_retry (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_core_info (void *data, const struct pw_core_info *info)
{
  TuttiPwConnection *self = data;

  /* A daemon that really answers, not only a socket that accepts. */
  self->retry_ms = RETRY_MIN_MS;
}

static void
on_core_error (void *data, uint32_t id, int seq, int res, const char *message)
{
  TuttiPwConnection *self = data;

  if (id != PW_ID_CORE)
    return;
  if (res != -EPIPE && res != -ECONNRESET && res != -ECONNABORTED && res != -EPROTO)
    return;
  if (self->lost_id != 0)
    return;

  g_debug ("PipeWire connection lost: %s", message);
  set_error (self, g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                                        _ ("The sound system PipeWire has stopped.")));
  /* Not from inside an event of the core: it is destroyed by this. */
  self->lost_id = g_idle_add_full (G_PRIORITY_HIGH, on_lost_idle, self, NULL);
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .info = on_core_info,
  .error = on_core_error,
};

static gboolean
ensure_context (TuttiPwConnection *self, GError **error)
{
  if (self->context != NULL)
    return TRUE;

  self->context = pw_context_new (self->loop, NULL, 0);
  if (self->context == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                 _ ("PipeWire's client library could not be set up: %s."), g_strerror (errno));
    return FALSE;
  }

  return TRUE;
}

static gboolean
try_connect (TuttiPwConnection *self, GError **error)
{
  struct pw_properties *props;

  if (!ensure_context (self, error))
    return FALSE;

  props = pw_properties_new (PW_KEY_APP_NAME, TUTTI_APP_NAME, PW_KEY_APP_ID, TUTTI_APP_ID,
                             PW_KEY_APP_ICON_NAME, TUTTI_APP_ID, NULL);
  self->core = pw_context_connect (self->context, props, 0);
  if (self->core == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                 _ ("The sound system PipeWire does not answer: %s."), g_strerror (errno));
    return FALSE;
  }

  pw_core_add_listener (self->core, &self->core_listener, &core_events, self);
  set_error (self, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);

  return TRUE;
}

static void
on_retry (gpointer user_data)
{
  TuttiPwConnection *self = user_data;
  g_autoptr (GError) error = NULL;

  self->retry_id = 0;
  self->retry_ms = MIN (self->retry_ms * 2, RETRY_MAX_MS);
  if (try_connect (self, &error))
    return;

  set_error (self, g_steal_pointer (&error));
  schedule_retry (self);
}

static void
schedule_retry (TuttiPwConnection *self)
{
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add_once (self->retry_ms, on_retry, self);
}

static void
tutti_pw_connection_dispose (GObject *object)
{
  TuttiPwConnection *self = TUTTI_PW_CONNECTION (object);

  g_clear_handle_id (&self->retry_id, g_source_remove);
  drop_core (self);

  G_OBJECT_CLASS (tutti_pw_connection_parent_class)->dispose (object);
}

static void
tutti_pw_connection_finalize (GObject *object)
{
  TuttiPwConnection *self = TUTTI_PW_CONNECTION (object);

  g_clear_pointer (&self->context, pw_context_destroy);
  if (self->source != NULL) {
    g_source_destroy (self->source);
    g_source_unref (self->source);
  }
  g_clear_pointer (&self->loop, pw_loop_destroy);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (tutti_pw_connection_parent_class)->finalize (object);
}

static void
tutti_pw_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiPwConnection *self = TUTTI_PW_CONNECTION (object);

  switch ((TuttiPwConnectionProperty) id) {
  case PROP_CONNECTED:
    g_value_set_boolean (value, self->core != NULL);
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_pw_connection_class_init (TuttiPwConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  pw_init (NULL, NULL);

  object_class->dispose = tutti_pw_connection_dispose;
  object_class->finalize = tutti_pw_connection_finalize;
  object_class->get_property = tutti_pw_connection_get_property;

  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_LOST] = g_signal_new ("lost", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tutti_pw_connection_init (TuttiPwConnection *self)
{
  self->retry_ms = RETRY_MIN_MS;
  self->loop = pw_loop_new (NULL);
  if (self->loop == NULL)
    g_error ("No PipeWire loop: %s", g_strerror (errno));
  self->source = loop_source_new (self->loop);
  g_source_attach (self->source, NULL);
}

/**
 * tutti_pw_connection_new:
 *
 * Returns: (transfer full): a connection that is not connected yet
 */
TuttiPwConnection *
tutti_pw_connection_new (void)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_PW_CONNECTION, NULL);
}

/**
 * tutti_pw_connection_connect:
 *
 * Connects now, without waiting. When that fails, it goes on trying by itself: notify::connected
 * tells when the daemon has come.
 *
 * Returns: %TRUE when connected, %FALSE with @error (%TUTTI_ERROR_NO_PIPEWIRE) when not
 */
gboolean
tutti_pw_connection_connect (TuttiPwConnection *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (self), FALSE);

  if (self->core != NULL)
    return TRUE;

  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (try_connect (self, &local))
    return TRUE;

  set_error (self, g_error_copy (local));
  g_propagate_error (error, g_steal_pointer (&local));
  schedule_retry (self);

  return FALSE;
}

gboolean
tutti_pw_connection_is_connected (TuttiPwConnection *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (self), FALSE);

  return self->core != NULL;
}

/**
 * tutti_pw_connection_get_core:
 *
 * Returns: (nullable): the core, borrowed until `lost`
 */
struct pw_core *
tutti_pw_connection_get_core (TuttiPwConnection *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (self), NULL);

  return self->core;
}

/**
 * tutti_pw_connection_get_loop:
 *
 * Returns: the control loop that the main context runs, borrowed
 */
struct pw_loop *
tutti_pw_connection_get_loop (TuttiPwConnection *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (self), NULL);

  return self->loop;
}

/**
 * tutti_pw_connection_get_error:
 *
 * Returns: (nullable): why there is no connection
 */
const GError *
tutti_pw_connection_get_error (TuttiPwConnection *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (self), NULL);

  return self->error;
}
