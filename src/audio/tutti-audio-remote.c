/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

void
tutti_remote_free (TuttiAudioRemote *self)
{
  tutti_playout_free (self->playout);
  tutti_stem_clear (&self->stem);
  g_free (self);
}

static float
wanted_gain (TuttiAudioRemote *self, gboolean any_solo)
{
  gboolean solo = atomic_load_explicit (&self->solo, memory_order_relaxed);

  if (atomic_load_explicit (&self->muted, memory_order_relaxed) || (any_solo && !solo))
    return 0;
  return atomic_load_explicit (&self->gain, memory_order_relaxed);
}

/* Holder of cycle_lease: a newcomer starts at its fader, not on the way to it. */
void
tutti_remote_install (TuttiAudioRemote *self)
{
  tutti_fader_set (&self->fader, wanted_gain (self, FALSE),
                   atomic_load_explicit (&self->pan, memory_order_relaxed));
  tutti_ramp_jump (&self->fader.left, self->fader.left.target);
  tutti_ramp_jump (&self->fader.right, self->fader.right.target);
}

gboolean
tutti_remote_process (TuttiAudioRemote *self,
                      TuttiAudioEngine *engine,
                      gboolean any_solo,
                      guint n_samples,
                      gint64 cycle_ns,
                      guint gap)
{
  float *planes[TUTTI_MAX_CHANNELS] = { engine->planes[0], engine->planes[1] };
  const float *right = self->channels == 2 ? planes[1] : planes[0];
  gboolean more;

  if (gap > 0)
    tutti_playout_leave_out (self->playout, gap);
  if (engine->early > 0)
    tutti_playout_hold (self->playout, engine->early);
  more = tutti_playout_process (self->playout, planes, n_samples, cycle_ns);
  tutti_fader_set (&self->fader, wanted_gain (self, any_solo),
                   atomic_load_explicit (&self->pan, memory_order_relaxed));
  if (!tutti_playout_has_started (self->playout)) {
    tutti_ramp_jump (&self->fader.left, self->fader.left.target);
    tutti_ramp_jump (&self->fader.right, self->fader.right.target);
    tutti_stem_write (&self->stem, NULL, NULL, n_samples);
    return more;
  }
  tutti_stem_write (&self->stem, planes[0], right, n_samples);
  tutti_meter_add (&self->meter, planes[0], right, n_samples);
  if (!tutti_fader_is_silent (&self->fader))
    tutti_fader_mix (&self->fader, planes[0], right, engine->mix[0], engine->mix[1], n_samples);
  return more;
}

TuttiAudioRemote *
tutti_audio_engine_add_remote (TuttiAudioEngine *self,
                               const TuttiAudioFormat *format,
                               guint8 payload_type,
                               GError **error)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_REMOTE };
  TuttiAudioRemote *remote;
  TuttiPlayout *playout;
  guint index = 0;

  while (index < TUTTI_MAX_REMOTES && self->remotes[index] != NULL)
    index++;
  if (index == TUTTI_MAX_REMOTES) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_ROOM_FULL,
                 _ ("Tutti cannot hear more than %d streams at once."), TUTTI_MAX_REMOTES);
    return NULL;
  }
  playout = tutti_playout_new (format, payload_type, error);
  if (playout == NULL)
    return NULL;

  remote = g_new0 (TuttiAudioRemote, 1);
  remote->playout = playout;
  remote->channels = format->channels;
  remote->index = index;
  atomic_init (&remote->gain, 1.0f);
  tutti_fader_init (&remote->fader, self->fade_in_ms * (TUTTI_SAMPLE_RATE / 1000));
  tutti_engine_lock_worker (self);
  self->remotes[index] = remote;
  tutti_engine_unlock_worker (self);
  command.index = index;
  command.pointer = remote;
  tutti_engine_command (self, &command, FALSE);
  return remote;
}

void
tutti_audio_engine_remove_remote (TuttiAudioEngine *self, TuttiAudioRemote *remote)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_REMOTE, .index = remote->index };

  g_return_if_fail (self->remotes[remote->index] == remote);

  tutti_engine_command (self, &command, TRUE);
  tutti_engine_lock_worker (self);
  self->remotes[remote->index] = NULL;
  tutti_engine_unlock_worker (self);
  tutti_remote_free (remote);
}

void
tutti_audio_remote_receive (TuttiAudioRemote *remote,
                            guint lane,
                            const guint8 *rtp,
                            gsize size,
                            gint64 arrival_ns)
{
  tutti_playout_push (remote->playout, lane, rtp, size, arrival_ns);
}

void
tutti_audio_remote_set_gain (TuttiAudioRemote *remote, float gain_db)
{
  atomic_store_explicit (&remote->gain, tutti_db_to_gain (gain_db), memory_order_relaxed);
}

void
tutti_audio_remote_set_pan (TuttiAudioRemote *remote, float pan)
{
  atomic_store_explicit (&remote->pan, pan >= -1 ? MIN (pan, 1) : -1, memory_order_relaxed);
}

void
tutti_audio_remote_set_muted (TuttiAudioRemote *remote, gboolean muted)
{
  atomic_store_explicit (&remote->muted, muted, memory_order_relaxed);
}

void
tutti_audio_remote_set_solo (TuttiAudioRemote *remote, gboolean solo)
{
  atomic_store_explicit (&remote->solo, solo, memory_order_relaxed);
}

void
tutti_audio_remote_set_bias (TuttiAudioRemote *remote, float bias)
{
  tutti_playout_set_bias (remote->playout, bias);
}

void
tutti_audio_remote_get_stats (TuttiAudioRemote *remote, TuttiRemoteStats *stats)
{
  tutti_playout_get_stats (remote->playout, stats);
  tutti_meter_take (&remote->meter, &stats->level);
}

gboolean
tutti_audio_remote_read_stem (TuttiAudioRemote *remote, float *const *planes, guint n)
{
  return tutti_stem_read (&remote->stem, planes, n);
}

void
tutti_audio_remote_set_stem (TuttiAudioRemote *remote, gboolean enabled)
{
  tutti_stem_set (&remote->stem, enabled);
}
