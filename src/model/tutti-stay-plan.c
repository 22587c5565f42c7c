/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include <string.h>

#include "tutti-codec.h"
#include "tutti-delay.h"
#include "tutti-sound-private.h"

/* In which format my strips are sent: what the room plans, or what I wish. */

#define DEFAULT_FRAME   120
#define DEFAULT_BITRATE 128000
#define MIN_BITRATE     6000
#define MAX_BITRATE     510000
#define LARGE_QUANTUM   128
#define PLAN_WAIT_MS    1000
/* The engine sends the old and the slower format for a second (change_format); the last packets
 * take their time to the wire. */
#define OVERLAP_US (1100 * (gint64) 1000)

gboolean
tutti_stay_wants (TuttiStay *self, TuttiOutputKind kind)
{
  if (kind == TUTTI_OUTPUT_FRAMED)
    return self->framed;

  return !self->framed || (self->plan && self->plan->standard);
}

/* -- formats -- */

static gboolean
may_send (TuttiStay *self, const char *wire)
{
  if (g_str_equal (wire, "tight") && !tutti_codec_has_tight ())
    return FALSE;

  return g_strv_contains ((const char *const *) self->config.formats, wire);
}

static guint
get_quantum (TuttiStay *self)
{
  guint quantum;

  g_object_get (self->sound, "granted-quantum", &quantum, NULL);

  return quantum;
}

/* The person's bit rate is the most for the whole strip; the plan's is for each channel. */
static guint
choose_bitrate (TuttiStay *self, guint planned, guint channels)
{
  guint wished = self->config.bitrate;
  guint bitrate = planned > 0 ? planned * channels : wished > 0 ? wished : DEFAULT_BITRATE;

  if (wished > 0)
    bitrate = MIN (bitrate, wished);

  return CLAMP (bitrate, MIN_BITRATE, MAX_BITRATE);
}

static void
fill_opus (TuttiStay *self, TuttiAudioFormat *format, guint planned_frame, guint planned_bitrate)
{
  format->wire = TUTTI_WIRE_OPUS;
  format->frame_samples = self->config.frame_samples > 0 ? self->config.frame_samples
                          : planned_frame > 0            ? planned_frame
                                                         : DEFAULT_FRAME;
  format->bitrate = choose_bitrate (self, planned_bitrate, format->channels);
}

static void
fill_framed (TuttiStay *self, TuttiAudioFormat *format)
{
  const TuttiPlan *plan = self->plan;
  const char *wire = plan ? plan->wire : "opus";

  format->framed = TRUE;
  format->copies = plan ? plan->copies : 0;
  format->distance = plan ? plan->distance : 1;
  if (self->config.frame_samples > 0)
    wire = "opus";
  /* What I do not want to send I listed as what I cannot hear; others hear whatever comes next. */
  if (g_str_equal (wire, "raw") && !may_send (self, wire))
    wire = "tight";
  if (g_str_equal (wire, "tight") && !may_send (self, wire))
    wire = "opus";

  if (g_str_equal (wire, "opus")) {
    gboolean planned = plan && g_str_equal (plan->wire, "opus");

    fill_opus (self, format, planned ? plan->frame_samples : 0, planned ? plan->bitrate : 0);
    return;
  }

  format->wire = g_str_equal (wire, "raw") ? TUTTI_WIRE_RAW : TUTTI_WIRE_TIGHT;
  /* A longer cycle brings two short frames at once: one long one costs half the packets. */
  format->frame_samples = get_quantum (self) >= LARGE_QUANTUM ? 128 : plan->frame_samples;
  if (format->wire == TUTTI_WIRE_RAW)
    format->bits = plan->bits;
  else
    format->bitrate = choose_bitrate (self, g_str_equal (plan->wire, "tight") ? plan->bitrate : 0,
                                      format->channels);
}

void
tutti_stay_fill_format (TuttiStay *self,
                        TuttiOutputKind kind,
                        guint channels,
                        TuttiAudioFormat *format)
{
  const TuttiPlan *plan = self->plan;

  *format = (TuttiAudioFormat) { .channels = channels };
  if (kind == TUTTI_OUTPUT_FRAMED)
    fill_framed (self, format);
  else
    fill_opus (self, format, plan && plan->standard ? plan->standard_frame_samples : 0,
               plan && plan->standard ? plan->standard_bitrate : 0);
}

/* Samples from a sound to the end of the frame that says all of it. */
static guint
get_lag (const TuttiAudioFormat *format)
{
  switch (format->wire) {
  case TUTTI_WIRE_TIGHT:
    return 2 * format->frame_samples;
  case TUTTI_WIRE_OPUS:
    return format->frame_samples + TUTTI_OPUS_LOOKAHEAD_SAMPLES;
  case TUTTI_WIRE_RAW:
  default:
    return format->frame_samples;
  }
}

static void
apply_to (TuttiStay *self, TuttiOutput *output)
{
  TuttiAudioFormat format;
  g_autoptr (GError) error = NULL;

  if (output->kind != TUTTI_OUTPUT_FRAMED || !output->slot)
    return;

  tutti_stay_fill_format (self, TUTTI_OUTPUT_FRAMED, output->format.channels, &format);
  if (memcmp (&format, &output->format, sizeof format) == 0)
    return;

  if (!tutti_audio_engine_change_format (tutti_sound_get_engine (self->sound), output->own.index,
                                         output->lane->index * TUTTI_N_OUTPUT_KINDS + output->kind,
                                         &format, &error)) {
    g_warning ("The format was not changed: %s", error->message);
    return;
  }
  if (get_lag (&format) > get_lag (&output->format))
    self->overlap_until_us = g_get_monotonic_time () + OVERLAP_US;
  output->format = format;
}

void
tutti_stay_apply_format (TuttiStay *self)
{
  for (guint i = 0; i < 2; i++) {
    GPtrArray *outputs = self->lanes[TUTTI_DIRECTION_SEND][i].outputs;

    for (guint j = 0; j < outputs->len; j++)
      apply_to (self, g_ptr_array_index (outputs, j));
  }
}

/* -- the plan -- */

static gboolean
standard_differs (const TuttiPlan *a, const TuttiPlan *b)
{
  return !a || a->standard != b->standard ||
         a->standard_frame_samples != b->standard_frame_samples ||
         a->standard_bitrate != b->standard_bitrate;
}

/* Coming and going is heard by nobody; another standard format takes over from the one there is. */
static void
follow_standard (TuttiStay *self)
{
  GPtrArray *outputs = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND)->outputs;
  gboolean there = FALSE;

  for (guint i = 0; i < outputs->len; i++)
    there |= ((TuttiOutput *) g_ptr_array_index (outputs, i))->kind == TUTTI_OUTPUT_STANDARD;

  dex_future_disown (tutti_stay_rebuild (
      self, there && self->plan->standard && tutti_stay_can_rebuild (self) ? TUTTI_STAY_SEND
                                                                           : TUTTI_STAY_OUTPUTS));
}

static void
applied_cb (gpointer user_data)
{
  TuttiStay *self = user_data;

  self->applied_id = 0;
  tutti_room_client_plan_applied (self->client, self->plan->revision);
}

/* Once what we sent before is not sent any more: the room lets in who does not know that. Of plans
 * that come meanwhile only the last one is told of. */
static void
say_applied (TuttiStay *self)
{
  gint64 left_us = self->overlap_until_us - g_get_monotonic_time ();

  g_clear_handle_id (&self->applied_id, g_source_remove);
  if (left_us > 0)
    self->applied_id = g_timeout_add_once ((guint) (left_us / 1000 + 1), applied_cb, self);
  else
    tutti_room_client_plan_applied (self->client, self->plan->revision);
}

void
tutti_stay_take_plan (TuttiStay *self, const TuttiPlan *plan)
{
  gboolean standard = standard_differs (self->plan, plan);

  if (self->closed)
    return;

  g_clear_pointer (&self->plan, tutti_plan_free);
  self->plan = tutti_plan_copy (plan);
  if (self->framed) {
    tutti_stay_apply_format (self);
    if (standard && self->entered)
      follow_standard (self);
  }
  say_applied (self);
  if (self->planned && dex_future_is_pending (DEX_FUTURE (self->planned)))
    dex_promise_resolve_boolean (self->planned, TRUE);
  if (self->changed)
    self->changed (self->changed_data);
}

/* In a fiber. The first plan comes right after the answer to `join`: with it at hand nothing is
 * sent in a format that nobody asked for. */
gboolean
tutti_stay_await_plan (TuttiStay *self, GError **error)
{
  if (!self->framed || self->plan)
    return TRUE;

  self->planned = dex_promise_new ();
  /* Who waited in vain sends what any room takes; who was closed meanwhile is told so below. */
  dex_await (dex_future_first (dex_ref (DEX_FUTURE (self->planned)),
                               dex_ref (DEX_FUTURE (self->ended)),
                               dex_timeout_new_msec (PLAN_WAIT_MS), NULL),
             NULL);
  dex_clear (&self->planned);

  return tutti_stay_check_alive (self, error);
}
