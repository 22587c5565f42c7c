/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine-pair.h"

#include <string.h>

void
line_init (Line *line, double delay_ms)
{
  memset (line, 0, sizeof *line);
  pthread_mutex_init (&line->mutex, NULL);
  line->packets = g_array_new (FALSE, FALSE, sizeof (Packet));
  line->delay_ns = (gint64) (delay_ms * 1e6);
}

void
line_clear (Line *line)
{
  g_array_unref (line->packets);
  pthread_mutex_destroy (&line->mutex);
}

void
line_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Line *line = user_data;
  Packet packet = { .size = size };

  memcpy (packet.data, rtp, size);
  pthread_mutex_lock (&line->mutex);
  packet.arrival_ns = line->now_ns + line->delay_ns;
  g_array_append_val (line->packets, packet);
  line->n_sent++;
  pthread_mutex_unlock (&line->mutex);
}

void
line_destroyed (gpointer user_data)
{
  ((Line *) user_data)->destroyed++;
}

void
line_set_time (Line *line, gint64 now_ns)
{
  pthread_mutex_lock (&line->mutex);
  line->now_ns = now_ns;
  pthread_mutex_unlock (&line->mutex);
}

static void
line_wait (Line *line, guint n_sent)
{
  gint64 until = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  guint n;

  do {
    pthread_mutex_lock (&line->mutex);
    n = line->n_sent;
    pthread_mutex_unlock (&line->mutex);
    g_assert_cmpint (g_get_monotonic_time (), <, until);
    if (n < n_sent)
      g_usleep (10);
  } while (n < n_sent);
  g_assert_cmpuint (n, ==, n_sent);
}

static void
line_deliver (Line *line, TuttiAudioRemote *remote, guint lane, gint64 now_ns)
{
  pthread_mutex_lock (&line->mutex);
  while (line->packets->len > 0) {
    Packet *packet = &g_array_index (line->packets, Packet, 0);

    if (packet->arrival_ns > now_ns)
      break;
    tutti_audio_remote_receive (remote, lane, packet->data, packet->size, packet->arrival_ns);
    g_array_remove_index (line->packets, 0);
  }
  pthread_mutex_unlock (&line->mutex);
}

gint64
pair_cycle_time (guint64 cycle)
{
  return PAIR_BASE_NS + (gint64) (cycle * PAIR_QUANTUM * 1e9 / PAIR_RATE);
}

void
pair_init (Pair *pair, guint frame, guint channels, double delay_ms, double seconds)
{
  TuttiStripConfig config = { 0, channels, channels, 0 };
  g_autoptr (GError) error = NULL;

  memset (pair, 0, sizeof *pair);
  pair->format = (TuttiAudioFormat) { TUTTI_WIRE_OPUS, frame, channels, 128000 };
  line_init (&pair->line, delay_ms);
  pair->sender = tutti_audio_engine_new ();
  pair->listener = tutti_audio_engine_new ();
  tutti_audio_engine_set_fade_in (pair->listener, 0);
  pair->strip = tutti_audio_engine_add_strip (pair->sender, &config, &error);
  g_assert_no_error (error);
  g_assert_true (tutti_audio_engine_send_strip (pair->sender, (guint) pair->strip, 0, &pair->format,
                                                PAIR_PT, 1234, line_send, &pair->line,
                                                line_destroyed, &error));
  g_assert_no_error (error);
  pair->remote = tutti_audio_engine_add_remote (pair->listener, &pair->format, PAIR_PT, &error);
  g_assert_no_error (error);
  pair->n_cycles = (guint64) (seconds * PAIR_RATE / PAIR_QUANTUM);
  pair->in = g_new0 (float, pair->n_cycles *PAIR_QUANTUM);
  pair->out[0] = g_new0 (float, pair->n_cycles *PAIR_QUANTUM);
  pair->out[1] = g_new0 (float, pair->n_cycles *PAIR_QUANTUM);
}

void
pair_clear (Pair *pair)
{
  tutti_audio_engine_free (pair->sender);
  tutti_audio_engine_free (pair->listener);
  g_assert_cmpuint (pair->line.destroyed, ==, 1);
  line_clear (&pair->line);
  g_free (pair->in);
  g_free (pair->out[0]);
  g_free (pair->out[1]);
}

/* In simulated time cycles follow each other so closely that a worker that is preempted while it
 * decodes would be met over and over: it is kept out for the length of the cycle. */
void
pair_listen (Pair *pair, float *const *out, guint64 cycle)
{
  gint64 now = pair_cycle_time (cycle) - (gint64) (pair->early * TUTTI_NSEC_PER_SEC / PAIR_RATE);
  guint64 position = cycle * PAIR_QUANTUM + (pair->early > 0 ? 1000000 : 0);

  line_deliver (&pair->line, pair->remote, 0, now);
  tutti_engine_lock_worker (pair->listener);
  tutti_audio_engine_process (pair->listener, NULL, 0, out, 2, PAIR_QUANTUM, 48000, now, position);
  tutti_engine_unlock_worker (pair->listener);
}

void
pair_cycle (Pair *pair, guint64 cycle)
{
  const float *in[2] = { pair->in + cycle * PAIR_QUANTUM, pair->in + cycle * PAIR_QUANTUM };
  float *out[2] = { pair->out[0] + cycle * PAIR_QUANTUM, pair->out[1] + cycle * PAIR_QUANTUM };
  gint64 now = pair_cycle_time (cycle);

  line_set_time (&pair->line, now);
  tutti_audio_engine_process (pair->sender, in, 2, NULL, 0, PAIR_QUANTUM, 48000, now,
                              cycle * PAIR_QUANTUM);
  line_wait (&pair->line, (guint) ((cycle + 1) * PAIR_QUANTUM / pair->format.frame_samples));
  pair_listen (pair, out, cycle);
}
