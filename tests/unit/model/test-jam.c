/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "model-test.h"
#include "tutti-error.h"
#include "tutti-local-room.h"
#include "tutti-session.h"
#include "tutti-thread.h"

/* Two musicians in one process, in a real room with a real media worker. */

typedef struct {
  TuttiLocalRoom *room;
  TuttiLink *link;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (DexFuture) future = NULL;
  g_autoptr (GError) error = NULL;

  f->room = tutti_local_room_new ();
  future = tutti_local_room_start (f->room, "test");
  model_test_await (dex_ref (future), 30000, &error);
  g_assert_no_error (error);
  f->link = g_value_dup_boxed (dex_future_get_value (future, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->link, tutti_link_free);
  tutti_local_room_stop (f->room);
  model_test_run_ms (500);
  g_assert_finalize_object (f->room);
}

static TuttiSession *
join (Fixture *f, const char *name, const char *input)
{
  g_autoptr (TuttiSound) sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;
  TuttiSession *session;

  g_assert_true (tutti_sound_set_input_spec (sound, input, &error));
  g_assert_true (tutti_sound_set_output_spec (sound, "null", &error));
  g_assert_true (tutti_sound_start (sound, &error));
  session = tutti_session_new (sound);
  g_object_set (session, "display-name", name, "frame-samples", 480, NULL);
  model_test_await (tutti_session_join (session, f->link), 40000, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tutti_session_get_state (session), ==, TUTTI_SESSION_JOINED);

  return session;
}

static void
leave (TuttiSession *session)
{
  TuttiSound *sound = g_object_ref (tutti_session_get_sound (session));

  g_assert_true (model_test_await (tutti_session_leave (session), 10000, NULL));
  g_assert_cmpint (tutti_session_get_state (session), ==, TUTTI_SESSION_IDLE);
  model_test_run_ms (100);
  g_assert_finalize_object (session);
  tutti_sound_stop (sound);
  g_assert_finalize_object (sound);
}

/* The only strip of the only other musician. */
static TuttiStrip *
peek_strip (TuttiSession *session)
{
  GListModel *people = tutti_session_get_participants (session);
  g_autoptr (TuttiParticipant) other = g_list_model_get_item (people, 0);
  g_autoptr (TuttiStrip) strip = NULL;

  if (!other)
    return NULL;
  strip = g_list_model_get_item (tutti_participant_get_strips (other), 0);

  return strip; /* the participant holds it */
}

static gboolean
is_heard (gpointer session)
{
  TuttiStrip *strip = peek_strip (session);
  TuttiLevel level;

  if (!strip)
    return FALSE;
  tutti_strip_get_level (strip, &level);

  return level.peak_db[0] > -15 && level.peak_db[0] < -10;
}

static gboolean
has_delay (gpointer session)
{
  TuttiStrip *strip = peek_strip (session);
  double delay = -1;

  if (strip)
    g_object_get (strip, "delay-ms", &delay, NULL);

  return delay >= 0;
}

static gboolean
is_muted_there (gpointer session)
{
  gboolean muted;

  g_object_get (peek_strip (session), "sender-muted", &muted, NULL);

  return muted;
}

static gboolean
is_alone (gpointer session)
{
  return g_list_model_get_n_items (tutti_session_get_participants (session)) == 0;
}

static void
test_hear (Fixture *f, gconstpointer data)
{
  TuttiSession *anna = join (f, "Anna", "tone:440:-12");
  TuttiSession *bert = join (f, "Bert", "tone:660:-12");
  g_autofree char *protocol = NULL;
  double delay, rtt;

  g_assert_true (model_test_wait (is_heard, anna, 20000));
  g_assert_true (model_test_wait (is_heard, bert, 20000));
  g_object_get (anna, "protocol", &protocol, NULL);
  g_assert_cmpstr (protocol, ==, "udp");

  /* 10 ms frames: never less than a frame and the look-ahead. */
  g_assert_true (model_test_wait (has_delay, anna, 20000));
  g_object_get (peek_strip (anna), "delay-ms", &delay, NULL);
  g_object_get (anna, "round-trip-ms", &rtt, NULL);
  g_assert_cmpfloat (delay, >, 10);
  g_assert_cmpfloat (delay, <, 2000);
  g_assert_cmpfloat (rtt, >, 0);

  g_object_set (tutti_session_get_sound (bert), "muted", TRUE, NULL);
  g_assert_true (model_test_wait (is_muted_there, anna, 5000));
  g_object_set (tutti_session_get_sound (bert), "muted", FALSE, NULL);
  g_assert_true (model_test_wait (is_heard, anna, 20000));

  leave (bert);
  g_assert_true (model_test_wait (is_alone, anna, 5000));
  leave (anna);
}

static void
test_rebuild (Fixture *f, gconstpointer data)
{
  TuttiSession *anna = join (f, "Anna", "tone:440:-12");
  TuttiSession *bert = join (f, "Bert", "tone:660:-12");
  g_autoptr (GError) error = NULL;
  TuttiStrip *strip;

  g_assert_true (model_test_wait (is_heard, anna, 20000));
  g_assert_true (model_test_wait (is_heard, bert, 20000));
  strip = peek_strip (anna);
  g_object_set (strip, "gain-db", -4.0, NULL);

  model_test_await (tutti_session_rebuild (anna), 30000, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tutti_session_get_state (anna), ==, TUTTI_SESSION_JOINED);
  g_assert_true (model_test_wait (is_heard, anna, 20000));
  g_assert_true (model_test_wait (is_heard, bert, 20000));
  g_assert_true (peek_strip (anna) == strip); /* nobody saw it */

  leave (bert);
  leave (anna);
}

/* The service of the source tree, with a state directory of the test's own. */
static void
choose_service (const char *state_dir)
{
  g_autofree char *program = g_shell_quote (g_getenv ("TUTTI_TEST_ROOM_COMMAND"));
  g_autofree char *directory = g_shell_quote (state_dir);
  g_autofree char *command = g_strdup_printf ("%s --state-dir %s", program, directory);

  g_setenv ("TUTTI_ROOM_COMMAND", command, TRUE);
}

int
main (int argc, char **argv)
{
  g_autofree char *state_dir = g_dir_make_tmp ("tutti-test-room-XXXXXX", NULL);

  if (g_getenv ("TUTTI_TEST_ROOM_COMMAND"))
    choose_service (state_dir);

  tutti_thread_init_main ();
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/jam/hear", Fixture, NULL, set_up, test_hear, tear_down);
  g_test_add ("/jam/rebuild", Fixture, NULL, set_up, test_rebuild, tear_down);

  return g_test_run ();
}
