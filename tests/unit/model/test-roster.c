/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-audio-engine.h"
#include "tutti-clock.h"
#include "tutti-participant-private.h"
#include "tutti-roster.h"
#include "tutti-strip-private.h"
#include "tutti-thread.h"

typedef struct {
  TuttiRoster *roster;
  guint joined;
  guint left;
} Fixture;

static void
roster_cb (TuttiParticipant *participant, gboolean joined, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_true (TUTTI_IS_PARTICIPANT (participant));
  *(joined ? &f->joined : &f->left) += 1;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->roster = tutti_roster_new (roster_cb, f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tutti_roster_free (f->roster);
}

static void
add (Fixture *f, const char *id, const char *name)
{
  const TuttiPeerInfo info = { (char *) id, (char *) name, (char *) "bass" };

  tutti_roster_add (f->roster, &info);
}

static double
get_gain (TuttiStrip *strip)
{
  double gain;

  g_object_get (strip, "gain-db", &gain, NULL);

  return gain;
}

static void
test_people (Fixture *f, gconstpointer data)
{
  TuttiParticipant *anna;

  add (f, "anna-0001", "Anna");
  add (f, "bert-0001", "Bert");
  add (f, "anna-0001", "Anne");
  g_assert_cmpuint (f->joined, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (tutti_roster_get_model (f->roster)), ==, 2);

  anna = tutti_roster_find (f->roster, "anna-0001");
  g_assert_cmpstr (tutti_participant_get_display_name (anna), ==, "Anne");
  g_assert_cmpstr (tutti_participant_get_instrument (anna), ==, "bass");
  tutti_roster_rename (f->roster, "anna-0001", "Anna B.");
  g_assert_cmpstr (tutti_participant_get_display_name (anna), ==, "Anna B.");

  tutti_roster_remove (f->roster, "nobody");
  g_assert_cmpuint (f->left, ==, 0);
  g_object_ref (anna);
  tutti_roster_remove (f->roster, "anna-0001");
  g_assert_cmpuint (f->left, ==, 1);
  g_assert_null (tutti_roster_find (f->roster, "anna-0001"));
  g_assert_finalize_object (anna);
}

static void
test_reconcile (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) peers = g_ptr_array_new ();
  const TuttiPeerInfo bert = { (char *) "bert-0001", (char *) "Bert", (char *) "" };
  const TuttiPeerInfo cora = { (char *) "cora-0001", (char *) "Cora", (char *) "" };
  TuttiParticipant *kept;

  add (f, "anna-0001", "Anna");
  add (f, "bert-0001", "Bert");
  kept = tutti_roster_find (f->roster, "bert-0001");
  g_ptr_array_add (peers, (gpointer) &bert);
  g_ptr_array_add (peers, (gpointer) &cora);
  tutti_roster_reconcile (f->roster, peers);

  g_assert_null (tutti_roster_find (f->roster, "anna-0001"));
  g_assert_true (tutti_roster_find (f->roster, "bert-0001") == kept);
  g_assert_nonnull (tutti_roster_find (f->roster, "cora-0001"));
  g_assert_cmpuint (f->joined, ==, 3);
  g_assert_cmpuint (f->left, ==, 1);
}

static void
test_settings_return (Fixture *f, gconstpointer data)
{
  TuttiStrip *strip;
  gboolean muted, solo;
  double pan, bias;

  add (f, "anna-0001", "Anna");
  strip = tutti_roster_ensure_strip (f->roster, "anna-0001", "main", "Bass");
  g_assert_true (tutti_roster_ensure_strip (f->roster, "anna-0001", "main", "Bass") == strip);
  g_object_set (strip, "gain-db", -7.5, "pan", 0.25, "muted", TRUE, "solo", TRUE, "bias", 0.75,
                NULL);
  tutti_roster_remove (f->roster, "anna-0001");

  /* The same person under the same id, though renamed. */
  add (f, "anna-0001", "Anna the second");
  strip = tutti_roster_ensure_strip (f->roster, "anna-0001", "main", "Bass");
  g_object_get (strip, "pan", &pan, "muted", &muted, "solo", &solo, "bias", &bias, NULL);
  g_assert_cmpfloat (get_gain (strip), ==, -7.5);
  g_assert_cmpfloat (pan, ==, 0.25);
  g_assert_cmpfloat (bias, ==, 0.75);
  g_assert_true (muted && solo);

  /* Under another id, known by name; another strip of the same name is not it. */
  add (f, "anna-0002", "Anna");
  g_assert_cmpfloat (get_gain (tutti_roster_ensure_strip (f->roster, "anna-0002", "main", "")), ==,
                     -7.5);
  g_assert_cmpfloat (get_gain (tutti_roster_ensure_strip (f->roster, "anna-0002", "voice", "")), ==,
                     0);

  g_assert_null (tutti_roster_ensure_strip (f->roster, "nobody", "main", ""));
}

static void
test_settings_survive_clear (Fixture *f, gconstpointer data)
{
  add (f, "anna-0001", "Anna");
  g_object_set (tutti_roster_ensure_strip (f->roster, "anna-0001", "main", ""), "gain-db", -3.0,
                NULL);
  tutti_roster_clear (f->roster);
  g_assert_cmpuint (f->left, ==, 1);

  add (f, "anna-0001", "Anna");
  g_assert_cmpfloat (get_gain (tutti_roster_ensure_strip (f->roster, "anna-0001", "main", "")), ==,
                     -3);
}

static void
test_prune (Fixture *f, gconstpointer data)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  const TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 240, 1, 96000 };
  g_autoptr (GError) error = NULL;
  TuttiAudioRemote *remote = tutti_audio_engine_add_remote (engine, &format, 100, &error);
  gint64 later = tutti_clock_now_ns () + 20 * TUTTI_NSEC_PER_SEC;
  GListModel *strips;
  TuttiStrip *played;

  g_assert_no_error (error);
  add (f, "anna-0001", "Anna");
  strips = tutti_participant_get_strips (tutti_roster_find (f->roster, "anna-0001"));
  played = tutti_roster_ensure_strip (f->roster, "anna-0001", "main", "");
  tutti_strip_attach (played, remote, 0);
  tutti_roster_ensure_strip (f->roster, "anna-0001", "gone", "");

  tutti_roster_prune (f->roster, tutti_clock_now_ns (), 10 * TUTTI_NSEC_PER_SEC);
  g_assert_cmpuint (g_list_model_get_n_items (strips), ==, 2);
  tutti_roster_prune (f->roster, later, 10 * TUTTI_NSEC_PER_SEC);
  g_assert_cmpuint (g_list_model_get_n_items (strips), ==, 1);
  g_assert_true (tutti_participant_find_strip (tutti_roster_find (f->roster, "anna-0001"),
                                               "anna-0001/main") == played);

  tutti_strip_detach (played);
  tutti_audio_engine_remove_remote (engine, remote);
  tutti_audio_engine_free (engine);
}

/* How somebody hears us: the latest of our strips, the worst of their losses. */
static void
test_heard (Fixture *f, gconstpointer data)
{
  const TuttiHeard bass = { (char *) "anna-0001", (char *) "p1", 0.5, 0.1, TRUE, 12, 1 };
  const TuttiHeard voice = { (char *) "anna-0001", (char *) "p2", 2, 0, TRUE, 8, 2 };
  const TuttiHeard mute = { (char *) "anna-0001", (char *) "p1", 0, 0, FALSE, 0, 0 };
  TuttiParticipant *anna;
  double delay, error, loss, concealed;

  add (f, "anna-0001", "Anna");
  anna = tutti_roster_find (f->roster, "anna-0001");
  g_object_get (anna, "heard-delay-ms", &delay, "heard-loss", &loss, NULL);
  g_assert_cmpfloat (delay, ==, -1);
  g_assert_cmpfloat (loss, ==, -1);

  tutti_participant_take_heard (anna, &bass);
  tutti_participant_take_heard (anna, &voice);
  g_object_get (anna, "heard-delay-ms", &delay, "heard-error-ms", &error, "heard-loss", &loss,
                "heard-concealed", &concealed, NULL);
  g_assert_cmpfloat (delay, ==, 12);
  g_assert_cmpfloat (error, ==, 1);
  g_assert_cmpfloat (loss, ==, 2);
  g_assert_cmpfloat (concealed, ==, 0.1);

  tutti_participant_take_heard (anna, &mute);
  g_object_get (anna, "heard-delay-ms", &delay, "heard-concealed", &concealed, NULL);
  g_assert_cmpfloat (delay, ==, 8);
  g_assert_cmpfloat (concealed, ==, 0);
}

static void
count_cb (guint *count)
{
  *count += 1;
}

static void
test_strip (void)
{
  g_autoptr (TuttiStrip) strip = tutti_strip_new ("anna-0001/main", "Bass");
  guint notified = 0;
  TuttiRemoteStats stats;
  TuttiLevel level;
  double delay;

  /* Without sound it reads as silent, and what is set is kept. */
  tutti_strip_get_level (strip, &level);
  tutti_strip_get_stats (strip, &stats);
  g_assert_cmpfloat (level.peak_db[0], ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat (stats.level.rms_db[1], ==, TUTTI_SILENCE_DB);
  g_assert_cmpint (tutti_strip_get_detached_since (strip), >, 0);

  g_signal_connect_swapped (strip, "notify::gain-db", G_CALLBACK (count_cb), &notified);
  g_object_set (strip, "gain-db", -6.0, NULL);
  g_object_set (strip, "gain-db", -6.0, NULL);
  g_assert_cmpuint (notified, ==, 1);

  tutti_strip_tick (strip, NULL, &(TuttiPlaybackPath) { 0 });
  g_object_get (strip, "delay-ms", &delay, NULL);
  g_assert_cmpfloat (delay, ==, -1);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/roster/people", test_people);
  ADD ("/roster/reconcile", test_reconcile);
  ADD ("/roster/settings-return", test_settings_return);
  ADD ("/roster/settings-survive-clear", test_settings_survive_clear);
  ADD ("/roster/prune", test_prune);
  ADD ("/roster/heard", test_heard);
#undef ADD
  g_test_add_func ("/strip/detached", test_strip);

  return g_test_run ();
}
