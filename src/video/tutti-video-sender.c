/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-sender.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>

#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-rate.h"
#include "tutti-thread.h"
#include "tutti-video-chain.h"
#include "tutti-video-source-private.h"

/* source → queue → size and rate → tee → encoder → payloader → queue → packets
 *                                     → preview                                             */

#define TICK_MS      250
#define MTU          1200u
#define EXTENSION_ID 1     /* in the payloader; each packet gets the slot's */
#define PACE         2.5   /* times the target: so much may go out in a second */
#define PACE_LEAST   400e3 /* bit/s */
#define BURST_NS     (5 * TUTTI_NSEC_PER_MSEC)
#define GONE_NS      (4 * TUTTI_NSEC_PER_SEC) /* a camera without a new frame for so long is gone */
#define FIRST_NS     (8 * TUTTI_NSEC_PER_SEC) /* until then a source has to show something */

/* In a queue before something slow the newest counts. */
#define NEWEST_ONLY                                                                                \
  "max-size-buffers", 1u, "max-size-bytes", 0u, "max-size-time", (guint64) 0, "leaky", 2

static const TuttiRateBounds bounds[] = {
  [TUTTI_VIDEO_CAMERA] = { .start = 300000, .min = 80000, .max = 1800000 },
  [TUTTI_VIDEO_SCREEN] = { .start = 400000, .min = 100000, .max = 2500000 },
};

struct _TuttiVideoSender {
  GObject parent_instance;

  TuttiVideoKind kind;
  TuttiPicture *picture;
  GstElement *pipeline; /* NULL once closed */
  GstElement *valve;    /* borrowed from the pipeline, as what follows */
  GstElement *rate_limit;
  GstElement *caps;
  GstElement *encoder;
  GMainContext *context;
  guint tick_id;
  gint64 start_ns;
  gboolean is_over; /* `error` was emitted */

  GMutex lock; /* what follows */
  TuttiRate *rate;
  guint target;       /* as the encoder has it */
  int rung;           /* of the ladder of shapes */
  guint source_width; /* 0: not known yet */
  guint source_height;
  TuttiVideoShape shape;
  gboolean shape_again; /* though it is the same */
  guint64 key_frames_asked;

  GMutex slot_lock; /* held while a packet is pushed */
  TuttiSendSlot *slot;
  gint64 next_ns; /* the next packet goes out no sooner */
  guint64 packets;
  guint64 sent_bytes;
};

enum { SIGNAL_ERROR, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiVideoSender, tutti_video_sender, G_TYPE_OBJECT)

/* -- errors -- */

typedef struct {
  GWeakRef sender;
  GError *error;
} Report;

static gboolean
report_run (gpointer data)
{
  Report *report = data;
  g_autoptr (TuttiVideoSender) self = g_weak_ref_get (&report->sender);

  if (self != NULL && self->pipeline != NULL && !self->is_over) {
    self->is_over = TRUE;
    tutti_video_sender_close (self);
    g_signal_emit (self, signals[SIGNAL_ERROR], 0, report->error);
  }
  return G_SOURCE_REMOVE;
}

static void
report_free (gpointer data)
{
  Report *report = data;

  g_weak_ref_clear (&report->sender);
  g_error_free (report->error);
  g_free (report);
}

/* Any thread. */
static void
report_error (TuttiVideoSender *self, GMainContext *context, GError *error)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Report *report = g_new0 (Report, 1);

  g_weak_ref_init (&report->sender, self);
  report->error = error;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report_run, report, report_free);
  g_source_attach (source, context);
}

static void
on_bus_error (const GError *error, gpointer data)
{
  g_autoptr (TuttiVideoSender) self = g_weak_ref_get (data);

  if (self != NULL)
    report_error (
        self, self->context,
        g_error_new (TUTTI_ERROR, TUTTI_ERROR_VIDEO, _ ("The camera stopped: %s"), error->message));
}

static void
weak_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* -- packets: the thread of the queue before the appsink -- */

/* Where the room takes no number for its feedback, the place for it goes. */
static gsize
write_header (guint8 *rtp, gsize size, TuttiSendSlot *slot)
{
  guint32 ssrc = g_htonl (tutti_send_slot_get_ssrc (slot));
  guint id = tutti_send_slot_get_feedback_extension (slot);

  rtp[1] = (rtp[1] & 0x80) | tutti_send_slot_get_payload_type (slot);
  memcpy (rtp + 8, &ssrc, sizeof ssrc);
  /* One extension of two bytes is all that our payloader writes: BE DE 00 01, id and length. */
  if ((rtp[0] & 0x10) == 0 || size < 20 || rtp[12] != 0xbe || rtp[13] != 0xde || rtp[15] != 1)
    return size;
  if (id != 0 && id < 15) {
    rtp[16] = (guint8) (id << 4 | 1);
    return size;
  }
  rtp[0] &= (guint8) ~0x10;
  memmove (rtp + 12, rtp + 20, size - 20);
  return size - 8;
}

/* Evenly: what comes at once, as a key frame does, is spread. */
static void
pace (TuttiVideoSender *self, gsize size)
{
  gint64 now = tutti_clock_now_ns (), wait;
  double rate;

  g_mutex_lock (&self->lock);
  rate = MAX (PACE * tutti_rate_get_target (self->rate), PACE_LEAST);
  g_mutex_unlock (&self->lock);
  self->next_ns = MAX (self->next_ns, now - BURST_NS);
  wait = self->next_ns - now;
  self->next_ns += (gint64) (size * 8e9 / rate);
  if (wait > 0)
    g_usleep ((gulong) (wait / 1000));
}

static void
send_packet (TuttiVideoSender *self, GstBuffer *buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  guint8 rtp[MTU + 64];

  if (size < 12 || size > sizeof rtp)
    return;
  gst_buffer_extract (buffer, 0, rtp, size);
  pace (self, size);

  g_mutex_lock (&self->slot_lock);
  if (self->slot != NULL) {
    size = write_header (rtp, size, self->slot);
    tutti_send_slot_push (self->slot, rtp, size);
    self->packets++;
    self->sent_bytes += size;
  }
  g_mutex_unlock (&self->slot_lock);
}

static gboolean
has_slot (TuttiVideoSender *self)
{
  G_MUTEX_AUTO_LOCK (&self->slot_lock, locker);

  return self->slot != NULL;
}

static GstFlowReturn
on_packet (GstAppSink *sink, gpointer data)
{
  g_autoptr (TuttiVideoSender) self = g_weak_ref_get (data);
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstBufferList *list = sample != NULL ? gst_sample_get_buffer_list (sample) : NULL;

  if (self == NULL || sample == NULL)
    return GST_FLOW_OK;
  for (guint i = 0; list != NULL && i < gst_buffer_list_length (list) && has_slot (self); i++)
    send_packet (self, gst_buffer_list_get (list, i));
  if (list == NULL && gst_sample_get_buffer (sample) != NULL)
    send_packet (self, gst_sample_get_buffer (sample));
  return GST_FLOW_OK;
}

/* -- what the room says: streaming threads -- */

static void
on_key_frame_asked (gpointer data)
{
  TuttiVideoSender *self = data;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->encoder, "src");

  g_mutex_lock (&self->lock);
  self->key_frames_asked++;
  g_mutex_unlock (&self->lock);
  gst_pad_send_event (pad,
                      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

static void
on_feedback (const TuttiPacketFeedback *packets, guint n_packets, gpointer data)
{
  TuttiVideoSender *self = data;
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  tutti_rate_feedback (self->rate, packets, n_packets, tutti_clock_now_ns ());
}

static const TuttiSendSlotFuncs slot_funcs = { on_key_frame_asked, on_feedback };

/* -- size and rate -- */

/* With the lock held. Returns the caps that are to be set, or NULL when they are. */
static GstCaps *
choose_shape (TuttiVideoSender *self)
{
  TuttiVideoShape shape;

  if (self->source_width == 0)
    return NULL;
  shape = tutti_video_choose_shape (self->kind, self->target, self->source_width,
                                    self->source_height, &self->rung);
  if (shape.width == self->shape.width && shape.height == self->shape.height &&
      shape.fps == self->shape.fps && !self->shape_again)
    return NULL;
  self->shape_again = FALSE;
  self->shape = shape;
  return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                              (int) shape.width, "height", G_TYPE_INT, (int) shape.height,
                              "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
}

static void
apply_shape (TuttiVideoSender *self)
{
  g_autoptr (GstCaps) caps = NULL;
  guint fps;

  g_mutex_lock (&self->lock);
  caps = choose_shape (self);
  fps = self->shape.fps;
  g_mutex_unlock (&self->lock);
  if (caps == NULL)
    return;
  g_object_set (self->rate_limit, "max-rate", (int) fps, NULL);
  g_object_set (self->caps, "caps", caps, NULL);
}

/* The source's thread: before its caps reach the scaler. */
static GstPadProbeReturn
on_source_event (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  g_autoptr (TuttiVideoSender) self = g_weak_ref_get (data);
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstVideoInfo video;
  GstCaps *caps;

  if (self == NULL || GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  if (!gst_video_info_from_caps (&video, caps))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&self->lock);
  self->source_width = (guint) GST_VIDEO_INFO_WIDTH (&video);
  self->source_height = (guint) GST_VIDEO_INFO_HEIGHT (&video);
  g_mutex_unlock (&self->lock);
  apply_shape (self);
  /* Should the main thread have chosen at the same moment, the caps are set once more. */
  g_mutex_lock (&self->lock);
  self->shape_again = TRUE;
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
apply_target (TuttiVideoSender *self, guint target)
{
  g_object_set (self->encoder, "target-bitrate", (int) target, NULL);
}

/* An unplugged camera gives no error and no end. */
static void
check_source (TuttiVideoSender *self)
{
  gint64 now = tutti_clock_now_ns ();
  TuttiPictureStats stats;

  tutti_picture_get_stats (self->picture, &stats);
  if (self->kind == TUTTI_VIDEO_CAMERA && stats.last_ns != 0 && now - stats.last_ns > GONE_NS)
    report_error (
        self, self->context,
        g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_VIDEO,
                             _ ("The camera shows no more pictures. Perhaps it was unplugged.")));
  if (stats.frames == 0 && now - self->start_ns > FIRST_NS)
    report_error (self, self->context,
                  g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_VIDEO,
                                       _ ("The camera shows no picture. Perhaps another program "
                                          "uses it.")));
}

static gboolean
on_tick (gpointer data)
{
  TuttiVideoSender *self = data;
  guint target, before;
  gboolean sends;

  g_mutex_lock (&self->slot_lock);
  sends = self->slot != NULL && self->packets > 0;
  g_mutex_unlock (&self->slot_lock);
  g_mutex_lock (&self->lock);
  before = self->target;
  target = sends ? tutti_rate_update (self->rate, tutti_clock_now_ns ()) : before;
  /* Small steps are not worth the encoder's attention. */
  if (target > before * 0.97 && target < before * 1.03)
    target = before;
  self->target = target;
  g_mutex_unlock (&self->lock);
  if (target != before)
    apply_target (self, target);
  apply_shape (self);
  check_source (self);
  return G_SOURCE_CONTINUE;
}

/* -- the chain -- */

static void
set_up_encoder (TuttiVideoSender *self)
{
  GObject *encoder = G_OBJECT (self->encoder);

  g_object_set (self->encoder, "deadline", (gint64) 1, "cpu-used", 8, "threads", 2, "lag-in-frames",
                0, "keyframe-max-dist", 9000, "max-quantizer", 56, "min-quantizer", 4, "undershoot",
                95, "overshoot", 15, "buffer-size", 600, "buffer-initial-size", 300,
                "buffer-optimal-size", 400, "max-intra-bitrate", 400, "dropframe-threshold", 30,
                NULL);
  gst_util_set_object_arg (encoder, "end-usage", "cbr");
  gst_util_set_object_arg (encoder, "error-resilient", "default");
  if (self->kind == TUTTI_VIDEO_SCREEN)
    g_object_set (self->encoder, "static-threshold", 100, NULL);
  apply_target (self, self->target);
}

static gboolean
add_encoder (TuttiVideoSender *self, GstBin *bin, GstElement *tee, GError **error)
{
  GstElement *queue = tutti_video_add (bin, "queue", error);
  GstElement *pay, *form, *out, *sink;
  g_autofree char *caps =
      g_strdup_printf ("application/x-rtp,extmap-%d=(string)"
                       "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
                       EXTENSION_ID);
  GstAppSinkCallbacks callbacks = { .new_sample = on_packet };
  GWeakRef *weak;

  if (queue == NULL || !(self->valve = tutti_video_add (bin, "valve", error)) ||
      !(self->encoder = tutti_video_add (bin, "vp8enc", error)) ||
      !(pay = tutti_video_add (bin, "rtpvp8pay", error)) ||
      !(form = tutti_video_add_caps (bin, caps, error)) ||
      !(out = tutti_video_add (bin, "queue", error)) ||
      !(sink = tutti_video_add (bin, "appsink", error)))
    return FALSE;
  g_object_set (queue, NEWEST_ONLY, NULL);
  g_object_set (self->valve, "drop", TRUE, NULL);
  set_up_encoder (self);
  g_object_set (pay, "mtu", MTU, "picture-id-mode", 2, NULL);
  /* Where the line is slower than the encoder, the encoder waits, and the queue before it drops. */
  g_object_set (out, "max-size-buffers", 0u, "max-size-bytes", 0u, "max-size-time",
                (guint64) 300 * GST_MSECOND, NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, "buffer-list", TRUE, "max-buffers", 2u, NULL);
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, weak, weak_free);
  return gst_element_link_many (tee, queue, self->valve, self->encoder, pay, form, out, sink, NULL);
}

static gboolean
build (TuttiVideoSender *self, const TuttiVideoSource *source, GError **error)
{
  GstBin *bin = GST_BIN (self->pipeline);
  GstElement *camera = tutti_video_source_add (source, bin, error);
  GstElement *queue, *convert, *scale, *tee, *preview_queue, *preview;
  g_autoptr (GstPad) pad = NULL;
  GWeakRef *weak;

  if (camera == NULL || !(queue = tutti_video_add (bin, "queue", error)) ||
      !(self->rate_limit = tutti_video_add (bin, "videorate", error)) ||
      !(convert = tutti_video_add (bin, "videoconvert", error)) ||
      !(scale = tutti_video_add (bin, "videoscale", error)) ||
      !(self->caps = tutti_video_add_caps (bin, "video/x-raw,format=I420", error)) ||
      !(tee = tutti_video_add (bin, "tee", error)) ||
      !(preview_queue = tutti_video_add (bin, "queue", error)) ||
      !(preview = tutti_video_add_picture (bin, self->picture, error)))
    return FALSE;
  g_object_set (queue, NEWEST_ONLY, NULL);
  g_object_set (preview_queue, NEWEST_ONLY, NULL);
  g_object_set (self->rate_limit, "drop-only", TRUE, "skip-to-first", TRUE, NULL);
  pad = gst_element_get_static_pad (camera, "src");
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_source_event, weak, weak_free);
  if (!add_encoder (self, bin, tee, error))
    return FALSE;
  if (gst_element_link_many (camera, queue, self->rate_limit, convert, scale, self->caps, tee,
                             preview_queue, preview, NULL))
    return TRUE;
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO, _ ("The camera cannot be used."));
  return FALSE;
}

/* -- GObject -- */

static void
tutti_video_sender_dispose (GObject *object)
{
  tutti_video_sender_close (TUTTI_VIDEO_SENDER (object));
  G_OBJECT_CLASS (tutti_video_sender_parent_class)->dispose (object);
}

static void
tutti_video_sender_finalize (GObject *object)
{
  TuttiVideoSender *self = TUTTI_VIDEO_SENDER (object);

  g_clear_object (&self->picture);
  g_clear_pointer (&self->rate, tutti_rate_free);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->slot_lock);
  G_OBJECT_CLASS (tutti_video_sender_parent_class)->finalize (object);
}

static void
tutti_video_sender_class_init (TuttiVideoSenderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tutti_video_sender_dispose;
  object_class->finalize = tutti_video_sender_finalize;
  signals[SIGNAL_ERROR] = g_signal_new ("error", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
tutti_video_sender_init (TuttiVideoSender *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->picture = tutti_picture_new ();
  self->rung = -1;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->slot_lock);
}

TuttiVideoSender *
tutti_video_sender_new (const TuttiVideoSource *source, GError **error)
{
  g_autoptr (TuttiVideoSender) self = NULL;
  GWeakRef *weak;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (!tutti_video_init (error))
    return NULL;
  self = g_object_new (TUTTI_TYPE_VIDEO_SENDER, NULL);
  self->kind = source->kind;
  self->rate = tutti_rate_new (&bounds[self->kind]);
  self->target = bounds[self->kind].start;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new ("tutti-video-send"));
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  tutti_video_watch_bus (self->pipeline, on_bus_error, weak, weak_free);
  if (!build (self, source, error))
    return NULL;
  self->start_ns = tutti_clock_now_ns ();
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO,
                         _ ("The camera cannot be used. Perhaps another program uses it."));
    return NULL;
  }
  self->tick_id = g_timeout_add (TICK_MS, on_tick, self);
  return g_steal_pointer (&self);
}

TuttiPicture *
tutti_video_sender_get_picture (TuttiVideoSender *self)
{
  return self->picture;
}

void
tutti_video_sender_set_slot (TuttiVideoSender *self, TuttiSendSlot *slot)
{
  TuttiSendSlot *before;

  TUTTI_ASSERT_MAIN_THREAD ();

  g_mutex_lock (&self->slot_lock);
  before = self->slot;
  self->slot = self->pipeline != NULL ? slot : NULL;
  g_mutex_unlock (&self->slot_lock);
  if (before == slot || self->pipeline == NULL)
    return;
  if (before != NULL)
    tutti_send_slot_watch (before, NULL, NULL);
  g_object_set (self->valve, "drop", slot == NULL, NULL);
  if (slot != NULL) {
    /* Another way, perhaps to another computer: what is known of the old one is void. */
    g_mutex_lock (&self->lock);
    tutti_rate_free (self->rate);
    self->rate = tutti_rate_new (&bounds[self->kind]);
    g_mutex_unlock (&self->lock);
    tutti_send_slot_watch (slot, &slot_funcs, self);
    on_key_frame_asked (self);
  }
}

void
tutti_video_sender_tell_sound (TuttiVideoSender *self, double loss_percent, double rtt_ms)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  tutti_rate_sound (self->rate, loss_percent, rtt_ms, tutti_clock_now_ns ());
}

void
tutti_video_sender_get_stats (TuttiVideoSender *self, TuttiVideoSenderStats *stats)
{
  g_mutex_lock (&self->slot_lock);
  stats->packets = self->packets;
  stats->sent_bytes = self->sent_bytes;
  g_mutex_unlock (&self->slot_lock);
  g_mutex_lock (&self->lock);
  stats->target = self->target;
  stats->shape = self->shape;
  stats->key_frames_asked = self->key_frames_asked;
  stats->queue_ms = tutti_rate_get_queue_ms (self->rate);
  stats->loss_percent = tutti_rate_get_loss_percent (self->rate);
  g_mutex_unlock (&self->lock);
}

void
tutti_video_sender_close (TuttiVideoSender *self)
{
  /* The last reference may be a streaming thread's: by then it was closed. */
  if (self->pipeline == NULL)
    return;

  TUTTI_ASSERT_MAIN_THREAD ();
  tutti_video_sender_set_slot (self, NULL);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  tutti_net_reap_pipeline (g_steal_pointer (&self->pipeline));
}
