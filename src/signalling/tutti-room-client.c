/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-client.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-chat.h"
#include "tutti-room-client-private.h"
#include "tutti-room-controls.h"
#include "tutti-route.h"
#include "tutti-thread.h"

typedef enum {
  PROP_LINK = 1,
  PROP_PEER_ID,
  PROP_FEATURES,
  PROP_IS_DEMO,
  PROP_ROOM_NAME,
  PROP_SERVICE_NAME,
  PROP_SERVICE_VERSION,
  PROP_MAX_PLAYERS,
  PROP_ROLE,
} TuttiRoomClientProperty;

static GParamSpec *properties[PROP_ROLE + 1];
guint tutti_room_client_signals[TUTTI_ROOM_N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiRoomClient, tutti_room_client, G_TYPE_OBJECT)

/* -- opening -- */

static void
on_notification (TuttiRoomClient *self, const char *method, JsonObject *data)
{
  if (g_str_equal (method, "roomWelcome"))
    tutti_room_client_take_welcome (self, data);
  else if (g_str_equal (method, "mediasoupVersion"))
    tutti_room_client_take_version (self);
  else if (self->is_open)
    tutti_room_client_handle_event (self, method, data);
}

static gboolean
on_request (TuttiRoomClient *self, gint64 id, const char *method, JsonObject *data)
{
  return self->is_open && tutti_room_client_handle_request (self, id, method, data);
}

static void
on_closed (TuttiRoomClient *self, const GError *error)
{
  g_autoptr (TuttiRoomClient) guard = g_object_ref (self);
  gboolean was_open = self->is_open;

  self->is_open = FALSE;
  tutti_clock_asker_stop (self->asker);
  tutti_room_client_settle (self, error);

  if (was_open)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_CLOSED], 0, error);
}

static DexFuture *
on_channel_open (DexFuture *future, gpointer user_data)
{
  TuttiRoomClient *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!dex_future_get_value (future, &error))
    tutti_room_client_settle (self, error);
  else
    tutti_room_client_await_greeting (self);

  return NULL;
}

DexFuture *
tutti_room_client_open (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);
  g_return_val_if_fail (self->opening == NULL && !self->is_open, NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  self->opening = dex_promise_new ();
  dex_future_disown (dex_future_finally (tutti_channel_open (self->channel), on_channel_open,
                                         g_object_ref (self), g_object_unref));

  return dex_ref (DEX_FUTURE (self->opening));
}

void
tutti_room_client_close (TuttiRoomClient *self)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  tutti_channel_close (self->channel);
}

/* -- the clock -- */

static void
on_clock_changed (gpointer user_data)
{
  g_signal_emit (user_data, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_CLOCK_CHANGED], 0);
}

void
tutti_room_client_start_clock (TuttiRoomClient *self)
{
  if (self->is_open && tutti_room_client_has_feature (self, "clock"))
    tutti_clock_asker_start (self->asker);
}

const TuttiRoomClock *
tutti_room_client_get_clock (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return tutti_clock_asker_get_clock (self->asker);
}

/* -- the way there -- */

char *
tutti_room_client_get_route (TuttiRoomClient *self, gboolean *gone)
{
  GSocketConnection *connection = tutti_channel_get_connection (self->channel);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  *gone = FALSE;
  if (!connection)
    return NULL;

  local = g_socket_connection_get_local_address (connection, NULL);
  remote = g_socket_connection_get_remote_address (connection, NULL);
  if (!local || !remote)
    return NULL;
  *gone = !tutti_route_is_ours (local);

  return tutti_route_source (remote);
}

/* -- getters -- */

TuttiChannel *
tutti_room_client_get_channel (TuttiRoomClient *self)
{
  return self->channel;
}

gboolean
tutti_room_client_is_open (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), FALSE);

  return self->is_open;
}

gboolean
tutti_room_client_is_demo (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), FALSE);

  return self->is_demo;
}

gboolean
tutti_room_client_has_feature (TuttiRoomClient *self, const char *feature)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), FALSE);

  return g_strv_contains ((const char *const *) self->features, feature);
}

const char *
tutti_room_client_get_peer_id (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return self->peer_id;
}

TuttiRole
tutti_room_client_get_role (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), TUTTI_ROLE_MUSICIAN);

  return self->role;
}

/**
 * tutti_room_client_set_seat:
 * @seat: (nullable): what tutti_room_client_get_seat() gave on an earlier connection
 *
 * Before tutti_room_client_open(). With it the same peer id comes back, in the place of a
 * connection that the room has not given up yet, too, and after the invitation has expired.
 */
void
tutti_room_client_set_seat (TuttiRoomClient *self, const char *seat)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  tutti_channel_set_seat (self->channel, seat);
}

/**
 * tutti_room_client_get_seat:
 *
 * Returns: (nullable): after open(); a secret
 */
const char *
tutti_room_client_get_seat (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return self->seat;
}

/**
 * tutti_room_client_get_outside:
 * @port: (out): TCP port
 *
 * Returns: (nullable): after open(): the host by which people on the internet reach a room that is
 *   at somebody's home; %NULL where they reach it as we do, or not at all
 */
const char *
tutti_room_client_get_outside (TuttiRoomClient *self, guint *port)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  *port = self->outside_port;
  return self->outside_host;
}

const TuttiLink *
tutti_room_client_get_link (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return self->link;
}

void
tutti_room_client_set_formats (TuttiRoomClient *self,
                               const char *const *formats,
                               guint max_packets_per_second,
                               guint quantum)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  g_strfreev (self->formats);
  self->formats = g_strdupv ((char **) formats);
  self->max_packets_per_second = max_packets_per_second;
  self->quantum = quantum;
}

/* -- the object -- */

static void
tutti_room_client_constructed (GObject *object)
{
  TuttiRoomClient *self = TUTTI_ROOM_CLIENT (object);

  G_OBJECT_CLASS (tutti_room_client_parent_class)->constructed (object);

  self->channel = tutti_channel_new (self->link, self->peer_id);
  self->asker = tutti_clock_asker_new (self->channel, on_clock_changed, self);
  g_signal_connect_object (self->channel, "request", G_CALLBACK (on_request), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->channel, "notification", G_CALLBACK (on_notification), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->channel, "closed", G_CALLBACK (on_closed), self,
                           G_CONNECT_SWAPPED);
}

static void
tutti_room_client_dispose (GObject *object)
{
  TuttiRoomClient *self = TUTTI_ROOM_CLIENT (object);

  tutti_clock_asker_stop (self->asker);
  if (self->opening) {
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    _ ("The connection to the room was closed."));

    tutti_room_client_settle (self, error);
  }
  if (self->channel) {
    g_signal_handlers_disconnect_by_data (self->channel, self);
    tutti_channel_close (self->channel);
    g_clear_object (&self->channel);
  }

  G_OBJECT_CLASS (tutti_room_client_parent_class)->dispose (object);
}

static void
tutti_room_client_finalize (GObject *object)
{
  TuttiRoomClient *self = TUTTI_ROOM_CLIENT (object);

  g_clear_pointer (&self->link, tutti_link_free);
  g_free (self->peer_id);
  g_clear_pointer (&self->asker, tutti_clock_asker_free);
  dex_clear (&self->opening);
  g_strfreev (self->features);
  g_strfreev (self->formats);
  g_free (self->seat);
  g_free (self->outside_host);
  g_free (self->room_name);
  g_free (self->service_name);
  g_free (self->service_version);

  G_OBJECT_CLASS (tutti_room_client_parent_class)->finalize (object);
}

static void
tutti_room_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiRoomClient *self = TUTTI_ROOM_CLIENT (object);

  switch ((TuttiRoomClientProperty) id) {
  case PROP_LINK:
    g_value_set_boxed (value, self->link);
    break;
  case PROP_PEER_ID:
    g_value_set_string (value, self->peer_id);
    break;
  case PROP_FEATURES:
    g_value_set_boxed (value, self->features);
    break;
  case PROP_IS_DEMO:
    g_value_set_boolean (value, self->is_demo);
    break;
  case PROP_ROOM_NAME:
    g_value_set_string (value, self->room_name);
    break;
  case PROP_SERVICE_NAME:
    g_value_set_string (value, self->service_name);
    break;
  case PROP_SERVICE_VERSION:
    g_value_set_string (value, self->service_version);
    break;
  case PROP_MAX_PLAYERS:
    g_value_set_uint (value, self->max_players);
    break;
  case PROP_ROLE:
    g_value_set_enum (value, (int) self->role);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_room_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiRoomClient *self = TUTTI_ROOM_CLIENT (object);

  switch ((TuttiRoomClientProperty) id) {
  case PROP_LINK:
    self->link = g_value_dup_boxed (value);
    break;
  case PROP_PEER_ID:
    self->peer_id = g_value_dup_string (value);
    break;
  case PROP_FEATURES:
  case PROP_IS_DEMO:
  case PROP_ROOM_NAME:
  case PROP_SERVICE_NAME:
  case PROP_SERVICE_VERSION:
  case PROP_MAX_PLAYERS:
  case PROP_ROLE:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
add_signal (TuttiRoomSignal signal, const char *name, guint n_args, GType first, GType second)
{
  tutti_room_client_signals[signal] =
      g_signal_new (name, TUTTI_TYPE_ROOM_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, n_args, first, second);
}

static void
tutti_room_client_class_init (TuttiRoomClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->constructed = tutti_room_client_constructed;
  object_class->dispose = tutti_room_client_dispose;
  object_class->finalize = tutti_room_client_finalize;
  object_class->get_property = tutti_room_client_get_property;
  object_class->set_property = tutti_room_client_set_property;

  properties[PROP_LINK] = g_param_spec_boxed ("link", NULL, NULL, TUTTI_TYPE_LINK, construct);
  properties[PROP_PEER_ID] = g_param_spec_string ("peer-id", NULL, NULL, NULL, construct);
  properties[PROP_FEATURES] = g_param_spec_boxed ("features", NULL, NULL, G_TYPE_STRV, readable);
  properties[PROP_IS_DEMO] = g_param_spec_boolean ("is-demo", NULL, NULL, FALSE, readable);
  properties[PROP_ROOM_NAME] = g_param_spec_string ("room-name", NULL, NULL, "", readable);
  properties[PROP_SERVICE_NAME] = g_param_spec_string ("service-name", NULL, NULL, "", readable);
  properties[PROP_SERVICE_VERSION] =
      g_param_spec_string ("service-version", NULL, NULL, "", readable);
  properties[PROP_MAX_PLAYERS] =
      g_param_spec_uint ("max-players", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_ROLE] =
      g_param_spec_enum ("role", NULL, NULL, TUTTI_TYPE_ROLE, TUTTI_ROLE_MUSICIAN, readable);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  add_signal (TUTTI_ROOM_SIGNAL_PLAN, "plan", 1, TUTTI_TYPE_PLAN, 0);
  add_signal (TUTTI_ROOM_SIGNAL_HEARD, "heard", 1, TUTTI_TYPE_HEARD, 0);
  add_signal (TUTTI_ROOM_SIGNAL_TEMPO, "tempo", 1, TUTTI_TYPE_TEMPO, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CONTROLS, "controls", 1, TUTTI_TYPE_ROOM_CONTROLS, 0);
  add_signal (TUTTI_ROOM_SIGNAL_ROLE_CHANGED, "role-changed", 1, TUTTI_TYPE_ROLE_CHANGE, 0);
  add_signal (TUTTI_ROOM_SIGNAL_MUTED, "muted", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_UNMUTE_ASKED, "unmute-asked", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_PEER_JOINED, "peer-joined", 1, TUTTI_TYPE_PEER_INFO, 0);
  add_signal (TUTTI_ROOM_SIGNAL_PEER_LEFT, "peer-left", 2, G_TYPE_STRING, G_TYPE_STRING);
  add_signal (TUTTI_ROOM_SIGNAL_PEER_RENAMED, "peer-renamed", 2, G_TYPE_STRING, G_TYPE_STRING);
  add_signal (TUTTI_ROOM_SIGNAL_NEW_CONSUMER, "new-consumer", 2, G_TYPE_INT64,
              TUTTI_TYPE_CONSUMER_INFO);
  add_signal (TUTTI_ROOM_SIGNAL_CONSUMER_CLOSED, "consumer-closed", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_TRANSPORT_CLOSED, "transport-closed", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CONSUMER_PAUSED, "consumer-paused", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CONSUMER_RESUMED, "consumer-resumed", 1, G_TYPE_STRING, 0);
  add_signal (TUTTI_ROOM_SIGNAL_RTP_CLOCK, "rtp-clock", 1, TUTTI_TYPE_RTP_CLOCK, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CHAT, "chat", 1, TUTTI_TYPE_CHAT_LINE, 0);
  add_signal (TUTTI_ROOM_SIGNAL_DRAINING, "draining", 1, G_TYPE_UINT, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CLOCK_CHANGED, "clock-changed", 0, 0, 0);
  add_signal (TUTTI_ROOM_SIGNAL_CLOSED, "closed", 1, G_TYPE_ERROR, 0);
}

static void
tutti_room_client_init (TuttiRoomClient *self)
{
  self->features = g_new0 (char *, 1);
  self->formats = g_strdupv ((char **) (const char *const[]) { "opus", NULL });
  self->room_name = g_strdup ("");
  self->service_name = g_strdup ("");
  self->service_version = g_strdup ("");
}

/**
 * tutti_room_client_generate_peer_id:
 *
 * Returns: (transfer full): a fresh peer id. Keep it over reconnects: the room then knows that it
 * is the same person who comes back.
 */
char *
tutti_room_client_generate_peer_id (void)
{
  return g_uuid_string_random ();
}

TuttiRoomClient *
tutti_room_client_new (const TuttiLink *link, const char *peer_id)
{
  g_return_val_if_fail (link != NULL && peer_id != NULL, NULL);

  return g_object_new (TUTTI_TYPE_ROOM_CLIENT, "link", link, "peer-id", peer_id, NULL);
}
