/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "model-test.h"
#include "tutti-codec.h"
#include "tutti-error.h"
#include "tutti-sound-private.h"
#include "tutti-stay-private.h"
#include "tutti-thread.h"

/* How a stay takes the room's plans, with the real engine and without a room: when it would say
 * that it has applied them, and how it waits for the first. */

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
  const char *const formats[] = { "raw", "tight", "opus", NULL };
  const TuttiStayConfig config = {
    .display_name = (char *) "Anna",
    .instrument = (char *) "bass",
    .formats = (GStrv) formats,
  };

  f->sound = tutti_sound_new ();
  f->roster = tutti_roster_new (roster_cb, NULL);
  f->stay = tutti_stay_new (f->roster, f->sound, link, "anna-0001", &config);
  f->stay->framed = TRUE;
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

static void
take (Fixture *f, gint64 revision, const char *wire, guint frame_samples)
{
  TuttiPlan plan = {
    .revision = revision,
    .wire = (char *) wire,
    .frame_samples = frame_samples,
    .bits = 16,
    .bitrate = 128000,
  };

  tutti_stay_take_plan (f->stay, &plan);
}

static void
send_func (const guint8 *rtp, gsize size, gpointer user_data)
{
}

/* My strip, sent by the engine into nowhere. */
static TuttiOutput *
start_output (Fixture *f)
{
  TuttiLane *lane = &f->stay->lanes[TUTTI_DIRECTION_SEND][0];
  TuttiOutput *output = g_new0 (TuttiOutput, 1);
  g_autoptr (GError) error = NULL;

  output->lane = lane;
  output->own = (TuttiOwn) { .index = TUTTI_SOUND_STRIP, .channels = 1 };
  output->kind = TUTTI_OUTPUT_FRAMED;
  tutti_stay_fill_format (f->stay, output->kind, 1, &output->format);
  output->slot = (TuttiSendSlot *) output; /* only whether there is one counts here */
  g_ptr_array_add (lane->outputs, output);
  tutti_audio_engine_send_strip (tutti_sound_get_engine (f->sound), TUTTI_SOUND_STRIP,
                                 TUTTI_OUTPUT_FRAMED, &output->format, 100, 1234, send_func, NULL,
                                 NULL, &error);
  g_assert_no_error (error);

  return output;
}

static void
stop_output (Fixture *f, TuttiOutput *output)
{
  tutti_audio_engine_send_strip (tutti_sound_get_engine (f->sound), TUTTI_SOUND_STRIP,
                                 TUTTI_OUTPUT_FRAMED, NULL, 0, 0, NULL, NULL, NULL, NULL);
  output->slot = NULL;
  g_ptr_array_remove (output->lane->outputs, output);
}

/* Only what goes over to something slower is told of later. */
static void
test_slower (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *wire;
    guint frame_samples;
    gboolean later;
  } steps[] = {
    { "tight", 64, TRUE },  { "raw", 64, FALSE },    { "raw", 128, TRUE },   { "tight", 128, TRUE },
    { "raw", 128, FALSE },  { "opus", 120, TRUE },   { "opus", 240, TRUE },  { "opus", 120, FALSE },
    { "tight", 64, FALSE }, { "raw", 128, FALSE },   { "tight", 64, FALSE }, { "opus", 960, TRUE },
    { "opus", 960, FALSE }, { "tight", 128, FALSE }, { "opus", 120, FALSE },
  };
  TuttiOutput *output;

  if (!tutti_codec_has_tight ()) {
    g_test_skip ("This build has no tight.");
    return;
  }

  take (f, 1, "raw", 64);
  g_assert_cmpuint (f->stay->applied_id, ==, 0);
  output = start_output (f);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    f->stay->overlap_until_us = 0;
    take (f, 2 + i, steps[i].wire, steps[i].frame_samples);
    g_assert_cmpuint (output->format.frame_samples, ==, steps[i].frame_samples);
    g_test_message ("%s %u", steps[i].wire, steps[i].frame_samples);
    g_assert_cmpint (f->stay->applied_id != 0, ==, steps[i].later);
  }
  stop_output (f, output);
}

static gboolean
is_applied (gpointer stay)
{
  return ((TuttiStay *) stay)->applied_id == 0;
}

/* A second after the last step down, whatever comes meanwhile. */
static void
test_after_overlap (Fixture *f, gconstpointer data)
{
  TuttiOutput *output;
  gint64 since;

  take (f, 1, "opus", 120);
  output = start_output (f);
  take (f, 2, "opus", 240);
  g_assert_cmpuint (f->stay->applied_id, !=, 0);
  model_test_run_ms (300);
  since = g_get_monotonic_time ();
  take (f, 3, "opus", 480);
  model_test_run_ms (300);
  take (f, 4, "opus", 240);
  g_assert_cmpuint (f->stay->applied_id, !=, 0);
  g_assert_true (model_test_wait (is_applied, f->stay, 5000));
  g_assert_cmpint (g_get_monotonic_time () - since, >=, G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - since, <, 2 * G_USEC_PER_SEC);

  /* Who leaves meanwhile says nothing any more. */
  take (f, 5, "opus", 960);
  g_assert_cmpuint (f->stay->applied_id, !=, 0);
  stop_output (f, output);
  tutti_stay_close (f->stay);
  g_assert_cmpuint (f->stay->applied_id, ==, 0);
}

/* -- the first plan -- */

static DexFuture *
await_fiber (gpointer stay)
{
  GError *error = NULL;

  return tutti_stay_await_plan (stay, &error) ? dex_future_new_true ()
                                              : dex_future_new_for_error (error);
}

static DexFuture *
wait_for_plan (Fixture *f)
{
  DexFuture *future =
      dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, await_fiber, tutti_stay_ref (f->stay),
                           (GDestroyNotify) tutti_stay_unref);

  model_test_run_ms (50);

  return future;
}

static void
test_wait (Fixture *f, gconstpointer data)
{
  g_autoptr (DexFuture) future = wait_for_plan (f);
  g_autoptr (GError) error = NULL;
  gint64 since = g_get_monotonic_time ();

  g_assert_true (dex_future_is_pending (future));
  take (f, 1, "raw", 64);
  g_assert_true (model_test_await (dex_ref (future), 500, &error));
  g_assert_no_error (error);
  g_assert_null (f->stay->planned);
  g_assert_cmpint (g_get_monotonic_time () - since, <, G_USEC_PER_SEC / 2);

  /* Another one that is there already. */
  take (f, 2, "raw", 64);
  g_assert_true (model_test_await (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, await_fiber,
                                                        tutti_stay_ref (f->stay),
                                                        (GDestroyNotify) tutti_stay_unref),
                                   500, &error));
}

static void
test_wait_in_vain (Fixture *f, gconstpointer data)
{
  gint64 since = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_true (model_test_await (wait_for_plan (f), 5000, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - since, >=, G_USEC_PER_SEC * 9 / 10);
  /* It may come later all the same. */
  take (f, 1, "raw", 64);
}

static void
test_closed_meanwhile (Fixture *f, gconstpointer data)
{
  g_autoptr (DexFuture) future = wait_for_plan (f);
  g_autoptr (GError) error = NULL;

  tutti_stay_close (f->stay);
  g_assert_false (model_test_await (dex_ref (future), 500, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  dex_init ();
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/stay-plan/slower", test_slower);
  ADD ("/stay-plan/after-overlap", test_after_overlap);
  ADD ("/stay-plan/wait", test_wait);
  ADD ("/stay-plan/wait-in-vain", test_wait_in_vain);
  ADD ("/stay-plan/closed-meanwhile", test_closed_meanwhile);
#undef ADD

  return g_test_run ();
}
