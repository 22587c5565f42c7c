/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

/* A third of a second of stereo: the worker has long failed when this is full. */
#define BLOCKS_SIZE (128 * 1024)
/* After this much silence a muted strip's samples are not even handed on. */
#define SILENT_RUN (TUTTI_SAMPLE_RATE / 5)

void
tutti_strip_free (TuttiStrip *self)
{
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++)
    if (self->destinations[i].destroy != NULL)
      self->destinations[i].destroy (self->destinations[i].user_data);
  for (guint i = 0; i < TUTTI_N_CODERS; i++)
    g_clear_pointer (&self->coders[i], tutti_strip_coder_free);
  tutti_ring_clear (&self->blocks);
  g_free (self);
}

/* Holder of cycle_lease. */
void
tutti_strip_install (TuttiStrip *self)
{
  tutti_ramp_jump (&self->gain, tutti_db_to_gain (self->config.gain_db));
  tutti_ramp_jump (&self->turn, 1);
  tutti_ramp_jump (&self->send, tutti_db_to_gain (self->config.send_db));
  tutti_ramp_jump (&self->open, atomic_load_explicit (&self->muted, memory_order_relaxed) ? 0 : 1);
  tutti_ramp_jump (&self->monitor,
                   atomic_load_explicit (&self->monitored, memory_order_relaxed) ? 1 : 0);
}

/* Holder of cycle_lease. The levels go there at once, by ramps of their own; to other channels it
 * turns when these have faded, or it would click. */
void
tutti_strip_turn (TuttiStrip *self, const TuttiStripConfig *config)
{
  self->next = *config;
  if (!self->played)
    self->config = *config;
  self->turning = config->first_channel != self->config.first_channel ||
                  config->n_source_channels != self->config.n_source_channels ||
                  config->channels != self->config.channels;
  self->config.gain_db = config->gain_db;
  self->config.send_db = config->send_db;
  tutti_ramp_set (&self->turn, self->turning ? 0 : 1);
}

static void
finish_turn (TuttiStrip *self)
{
  if (!self->turning || self->turn.left > 0)
    return;
  self->turning = FALSE;
  self->config = self->next;
  tutti_ramp_set (&self->turn, 1);
}

/* Fills the engine's planes with what the strip is made of. Returns the channels. */
static guint
pick_channels (TuttiStrip *self,
               TuttiAudioEngine *engine,
               const float *const *in,
               guint n_in,
               guint n_samples)
{
  const TuttiStripConfig *config = &self->config;
  guint channels = config->channels == 2 ? 2 : 1;
  const float *left = config->first_channel < n_in ? in[config->first_channel] : NULL;
  const float *right = left;

  if (config->n_source_channels == 2)
    right = config->first_channel + 1 < n_in ? in[config->first_channel + 1] : NULL;
  for (guint c = 0; c < channels; c++) {
    const float *from = c == 0 ? left : right;

    if (from != NULL)
      memcpy (engine->planes[c], from, n_samples * sizeof (float));
    else
      memset (engine->planes[c], 0, n_samples * sizeof (float));
  }
  if (channels == 1 && config->n_source_channels == 2)
    for (guint i = 0; i < n_samples; i++)
      engine->planes[0][i] = 0.5f * (engine->planes[0][i] + (right != NULL ? right[i] : 0));
  return channels;
}

static void
apply (TuttiRamp *ramp, TuttiAudioEngine *engine, guint channels, guint n_samples)
{
  TuttiRamp same = *ramp;

  tutti_ramp_apply (ramp, engine->planes[0], n_samples);
  if (channels == 2)
    tutti_ramp_apply (&same, engine->planes[1], n_samples);
}

/* Whether a frame is complete at @end. Only what is at most a frame ahead can be waited for: after
 * half a day without a frame (muted, not sending) wake_at is so old that it would seem to lie
 * ahead. */
static gboolean
is_due (TuttiStrip *self, guint32 end)
{
  guint32 missing = atomic_load_explicit (&self->wake_at, memory_order_relaxed) - end;

  return missing == 0 || missing > TUTTI_MAX_FRAME_SAMPLES;
}

static void
hand_on (TuttiStrip *self,
         TuttiAudioEngine *engine,
         guint channels,
         guint n_samples,
         gint64 cycle_ns)
{
  TuttiBlock head = {
    .timestamp = self->timestamp,
    .n_samples = (guint16) n_samples,
    .channels = (guint8) channels,
    .silent = self->open.left == 0 && self->open.value == 0,
    .cycle_ns = cycle_ns,
  };
  guint32 end = self->timestamp + n_samples;

  self->silent_run = head.silent ? MIN (self->silent_run + n_samples, 2 * SILENT_RUN) : 0;
  if (self->silent_run > SILENT_RUN)
    return;
  for (guint i = 0; i < n_samples; i++)
    for (guint c = 0; c < channels; c++)
      engine->block[i * channels + c] = engine->planes[c][i];
  if (!tutti_ring_write2 (&self->blocks, &head, sizeof head, engine->block,
                          n_samples * channels * sizeof (float)))
    atomic_fetch_add_explicit (&self->overruns, 1, memory_order_relaxed);
  if (is_due (self, end))
    engine->wake = TRUE;
}

static void
monitor (TuttiStrip *self, TuttiAudioEngine *engine, guint channels, guint n_samples)
{
  const float *left = engine->planes[0];
  const float *right = engine->planes[channels - 1];

  tutti_ramp_set (&self->monitor,
                  atomic_load_explicit (&self->monitored, memory_order_relaxed) ? 1 : 0);
  if (self->monitor.left == 0 && self->monitor.value == 0)
    return;
  for (guint i = 0; i < n_samples; i++) {
    float gain = tutti_ramp_next (&self->monitor);

    engine->mix[0][i] += left[i] * gain;
    engine->mix[1][i] += right[i] * gain;
  }
}

void
tutti_strip_process (TuttiStrip *self,
                     TuttiAudioEngine *engine,
                     const float *const *in,
                     guint n_in,
                     guint n_samples,
                     gint64 cycle_ns,
                     guint gap)
{
  guint channels;

  self->played = TRUE;
  finish_turn (self);
  channels = pick_channels (self, engine, in, n_in, n_samples);
  apply (&self->turn, engine, channels, n_samples);

  /* What the graph missed was still time: the stream's clock must not fall behind. */
  self->timestamp += gap;
  tutti_ramp_set (&self->gain, tutti_db_to_gain (self->config.gain_db));
  apply (&self->gain, engine, channels, n_samples);
  tutti_meter_add (&self->meter, engine->planes[0], channels == 2 ? engine->planes[1] : NULL,
                   n_samples);
  tutti_ramp_set (&self->open, atomic_load_explicit (&self->muted, memory_order_relaxed) ? 0 : 1);
  apply (&self->open, engine, channels, n_samples);
  for (guint i = 0; i < n_samples; i++)
    engine->captured[i] += 0.5f * (engine->planes[0][i] + engine->planes[channels - 1][i]);
  monitor (self, engine, channels, n_samples);
  tutti_ramp_set (&self->send, tutti_db_to_gain (self->config.send_db));
  apply (&self->send, engine, channels, n_samples);
  if (atomic_load_explicit (&self->active, memory_order_relaxed))
    hand_on (self, engine, channels, n_samples, cycle_ns);
  self->timestamp += n_samples;
}

/* Main thread */

static TuttiStripConfig
checked (const TuttiStripConfig *config)
{
  TuttiStripConfig copy = *config;

  copy.channels = CLAMP (copy.channels, 1, TUTTI_MAX_CHANNELS);
  copy.n_source_channels = CLAMP (copy.n_source_channels, 1, TUTTI_MAX_CHANNELS);
  return copy;
}

int
tutti_audio_engine_add_strip (TuttiAudioEngine *self,
                              const TuttiStripConfig *config,
                              GError **error)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_STRIP };
  TuttiStrip *strip;
  guint index = 0;

  while (index < TUTTI_MAX_STRIPS && self->strips[index] != NULL)
    index++;
  if (index == TUTTI_MAX_STRIPS) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED, _ ("There can be no more than %d strips."),
                 TUTTI_MAX_STRIPS);
    return -1;
  }
  strip = g_new0 (TuttiStrip, 1);
  strip->config = checked (config);
  strip->start = strip->timestamp = strip->worked = g_random_int ();
  atomic_init (&strip->wake_at, strip->start);
  tutti_ring_init (&strip->blocks, BLOCKS_SIZE);
  tutti_engine_lock_worker (self);
  self->strips[index] = strip;
  tutti_engine_unlock_worker (self);
  command.index = index;
  command.pointer = strip;
  tutti_engine_command (self, &command, FALSE);
  return (int) index;
}

void
tutti_audio_engine_remove_strip (TuttiAudioEngine *self, guint strip)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_STRIP, .index = strip };
  TuttiStrip *old;

  g_return_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL);

  old = self->strips[strip];
  tutti_engine_command (self, &command, TRUE);
  tutti_engine_lock_worker (self);
  self->strips[strip] = NULL;
  tutti_engine_unlock_worker (self);
  tutti_strip_free (old);
}

void
tutti_audio_engine_configure_strip (TuttiAudioEngine *self,
                                    guint strip,
                                    const TuttiStripConfig *config)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_CONFIGURE, .index = strip };

  g_return_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL);

  command.config = checked (config);
  tutti_engine_command (self, &command, FALSE);
}

void
tutti_audio_engine_set_strip_muted (TuttiAudioEngine *self, guint strip, gboolean muted)
{
  g_return_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL);

  atomic_store_explicit (&self->strips[strip]->muted, muted, memory_order_relaxed);
}

void
tutti_audio_engine_set_strip_monitor (TuttiAudioEngine *self, guint strip, gboolean on)
{
  g_return_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL);

  atomic_store_explicit (&self->strips[strip]->monitored, on, memory_order_relaxed);
}

void
tutti_audio_engine_get_strip_stats (TuttiAudioEngine *self, guint strip, TuttiStripStats *stats)
{
  TuttiStripProgress progress;

  g_return_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL);

  tutti_seqlock_read (&self->strips[strip]->progress, &progress, sizeof progress);
  tutti_meter_take (&self->strips[strip]->meter, &stats->level);
  stats->packets = progress.packets;
  stats->rtp_timestamp = progress.rtp_timestamp;
  stats->capture_ns = progress.capture_ns;
  stats->sent_ns = progress.sent_ns;
  stats->overruns = atomic_load_explicit (&self->strips[strip]->overruns, memory_order_relaxed);
}
