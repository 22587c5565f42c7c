/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc.h"
#include "tutti-sound-private.h"
#include "tutti-strip-private.h"

/* What is played for one strip of one musician. Where a stream of another kind takes over (framed ↔
 * standard), the strip shows the new one at once; the old one is heard until the room closes it,
 * which it does when the new one was accepted, or until the new one's packets come. */

/* Framed packets are labelled with what the decoder puts out, others with what went in. */
static void
attach (TuttiStream *stream)
{
  tutti_strip_attach (stream->strip, stream->remote,
                      stream->format.framed ? 0 : TUTTI_OPUS_LOOKAHEAD_SAMPLES);
}

/* The newest other stream of the same strip. */
static TuttiStream *
find_namesake (TuttiStream *stream)
{
  guint i = stream->stay->streams->len;

  while (i-- > 0) {
    TuttiStream *other = g_ptr_array_index (stream->stay->streams, i);

    if (other != stream && other->strip == stream->strip)
      return other;
  }

  return NULL;
}

static void
drop_stream (TuttiStream *stream)
{
  TuttiStay *self = stream->stay;

  g_ptr_array_remove (self->streams, stream);
  g_ptr_array_unref (stream->consumers);
  if (tutti_strip_get_remote (stream->strip) == stream->remote) {
    TuttiStream *other = find_namesake (stream);

    if (other)
      attach (other);
    else
      tutti_strip_detach (stream->strip);
  }
  if (stream->stem)
    tutti_sound_remove_stem (self->sound, stream->stem);
  tutti_audio_engine_remove_remote (tutti_sound_get_engine (self->sound), stream->remote);
  g_object_unref (stream->strip);
  g_free (stream->peer_id);
  g_free (stream);
}

/* Nobody is to be offered what they did not list. */
static gboolean
is_known (TuttiStay *self, const TuttiStreamInfo *stream)
{
  if (g_str_equal (stream->wire, "framed"))
    return self->framed && stream->version == TUTTI_FRAMED_VERSION;

  return g_str_equal (stream->wire, "opus");
}

static gboolean
fill_format (TuttiStay *self,
             const TuttiConsumerInfo *info,
             TuttiAudioFormat *format,
             guint8 *payload_type,
             GError **error)
{
  JsonArray *codecs;
  JsonObject *codec;

  if (!tutti_ortc_check_rtp_parameters (info->rtp_parameters, error))
    return FALSE;

  if (!is_known (self, &info->stream)) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("The audio format “%s” is not known here."), info->stream.wire);
    return FALSE;
  }

  codecs = json_object_get_array_member (info->rtp_parameters, "codecs");
  codec = json_array_get_length (codecs) > 0 ? json_array_get_object_element (codecs, 0) : NULL;
  if (!codec) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                         _ ("The room offered a stream without a codec."));
    return FALSE;
  }

  *payload_type = (guint8) json_object_get_int_member_with_default (codec, "payloadType", 0);
  *format = (TuttiAudioFormat) { .channels = info->stream.channels };
  if (g_str_equal (info->stream.wire, "framed")) {
    /* Every packet says what it holds; the others' plan is the best guess at the first one. */
    tutti_stay_fill_format (self, TUTTI_OUTPUT_FRAMED, format->channels, format);
  } else {
    format->wire = TUTTI_WIRE_OPUS;
    format->frame_samples = info->stream.frame_samples;
    format->bitrate = info->stream.bitrate;
  }

  return TRUE;
}

static void
add_stem (TuttiStay *self, TuttiStream *stream, const TuttiConsumerInfo *info)
{
  TuttiParticipant *participant = tutti_roster_find (self->roster, stream->peer_id);
  const char *name = tutti_participant_get_display_name (participant);
  const char *label = info->stream.strip_label;
  g_autofree char *both =
      label && *label ? g_strdup_printf ("%s, %s", name, label) : g_strdup (name);

  stream->stem = tutti_sound_add_stem (self->sound, stream->remote, both);
}

/* Who is heard already, or was before the line was lost, is no newcomer: nobody who plays on wants
 * to wait for seconds until the others are there again. */
static TuttiAudioRemote *
add_remote (TuttiStay *self,
            TuttiStrip *strip,
            const TuttiAudioFormat *format,
            guint8 payload_type,
            GError **error)
{
  TuttiAudioEngine *engine = tutti_sound_get_engine (self->sound);
  guint fade_ms = tutti_audio_engine_get_fade_in (engine);
  TuttiAudioRemote *remote;

  if (tutti_strip_is_known (strip))
    tutti_audio_engine_set_fade_in (engine, 0);
  remote = tutti_audio_engine_add_remote (engine, format, payload_type, error);
  tutti_audio_engine_set_fade_in (engine, fade_ms);

  return remote;
}

static TuttiStream *
new_stream (TuttiStay *self,
            const TuttiConsumerInfo *info,
            const TuttiAudioFormat *format,
            guint8 payload_type,
            GError **error)
{
  TuttiStrip *strip = tutti_roster_ensure_strip (self->roster, info->peer_id, info->stream.strip_id,
                                                 info->stream.strip_label);
  TuttiAudioRemote *remote;
  TuttiStream *stream;

  if (!strip) { /* left between the room's offer and now: nothing to wonder about */
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         _ ("The room offered a stream of somebody who is not there."));
    return NULL;
  }

  remote = add_remote (self, strip, format, payload_type, error);
  if (!remote) {
    if (!tutti_strip_get_remote (strip))
      tutti_roster_remove_strip (self->roster, info->peer_id, strip);
    return NULL;
  }

  stream = g_new0 (TuttiStream, 1);
  stream->stay = self;
  stream->peer_id = g_strdup (info->peer_id);
  stream->strip = g_object_ref (strip);
  stream->remote = remote;
  stream->format = *format;
  stream->payload_type = payload_type;
  stream->consumers = g_ptr_array_new_with_free_func (tutti_stay_free_consumer);
  attach (stream);
  add_stem (self, stream, info);
  g_ptr_array_add (self->streams, stream);

  return stream;
}

TuttiConsumer *
tutti_stay_find_consumer (TuttiStay *self, const char *consumer_id, const char *producer_id)
{
  for (guint i = 0; i < self->streams->len; i++) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    for (guint j = 0; j < stream->consumers->len; j++) {
      TuttiConsumer *consumer = g_ptr_array_index (stream->consumers, j);

      if ((consumer_id && g_str_equal (consumer->id, consumer_id)) ||
          (producer_id && g_str_equal (consumer->producer_id, producer_id)))
        return consumer;
    }
  }

  return NULL;
}

/* Removes one consumer; with the last one the stream and its strip go. */
void
tutti_stay_drop_consumer (TuttiStay *self, TuttiConsumer *consumer)
{
  TuttiStream *stream = consumer->stream;

  g_ptr_array_remove (stream->consumers, consumer);
  if (stream->consumers->len == 0) {
    g_autoptr (TuttiStrip) strip = g_object_ref (stream->strip);
    g_autofree char *peer_id = g_strdup (stream->peer_id);

    drop_stream (stream);
    if (!tutti_strip_get_remote (strip))
      tutti_roster_remove_strip (self->roster, peer_id, strip);
  }
}

/**
 * tutti_stay_drop_streams:
 * @peer_id: (nullable): whose; %NULL for everybody's
 *
 * The strips stay in the roster.
 */
void
tutti_stay_drop_streams (TuttiStay *self, const char *peer_id)
{
  guint i = self->streams->len;

  while (i-- > 0) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    if (!peer_id || g_str_equal (stream->peer_id, peer_id))
      drop_stream (stream);
  }
  tutti_stay_consider_rebuild (self);
}

static TuttiStream *
find_predecessor (TuttiStay *self, const TuttiConsumerInfo *info)
{
  TuttiConsumer *consumer = NULL;

  if (info->replaces_consumer_id)
    consumer = tutti_stay_find_consumer (self, info->replaces_consumer_id, NULL);
  if (!consumer && info->replaces_producer_id)
    consumer = tutti_stay_find_consumer (self, NULL, info->replaces_producer_id);

  /* A consumer only ever takes over from one of the same musician. */
  return consumer && g_str_equal (consumer->stream->peer_id, info->peer_id) ? consumer->stream
                                                                            : NULL;
}

static gboolean
is_same (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  return a->framed == b->framed && a->channels == b->channels &&
         (a->framed || a->frame_samples == b->frame_samples);
}

TuttiStream *
tutti_stay_find_or_make_stream (TuttiStay *self, const TuttiConsumerInfo *info, GError **error)
{
  TuttiStream *stream = find_predecessor (self, info);
  TuttiAudioFormat format;
  guint8 payload_type;

  if (!fill_format (self, info, &format, &payload_type, error))
    return NULL;

  if (stream && stream->payload_type == payload_type && is_same (&stream->format, &format)) {
    tutti_strip_set_label (stream->strip, info->stream.strip_label);
    return stream;
  }

  return new_stream (self, info, &format, payload_type, error);
}

/* The stream that @strip shows. */
static TuttiStream *
find_shown (TuttiStay *self, TuttiStrip *strip)
{
  for (guint i = 0; i < self->streams->len; i++) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->strip == strip && tutti_strip_get_remote (strip) == stream->remote)
      return stream;
  }

  return NULL;
}

static gboolean
has_packets (TuttiStream *stream)
{
  for (guint i = 0; i < stream->consumers->len; i++) {
    TuttiConsumer *consumer = g_ptr_array_index (stream->consumers, i);

    if (g_atomic_int_get ((int *) &consumer->tap->n_packets) > 0)
      return TRUE;
  }

  return FALSE;
}

/**
 * tutti_stay_settle_streams:
 *
 * Ends each stream that is not the one its strip shows, once that one comes. Mostly the room has
 * done so already; not where a strip was produced anew without a word (somebody closed and opened
 * the microphone).
 */
void
tutti_stay_settle_streams (TuttiStay *self)
{
  guint i = self->streams->len;

  while (i-- > 0) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);
    TuttiStream *shown = find_shown (self, stream->strip);

    if (shown && shown != stream && has_packets (shown))
      drop_stream (stream);
  }
}
