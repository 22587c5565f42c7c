/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "model-test.h"
#include "tutti-codec.h"
#include "tutti-error.h"
#include "tutti-session.h"
#include "tutti-thread.h"

/* The session's states where no room is. */

#define NOWHERE "tutti://127.0.0.1:1/jam"

static TuttiSession *
new_session (void)
{
  g_autoptr (TuttiSound) sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tutti_sound_set_input_spec (sound, "silence", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, "null", &error));

  return tutti_session_new (sound);
}

static void
log_state_cb (TuttiSession *session, GParamSpec *pspec, GString *log)
{
  GEnumClass *klass = g_type_class_peek (TUTTI_TYPE_SESSION_STATE);

  g_string_append_printf (
      log, "%s ", g_enum_get_value (klass, (int) tutti_session_get_state (session))->value_nick);
}

static void
test_unreachable (void)
{
  TuttiSession *session = new_session ();
  g_autoptr (TuttiLink) link = tutti_link_parse (NOWHERE, NULL);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *room = NULL;

  g_signal_connect (session, "notify::state", G_CALLBACK (log_state_cb), log);
  g_assert_false (model_test_await (tutti_session_join (session, link), 15000, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  g_assert_error (tutti_session_get_error (session), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  g_object_get (session, "room", &room, NULL);
  g_assert_cmpstr (room, ==, "jam");

  /* Over: one may try again. */
  g_clear_error (&error);
  g_assert_false (model_test_await (tutti_session_join (session, link), 15000, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  g_assert_true (model_test_await (tutti_session_leave (session), 5000, NULL));
  g_assert_null (tutti_session_get_error (session));
  g_assert_cmpstr (log->str, ==, "connecting failed connecting failed idle ");

  model_test_run_ms (50); /* the fiber lets go */
  g_assert_finalize_object (session);
}

static void
test_leave_on_the_way (void)
{
  TuttiSession *session = new_session ();
  g_autoptr (TuttiLink) link = tutti_link_parse (NOWHERE, NULL);
  g_autoptr (DexFuture) joined = tutti_session_join (session, link);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (tutti_session_get_state (session), ==, TUTTI_SESSION_CONNECTING);
  g_assert_false (model_test_await (tutti_session_join (session, link), 100, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED);

  dex_future_disown (tutti_session_leave (session));
  g_assert_true (model_test_await (tutti_session_leave (session), 5000, NULL));
  g_assert_cmpint (tutti_session_get_state (session), ==, TUTTI_SESSION_IDLE);
  g_assert_true (dex_future_is_rejected (joined));
  g_assert_true (model_test_await (tutti_session_leave (session), 100, NULL));

  model_test_run_ms (50);
  g_assert_finalize_object (session);
}

static void
test_properties (void)
{
  TuttiSession *session = new_session ();
  g_autofree char *name = NULL;
  g_autofree char *peer_id = NULL;
  g_autoptr (GError) error = NULL;
  guint frame;

  g_object_set (session, "display-name", "Anna", "frame-samples", 240, NULL);
  g_object_get (session, "display-name", &name, "frame-samples", &frame, "peer-id", &peer_id, NULL);
  g_assert_cmpstr (name, ==, "Anna");
  g_assert_cmpuint (frame, ==, 240);
  g_assert_cmpuint (strlen (peer_id), >=, 8);
  g_assert_cmpuint (g_list_model_get_n_items (tutti_session_get_participants (session)), ==, 0);

  g_assert_false (model_test_await (tutti_session_rebuild (session), 100, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED);
  g_assert_finalize_object (session);
}

/* Without a room the metronome is only ours. */
static void
test_tempo (void)
{
  TuttiSession *session = new_session ();
  g_autoptr (GString) log = g_string_new (NULL);
  double bpm;
  guint beats;
  gboolean running;

  g_object_get (session, "bpm", &bpm, "beats-per-bar", &beats, "tempo-running", &running, NULL);
  g_assert_cmpfloat (bpm, ==, 120);
  g_assert_cmpuint (beats, ==, 4);
  g_assert_false (running);

  g_object_set (session, "bpm", 92.5, "beats-per-bar", 7, "count-in", 2, "tempo-running", TRUE,
                NULL);
  model_test_run_ms (50);
  g_object_get (session, "bpm", &bpm, "beats-per-bar", &beats, "tempo-running", &running, NULL);
  g_assert_cmpfloat (bpm, ==, 92.5);
  g_assert_cmpuint (beats, ==, 7);
  g_assert_true (running);
  g_assert_finalize_object (session);
}

static void
assert_formats (TuttiSession *session, const char *wished, const char *expected)
{
  g_auto (GStrv) list = g_strsplit (wished, ",", 0);
  g_auto (GStrv) formats = NULL;
  g_autofree char *text = NULL;

  g_object_set (session, "formats", list, NULL);
  g_object_get (session, "formats", &formats, NULL);
  text = g_strjoinv (",", formats);
  g_assert_cmpstr (text, ==, expected);
}

/* Standard Opus is always there; what is not known is not offered. */
static void
test_formats (void)
{
  TuttiSession *session = new_session ();

  assert_formats (session, "raw", "raw,opus");
  assert_formats (session, "opus", "opus");
  assert_formats (session, "opus,raw,smoke", "raw,opus");
  if (tutti_codec_has_tight ())
    assert_formats (session, "", "raw,tight,opus");
  g_assert_finalize_object (session);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/properties", test_properties);
  g_test_add_func ("/session/tempo", test_tempo);
  g_test_add_func ("/session/formats", test_formats);
  g_test_add_func ("/session/unreachable", test_unreachable);
  g_test_add_func ("/session/leave-on-the-way", test_leave_on_the_way);

  return g_test_run ();
}
