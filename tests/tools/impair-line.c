/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "impair-line.h"

#include <math.h>
#include <string.h>

#define MS 1e6

/* SplitMix64 (Steele, Lea, Flood 2014): neighbouring seeds give unrelated streams. */
static guint64
mix (guint64 *state)
{
  guint64 z = (*state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return z ^ (z >> 31);
}

/* xoroshiro128+ (Blackman, Vigna 2018), as a number in [0, 1). */
static double
next_uniform (ImpairLine *self)
{
  guint64 a = self->random[0], b = self->random[1], sum = a + b;

  b ^= a;
  self->random[0] = ((a << 24) | (a >> 40)) ^ b ^ (b << 16);
  self->random[1] = (b << 37) | (b >> 27);

  return (double) (sum >> 11) * 0x1.0p-53;
}

/* Box-Muller. */
static double
next_gauss (ImpairLine *self)
{
  double radius, angle;

  if (self->has_spare) {
    self->has_spare = FALSE;
    return self->spare;
  }

  radius = sqrt (-2 * log (1 - next_uniform (self)));
  angle = 2 * G_PI * next_uniform (self);
  self->spare = radius * sin (angle);
  self->has_spare = TRUE;

  return radius * cos (angle);
}

void
impair_line_init (ImpairLine *self, guint64 seed)
{
  memset (self, 0, sizeof *self);
  self->settings.burst_length = 5;
  self->settings.queue_ms = 200;
  self->random[0] = mix (&seed);
  self->random[1] = mix (&seed);
}

char *
impair_settings_parse (ImpairSettings *settings, const char *text)
{
  const struct {
    const char *name;
    double *value;
    double least, most;
  } words[] = {
    { "delay", &settings->delay_ms, 0, 10000 },
    { "jitter", &settings->jitter_ms, 0, 10000 },
    { "loss", &settings->loss, 0, 100 },
    { "burst-loss", &settings->burst_loss, 0, 90 },
    { "burst-length", &settings->burst_length, 1, 10000 },
    { "rate", &settings->rate_kbit, 0, 1e7 },
    { "queue", &settings->queue_ms, 0, 10000 },
  };
  g_auto (GStrv) parts = g_strsplit_set (text, " \t", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    const char *equals = strchr (parts[i], '=');
    gboolean known = *parts[i] == '\0';

    for (guint w = 0; equals != NULL && w < G_N_ELEMENTS (words); w++) {
      char *end;
      double value = g_ascii_strtod (equals + 1, &end);

      if (strlen (words[w].name) != (gsize) (equals - parts[i]) ||
          !g_str_has_prefix (parts[i], words[w].name))
        continue;
      if (end == equals + 1 || *end != '\0' || !(value >= words[w].least && value <= words[w].most))
        break;
      *words[w].value = value;
      known = TRUE;
    }
    if (g_str_equal (parts[i], "reorder=0") || g_str_equal (parts[i], "reorder=1")) {
      settings->reorder = equals[1] == '1';
      known = TRUE;
    }
    if (!known)
      return g_strdup (parts[i]);
  }

  return NULL;
}

/* Two states (Gilbert 1960): in the bad one every packet is lost. Its mean length and the share of
 * all packets that it takes give both chances of changing over. */
static gboolean
is_in_burst (ImpairLine *self)
{
  const ImpairSettings *s = &self->settings;
  double leave = 1 / s->burst_length;
  double enter = leave * s->burst_loss / (100 - s->burst_loss);

  if (s->burst_loss <= 0) {
    self->bursting = FALSE;
    return FALSE;
  }

  if (next_uniform (self) < (self->bursting ? leave : enter))
    self->bursting = !self->bursting;

  return self->bursting;
}

gboolean
impair_line_admit (ImpairLine *self, gint64 now_ns, gsize bytes, gint64 *due_ns)
{
  const ImpairSettings *s = &self->settings;
  gint64 start = now_ns;
  double way = s->delay_ms * MS;

  self->n_in++;
  /* Both are drawn for every packet, so that one does not change the other's stream. */
  if (is_in_burst (self) | (s->loss > 0 && next_uniform (self) * 100 < s->loss)) {
    self->n_lost++;
    return FALSE;
  }

  if (s->rate_kbit > 0) {
    start = MAX (start, self->busy_until);
    if (start - now_ns > (gint64) (s->queue_ms * MS)) {
      self->n_dropped++;
      return FALSE;
    }
    start += (gint64) ((double) bytes * 8 / s->rate_kbit * MS);
    self->busy_until = start;
  }

  if (s->jitter_ms > 0)
    way += s->jitter_ms * MS * next_gauss (self);
  *due_ns = start + (gint64) MAX (way, 0);
  if (!s->reorder)
    *due_ns = MAX (*due_ns, self->last_due);
  self->last_due = MAX (*due_ns, self->last_due);

  return TRUE;
}
