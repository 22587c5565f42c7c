/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-video.h"

#include <stdlib.h>

#include "cli-json.h"
#include "tutti-clock.h"
#include "tutti-i18n.h"
#include "tutti-test-pattern.h"

#define RECENT 512 /* frames whose delays are kept */

/* What was seen of one picture. */
typedef struct {
  CliVideos *owner;
  TuttiVideo *video; /* owned */
  gulong frame_id;
  gint64 first_ns; /* the first frame that was reported last */
  guint64 seen;
  guint64 patterns;
  guint64 backwards; /* a frame that is no newer than the one before */
  gint64 skipped;    /* numbers that never came */
  TuttiPattern last;
  double delays_ms[RECENT];
  guint n_delays;
} Seen;

struct _CliVideos {
  TuttiSession *session; /* borrowed */
  GListModel *model;     /* borrowed from the session */
  GPtrArray *seen;       /* of Seen */
  gboolean report;
};

static void
emit (Seen *seen, const char *action, double first_ms)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!seen->owner->report)
    return;
  builder = cli_json_begin ("video");
  cli_json_add_string (builder, "action", action);
  cli_json_add_string (builder, "name", tutti_video_get_name (seen->video));
  cli_json_add_string (builder, "kind",
                       tutti_video_kind_to_string (tutti_video_get_kind (seen->video)));
  cli_json_add_boolean (builder, "own", tutti_video_is_own (seen->video));
  if (first_ms >= 0)
    cli_json_add_double (builder, "first_frame_ms", first_ms);
  cli_json_emit (builder);
}

static void
note_pattern (Seen *seen, const TuttiPattern *pattern, gint64 now)
{
  gint64 step = (gint64) pattern->number - seen->last.number;

  if (seen->patterns > 0 && step <= 0)
    seen->backwards++;
  else if (seen->patterns > 0)
    seen->skipped += step - 1;
  seen->patterns++;
  seen->last = *pattern;
  seen->delays_ms[seen->n_delays++ % RECENT] =
      (now - pattern->time_ns) / (double) TUTTI_NSEC_PER_MSEC;
}

static void
frame_cb (TuttiPicture *picture, Seen *seen)
{
  gint64 now = tutti_clock_now_ns ();
  g_autoptr (TuttiFrame) frame = tutti_picture_dup_frame (picture);
  TuttiPictureStats stats;
  TuttiPattern pattern;

  if (!frame)
    return;
  tutti_picture_get_stats (picture, &stats);
  if (stats.first_ns != 0 && stats.first_ns != seen->first_ns) {
    seen->first_ns = stats.first_ns;
    emit (seen, "first-frame",
          stats.expected_ns != 0
              ? (stats.first_ns - stats.expected_ns) / (double) TUTTI_NSEC_PER_MSEC
              : 0);
  }
  seen->seen++;
  if (tutti_pattern_read (frame, now, &pattern))
    note_pattern (seen, &pattern, now);
}

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  g_clear_signal_handler (&seen->frame_id, tutti_video_get_picture (seen->video));
  g_object_unref (seen->video);
  g_free (seen);
}

static gboolean
has (CliVideos *self, TuttiVideo *video)
{
  for (guint i = 0; i < self->seen->len; i++)
    if (((Seen *) g_ptr_array_index (self->seen, i))->video == video)
      return TRUE;

  return FALSE;
}

static gboolean
is_there (CliVideos *self, TuttiVideo *video)
{
  for (guint i = 0; i < g_list_model_get_n_items (self->model); i++) {
    g_autoptr (TuttiVideo) item = g_list_model_get_item (self->model, i);

    if (item == video)
      return TRUE;
  }

  return FALSE;
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, CliVideos *self)
{
  guint i = self->seen->len;

  while (i-- > 0) {
    Seen *seen = g_ptr_array_index (self->seen, i);

    if (is_there (self, seen->video))
      continue;
    emit (seen, "removed", -1);
    g_ptr_array_remove_index (self->seen, i);
  }
  for (i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (TuttiVideo) video = g_list_model_get_item (model, i);
    Seen *seen;

    if (has (self, video))
      continue;
    seen = g_new0 (Seen, 1);
    seen->owner = self;
    seen->video = g_object_ref (video);
    seen->frame_id =
        g_signal_connect (tutti_video_get_picture (video), "frame", G_CALLBACK (frame_cb), seen);
    g_ptr_array_add (self->seen, seen);
    emit (seen, "added", -1);
  }
}

CliVideos *
cli_videos_new (TuttiSession *session, gboolean report)
{
  CliVideos *self = g_new0 (CliVideos, 1);

  self->session = session;
  self->model = tutti_session_get_videos (session);
  self->report = report;
  self->seen = g_ptr_array_new_with_free_func (seen_free);
  g_signal_connect (self->model, "items-changed", G_CALLBACK (changed_cb), self);
  changed_cb (self->model, 0, 0, 0, self);

  return self;
}

void
cli_videos_free (CliVideos *self)
{
  g_signal_handlers_disconnect_by_data (self->model, self);
  g_ptr_array_unref (self->seen);
  g_free (self);
}

/* -- statistics -- */

static int
compare (const void *a, const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return (difference > 0) - (difference < 0);
}

static void
add_delays (JsonBuilder *builder, const Seen *seen)
{
  guint n = MIN (seen->n_delays, RECENT);
  g_autofree double *sorted = g_memdup2 (seen->delays_ms, n * sizeof *sorted);

  if (n == 0)
    return;
  qsort (sorted, n, sizeof *sorted, compare);
  cli_json_add_double (builder, "delay_p50_ms", sorted[n / 2]);
  cli_json_add_double (builder, "delay_p95_ms", sorted[n * 95 / 100]);
}

static void
add_one (JsonBuilder *builder, Seen *seen)
{
  g_autofree char *colour =
      g_strdup_printf ("%02x%02x%02x", seen->last.red, seen->last.green, seen->last.blue);
  TuttiPictureStats picture;
  TuttiVideoStats stats;

  tutti_picture_get_stats (tutti_video_get_picture (seen->video), &picture);
  tutti_video_get_stats (seen->video, &stats);
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "name", tutti_video_get_name (seen->video));
  cli_json_add_string (builder, "kind",
                       tutti_video_kind_to_string (tutti_video_get_kind (seen->video)));
  cli_json_add_boolean (builder, "own", tutti_video_is_own (seen->video));
  cli_json_add_boolean (builder, "live", tutti_video_is_live (seen->video));
  cli_json_add_boolean (builder, "shown", tutti_video_get_shown (seen->video));
  cli_json_add_int (builder, "frames", (gint64) picture.frames);
  cli_json_add_int (builder, "width", picture.width);
  cli_json_add_int (builder, "height", picture.height);
  cli_json_add_double (builder, "fps", picture.fps);
  cli_json_add_int (builder, "seen", (gint64) seen->seen);
  cli_json_add_int (builder, "patterns", (gint64) seen->patterns);
  cli_json_add_int (builder, "backwards", (gint64) seen->backwards);
  cli_json_add_int (builder, "skipped", seen->skipped);
  cli_json_add_int (builder, "number", seen->last.number);
  cli_json_add_string (builder, "colour", seen->patterns > 0 ? colour : NULL);
  add_delays (builder, seen);
  cli_json_add_int (builder, "target_bps", stats.target);
  cli_json_add_int (builder, "packets", (gint64) stats.packets);
  cli_json_add_int (builder, "bytes", (gint64) stats.bytes);
  cli_json_add_double (builder, "queue_ms", stats.queue_ms);
  cli_json_add_double (builder, "loss_percent", stats.loss_percent);
  cli_json_add_int (builder, "asked_again", (gint64) stats.asked_again);
  cli_json_add_int (builder, "key_frames_asked", (gint64) stats.key_frames_asked);
  cli_json_add_int (builder, "refused", (gint64) stats.refused);
  json_builder_end_object (builder);
}

void
cli_videos_add (CliVideos *self, JsonBuilder *builder)
{
  cli_json_begin_list (builder, "videos");
  for (guint i = 0; i < self->seen->len; i++)
    add_one (builder, g_ptr_array_index (self->seen, i));
  json_builder_end_array (builder);
}

/* -- commands -- */

const char *
cli_videos_show (TuttiSession *session, const char *device)
{
  g_autoptr (TuttiVideoSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (g_str_equal (device, "off")) {
    tutti_session_hide (session, TUTTI_VIDEO_CAMERA);
    return NULL;
  }
  source = tutti_video_source_new (TUTTI_VIDEO_CAMERA, device, -1);
  if (!tutti_session_show (session, source, &error))
    return g_intern_string (error->message);

  return NULL;
}

const char *
cli_videos_set_shown (TuttiSession *session, const char *name, gboolean shown)
{
  GListModel *model = tutti_session_get_videos (session);
  gboolean found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (TuttiVideo) video = g_list_model_get_item (model, i);

    if (tutti_video_is_own (video) || !g_str_equal (tutti_video_get_name (video), name))
      continue;
    tutti_video_set_shown (video, shown);
    found = TRUE;
  }

  return found ? NULL : _ ("Nobody of that name shows anything.");
}
