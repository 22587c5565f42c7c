/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-jam.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-lan.h"
#include "tutti-local-room.h"
#include "tutti-own-strips.h"
#include "tutti-settings.h"
#include "tutti-thread.h"

#define INVITE_SECONDS (7 * 24 * 3600)

/**
 * TuttiJam: what the window is about: the sound of this computer, the session, and the room service
 * if we run it ourselves, joined into one state. Settings are bound to all three.
 *
 * Properties: `state`, `error` (GError, of the session or of the room service), `link` (TuttiLink:
 * by which I come in, never to be shown: it may make a host), `shared-link` (TuttiLink: what may be
 * handed to others, NULL as long as there is none), `outside` (TuttiOutside: whether people on the
 * internet reach a room of ours, NULL where that was not wanted).
 * The sound runs while somebody listens (sound check) or while a room is joined, and never else: a
 * microphone that is open without need worries people, rightly. Main thread.
 */
struct _TuttiJam {
  GObject parent_instance;

  GSettings *settings;
  TuttiSound *sound;
  TuttiSession *session;
  TuttiOwnStrips *own_strips;
  TuttiLocalRoom *local_room;
  TuttiJamState state;
  GError *error;
  GError *service_error; /* why the room service died, until it is back */
  TuttiLink *link;
  TuttiLink *shared_link;
  char *shared_invite; /* its id, where it is one of ours */
  gboolean inviting;
  char *local_name;
  guint attempt;
  guint listeners;
  gboolean hosting;
  gboolean wants_room;
  gboolean internet; /* a room of our own is for people on the internet */
};

enum { PROP_STATE = 1, PROP_ERROR, PROP_LINK, PROP_SHARED_LINK, PROP_OUTSIDE, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_ENUM_TYPE (TuttiJamState,
                    tutti_jam_state,
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_JOINING, "joining"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_JOINED, "joined"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_RECONNECTING, "reconnecting"),
                    G_DEFINE_ENUM_VALUE (TUTTI_JAM_FAILED, "failed"))

G_DEFINE_FINAL_TYPE (TuttiJam, tutti_jam, G_TYPE_OBJECT)

typedef struct {
  TuttiJam *jam;
  guint attempt;
} Attempt;

/* Something that belongs to the attempt of the moment. */
static Attempt *
attempt_join (TuttiJam *self)
{
  Attempt *attempt = g_new (Attempt, 1);

  attempt->jam = g_object_ref (self);
  attempt->attempt = self->attempt;
  return attempt;
}

static Attempt *
attempt_new (TuttiJam *self)
{
  self->attempt++;
  return attempt_join (self);
}

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  g_object_unref (attempt->jam);
  g_free (attempt);
}

static void
update_sound (TuttiJam *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->wants_room && self->listeners == 0)
    tutti_sound_stop (self->sound);
  else if (!tutti_sound_start (self->sound, &error))
    /* Not lost: TuttiSound keeps it as its own `error`, which the pages show, and tries again. */
    g_message ("Sound: %s", error->message);
}

static void
set_state (TuttiJam *self, TuttiJamState state, const GError *error)
{
  g_autoptr (GError) copy = error ? g_error_copy (error) : NULL;

  g_clear_error (&self->error);
  self->error = g_steal_pointer (&copy);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static void
set_shared_link (TuttiJam *self, const TuttiLink *link)
{
  if (!link && !self->shared_link)
    return;

  g_clear_pointer (&self->shared_link, tutti_link_free);
  self->shared_link = link ? tutti_link_copy (link) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHARED_LINK]);
}

static void
set_link (TuttiJam *self, const TuttiLink *link)
{
  g_autoptr (TuttiLink) copy = link ? tutti_link_copy (link) : NULL;

  g_clear_pointer (&self->link, tutti_link_free);
  self->link = g_steal_pointer (&copy);
  set_shared_link (self, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LINK]);
}

/* -- what is handed to others -- */

static void update_shared_link (TuttiJam *self);

static DexFuture *
invite_made (DexFuture *future, gpointer data)
{
  Attempt *attempt = data;
  TuttiJam *self = attempt->jam;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);
  g_autoptr (TuttiLink) link = NULL;
  const TuttiInvite *invite;

  self->inviting = FALSE;
  if (attempt->attempt != self->attempt) {
    update_shared_link (self); /* of the room that we may be in by now */
    return dex_future_new_true ();
  }
  if (!value) {
    g_message ("No invitation: %s", error->message);
    return dex_future_new_true ();
  }

  invite = g_value_get_boxed (value);
  link = tutti_session_make_link (self->session, invite);
  g_set_str (&self->shared_invite, invite->id);
  set_shared_link (self, link);
  return dex_future_new_true ();
}

/* A host hands out invites, and never what makes a host; everybody else the link they came by. */
static void
update_shared_link (TuttiJam *self)
{
  TuttiRole role;

  if (self->state != TUTTI_JAM_JOINED || self->shared_link || self->inviting)
    return;

  g_object_get (self->session, "role", &role, NULL);
  self->inviting = tutti_session_can_invite (self->session);
  if (self->inviting)
    dex_future_disown (
        dex_future_finally (tutti_session_ensure_invite (self->session, INVITE_SECONDS),
                            invite_made, attempt_join (self), attempt_free));
  else if (role != TUTTI_ROLE_HOST)
    set_shared_link (self, self->link);
}

/* The one that we hand out without many words: the next one takes its place. */
static void
invites_changed_cb (TuttiJam *self, const char *revoked)
{
  if (!revoked || (*revoked && g_strcmp0 (revoked, self->shared_invite) != 0))
    return;

  set_shared_link (self, NULL);
  update_shared_link (self);
}

/* Who is made a host hands out invites from now on. */
static void
hosting_changed_cb (TuttiJam *self)
{
  gboolean hosting;

  g_object_get (self->session, "hosting", &hosting, NULL);
  if (!hosting || self->shared_invite || !self->shared_link)
    return;

  set_shared_link (self, NULL);
  update_shared_link (self);
}

static void
session_changed_cb (TuttiJam *self)
{
  static const TuttiJamState states[] = {
    [TUTTI_SESSION_IDLE] = TUTTI_JAM_IDLE,
    [TUTTI_SESSION_CONNECTING] = TUTTI_JAM_CONNECTING,
    [TUTTI_SESSION_JOINING] = TUTTI_JAM_JOINING,
    [TUTTI_SESSION_JOINED] = TUTTI_JAM_JOINED,
    [TUTTI_SESSION_RECONNECTING] = TUTTI_JAM_RECONNECTING,
    [TUTTI_SESSION_FAILED] = TUTTI_JAM_FAILED,
  };
  TuttiSessionState state = tutti_session_get_state (self->session);

  /* While we leave or start the service, the session's own idling is not news. */
  if (!self->wants_room || (state == TUTTI_SESSION_IDLE && self->state == TUTTI_JAM_STARTING))
    return;
  if (state == TUTTI_SESSION_FAILED)
    self->wants_room = FALSE;
  set_state (self, states[state],
             self->service_error && state == TUTTI_SESSION_RECONNECTING
                 ? self->service_error
                 : tutti_session_get_error (self->session));
  if (state == TUTTI_SESSION_FAILED)
    update_sound (self);
  update_shared_link (self);
}

static DexFuture *
join_failed (DexFuture *future, gpointer data)
{
  Attempt *attempt = data;
  TuttiJam *self = attempt->jam;
  g_autoptr (GError) error = NULL;

  /* The session tells its state itself; this is for a join that never got so far. */
  dex_future_get_value (future, &error);
  if (attempt->attempt == self->attempt && self->wants_room &&
      tutti_session_get_state (self->session) != TUTTI_SESSION_RECONNECTING) {
    self->wants_room = FALSE;
    set_state (self, TUTTI_JAM_FAILED, error);
    update_sound (self);
  }
  return dex_future_new_true ();
}

static void
join_now (TuttiJam *self, const TuttiLink *link)
{
  set_link (self, link);
  dex_future_disown (dex_future_catch (tutti_session_join (self->session, link), join_failed,
                                       attempt_new (self), attempt_free));
}

static DexFuture *
service_started (DexFuture *future, gpointer data)
{
  Attempt *attempt = data;
  TuttiJam *self = attempt->jam;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (attempt->attempt != self->attempt || !self->wants_room)
    return dex_future_new_true ();
  if (value) {
    join_now (self, g_value_get_boxed (value));
  } else {
    self->wants_room = FALSE;
    set_state (self, TUTTI_JAM_FAILED, error);
    update_sound (self);
  }
  return dex_future_new_true ();
}

static void
service_died_cb (TuttiJam *self, GError *error)
{
  /* It starts itself again on the same port, and the session comes back by itself; until then its
   * last words say more than the session's “lost”. */
  g_clear_error (&self->service_error);
  self->service_error = g_error_copy (error);
  session_changed_cb (self);
}

static void
service_restarted_cb (TuttiJam *self)
{
  g_clear_error (&self->service_error);
  session_changed_cb (self);
}

static void
stop_local_room (TuttiJam *self)
{
  g_clear_error (&self->service_error);
  if (!self->local_room)
    return;
  g_signal_handlers_disconnect_by_data (self->local_room, self);
  tutti_local_room_stop (self->local_room);
  g_clear_object (&self->local_room);
}

static void
outside_changed_cb (TuttiJam *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OUTSIDE]);
}

/* Loopback, unless the person wants the network or the internet in. */
static gboolean
choose_address (TuttiJam *self, GError **error)
{
  g_autofree char *address = NULL, *helper = NULL;

  if (self->internet) {
    address = g_settings_get_string (self->settings, "internet-address");
    tutti_local_room_set_address (self->local_room, NULL, *address ? address : NULL, 0);
    helper = g_settings_get_string (self->settings, "reach-helper");
    tutti_local_room_set_internet (self->local_room, TRUE, *helper ? helper : NULL);
    return TRUE;
  }

  if (!g_settings_get_boolean (self->settings, "open-to-network"))
    return TRUE;
  address = tutti_lan_get_address (error);
  if (!address)
    return FALSE;
  tutti_local_room_set_address (self->local_room, "0.0.0.0", address, 0);
  return TRUE;
}

/**
 * tutti_jam_start_local:
 * @room: the room's name
 *
 * Starts the room service on this computer and joins it. `state` tells how it goes.
 */
void
tutti_jam_start_local (TuttiJam *self, const char *room)
{
  g_autoptr (GError) error = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  g_set_str (&self->local_name, room);
  stop_local_room (self);
  self->local_room = tutti_local_room_new ();
  g_signal_connect_object (self->local_room, "died", G_CALLBACK (service_died_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->local_room, "restarted", G_CALLBACK (service_restarted_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->local_room, "notify::outside", G_CALLBACK (outside_changed_cb),
                           self, G_CONNECT_SWAPPED);
  self->hosting = TRUE;
  self->wants_room = TRUE;
  set_link (self, NULL);
  set_state (self, TUTTI_JAM_STARTING, NULL);
  if (!choose_address (self, &error)) {
    self->wants_room = FALSE;
    set_state (self, TUTTI_JAM_FAILED, error);
    return;
  }
  update_sound (self);
  dex_future_disown (dex_future_finally (tutti_local_room_start (self->local_room, room),
                                         service_started, attempt_new (self), attempt_free));
}

/**
 * tutti_jam_set_internet:
 *
 * Whether the rooms that tutti_jam_start_local() starts from now on let people in from the
 * internet.
 */
void
tutti_jam_set_internet (TuttiJam *self, gboolean internet)
{
  self->internet = internet;
}

/**
 * tutti_jam_dup_outside:
 *
 * Returns: (transfer full) (nullable): whether people on the internet reach our room; %NULL: it is
 *   none of ours, or is not for them
 */
TuttiOutside *
tutti_jam_dup_outside (TuttiJam *self)
{
  TuttiOutside *outside = NULL;

  if (self->local_room)
    g_object_get (self->local_room, "outside", &outside, NULL);
  return outside;
}

/**
 * tutti_jam_join:
 * @link: of a room that runs somewhere
 */
void
tutti_jam_join (TuttiJam *self, const TuttiLink *link)
{
  g_autoptr (TuttiLink) copy = tutti_link_copy (link);

  TUTTI_ASSERT_MAIN_THREAD ();

  stop_local_room (self);
  self->hosting = FALSE;
  self->wants_room = TRUE;
  set_state (self, TUTTI_JAM_CONNECTING, NULL);
  update_sound (self);
  join_now (self, copy);
}

/**
 * tutti_jam_retry:
 *
 * Tries the last room once more; one of our own is started anew.
 */
void
tutti_jam_retry (TuttiJam *self)
{
  g_autofree char *room = g_strdup (self->local_name);

  if (self->hosting)
    tutti_jam_start_local (self, room);
  else if (self->link)
    tutti_jam_join (self, self->link);
}

static DexFuture *
left (DexFuture *future, gpointer data)
{
  Attempt *attempt = data;
  TuttiJam *self = attempt->jam;

  /* The service goes last, so that the others in it are told that we left, not that it died. */
  if (attempt->attempt == self->attempt)
    stop_local_room (self);
  return dex_future_new_true ();
}

/**
 * tutti_jam_leave:
 *
 * Leaves the room, or gives up joining it. Back in TUTTI_JAM_IDLE at once; closing goes on behind.
 *
 * Returns: (transfer full): resolves when everything is closed
 */
DexFuture *
tutti_jam_leave (TuttiJam *self)
{
  DexFuture *future;

  TUTTI_ASSERT_MAIN_THREAD ();

  self->wants_room = FALSE;
  self->hosting = FALSE;
  future = dex_future_finally (tutti_session_leave (self->session), left, attempt_new (self),
                               attempt_free);
  set_link (self, NULL);
  set_state (self, TUTTI_JAM_IDLE, NULL);
  update_sound (self);
  return future;
}

/**
 * tutti_jam_listen:
 * @listen: whether the caller needs the input to run without a room; counted
 */
void
tutti_jam_listen (TuttiJam *self, gboolean listen)
{
  g_return_if_fail (listen || self->listeners > 0);

  self->listeners += listen ? 1 : -1;
  update_sound (self);
}

TuttiJamState
tutti_jam_get_state (TuttiJam *self)
{
  return self->state;
}

/**
 * tutti_jam_get_error:
 *
 * Returns: (nullable): why the state is what it is
 */
const GError *
tutti_jam_get_error (TuttiJam *self)
{
  return self->error;
}

/**
 * tutti_jam_get_link:
 *
 * Returns: (nullable): of the room that is or was last wanted
 */
const TuttiLink *
tutti_jam_get_link (TuttiJam *self)
{
  return self->link;
}

/**
 * tutti_jam_get_shared_link:
 *
 * Returns: (nullable): what may be handed to others
 */
const TuttiLink *
tutti_jam_get_shared_link (TuttiJam *self)
{
  return self->shared_link;
}

/**
 * tutti_jam_is_hosting:
 *
 * Returns: whether the room's service is ours
 */
gboolean
tutti_jam_is_hosting (TuttiJam *self)
{
  return self->hosting;
}

TuttiSession *
tutti_jam_get_session (TuttiJam *self)
{
  return self->session;
}

TuttiSound *
tutti_jam_get_sound (TuttiJam *self)
{
  return self->sound;
}

GSettings *
tutti_jam_get_settings (TuttiJam *self)
{
  return self->settings;
}

/**
 * tutti_jam_new:
 * @settings: of the schema com.highloka.Tutti
 */
TuttiJam *
tutti_jam_new (GSettings *settings)
{
  TuttiJam *self = g_object_new (TUTTI_TYPE_JAM, NULL);
  g_autofree char *mixes = tutti_session_get_default_mixes ();

  self->settings = g_object_ref (settings);
  tutti_bind_settings (settings, self->sound, self->session);
  self->own_strips = tutti_own_strips_new (settings, self->sound);
  g_object_set (self->session, "mixes", mixes, NULL);
  return self;
}

static void
tutti_jam_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiJam *self = TUTTI_JAM (object);

  switch (property_id) {
  case PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case PROP_LINK:
    g_value_set_boxed (value, self->link);
    break;
  case PROP_SHARED_LINK:
    g_value_set_boxed (value, self->shared_link);
    break;
  case PROP_OUTSIDE:
    g_value_take_boxed (value, tutti_jam_dup_outside (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_jam_dispose (GObject *object)
{
  TuttiJam *self = TUTTI_JAM (object);

  stop_local_room (self);
  if (self->sound)
    tutti_sound_stop (self->sound);
  g_clear_object (&self->own_strips);
  g_clear_object (&self->session);
  g_clear_object (&self->sound);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (tutti_jam_parent_class)->dispose (object);
}

static void
tutti_jam_finalize (GObject *object)
{
  TuttiJam *self = TUTTI_JAM (object);

  g_clear_error (&self->error);
  g_clear_error (&self->service_error);
  g_clear_pointer (&self->link, tutti_link_free);
  g_clear_pointer (&self->shared_link, tutti_link_free);
  g_free (self->shared_invite);
  g_free (self->local_name);

  G_OBJECT_CLASS (tutti_jam_parent_class)->finalize (object);
}

static void
tutti_jam_class_init (TuttiJamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tutti_jam_get_property;
  object_class->dispose = tutti_jam_dispose;
  object_class->finalize = tutti_jam_finalize;

  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, TUTTI_TYPE_JAM_STATE, TUTTI_JAM_IDLE,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_LINK] = g_param_spec_boxed ("link", NULL, NULL, TUTTI_TYPE_LINK,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SHARED_LINK] = g_param_spec_boxed ("shared-link", NULL, NULL, TUTTI_TYPE_LINK,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_OUTSIDE] =
      g_param_spec_boxed ("outside", NULL, NULL, TUTTI_TYPE_OUTSIDE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tutti_jam_init (TuttiJam *self)
{
  self->sound = tutti_sound_new ();
  self->session = tutti_session_new (self->sound);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (session_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::error", G_CALLBACK (session_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::hosting", G_CALLBACK (hosting_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "invites-changed", G_CALLBACK (invites_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
