/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-types.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-json.h"

G_DEFINE_ENUM_TYPE (TuttiRole,
                    tutti_role,
                    G_DEFINE_ENUM_VALUE (TUTTI_ROLE_MUSICIAN, "musician"),
                    G_DEFINE_ENUM_VALUE (TUTTI_ROLE_HOST, "host"),
                    G_DEFINE_ENUM_VALUE (TUTTI_ROLE_LISTENER, "listener"))
G_DEFINE_BOXED_TYPE (TuttiPeerInfo, tutti_peer_info, tutti_peer_info_copy, tutti_peer_info_free)
G_DEFINE_BOXED_TYPE (TuttiConsumerInfo,
                     tutti_consumer_info,
                     tutti_consumer_info_copy,
                     tutti_consumer_info_free)
G_DEFINE_BOXED_TYPE (TuttiRtpClock, tutti_rtp_clock, tutti_rtp_clock_copy, tutti_rtp_clock_free)

/* What a browser sends when nobody tells it otherwise. */
#define DEMO_FRAME_SAMPLES 960
#define DEMO_CHANNELS      2
#define DEMO_BITRATE       96000

#define MAX_FRAME_SAMPLES 5760
#define MAX_BITRATE       4000000
#define MAX_WORD          32

/* -- peers -- */

static const char *const role_names[] = { [TUTTI_ROLE_MUSICIAN] = "musician",
                                          [TUTTI_ROLE_HOST] = "host",
                                          [TUTTI_ROLE_LISTENER] = "listener" };

const char *
tutti_role_to_string (TuttiRole role)
{
  return role_names[role];
}

gboolean
tutti_role_from_string (const char *text, TuttiRole *role)
{
  for (guint i = 0; text && i < G_N_ELEMENTS (role_names); i++) {
    if (g_str_equal (text, role_names[i])) {
      *role = (TuttiRole) i;
      return TRUE;
    }
  }

  return FALSE;
}

TuttiPeerInfo *
tutti_peer_info_copy (const TuttiPeerInfo *self)
{
  TuttiPeerInfo *copy = g_new0 (TuttiPeerInfo, 1);

  *copy = *self;
  copy->peer_id = g_strdup (self->peer_id);
  copy->display_name = g_strdup (self->display_name);
  copy->instrument = g_strdup (self->instrument);
  return copy;
}

void
tutti_peer_info_free (TuttiPeerInfo *self)
{
  if (!self)
    return;

  g_free (self->peer_id);
  g_free (self->display_name);
  g_free (self->instrument);
  g_free (self);
}

TuttiPeerInfo *
tutti_peer_info_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiPeerInfo) self = g_new0 (TuttiPeerInfo, 1);

  if (!tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error))
    return NULL;

  self->display_name = tutti_json_dup_text (object, "displayName", TUTTI_ROOM_MAX_NAME);
  if (*self->display_name == '\0')
    g_set_str (&self->display_name, _ ("Musician"));
  self->instrument = tutti_json_dup_text (object, "instrument", TUTTI_ROOM_MAX_NAME);
  tutti_role_from_string (tutti_json_peek_string (object, "role"), &self->role);

  return g_steal_pointer (&self);
}

/* -- streams -- */

static void
stream_info_clear (TuttiStreamInfo *self)
{
  g_free (self->source);
  g_free (self->strip_id);
  g_free (self->strip_label);
  g_free (self->wire);
}

static void
stream_info_copy (const TuttiStreamInfo *self, TuttiStreamInfo *copy)
{
  *copy = *self;
  copy->source = g_strdup (self->source);
  copy->strip_id = g_strdup (self->strip_id);
  copy->strip_label = g_strdup (self->strip_label);
  copy->wire = g_strdup (self->wire);
}

/* A short word, or @fallback when it is absent or is not one. */
static char *
dup_word (JsonObject *object, const char *key, const char *fallback)
{
  const char *word = object ? tutti_json_peek_string (object, key) : NULL;

  if (!word || *word == '\0' || strlen (word) > MAX_WORD)
    return g_strdup (fallback);

  for (const char *c = word; *c; c++) {
    if (!g_ascii_isalnum (*c) && !strchr ("-_.", *c))
      return g_strdup (fallback);
  }

  return g_strdup (word);
}

/* Foreign appData is only ever a description: what is wrong in it is replaced, never refused. */
static void
stream_info_read (TuttiStreamInfo *self, JsonObject *app_data, TuttiMedia media)
{
  JsonObject *strip = app_data ? tutti_json_peek_object (app_data, "strip") : NULL;
  JsonObject *format = app_data ? tutti_json_peek_object (app_data, "format") : NULL;

  self->source = dup_word (app_data, "source", media == TUTTI_MEDIA_AUDIO ? "audio" : "video");
  self->strip_id = dup_word (strip, "id", "main");
  self->strip_label =
      strip ? tutti_json_dup_text (strip, "label", TUTTI_ROOM_MAX_LABEL) : g_strdup ("");
  self->wire = dup_word (format, "wire", "opus");
  self->version = format ? tutti_json_peek_uint (format, "version", 0, G_MAXINT, 0) : 0;
  self->frame_samples = DEMO_FRAME_SAMPLES;
  self->channels = DEMO_CHANNELS;
  self->bitrate = DEMO_BITRATE;

  if (format) {
    self->frame_samples =
        tutti_json_peek_uint (format, "frameSamples", 1, MAX_FRAME_SAMPLES, DEMO_FRAME_SAMPLES);
    self->channels = tutti_json_peek_uint (format, "channels", 1, 2, DEMO_CHANNELS);
    self->bitrate = tutti_json_peek_uint (format, "bitrate", 1, MAX_BITRATE, DEMO_BITRATE);
  }
}

/**
 * tutti_stream_info_to_json:
 *
 * Returns: (transfer full): `appData` for `produce`
 */
JsonObject *
tutti_stream_info_to_json (const TuttiStreamInfo *self)
{
  g_autofree char *label = tutti_text_clean (self->strip_label, TUTTI_ROOM_MAX_LABEL);
  JsonObject *app_data = json_object_new ();
  JsonObject *strip, *format;

  json_object_set_string_member (app_data, "source", self->source ? self->source : "audio");
  if (g_strcmp0 (self->source, "camera") == 0 || g_strcmp0 (self->source, "screen") == 0)
    return app_data;

  strip = json_object_new ();
  format = json_object_new ();
  json_object_set_string_member (strip, "id", self->strip_id ? self->strip_id : "main");
  json_object_set_string_member (strip, "label", label);

  json_object_set_string_member (format, "wire", self->wire ? self->wire : "opus");
  if (g_strcmp0 (self->wire, "framed") == 0) {
    json_object_set_int_member (format, "version", self->version);
  } else {
    json_object_set_int_member (format, "frameSamples", self->frame_samples);
    json_object_set_int_member (format, "bitrate", self->bitrate);
  }
  json_object_set_int_member (format, "channels", self->channels);

  json_object_set_object_member (app_data, "strip", strip);
  json_object_set_object_member (app_data, "format", format);
  return app_data;
}

/* -- consumers -- */

TuttiConsumerInfo *
tutti_consumer_info_copy (const TuttiConsumerInfo *self)
{
  TuttiConsumerInfo *copy = g_new0 (TuttiConsumerInfo, 1);

  *copy = *self;
  copy->consumer_id = g_strdup (self->consumer_id);
  copy->producer_id = g_strdup (self->producer_id);
  copy->peer_id = g_strdup (self->peer_id);
  copy->transport_id = g_strdup (self->transport_id);
  copy->rtp_parameters = json_object_ref (self->rtp_parameters);
  stream_info_copy (&self->stream, &copy->stream);
  copy->replaces_consumer_id = g_strdup (self->replaces_consumer_id);
  copy->replaces_producer_id = g_strdup (self->replaces_producer_id);
  return copy;
}

void
tutti_consumer_info_free (TuttiConsumerInfo *self)
{
  if (!self)
    return;

  g_free (self->consumer_id);
  g_free (self->producer_id);
  g_free (self->peer_id);
  g_free (self->transport_id);
  g_clear_pointer (&self->rtp_parameters, json_object_unref);
  stream_info_clear (&self->stream);
  g_free (self->replaces_consumer_id);
  g_free (self->replaces_producer_id);
  g_free (self);
}

static gboolean
read_media (JsonObject *object, TuttiMedia *media, GError **error)
{
  const char *kind = tutti_json_peek_string (object, "kind");

  if (g_strcmp0 (kind, "audio") == 0)
    *media = TUTTI_MEDIA_AUDIO;
  else if (g_strcmp0 (kind, "video") == 0)
    *media = TUTTI_MEDIA_VIDEO;
  else {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                 _ ("The room sent a message whose “%s” is missing or wrong."), "kind");
    return FALSE;
  }

  return TRUE;
}

TuttiConsumerInfo *
tutti_consumer_info_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiConsumerInfo) self = g_new0 (TuttiConsumerInfo, 1);
  JsonObject *rtp_parameters;

  if (!tutti_json_read_id (object, "consumerId", TUTTI_JSON_REQUIRED, &self->consumer_id, error) ||
      !tutti_json_read_id (object, "producerId", TUTTI_JSON_REQUIRED, &self->producer_id, error) ||
      !tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error) ||
      !tutti_json_read_id (object, "transportId", TUTTI_JSON_OPTIONAL, &self->transport_id,
                           error) ||
      !tutti_json_read_id (object, "replacesConsumerId", TUTTI_JSON_OPTIONAL,
                           &self->replaces_consumer_id, error) ||
      !tutti_json_read_id (object, "replacesProducerId", TUTTI_JSON_OPTIONAL,
                           &self->replaces_producer_id, error) ||
      !read_media (object, &self->media, error))
    return NULL;

  rtp_parameters = tutti_json_peek_object (object, "rtpParameters");
  if (!rtp_parameters) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                 _ ("The room sent a message whose “%s” is missing or wrong."), "rtpParameters");
    return NULL;
  }

  self->rtp_parameters = json_object_ref (rtp_parameters);
  self->paused = tutti_json_peek_true (object, "producerPaused");
  stream_info_read (&self->stream, tutti_json_peek_object (object, "appData"), self->media);

  return g_steal_pointer (&self);
}

/* -- RTP clocks -- */

TuttiRtpClock *
tutti_rtp_clock_copy (const TuttiRtpClock *self)
{
  TuttiRtpClock *copy = g_new0 (TuttiRtpClock, 1);

  *copy = *self;
  copy->peer_id = g_strdup (self->peer_id);
  copy->producer_id = g_strdup (self->producer_id);
  return copy;
}

void
tutti_rtp_clock_free (TuttiRtpClock *self)
{
  if (!self)
    return;

  g_free (self->peer_id);
  g_free (self->producer_id);
  g_free (self);
}

TuttiRtpClock *
tutti_rtp_clock_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiRtpClock) self = g_new0 (TuttiRtpClock, 1);
  gint64 rtp_timestamp;

  if (!tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error) ||
      !tutti_json_read_id (object, "producerId", TUTTI_JSON_REQUIRED, &self->producer_id, error) ||
      !tutti_json_read_int (object, "rtpTimestamp", 0, G_MAXUINT32, &rtp_timestamp, error) ||
      !tutti_json_read_int (object, "roomTimeUs", 0, TUTTI_JSON_MAX_SAFE_INTEGER,
                            &self->room_time_us, error))
    return NULL;

  self->rtp_timestamp = rtp_timestamp;
  self->error_us = self->sent_us = -1;
  tutti_json_read_int (object, "errorUs", 0, 60 * G_USEC_PER_SEC, &self->error_us, NULL);
  tutti_json_read_int (object, "sentUs", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &self->sent_us, NULL);
  return g_steal_pointer (&self);
}
