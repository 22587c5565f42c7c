/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-ortc.h"
#include "tutti-video-private.h"

/* Pictures of one stay: a transport each way, apart from those of sound, so that nothing of a
 * picture ever stands in front of a sound. What breaks here ends nothing else: it is made anew. */

#define RETRY_MS 2000
/* Of others at once: more than a room of musicians shows. */
#define MAX_PICTURES 128
#define VP8          "video/VP8"

typedef struct {
  TuttiStayVideo *owner;
  char *id;
  char *peer_id;
  TuttiVideo *video;            /* owned */
  TuttiVideoReceiver *receiver; /* owned */
  gulong shown_id;
  gint64 request_id;
  gboolean accepted;
} Watching;

typedef struct {
  TuttiVideo *video; /* owned */
  TuttiSendSlot *slot;
  char *producer_id;
} Showing;

typedef struct {
  TuttiStayVideo *owner;
  TuttiDirection direction;
  TuttiTransport *transport; /* owned; NULL: none */
  gulong state_id;
  guint retry_id;
  gboolean opening;
} Way;

struct _TuttiStayVideo {
  TuttiStay *stay;          /* borrowed */
  JsonObject *capabilities; /* owned, the video router's; NULL: the room has no pictures */
  Way ways[2];              /* by TuttiDirection */
  GPtrArray *waiting;       /* owned, of TuttiWaiting: came before their transport was made */
  GPtrArray *watching;      /* owned, of Watching */
  GPtrArray *showing;       /* owned, of Showing */
  gboolean following;       /* a fiber is at it */
  gboolean follow_again;
};

/* -- what comes -- */

static void
shown_cb (TuttiVideo *video, GParamSpec *pspec, Watching *watching)
{
  TuttiRoomClient *client = watching->owner->stay->client;

  if (!tutti_video_get_shown (video)) {
    tutti_room_client_pause_consumer (client, watching->id);
    return;
  }
  tutti_picture_expect (tutti_video_get_picture (video), FALSE);
  tutti_room_client_resume_consumer (client, watching->id);
}

static void
watching_free (gpointer data)
{
  Watching *watching = data;
  Way *way = &watching->owner->ways[TUTTI_DIRECTION_RECEIVE];

  /* After this no packet is on its way into the receiver. */
  if (way->transport)
    tutti_transport_stop_consuming (way->transport, watching->id);
  g_clear_signal_handler (&watching->shown_id, watching->video);
  if (tutti_video_get_receiver (watching->video) == watching->receiver)
    tutti_video_attach (watching->video, NULL);
  tutti_video_receiver_close (watching->receiver);
  tutti_video_receiver_unref (watching->receiver);
  g_object_unref (watching->video);
  g_free (watching->id);
  g_free (watching->peer_id);
  g_free (watching);
}

static Watching *
find_watching (TuttiStayVideo *self, const char *consumer_id)
{
  for (guint i = 0; self && i < self->watching->len; i++) {
    Watching *watching = g_ptr_array_index (self->watching, i);

    if (g_str_equal (watching->id, consumer_id))
      return watching;
  }

  return NULL;
}

static gboolean
forget_waiting (TuttiStayVideo *self, const char *consumer_id)
{
  for (guint i = 0; i < self->waiting->len; i++) {
    TuttiWaiting *item = g_ptr_array_index (self->waiting, i);

    if (g_str_equal (item->info->consumer_id, consumer_id)) {
      g_ptr_array_remove_index (self->waiting, i);
      return TRUE;
    }
  }

  return FALSE;
}

gboolean
tutti_stay_video_drop (TuttiStay *stay, const char *consumer_id)
{
  Watching *watching = find_watching (stay->video, consumer_id);
  g_autoptr (TuttiVideo) video = NULL;

  if (!watching)
    return forget_waiting (stay->video, consumer_id);

  video = g_object_ref (watching->video);
  g_ptr_array_remove (stay->video->watching, watching);
  /* Unless another one shows the same already. */
  if (!tutti_video_get_receiver (video))
    tutti_videos_remove (stay->config.videos, video);

  return TRUE;
}

gboolean
tutti_stay_video_set_paused (TuttiStay *stay, const char *consumer_id, gboolean paused)
{
  Watching *watching = find_watching (stay->video, consumer_id);

  if (watching)
    tutti_video_set_sender_paused (watching->video, paused);

  return watching != NULL;
}

void
tutti_stay_video_drop_peer (TuttiStay *stay, const char *peer_id)
{
  guint i = stay->video->watching->len;

  while (i-- > 0)
    if (g_str_equal (((Watching *) g_ptr_array_index (stay->video->watching, i))->peer_id, peer_id))
      g_ptr_array_remove_index (stay->video->watching, i);
  tutti_videos_remove_peer (stay->config.videos, peer_id);
}

typedef struct {
  TuttiStay *stay; /* owned */
  char *consumer_id;
  gint64 request_id;
} ConsumeCall;

static void
consumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ConsumeCall *call = user_data;
  TuttiStay *stay = call->stay;
  g_autoptr (GError) error = NULL;
  gboolean ok = tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &error);
  Watching *watching = stay->closed ? NULL : find_watching (stay->video, call->consumer_id);

  if (ok && watching) {
    watching->accepted = TRUE;
    if (!tutti_video_get_shown (watching->video))
      tutti_room_client_pause_consumer (stay->client, watching->id);
    tutti_picture_expect (tutti_video_get_picture (watching->video), FALSE);
    tutti_room_client_accept (stay->client, call->request_id);
  } else if (!stay->closed) {
    if (watching)
      g_message ("A picture was not taken: %s", error->message);
    tutti_room_client_reject (stay->client, call->request_id, ok ? 404 : 500,
                              ok ? "gone" : error->message);
    tutti_stay_video_drop (stay, call->consumer_id);
  }

  tutti_stay_unref (stay);
  g_free (call->consumer_id);
  g_free (call);
}

static void
receiver_unref (gpointer data)
{
  tutti_video_receiver_unref (data);
}

static Watching *
watch (TuttiStayVideo *self, const TuttiConsumerInfo *info, GError **error)
{
  TuttiTransport *transport = self->ways[TUTTI_DIRECTION_RECEIVE].transport;
  TuttiParticipant *participant = tutti_roster_find (self->stay->roster, info->peer_id);
  TuttiVideoStream stream;
  TuttiVideoReceiver *receiver;
  TuttiVideo *video;
  Watching *watching;

  if (!participant) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nobody");
    return NULL;
  }
  if (!tutti_ortc_check_rtp_parameters (info->rtp_parameters, error))
    return NULL;
  if (!tutti_video_stream_read (&stream, info->rtp_parameters)) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC, "VP8 only");
    return NULL;
  }

  video = tutti_videos_ensure (self->stay->config.videos, participant,
                               tutti_video_kind_from_string (info->stream.source));
  receiver = tutti_video_receiver_new (&stream, tutti_video_get_picture (video),
                                       tutti_transport_dup_asker (transport), error);
  if (!receiver) {
    if (!tutti_video_get_receiver (video))
      tutti_videos_remove (self->stay->config.videos, video);
    return NULL;
  }

  watching = g_new0 (Watching, 1);
  watching->owner = self;
  watching->id = g_strdup (info->consumer_id);
  watching->peer_id = g_strdup (info->peer_id);
  watching->video = g_object_ref (video);
  watching->receiver = receiver;
  watching->shown_id = g_signal_connect (video, "notify::shown", G_CALLBACK (shown_cb), watching);
  g_ptr_array_add (self->watching, watching);
  tutti_video_attach (video, receiver);
  tutti_video_set_sender_paused (video, info->paused);

  return watching;
}

void
tutti_stay_video_take (TuttiStay *stay, gint64 request_id, const TuttiConsumerInfo *info)
{
  TuttiStayVideo *self = stay->video;
  Way *way = &self->ways[TUTTI_DIRECTION_RECEIVE];
  g_autoptr (GError) error = NULL;
  ConsumeCall *call;
  Watching *watching;

  /* Each has threads and a decoder: a room must not use them up. */
  if (self->watching->len + self->waiting->len >= MAX_PICTURES) {
    tutti_room_client_reject (stay->client, request_id, 503, "too many pictures");
    return;
  }
  if (way->opening && !way->transport) {
    TuttiWaiting *waiting = g_new0 (TuttiWaiting, 1);

    waiting->request_id = request_id;
    waiting->info = tutti_consumer_info_copy (info);
    g_ptr_array_add (self->waiting, waiting);
    return;
  }
  if (!way->transport || (info->transport_id && g_strcmp0 (tutti_transport_get_id (way->transport),
                                                           info->transport_id) != 0)) {
    tutti_room_client_reject (stay->client, request_id, 404, "no such transport");
    return;
  }
  if (find_watching (self, info->consumer_id)) {
    tutti_room_client_reject (stay->client, request_id, 409, "this consumer is there already");
    return;
  }
  watching = watch (self, info, &error);
  if (!watching) {
    g_message ("A picture was not taken: %s", error->message);
    tutti_room_client_reject (stay->client, request_id, 400, error->message);
    return;
  }

  call = g_new0 (ConsumeCall, 1);
  call->stay = tutti_stay_ref (stay);
  call->consumer_id = g_strdup (info->consumer_id);
  call->request_id = request_id;
  tutti_transport_consume_async (way->transport, info->consumer_id, info->rtp_parameters,
                                 tutti_video_receiver_push,
                                 tutti_video_receiver_ref (watching->receiver), receiver_unref,
                                 stay->cancellable, consumed_cb, call);
}

/* -- transports -- */

static void restart (Way *way);

static void
showing_free (gpointer data)
{
  Showing *showing = data;

  /* After this no packet is on its way into the slot. */
  tutti_video_sender_set_slot (tutti_video_get_sender (showing->video), NULL);
  g_object_unref (showing->video);
  g_free (showing->producer_id);
  g_free (showing);
}

static void
close_way (Way *way)
{
  TuttiStayVideo *self = way->owner;

  if (way->direction == TUTTI_DIRECTION_SEND)
    g_ptr_array_set_size (self->showing, 0);
  else
    g_ptr_array_set_size (self->watching, 0);
  if (!way->transport)
    return;

  g_clear_signal_handler (&way->state_id, way->transport);
  tutti_transport_close (way->transport);
  g_clear_object (&way->transport);
}

static gboolean
retry_cb (gpointer data)
{
  Way *way = data;

  way->retry_id = 0;
  restart (way);

  return G_SOURCE_REMOVE;
}

static void
way_lost (Way *way)
{
  close_way (way);
  if (way->retry_id == 0)
    way->retry_id = g_timeout_add (RETRY_MS, retry_cb, way);
}

static void
state_cb (TuttiTransport *transport, GParamSpec *pspec, Way *way)
{
  TuttiStay *stay = way->owner->stay;
  const GError *error = tutti_transport_get_error (transport);

  if (stay->closed || stay->leaving ||
      tutti_transport_get_state (transport) != TUTTI_TRANSPORT_FAILED)
    return;
  if (g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_FINGERPRINT)) {
    tutti_stay_end (stay, error);
    return;
  }

  g_message ("The connection for pictures broke: %s", error ? error->message : "?");
  dex_future_disown (
      tutti_room_client_close_transport (stay->client, tutti_transport_get_id (transport)));
  way_lost (way);
}

void
tutti_stay_video_lost (TuttiStay *stay, const char *transport_id)
{
  for (guint d = 0; d < 2; d++) {
    Way *way = &stay->video->ways[d];

    if (way->transport && g_str_equal (tutti_transport_get_id (way->transport), transport_id))
      way_lost (way);
  }
}

static DexFuture *
connect_done_cb (DexFuture *future, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  dex_future_get_value (future, &error);
  tutti_transport_connected (user_data, error);

  return dex_future_new_true ();
}

static void
connect_cb (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  Way *way = user_data;
  DexFuture *future = tutti_room_client_connect_web_rtc_transport (
      way->owner->stay->client, tutti_transport_get_id (transport), dtls_parameters);

  dex_future_disown (
      dex_future_finally (future, connect_done_cb, g_object_ref (transport), g_object_unref));
}

/* Fiber. The stay outlives it; its videos may not: hence the stay is asked after each await. */
static gboolean
open_way (TuttiStay *stay, TuttiDirection direction, GError **error)
{
  TuttiTransportRole role = direction == TUTTI_DIRECTION_SEND ? TUTTI_TRANSPORT_ROLE_PRODUCER
                                                              : TUTTI_TRANSPORT_ROLE_CONSUMER;
  g_autoptr (JsonObject) parameters = NULL;
  Way *way;

  parameters = dex_await_boxed (
      tutti_room_client_create_web_rtc_transport (stay->client, role, TUTTI_MEDIA_VIDEO, FALSE),
      error);
  if (!parameters || !tutti_stay_check_alive (stay, error))
    return FALSE;

  way = &stay->video->ways[direction];
  g_assert (!way->transport);
  way->transport = tutti_transport_new_for_pictures (direction, parameters, error);
  if (!way->transport)
    return FALSE;

  tutti_transport_set_connect_func (way->transport, connect_cb, way);
  way->state_id = g_signal_connect (way->transport, "notify::state", G_CALLBACK (state_cb), way);

  return TRUE;
}

static void
take_waiting (TuttiStay *stay)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&stay->video->waiting);

  stay->video->waiting = g_ptr_array_new_with_free_func (tutti_waiting_free);
  for (guint i = 0; i < waiting->len; i++) {
    TuttiWaiting *item = g_ptr_array_index (waiting, i);

    tutti_stay_video_take (stay, item->request_id, item->info);
  }
}

static DexFuture *
receive_fiber (gpointer user_data)
{
  TuttiStay *stay = user_data;
  Way *way = &stay->video->ways[TUTTI_DIRECTION_RECEIVE];
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (stay->closed || way->transport)
    return dex_future_new_true ();
  ok = open_way (stay, TUTTI_DIRECTION_RECEIVE, &error);
  if (!stay->closed) {
    way->opening = FALSE;
    take_waiting (stay);
  }
  if (!ok && !stay->closed) {
    g_message ("Pictures cannot be shown: %s", error->message);
    way_lost (way);
  }

  return dex_future_new_true ();
}

static void
restart (Way *way)
{
  TuttiStay *stay = way->owner->stay;

  if (way->direction == TUTTI_DIRECTION_SEND) {
    tutti_stay_follow_videos (stay);
    return;
  }
  if (way->opening || way->transport || !stay->config.pictures)
    return;
  way->opening = TRUE;
  dex_future_disown (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, receive_fiber,
                                          tutti_stay_ref (stay),
                                          (GDestroyNotify) tutti_stay_unref));
}

/* -- what goes -- */

/* Fiber. */
static JsonObject *
negotiate (TuttiStay *stay, TuttiTransport *transport, TuttiSendSlot **slot, GError **error)
{
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (stay->video->capabilities, VP8, 0, 0, error);
  g_autoptr (JsonArray) extensions = NULL;

  if (!codec)
    return NULL;
  extensions = tutti_ortc_send_extensions (stay->video->capabilities, "video");

  return tutti_stay_negotiate (stay, transport, codec, extensions, slot, error);
}

static gboolean
is_mine (TuttiStay *stay, TuttiVideo *video)
{
  return tutti_videos_get_own (stay->config.videos, tutti_video_get_kind (video)) == video;
}

/* Fiber: from the m-line to the first packet. */
static gboolean
start_showing (TuttiStay *stay, TuttiVideo *video, GError **error)
{
  g_autoptr (TuttiTransport) transport =
      g_object_ref (stay->video->ways[TUTTI_DIRECTION_SEND].transport);
  TuttiStreamInfo info = { .source =
                               (char *) tutti_video_kind_to_string (tutti_video_get_kind (video)) };
  TuttiSendSlot *slot = NULL;
  g_autoptr (JsonObject) rtp_parameters = negotiate (stay, transport, &slot, error);
  g_autofree char *producer_id = NULL;
  Showing *showing;

  if (!rtp_parameters || !tutti_stay_check_alive (stay, error))
    return FALSE;
  producer_id =
      dex_await_string (tutti_room_client_produce (stay->client, tutti_transport_get_id (transport),
                                                   TUTTI_MEDIA_VIDEO, rtp_parameters, &info, NULL),
                        error);
  if (!tutti_stay_check_alive (stay, error))
    return FALSE;
  /* Broken or taken away meanwhile: the next round looks again. */
  if (stay->video->ways[TUTTI_DIRECTION_SEND].transport != transport)
    return TRUE;
  if (!producer_id || !is_mine (stay, video)) {
    if (producer_id)
      tutti_room_client_close_producer (stay->client, producer_id);
    tutti_transport_release_slot (transport, slot);
    return producer_id != NULL;
  }

  showing = g_new0 (Showing, 1);
  showing->video = g_object_ref (video);
  showing->slot = slot;
  showing->producer_id = g_steal_pointer (&producer_id);
  g_ptr_array_add (stay->video->showing, showing);
  tutti_video_sender_set_slot (tutti_video_get_sender (video), slot);

  return TRUE;
}

static void
stop_old (TuttiStay *stay)
{
  TuttiStayVideo *self = stay->video;
  Way *way = &self->ways[TUTTI_DIRECTION_SEND];
  guint i = self->showing->len;

  while (i-- > 0) {
    Showing *showing = g_ptr_array_index (self->showing, i);
    TuttiSendSlot *slot = showing->slot;

    if (is_mine (stay, showing->video))
      continue;
    tutti_room_client_close_producer (stay->client, showing->producer_id);
    g_ptr_array_remove_index (self->showing, i);
    tutti_transport_release_slot (way->transport, slot);
  }
}

static gboolean
is_showing (TuttiStayVideo *self, TuttiVideo *video)
{
  for (guint i = 0; i < self->showing->len; i++)
    if (((Showing *) g_ptr_array_index (self->showing, i))->video == video)
      return TRUE;

  return FALSE;
}

/* Fiber. */
static gboolean
follow (TuttiStay *stay, GError **error)
{
  gboolean any = FALSE;

  stop_old (stay);
  for (TuttiVideoKind kind = 0; kind <= TUTTI_VIDEO_SCREEN; kind++) {
    g_autoptr (TuttiVideo) video = tutti_videos_get_own (stay->config.videos, kind);

    if (!video)
      continue;
    g_object_ref (video);
    any = TRUE;
    if (is_showing (stay->video, video))
      continue;
    if (!stay->video->ways[TUTTI_DIRECTION_SEND].transport &&
        !open_way (stay, TUTTI_DIRECTION_SEND, error))
      return FALSE;
    if (!start_showing (stay, video, error))
      return FALSE;
  }
  if (!any && stay->video->ways[TUTTI_DIRECTION_SEND].transport) {
    Way *way = &stay->video->ways[TUTTI_DIRECTION_SEND];

    dex_future_disown (
        tutti_room_client_close_transport (stay->client, tutti_transport_get_id (way->transport)));
    close_way (way);
  }

  return TRUE;
}

static DexFuture *
follow_fiber (gpointer user_data)
{
  TuttiStay *stay = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  while (ok && !stay->closed && stay->video->follow_again) {
    stay->video->follow_again = FALSE;
    ok = follow (stay, &error);
  }
  if (stay->closed)
    return dex_future_new_true ();

  stay->video->following = FALSE;
  if (!ok && !stay->is_ended) {
    Way *way = &stay->video->ways[TUTTI_DIRECTION_SEND];

    g_message ("My picture is not sent: %s", error->message);
    /* The room keeps what it made for us until it is told, and there are not many. */
    if (way->transport)
      dex_future_disown (tutti_room_client_close_transport (
          stay->client, tutti_transport_get_id (way->transport)));
    way_lost (way);
  }

  return dex_future_new_true ();
}

void
tutti_stay_follow_videos (TuttiStay *stay)
{
  TuttiStayVideo *self = stay->video;

  if (stay->closed || !stay->entered || !self->capabilities ||
      tutti_stay_get_role (stay) == TUTTI_ROLE_LISTENER)
    return;
  self->follow_again = TRUE;
  if (self->following)
    return;

  self->following = TRUE;
  dex_future_disown (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, follow_fiber,
                                          tutti_stay_ref (stay),
                                          (GDestroyNotify) tutti_stay_unref));
}

/* -- life -- */

TuttiStayVideo *
tutti_stay_video_new (TuttiStay *stay)
{
  TuttiStayVideo *self = g_new0 (TuttiStayVideo, 1);

  self->stay = stay;
  for (guint d = 0; d < 2; d++)
    self->ways[d] = (Way) { .owner = self, .direction = d };
  self->waiting = g_ptr_array_new_with_free_func (tutti_waiting_free);
  self->watching = g_ptr_array_new_with_free_func (watching_free);
  self->showing = g_ptr_array_new_with_free_func (showing_free);

  return self;
}

void
tutti_stay_video_free (TuttiStayVideo *self)
{
  for (guint d = 0; d < 2; d++) {
    g_clear_handle_id (&self->ways[d].retry_id, g_source_remove);
    close_way (&self->ways[d]);
  }
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->watching);
  g_ptr_array_unref (self->showing);
  g_clear_pointer (&self->capabilities, json_object_unref);
  g_free (self);
}

static void
append_all (JsonObject *to, JsonObject *from, const char *name)
{
  JsonArray *target = json_object_get_array_member (to, name);
  JsonArray *list = json_object_get_array_member (from, name);

  for (guint i = 0; i < json_array_get_length (list); i++)
    json_array_add_object_element (target,
                                   json_object_ref (json_array_get_object_element (list, i)));
}

gboolean
tutti_stay_video_prepare (TuttiStay *stay, JsonObject *capabilities, GError **error)
{
  g_autoptr (JsonObject) router = NULL, ours = NULL;

  if (!tutti_room_client_has_feature (stay->client, "video"))
    return TRUE;
  router = dex_await_boxed (
      tutti_room_client_get_router_rtp_capabilities (stay->client, TUTTI_MEDIA_VIDEO), error);
  if (!router || !tutti_stay_check_alive (stay, error) ||
      !tutti_ortc_check_capabilities (router, error))
    return FALSE;

  ours = tutti_ortc_receive_capabilities (router, TRUE);
  append_all (capabilities, ours, "codecs");
  append_all (capabilities, ours, "headerExtensions");
  stay->video->capabilities = g_steal_pointer (&router);

  return TRUE;
}

void
tutti_stay_video_start (TuttiStay *stay)
{
  if (stay->video->capabilities)
    restart (&stay->video->ways[TUTTI_DIRECTION_RECEIVE]);
}

/* Sound first: what I show shrinks when my sound does not get through. */
void
tutti_stay_video_tick (TuttiStay *stay)
{
  TuttiTransport *sound = tutti_stay_current_lane (stay, TUTTI_DIRECTION_SEND)->transport;
  TuttiTransportStats stats = { .loss_percent = -1, .rtt_ms = -1 };

  if (stay->video->showing->len == 0)
    return;
  if (sound && tutti_transport_get_state (sound) == TUTTI_TRANSPORT_CONNECTED)
    tutti_transport_get_stats (sound, &stats);
  for (guint i = 0; i < stay->video->showing->len; i++) {
    Showing *showing = g_ptr_array_index (stay->video->showing, i);

    tutti_video_sender_tell_sound (tutti_video_get_sender (showing->video), stats.loss_percent,
                                   stats.rtt_ms);
  }
}
