/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim-line.h"

#include <math.h>
#include <string.h>

/* In ms and percent, one way. @walk: jitter goes on from packet to packet. */
typedef struct {
  const char *name;
  const char *source;
  double base_ms;
  double sigma_ms;
  double loss_percent;
  gboolean reorders;
  double (*delay) (SimLine *self, double seconds);
} Model;

struct _SimLine {
  const Model *model;
  Model recording;
  guint seed;
  gboolean bad;      /* Gilbert-Elliott */
  double stall_next; /* s */
  double stall_end;
  GArray *recorded; /* (element-type double) */
  guint at;
};

static double
normal (SimLine *self, double sigma)
{
  return sigma * fmax (-3, sim_gauss (&self->seed)) + 3 * sigma;
}

/* σ 1 → 5 → 1 → 20 → 2 → 1 ms, 20 s each */
static double
staircase (SimLine *self, double seconds)
{
  const double sigmas[] = { 1, 5, 1, 20, 2, 1 };

  return normal (self, sigmas[MIN ((guint) (seconds / 20), G_N_ELEMENTS (sigmas) - 1)]);
}

/* E. Gilbert 1960, E. Elliott 1963: a good state without loss and a bad one with half lost and 4 ms
 * of jitter; 1 % of the packets begin a bad spell, which lasts for five on average. */
static double
bursty (SimLine *self, double seconds)
{
  self->bad = sim_uniform (&self->seed) < (self->bad ? 0.8 : 0.01);
  if (self->bad && sim_uniform (&self->seed) < 0.5)
    return SIM_LOST;
  return normal (self, self->bad ? 4 : 0.3);
}

static double
route (SimLine *self, double seconds)
{
  gboolean longer = fmod (seconds, 30) >= 10 && fmod (seconds, 30) < 20;

  return (longer ? 30 : 0) + normal (self, 0.2);
}

/* Every 5 to 12 s nothing comes for 30 to 150 ms, then all at once. */
static double
stall (SimLine *self, double seconds)
{
  if (seconds >= self->stall_next) {
    self->stall_end = seconds + 0.03 + 0.12 * sim_uniform (&self->seed);
    self->stall_next = seconds + 5 + 7 * sim_uniform (&self->seed);
  }
  return fmax (0, (self->stall_end - seconds) * 1000) + normal (self, 0.3);
}

/* Public figures, used as one-way mean, standard deviation of normal jitter in order (where a
 * source gives one) and independent loss. Sources: Augmented Traffic Control (Facebook,
 * utils/profiles), Comcast (T. Treat, README), Loadero (wiki.loadero.com, network conditions).
 * Rates are not modelled: 0.15 to 1.2 Mbit/s of sound fit into all that are here. */
static const Model models[] = {
  { "clean", "nothing but the way", 0, 0, 0 },
  { "sigma-1", "normal jitter in order", 0, 1, 0 },
  { "sigma-2", "normal jitter in order", 0, 2, 0 },
  { "sigma-5", "normal jitter in order", 0, 5, 0 },
  { "staircase", "normal jitter in order, 1-5-1-20-2-1 ms", 0, 0, 0, FALSE, staircase },
  { "reorder-2", "normal jitter, each packet on its own", 0, 2, 0, TRUE },
  { "bursty", "Gilbert-Elliott", 0, 0, 0, FALSE, bursty },
  { "route", "10 s in 30 the road is 30 ms longer", 0, 0, 0, FALSE, route },
  { "stall", "a stall of 30 to 150 ms every 5 to 12 s", 0, 0, 0, FALSE, stall },
  { "loss-1", "independent loss", 0, 0, 1 },
  { "loss-5", "independent loss", 0, 0, 5 },
  { "atc-cable", "ATC Cable.json", 2, 0, 0 },
  { "atc-dsl", "ATC DSL.json", 5, 0, 0 },
  { "comcast-wifi", "Comcast README, WiFi (good)", 40, 0, 0.2 },
  { "comcast-dsl-poor", "Comcast README, DSL (poor)", 70, 0, 2 },
  { "comcast-starlink", "Comcast README, Starlink", 20, 0, 2.5 },
  { "loadero-4g", "Loadero 4G", 45, 5, 0.2 },
  { "loadero-3.5g", "Loadero 3.5G", 150, 10, 0.5 },
};

static const char *names[G_N_ELEMENTS (models) + 1];

const char *const *
sim_line_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    names[i] = models[i].name;
  return names;
}

static gboolean
read_recording (SimLine *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  self->recorded = g_array_new (FALSE, FALSE, sizeof (double));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *end = NULL;
    double value = g_ascii_strtod (lines[i], &end);

    if (g_str_has_prefix (lines[i], "lost"))
      value = SIM_LOST;
    else if (end == lines[i])
      continue;
    g_array_append_val (self->recorded, value);
  }
  if (self->recorded->len == 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s holds no arrivals", path);
  return self->recorded->len > 0;
}

SimLine *
sim_line_new (const char *name, guint seed, GError **error)
{
  g_autoptr (SimLine) self = g_new0 (SimLine, 1);

  self->seed = seed * 2654435761u + 1;
  self->stall_next = 3;
  if (g_str_has_prefix (name, "file:")) {
    self->recording.name = "recorded";
    self->recording.source = "recorded";
    self->recording.reorders = TRUE;
    self->model = &self->recording;
    return read_recording (self, name + 5, error) ? g_steal_pointer (&self) : NULL;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    if (strcmp (models[i].name, name) == 0)
      self->model = &models[i];
  if (self->model != NULL)
    return g_steal_pointer (&self);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "There is no line '%s'", name);
  return NULL;
}

void
sim_line_free (SimLine *self)
{
  g_clear_pointer (&self->recorded, g_array_unref);
  g_free (self);
}

static double
next_delay (Sim *sim, guint index, double seconds)
{
  SimLine *self = sim->user_data;
  const Model *model = self->model;

  if (self->recorded != NULL)
    return g_array_index (self->recorded, double, self->at++ % self->recorded->len);
  if (model->loss_percent > 0 && sim_uniform (&self->seed) * 100 < model->loss_percent)
    return SIM_LOST;
  if (model->delay != NULL)
    return model->base_ms + model->delay (self, seconds);
  return model->base_ms + (model->sigma_ms > 0 ? normal (self, model->sigma_ms) : 0);
}

void
sim_line_install (SimLine *self, Sim *sim)
{
  sim->user_data = self;
  sim->delay_ms = next_delay;
  sim->in_order = !self->model->reorders;
  sim->base_ms = self->model->base_ms;
}

const char *
sim_line_get_source (const SimLine *self)
{
  return self->model->source;
}
