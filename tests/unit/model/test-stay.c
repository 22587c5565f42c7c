/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "model-test.h"
#include "tutti-own-strip.h"
#include "tutti-sound-private.h"
#include "tutti-stay-private.h"
#include "tutti-thread.h"

/* What a stay follows of my own strips, before it reaches any room. */

typedef struct {
  TuttiSound *sound;
  TuttiRoster *roster;
  TuttiStay *stay;
} Fixture;

static void
roster_cb (TuttiParticipant *participant, gboolean joined, gpointer user_data)
{
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = tutti_link_parse ("tutti://127.0.0.1:1/jam", NULL);
  const char *const formats[] = { "raw", "opus", NULL };
  const TuttiStayConfig config = {
    .display_name = (char *) "Anna",
    .instrument = (char *) "bass",
    .formats = (GStrv) formats,
  };

  f->sound = tutti_sound_new ();
  f->roster = tutti_roster_new (roster_cb, NULL);
  f->stay = tutti_stay_new (f->roster, f->sound, link, "anna-0001", &config);
  tutti_stay_watch_own (f->stay);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tutti_stay_close (f->stay);
  tutti_stay_unref (f->stay);
  tutti_roster_free (f->roster);
  model_test_run_ms (10);
  g_assert_finalize_object (f->sound);
}

static TuttiOwnStrip *
add (Fixture *f, const char *label)
{
  g_autoptr (GError) error = NULL;
  TuttiOwnStrip *strip = tutti_sound_add_own_strip (f->sound, label, &error);

  g_assert_no_error (error);
  return strip;
}

/* How many of our handlers a strip has: for mute, label and channels. */
static guint
count_handlers (Fixture *f, TuttiOwnStrip *strip)
{
  guint n = g_signal_handlers_block_matched (strip, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, f->stay);

  g_signal_handlers_unblock_matched (strip, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, f->stay);
  return n;
}

static void
assert_watched (Fixture *f)
{
  GListModel *strips = tutti_sound_get_own_strips (f->sound);

  g_assert_cmpuint (f->stay->watched->len, ==, g_list_model_get_n_items (strips));
  for (guint i = 0; i < f->stay->watched->len; i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    g_assert_true (g_ptr_array_index (f->stay->watched, i) == strip);
    g_assert_cmpuint (count_handlers (f, strip), ==, 3);
  }
}

/* A strip that is taken away is let go at once, however often that happens, and the others are
 * followed as before. */
static void
test_strips_go (Fixture *f, gconstpointer data)
{
  TuttiOwnStrip *voice = add (f, "Voice");

  for (guint i = 0; i < 50; i++) {
    TuttiOwnStrip *keys = add (f, "Keys");
    TuttiOwnStrip *loop = add (f, "Loop");

    assert_watched (f);
    g_object_add_weak_pointer (G_OBJECT (keys), (gpointer *) &keys);
    g_object_add_weak_pointer (G_OBJECT (loop), (gpointer *) &loop);
    tutti_sound_remove_own_strip (f->sound, i % 2 ? keys : loop); /* the last, or one between */
    g_assert_true ((i % 2 ? keys : loop) == NULL);
    assert_watched (f);
    tutti_sound_remove_own_strip (f->sound, i % 2 ? loop : keys);
    g_assert_null (keys);
    g_assert_null (loop);
    assert_watched (f);
  }
  g_assert_cmpuint (f->stay->watched->len, ==, 2);
  g_assert_cmpuint (count_handlers (f, voice), ==, 3);
}

/* Somebody else still holds it: it says nothing to us any longer. */
static void
test_held_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiOwnStrip) keys = g_object_ref (add (f, "Keys"));

  g_assert_cmpuint (count_handlers (f, keys), ==, 3);
  tutti_sound_remove_own_strip (f->sound, keys);
  g_assert_cmpuint (count_handlers (f, keys), ==, 0);
  assert_watched (f);
}

static void
test_close (Fixture *f, gconstpointer data)
{
  TuttiOwnStrip *keys = add (f, "Keys");

  tutti_stay_close (f->stay);
  g_assert_cmpuint (f->stay->watched->len, ==, 0);
  g_assert_cmpuint (count_handlers (f, keys), ==, 0);
  tutti_sound_remove_own_strip (f->sound, keys); /* nobody follows that */
  add (f, "Loop");
  g_assert_cmpuint (f->stay->watched->len, ==, 0);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  dex_init ();
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/stay/strips-go", test_strips_go);
  ADD ("/stay/held-elsewhere", test_held_elsewhere);
  ADD ("/stay/close", test_close);
#undef ADD

  return g_test_run ();
}
