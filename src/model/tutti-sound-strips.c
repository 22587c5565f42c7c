/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-own-strip-private.h"
#include "tutti-thread.h"

/* What goes out of TuttiSound by itself: my strips, to the room; the others' stems, to a DAW. */

/* -- my strips -- */

static const struct {
  const char *signal;
  TuttiSoundProperty ours;
} main_strip_signals[] = {
  { "notify::input-mode", TUTTI_SOUND_PROP_INPUT_MODE },
  { "notify::gain-db", TUTTI_SOUND_PROP_INPUT_GAIN },
  { "notify::muted", TUTTI_SOUND_PROP_MUTED },
  { "notify::monitor", TUTTI_SOUND_PROP_MONITOR },
};

static void
main_strip_cb (TuttiOwnStrip *strip, GParamSpec *pspec, TuttiSound *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (main_strip_signals); i++) {
    if (g_str_has_suffix (main_strip_signals[i].signal, pspec->name))
      tutti_sound_notify (self, main_strip_signals[i].ours);
  }
}

static TuttiOwnStrip *
strip_at (TuttiSound *self, guint position)
{
  g_autoptr (TuttiOwnStrip) strip =
      g_list_model_get_item (G_LIST_MODEL (self->own_strips), position);

  return strip; /* the list still holds it */
}

static guint
n_strips (TuttiSound *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->own_strips));
}

/* How many channels the input really has. */
static guint
input_channels (TuttiSound *self)
{
  TuttiSoundSide *side = &self->sides[TUTTI_DEVICE_INPUT];

  if (self->source)
    return tutti_audio_source_get_channels (self->source);
  if (side->active)
    return MAX (tutti_device_get_channels (side->active), 1);

  return 2;
}

void
tutti_sound_configure_strips (TuttiSound *self)
{
  guint channels = input_channels (self);

  for (guint i = 0; i < n_strips (self); i++)
    tutti_own_strip_set_input_channels (strip_at (self, i), channels);
}

static TuttiOwnStrip *
make_strip (TuttiSound *self, const char *id, const char *label, GError **error)
{
  TuttiStripConfig config = { .n_source_channels = 1, .channels = 1 };
  g_autoptr (TuttiOwnStrip) strip = NULL;
  int index = tutti_audio_engine_add_strip (self->engine, &config, error);

  if (index < 0)
    return NULL;

  strip = tutti_own_strip_new (self->engine, (guint) index, id, label);
  tutti_own_strip_set_input_channels (strip, input_channels (self));
  g_list_store_append (self->own_strips, strip);

  return strip; /* the list holds it */
}

void
tutti_sound_init_strips (TuttiSound *self)
{
  g_autoptr (GError) error = NULL;
  TuttiOwnStrip *strip;

  self->stem_list = g_ptr_array_new ();
  self->own_strips = g_list_store_new (TUTTI_TYPE_OWN_STRIP);
  strip = make_strip (self, TUTTI_OWN_STRIP_MAIN, "", &error);
  if (!strip || tutti_own_strip_get_index (strip) != TUTTI_SOUND_STRIP)
    g_error ("A new engine has no room for its first strip: %s", error ? error->message : "?");

  for (guint i = 0; i < G_N_ELEMENTS (main_strip_signals); i++)
    g_signal_connect_object (strip, main_strip_signals[i].signal, G_CALLBACK (main_strip_cb), self,
                             G_CONNECT_DEFAULT);
}

GListModel *
tutti_sound_get_own_strips (TuttiSound *self)
{
  g_return_val_if_fail (TUTTI_IS_SOUND (self), NULL);

  return G_LIST_MODEL (self->own_strips);
}

TuttiOwnStrip *
tutti_sound_get_main_strip (TuttiSound *self)
{
  g_return_val_if_fail (TUTTI_IS_SOUND (self), NULL);

  return strip_at (self, 0);
}

/* The lowest number that no strip has. */
static char *
find_id (TuttiSound *self)
{
  for (guint number = 2;; number++) {
    g_autofree char *id = g_strdup_printf ("strip-%u", number);
    gboolean taken = FALSE;

    for (guint i = 0; i < n_strips (self); i++)
      taken |= g_str_equal (tutti_own_strip_get_id (strip_at (self, i)), id);
    if (!taken)
      return g_steal_pointer (&id);
  }
}

TuttiOwnStrip *
tutti_sound_add_own_strip (TuttiSound *self, const char *label, GError **error)
{
  g_autofree char *id = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (TUTTI_IS_SOUND (self), NULL);

  if (n_strips (self) == TUTTI_MAX_OWN_STRIPS) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                 _ ("One person can play over no more than %d strips."), TUTTI_MAX_OWN_STRIPS);
    return NULL;
  }

  id = find_id (self);

  return make_strip (self, id, label, error);
}

void
tutti_sound_remove_own_strip (TuttiSound *self, TuttiOwnStrip *strip)
{
  g_autoptr (TuttiOwnStrip) held = g_object_ref (strip);
  guint position;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_SOUND (self));
  g_return_if_fail (strip != tutti_sound_get_main_strip (self));
  g_return_if_fail (g_list_store_find (self->own_strips, strip, &position));

  g_list_store_remove (self->own_strips, position);
  tutti_own_strip_detach (held);
  tutti_audio_engine_remove_strip (self->engine, tutti_own_strip_get_index (held));
}

guint
tutti_sound_get_channels (TuttiSound *self)
{
  return tutti_own_strip_get_channels (tutti_sound_get_main_strip (self));
}

gboolean
tutti_sound_get_muted (TuttiSound *self)
{
  return tutti_own_strip_get_muted (tutti_sound_get_main_strip (self));
}

void
tutti_sound_get_input_level (TuttiSound *self, TuttiLevel *level)
{
  tutti_own_strip_get_level (tutti_sound_get_main_strip (self), level);
}

void
tutti_sound_get_own_stats (TuttiSound *self, TuttiStripStats *stats)
{
  tutti_own_strip_get_stats (tutti_sound_get_main_strip (self), stats);
}

void
tutti_sound_peek_own_stats (TuttiSound *self, TuttiStripStats *stats)
{
  tutti_own_strip_peek_stats (tutti_sound_get_main_strip (self), stats);
}

/* -- the others' stems -- */

struct _TuttiSoundStem {
  TuttiAudioRemote *remote; /* borrowed */
  char *name;
  char *slug;
  guint number;      /* among those of that slug */
  TuttiPwStem *node; /* NULL while stems are off, or there is no PipeWire */
};

/* What is left of a name when only what no patch bay trips over is kept. */
static char *
make_slug (const char *name)
{
  g_autofree char *ascii = g_str_to_ascii (name, NULL);
  g_autoptr (GString) slug = g_string_new (NULL);

  for (const char *c = ascii; *c; c++) {
    if (g_ascii_isalnum (*c))
      g_string_append_c (slug, g_ascii_tolower (*c));
    else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
      g_string_append_c (slug, '-');
  }
  while (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);
  if (slug->len == 0)
    g_string_append (slug, "musician");

  return g_string_free_and_steal (g_steal_pointer (&slug));
}

static gboolean
is_taken (TuttiSound *self, const char *slug, guint number)
{
  for (guint i = 0; i < self->stem_list->len; i++) {
    TuttiSoundStem *stem = g_ptr_array_index (self->stem_list, i);

    if (stem->number == number && g_str_equal (stem->slug, slug))
      return TRUE;
  }

  return FALSE;
}

static void
make_stem (TuttiSound *self, TuttiSoundStem *stem)
{
  g_autofree char *name = NULL;
  g_autofree char *description = NULL;

  if (!self->stems || !self->node || stem->node)
    return;

  /* The same person gets the same name each time, so that a DAW finds its connections again; a
   * second of that name gets a number. */
  name = stem->number == 1 ? g_strdup_printf ("tutti-stem-%s", stem->slug)
                           : g_strdup_printf ("tutti-stem-%s-%u", stem->slug, stem->number);
  description = g_strdup_printf ("%s: %s", TUTTI_APP_NAME, stem->name);
  stem->node = tutti_pw_stem_new (self->node, stem->remote, name, description);
}

void
tutti_sound_make_stems (TuttiSound *self)
{
  for (guint i = 0; i < self->stem_list->len; i++)
    make_stem (self, g_ptr_array_index (self->stem_list, i));
}

void
tutti_sound_drop_stems (TuttiSound *self)
{
  for (guint i = 0; i < self->stem_list->len; i++) {
    TuttiSoundStem *stem = g_ptr_array_index (self->stem_list, i);

    g_clear_pointer (&stem->node, tutti_pw_stem_free);
  }
}

void
tutti_sound_set_stems (TuttiSound *self, gboolean stems)
{
  if (self->stems == stems)
    return;

  self->stems = stems;
  if (stems)
    tutti_sound_make_stems (self);
  else
    tutti_sound_drop_stems (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_STEMS);
}

TuttiSoundStem *
tutti_sound_add_stem (TuttiSound *self, TuttiAudioRemote *remote, const char *name)
{
  TuttiSoundStem *stem;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (TUTTI_IS_SOUND (self), NULL);
  g_return_val_if_fail (remote != NULL && name != NULL, NULL);

  stem = g_new0 (TuttiSoundStem, 1);
  stem->remote = remote;
  stem->name = g_strdup (name);
  stem->slug = make_slug (name);
  stem->number = 1;
  while (is_taken (self, stem->slug, stem->number))
    stem->number++;
  g_ptr_array_add (self->stem_list, stem);
  make_stem (self, stem);

  return stem;
}

void
tutti_sound_remove_stem (TuttiSound *self, TuttiSoundStem *stem)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_SOUND (self));
  g_return_if_fail (stem != NULL);

  g_clear_pointer (&stem->node, tutti_pw_stem_free);
  g_ptr_array_remove (self->stem_list, stem);
  g_free (stem->name);
  g_free (stem->slug);
  g_free (stem);
}
