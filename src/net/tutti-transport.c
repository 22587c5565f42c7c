/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc-check.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"
#include "tutti-turn.h"

/* State, properties and the end of a transport. Everything here runs on the main thread. */

G_DEFINE_FINAL_TYPE (TuttiTransport, tutti_transport, G_TYPE_OBJECT)

typedef enum {
  PROP_STATE = 1,
  PROP_ERROR,
  PROP_PROTOCOL,
  PROP_ID,
} TuttiTransportProperty;

static GParamSpec *properties[PROP_ID + 1];

static GType
transport_state_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
    { TUTTI_TRANSPORT_NEW, "TUTTI_TRANSPORT_NEW", "new" },
    { TUTTI_TRANSPORT_CONNECTING, "TUTTI_TRANSPORT_CONNECTING", "connecting" },
    { TUTTI_TRANSPORT_CONNECTED, "TUTTI_TRANSPORT_CONNECTED", "connected" },
    { TUTTI_TRANSPORT_FAILED, "TUTTI_TRANSPORT_FAILED", "failed" },
    { TUTTI_TRANSPORT_CLOSED, "TUTTI_TRANSPORT_CLOSED", "closed" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TuttiTransportState", values));
  return type;
}

gboolean
tutti_transport_is_over (TuttiTransport *self)
{
  return self->state == TUTTI_TRANSPORT_FAILED || self->state == TUTTI_TRANSPORT_CLOSED;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_connect_timeout (gpointer data)
{
  TuttiTransport *self = data;

  clear_source (&self->connect_timeout);
  tutti_transport_fail_with (
      self, TUTTI_ERROR_TRANSPORT,
      self->server == TUTTI_SERVER_CONNECTED
          ? _ ("Sound cannot flow, because the room's media server could not be reached within 10 "
               "seconds.")
          : _ ("Sound cannot flow, because the room did not answer within 10 seconds."));
  return G_SOURCE_REMOVE;
}

static void
start_connect_timeout (TuttiTransport *self)
{
  if (self->connect_timeout != NULL)
    return;
  self->connect_timeout = g_timeout_source_new_seconds (TUTTI_TRANSPORT_CONNECT_SECONDS);
  g_source_set_callback (self->connect_timeout, on_connect_timeout, self, NULL);
  g_source_attach (self->connect_timeout, self->shared->context);
}

void
tutti_transport_set_state (TuttiTransport *self, TuttiTransportState state)
{
  if (self->state == state)
    return;
  self->state = state;
  __atomic_store_n (&self->shared->is_open, state == TUTTI_TRANSPORT_CONNECTED, __ATOMIC_RELEASE);
  if (state == TUTTI_TRANSPORT_CONNECTING)
    start_connect_timeout (self);
  else
    clear_source (&self->connect_timeout);
  tutti_transport_dump (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
tutti_transport_set_protocol (TuttiTransport *self, const char *protocol)
{
  if (g_strcmp0 (self->protocol, protocol) == 0)
    return;
  self->protocol = protocol;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROTOCOL]);
}

void
tutti_transport_abandon (TuttiTransport *self)
{
  __atomic_store_n (&self->shared->is_open, 0, __ATOMIC_RELEASE);
  if (self->pipeline == NULL)
    return;
  self->webrtc = NULL;
  tutti_net_remove (self);
  tutti_net_reap (g_steal_pointer (&self->pipeline));
}

/* After return no packet passes and no callback of a consumer runs. */
static void
shut_down (TuttiTransport *self, TuttiTransportState state, const GError *reason)
{
  GHashTableIter iter;
  gpointer value;

  __atomic_store_n (&self->shared->is_open, 0, __ATOMIC_RELEASE);
  clear_source (&self->disconnect_timeout);
  tutti_transport_clear_turn_timeout (self);
  g_hash_table_iter_init (&iter, self->consumers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    TuttiConsumer *consumer = value;

    if (consumer->rtx_tap != NULL)
      tutti_tap_close (consumer->rtx_tap);
    if (consumer->tap != NULL)
      tutti_tap_close (consumer->tap);
  }

  tutti_transport_set_state (self, state);
  tutti_transport_cancel_operations (self, reason);
  tutti_transport_drop_call (self);
  tutti_transport_abandon (self);
}

void
tutti_transport_fail (TuttiTransport *self, const GError *error)
{
  if (tutti_transport_is_over (self))
    return;
  g_object_ref (self);
  g_debug ("transport %s: %s", self->id, error->message);
  self->error = g_error_copy (error);
  shut_down (self, TUTTI_TRANSPORT_FAILED, error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  g_object_unref (self);
}

void
tutti_transport_fail_with (TuttiTransport *self, int code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, code, message);

  tutti_transport_fail (self, error);
}

/**
 * tutti_transport_close:
 *
 * A transport that has failed stays failed.
 */
void
tutti_transport_close (TuttiTransport *self)
{
  g_autoptr (GError) reason = NULL;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  if (tutti_transport_is_over (self))
    return;
  g_object_ref (self);
  reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The connection was closed."));
  shut_down (self, TUTTI_TRANSPORT_CLOSED, reason);
  g_object_unref (self);
}

/* -- GObject -- */

static void
tutti_transport_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiTransport *self = TUTTI_TRANSPORT (object);

  switch ((TuttiTransportProperty) id) {
  case PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case PROP_PROTOCOL:
    g_value_set_static_string (value, self->protocol);
    break;
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_transport_dispose (GObject *object)
{
  TuttiTransport *self = TUTTI_TRANSPORT (object);

  if (self->shared != NULL && !tutti_transport_is_over (self))
    tutti_transport_close (self);
  G_OBJECT_CLASS (tutti_transport_parent_class)->dispose (object);
}

static void
tutti_transport_finalize (GObject *object)
{
  TuttiTransport *self = TUTTI_TRANSPORT (object);

  g_free (self->id);
  g_clear_error (&self->error);
  g_clear_pointer (&self->remote, tutti_remote_sdp_free);
  g_clear_pointer (&self->server_parameters, json_object_unref);
  g_clear_pointer (&self->resolved, json_array_unref);
  g_clear_pointer (&self->local, gst_webrtc_session_description_free);
  g_clear_pointer (&self->turn_servers, g_ptr_array_unref);
  g_hash_table_unref (self->relays);
  g_free (self->pair_foundation);
  g_ptr_array_unref (self->slots);
  g_hash_table_unref (self->consumers);
  g_clear_pointer (&self->shared, tutti_transport_shared_unref);
  G_OBJECT_CLASS (tutti_transport_parent_class)->finalize (object);
}

static void
tutti_transport_class_init (TuttiTransportClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tutti_transport_get_property;
  object_class->dispose = tutti_transport_dispose;
  object_class->finalize = tutti_transport_finalize;

  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, transport_state_get_type (),
                                              TUTTI_TRANSPORT_NEW, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  properties[PROP_PROTOCOL] = g_param_spec_string ("protocol", NULL, NULL, NULL, flags);
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_transport_init (TuttiTransport *self)
{
  g_queue_init (&self->operations);
  self->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_send_slot_free);
  self->consumers =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) tutti_consumer_free);
  self->relays = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static TuttiTransport *
new_transport (TuttiDirection direction,
               gboolean for_pictures,
               JsonObject *server_parameters,
               GError **error)
{
  g_autoptr (TuttiTransport) self = NULL;
  g_autoptr (GPtrArray) turn_servers = NULL;
  g_autofree char *fingerprint = NULL;

  g_return_val_if_fail (server_parameters != NULL, NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  if (!tutti_ortc_check_transport (server_parameters, error))
    return NULL;
  turn_servers = tutti_turn_read_servers (server_parameters, error);
  if (turn_servers == NULL)
    return NULL;
  fingerprint = tutti_ortc_sha256_fingerprint (server_parameters);

  self = g_object_new (TUTTI_TYPE_TRANSPORT, NULL);
  self->direction = direction;
  self->id = g_strdup (json_object_get_string_member (server_parameters, "transportId"));
  self->server_parameters = tutti_ortc_copy_object (server_parameters);
  self->turn_servers = g_steal_pointer (&turn_servers);
  self->shared = tutti_transport_shared_new (direction, for_pictures, fingerprint);
  g_weak_ref_set (&self->shared->transport, self);
  if (!tutti_transport_build_pipeline (self, error))
    return NULL;
  tutti_transport_resolve_turn (self);
  return g_steal_pointer (&self);
}

TuttiTransport *
tutti_transport_new (TuttiDirection direction, JsonObject *server_parameters, GError **error)
{
  return new_transport (direction, FALSE, server_parameters, error);
}

TuttiTransport *
tutti_transport_new_for_pictures (TuttiDirection direction,
                                  JsonObject *server_parameters,
                                  GError **error)
{
  return new_transport (direction, TRUE, server_parameters, error);
}

void
tutti_transport_set_connect_func (TuttiTransport *self,
                                  TuttiTransportConnectFunc func,
                                  gpointer user_data)
{
  g_return_if_fail (TUTTI_IS_TRANSPORT (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  self->connect_func = func;
  self->connect_data = user_data;
}

TuttiTransportState
tutti_transport_get_state (TuttiTransport *self)
{
  g_return_val_if_fail (TUTTI_IS_TRANSPORT (self), TUTTI_TRANSPORT_CLOSED);

  return self->state;
}

const GError *
tutti_transport_get_error (TuttiTransport *self)
{
  g_return_val_if_fail (TUTTI_IS_TRANSPORT (self), NULL);

  return self->error;
}

const char *
tutti_transport_get_id (TuttiTransport *self)
{
  g_return_val_if_fail (TUTTI_IS_TRANSPORT (self), NULL);

  return self->id;
}

const char *
tutti_transport_get_protocol (TuttiTransport *self)
{
  g_return_val_if_fail (TUTTI_IS_TRANSPORT (self), NULL);

  return self->protocol;
}

gboolean
tutti_transport_wants_rebuild (TuttiTransport *self)
{
  g_return_val_if_fail (TUTTI_IS_TRANSPORT (self), FALSE);

  return self->departed >= TUTTI_TRANSPORT_MAX_DEPARTED;
}
