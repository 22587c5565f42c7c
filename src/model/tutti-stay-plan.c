/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include <string.h>

#include "tutti-codec.h"
#include "tutti-sound-private.h"

/* In which format my strips are sent: what the room plans, or what I wish. */

#define DEFAULT_FRAME   120
#define DEFAULT_BITRATE 128000
#define MIN_BITRATE     6000
#define MAX_BITRATE     510000
#define LARGE_QUANTUM   128
#define PLAN_WAIT_MS    1000
#define PLAN_STEP_MS    10

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

  if (tutti_audio_engine_change_format (tutti_sound_get_engine (self->sound), output->own.index,
                                        output->lane->index * TUTTI_N_OUTPUT_KINDS + output->kind,
                                        &format, &error))
    output->format = format;
  else
    g_warning ("The format was not changed: %s", error->message);
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
  tutti_room_client_plan_applied (self->client, plan->revision);
  if (self->changed)
    self->changed (self->changed_data);
}

/* In a fiber. The first plan comes right after the answer to `join`: with it at hand nothing is
 * sent in a format that nobody asked for. */
gboolean
tutti_stay_await_plan (TuttiStay *self, GError **error)
{
  for (guint i = 0; self->framed && !self->plan && i < PLAN_WAIT_MS / PLAN_STEP_MS; i++) {
    dex_await (dex_timeout_new_msec (PLAN_STEP_MS), NULL);
    if (!tutti_stay_check_alive (self, error))
      return FALSE;
  }

  return TRUE;
}
