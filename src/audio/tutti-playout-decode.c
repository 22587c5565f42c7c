/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <math.h>
#include <string.h>

/* Concealment is believable for 60 ms, then it fades out in 20. */
#define CONCEAL_SAMPLES 2880
#define FADE_OUT        (-1.0f / 960)
#define FADE_IN         (1.0f / 120)
/* Frames of another kind are kept for so many frames after their place, to warm its decoder. */
#define WARM 3
/* Lateness that needs no explanation by jitter, 1 ms, and the margin that goes with it. */
#define MIN_SHIFT    48
#define SHIFT_MARGIN 8
/* A stall is over in less, 6 ms. */
#define LATE_TIME 288
/* How long the delay then stays, 50 ms */
#define SETTLE 2400
/* libopus invents multiples of 2.5 ms. */
#define OPUS_STEP 120

TuttiDecoder *
tutti_playout_get_decoder (TuttiPlayout *self, guint8 kind)
{
  if (self->plain != NULL)
    return self->plain;
  return tutti_decoder_bank_get (self->bank, tutti_kind_wire (kind), tutti_kind_frame (kind),
                                 (kind & 32) != 0 ? 24 : 16);
}

static gboolean
was_missing (TuttiPlayout *self, const TuttiFrame *frame)
{
  return tutti_loss_ledger_arrived (&self->ledger, frame->timestamp,
                                    frame->timestamp + frame->duration);
}

void
tutti_playout_drop (TuttiPlayout *self, guint n)
{
  const TuttiFrame *frame = tutti_frame_store_nth (&self->store, n);

  if (!frame->is_copy && was_missing (self, frame))
    self->stats.late++;
  tutti_frame_store_remove (&self->store, n);
}

/* Which frame holds the sample that is next: of the kind that is playing, if there is one. What is
 * of no use any more goes. */
static const TuttiFrame *
find_next (TuttiPlayout *self, guint *index)
{
  const TuttiFrame *frame, *found = NULL;

  for (guint i = 0; (frame = tutti_frame_store_nth (&self->store, i)) != NULL;) {
    gint64 end = frame->timestamp + frame->duration;

    if (frame->timestamp > self->next)
      break;
    if (end <= self->next &&
        (frame->kind == self->kind || end + WARM * frame->duration <= self->next)) {
      tutti_playout_drop (self, i);
      continue;
    }
    if (end > self->next && (found == NULL || frame->kind == self->kind)) {
      found = frame;
      *index = i;
    }
    i++;
  }
  return found;
}

/* The decoder of another kind knows nothing of what was heard: it gets what came before, where
 * that is here (while both kinds were sent it is), and what is left of the seam is smoothed. */
static void
change_kind (TuttiPlayout *self, const TuttiFrame *frame, guint index)
{
  TuttiDecoder *decoder = tutti_playout_get_decoder (self, frame->kind);
  gboolean goes_on = decoder == self->decoder && frame->timestamp == self->next;
  guint warm = 0;

  self->kind = frame->kind;
  if (goes_on)
    return;
  self->decoder = decoder;
  self->seam_ahead = TRUE;
  decoder->klass->reset (decoder);
  for (guint i = index; i > 0 && warm < WARM; i--) {
    const TuttiFrame *before = tutti_frame_store_nth (&self->store, i - 1);

    if (before->kind != frame->kind)
      continue;
    if (before->timestamp != frame->timestamp - (gint64) (warm + 1) * frame->duration)
      break;
    warm++;
  }
  for (guint i = 0; i < index && warm > 0; i++) {
    const TuttiFrame *before = tutti_frame_store_nth (&self->store, i);

    if (before->kind != frame->kind ||
        before->timestamp < frame->timestamp - (gint64) warm * frame->duration)
      continue;
    decoder->klass->decode (decoder, before->payload, before->size, self->scratch,
                            TUTTI_MAX_FRAME_SAMPLES);
  }
}

/* Into scratch. Whatever happens, there are as many samples as there should be. */
static guint
decode (TuttiPlayout *self, const TuttiFrame *frame)
{
  int n = self->decoder->klass->decode (self->decoder, frame->payload, frame->size, self->scratch,
                                        TUTTI_MAX_FRAME_SAMPLES);

  if (n < 0) {
    self->stats.malformed++;
    n = self->decoder->klass->conceal (self->decoder, self->scratch, frame->duration);
  }
  if (n < 0) {
    n = frame->duration;
    memset (self->scratch, 0, sizeof (float) * (guint) n * self->channels);
  }
  return (guint) n;
}

gboolean
tutti_playout_decode_next (TuttiPlayout *self)
{
  guint index = 0;
  const TuttiFrame *frame = find_next (self, &index);
  guint skip, n, n_samples;

  if (frame == NULL)
    return FALSE;
  if (frame->kind != self->kind || self->decoder == NULL)
    change_kind (self, frame, index);
  n = decode (self, frame);
  skip = (guint) MIN (self->next - frame->timestamp, n);
  n_samples = n - skip;
  self->seam_ahead |= skip > 0;
  self->frame = n;
  self->envelope_target = 1;
  self->envelope_step = FADE_IN;
  self->concealed_run = 0;
  tutti_playout_append (self, self->scratch + skip * self->channels, n_samples);
  self->next += n_samples;
  self->stats.wire = tutti_kind_wire (frame->kind);
  self->stats.frame_samples = n;
  if (frame->is_copy)
    self->stats.recovered++;
  /* Part of it was too late, or all before the delay followed it. */
  if (was_missing (self, frame) && !frame->is_copy)
    self->stats.late++;
  tutti_frame_store_remove (&self->store, index);
  return TRUE;
}

gboolean
tutti_playout_has_work (TuttiPlayout *self)
{
  const TuttiFrame *frame;

  /* PCM and the shortest frames are decoded when they are due: that takes less time than asking
   * somebody else. */
  for (guint i = 0; (frame = tutti_frame_store_nth (&self->store, i)) != NULL; i++) {
    if (frame->timestamp > self->next)
      return FALSE;
    if (frame->timestamp + frame->duration > self->next && frame->kind == self->kind)
      return tutti_kind_wire (frame->kind) == TUTTI_WIRE_OPUS;
  }
  return FALSE;
}

/* Up to @next nothing was here when it was due. */
static void
go_without (TuttiPlayout *self, gint64 next)
{
  if (next > self->next)
    self->stats.lost +=
        tutti_loss_ledger_missing (&self->ledger, self->next, next, MAX (self->frame, 1));
  self->next = next;
}

static guint
invent (TuttiPlayout *self, guint n_samples)
{
  guint n = n_samples;
  int done = -1;

  if (self->decoder != NULL && tutti_kind_wire (self->kind) == TUTTI_WIRE_OPUS)
    n = OPUS_STEP * ((n_samples + OPUS_STEP - 1) / OPUS_STEP);
  else if (self->decoder != NULL && tutti_kind_wire (self->kind) == TUTTI_WIRE_TIGHT)
    n = self->frame * ((n_samples + self->frame - 1) / self->frame);
  n = MIN (n, TUTTI_MAX_FRAME_SAMPLES);
  if (self->decoder != NULL)
    done = self->decoder->klass->conceal (self->decoder, self->scratch, n);
  if (done < 0)
    memset (self->scratch, 0, sizeof (float) * n * self->channels);
  return n;
}

/* @n_samples are due and not here. Where the delay is short of what it should be, what is invented
 * comes in between and makes it longer; else it takes the place of what is missing. */
static void
conceal (TuttiPlayout *self, guint n_samples)
{
  const TuttiFrame *head = tutti_frame_store_nth (&self->store, 0);
  double lack = self->target - tutti_playout_delay (self);
  guint hold, room = G_MAXUINT, n;

  for (guint i = 1; head != NULL && head->timestamp <= self->next; i++)
    head = tutti_frame_store_nth (&self->store, i);
  hold = lack >= 1 ? (guint) MIN (lack, n_samples) : 0;
  if (head != NULL)
    room = hold + (guint) MIN (head->timestamp - self->next, TUTTI_SAMPLE_RATE);
  n = invent (self, MIN (n_samples, room));
  n_samples = MIN (n, room);
  hold = MIN (hold, n_samples);
  if (self->concealed_run >= CONCEAL_SAMPLES) {
    self->envelope_target = 0;
    self->envelope_step = FADE_OUT;
  }
  tutti_playout_append (self, self->scratch, n_samples);
  self->seam_ahead |= n_samples < n;
  self->concealed_run += n_samples;
  self->stats.concealed_samples += n_samples;
  go_without (self, self->next + n_samples - hold);
  if (self->envelope == 0 && self->envelope_target == 0)
    tutti_playout_stop (self);
}

void
tutti_playout_fill (TuttiPlayout *self, guint n_samples)
{
  guint filled;

  while (self->state == TUTTI_PLAYOUT_PLAYING &&
         (filled = tutti_pcm_filled (&self->pcm)) < n_samples &&
         tutti_pcm_space (&self->pcm) >= TUTTI_MAX_FRAME_SAMPLES)
    if (!tutti_playout_decode_next (self))
      conceal (self, n_samples - filled);
}

/* The last frame that came, if all that came is late. */
static const TuttiFrame *
find_late (TuttiPlayout *self)
{
  const TuttiFrame *frame, *late = NULL;

  for (guint i = 0; (frame = tutti_frame_store_nth (&self->store, i)) != NULL; i++) {
    if (frame->timestamp + frame->duration > self->next)
      return NULL;
    if (frame->kind == self->kind)
      late = frame;
  }
  return late;
}

/*
 * tutti_playout_follow_late:
 *
 * Sound is being invented, and for some ms all that came was late by more than jitter explains, and
 * no less late in the end: the road has become longer. To wait for what would be in time would only
 * be to invent more. (What comes after a stall is less and less late, and then in time.)
 */
void
tutti_playout_follow_late (TuttiPlayout *self)
{
  const TuttiFrame *late;
  double shift, lack;

  if (self->concealed_run == 0) {
    self->late_since = NAN;
    return;
  }
  if ((late = find_late (self)) == NULL)
    return;
  shift = (double) (self->next - late->timestamp);
  if (isnan (self->late_since)) {
    self->late_since = self->cycle;
    self->late_shift = shift;
  }
  if (shift < MIN_SHIFT || shift < tutti_arrival_spread (&self->arrival) / 2 ||
      self->cycle - self->late_since < LATE_TIME ||
      fabs (shift - self->late_shift) > MIN_SHIFT + late->duration)
    return;
  self->late_since = NAN;
  self->next = late->timestamp;
  /* So that what comes exactly like this one is not late again. */
  lack = self->cycle - (double) late->timestamp + TUTTI_PLAYOUT_AHEAD + SHIFT_MARGIN -
         tutti_playout_delay (self);
  if (lack >= 1) {
    guint n = invent (self, (guint) lack);

    n = MIN (n, (guint) lack);
    tutti_playout_append (self, self->scratch, n);
    self->concealed_run += n;
    self->stats.concealed_samples += n;
  }
  self->seam_ahead = TRUE;
  self->target = MAX (self->target, tutti_playout_delay (self));
  self->settle_end = self->cycle + SETTLE;
}
