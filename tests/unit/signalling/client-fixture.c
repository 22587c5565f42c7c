/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "client-fixture.h"

static void
on_server_message (RoomServer *server, const char *text, JsonObject *message, gpointer user_data)
{
  ClientFixture *f = user_data;
  const char *method = json_object_get_string_member_with_default (message, "method", "");
  const char *answer = g_hash_table_lookup (f->answers, method);

  if (g_str_equal (method, "clock")) {
    g_autofree char *data = g_strdup_printf ("{\"roomTimeUs\":%" G_GINT64_FORMAT "}",
                                             g_get_monotonic_time () + f->room_offset_us);

    f->n_clock_questions++;
    room_server_answer (server, message, data);
    return;
  }

  g_ptr_array_add (f->heard, json_object_ref (message));
  if (!json_object_has_member (message, "request"))
    return;
  if (answer)
    room_server_answer (server, message, answer);
  else
    room_server_refuse (server, message, 404, "no such method");
}

static void
on_peer_joined (ClientFixture *f, const TuttiPeerInfo *info)
{
  g_string_append_printf (f->log, "joined %s %s %s; ", info->peer_id, info->display_name,
                          info->instrument);
}

static void
on_peer_left (ClientFixture *f, const char *peer_id, const char *reason)
{
  g_string_append_printf (f->log, "left %s %s; ", peer_id, reason);
}

static void
on_peer_renamed (ClientFixture *f, const char *peer_id, const char *name)
{
  g_string_append_printf (f->log, "renamed %s %s; ", peer_id, name);
}

static void
on_new_consumer (ClientFixture *f, gint64 id, const TuttiConsumerInfo *info)
{
  f->consumer_request = id;
  g_string_append_printf (f->log, "consumer %s of %s; ", info->consumer_id, info->peer_id);
}

static void
on_consumer_closed (ClientFixture *f, const char *id)
{
  g_string_append_printf (f->log, "closed %s; ", id);
}

static void
on_consumer_paused (ClientFixture *f, const char *id)
{
  g_string_append_printf (f->log, "paused %s; ", id);
}

static void
on_consumer_resumed (ClientFixture *f, const char *id)
{
  g_string_append_printf (f->log, "resumed %s; ", id);
}

static void
on_rtp_clock (ClientFixture *f, const TuttiRtpClock *clock)
{
  g_string_append_printf (f->log, "clock %s %u %" G_GINT64_FORMAT "; ", clock->producer_id,
                          clock->rtp_timestamp, clock->room_time_us);
}

static void
on_plan (ClientFixture *f, const TuttiPlan *plan)
{
  g_string_append_printf (f->log, "plan %" G_GINT64_FORMAT " %s %u; ", plan->revision, plan->wire,
                          plan->frame_samples);
}

static void
on_heard (ClientFixture *f, const TuttiHeard *heard)
{
  g_string_append_printf (f->log, "heard %s %g; ", heard->producer_id, heard->loss_percent);
}

static void
on_tempo (ClientFixture *f, const TuttiTempo *tempo)
{
  g_string_append_printf (f->log, "tempo %g; ", tempo->bpm);
}

static void
on_closed (ClientFixture *f, const GError *error)
{
  g_assert_null (f->closed);
  f->closed = g_error_copy (error);
  g_string_append (f->log, "end; ");
}

void
client_fixture_set_up (ClientFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = NULL;

  f->server = room_server_new ();
  f->log = g_string_new (NULL);
  f->answers = g_hash_table_new (g_str_hash, g_str_equal);
  f->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  room_server_set_func (f->server, on_server_message, f);
  link = room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  f->client = tutti_room_client_new (link, "peer-0001");

  g_object_connect (f->client, "swapped-signal::peer-joined", on_peer_joined, f,
                    "swapped-signal::peer-left", on_peer_left, f, "swapped-signal::peer-renamed",
                    on_peer_renamed, f, "swapped-signal::consumer-closed", on_consumer_closed, f,
                    "swapped-signal::consumer-paused", on_consumer_paused, f,
                    "swapped-signal::consumer-resumed", on_consumer_resumed, f,
                    "swapped-signal::rtp-clock", on_rtp_clock, f, "swapped-signal::plan", on_plan,
                    f, "swapped-signal::heard", on_heard, f, "swapped-signal::tempo", on_tempo, f,
                    "swapped-signal::closed", on_closed, f, NULL);
}

void
client_fixture_tear_down (ClientFixture *f, gconstpointer data)
{
  tutti_room_client_close (f->client);
  g_assert_finalize_object (f->client);
  room_server_free (f->server);
  g_string_free (f->log, TRUE);
  g_hash_table_unref (f->answers);
  g_ptr_array_unref (f->heard);
  g_clear_error (&f->closed);
}

void
client_fixture_open (ClientFixture *f)
{
  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, CLIENT_FIXTURE_WELCOME);
  await_ok (tutti_room_client_open (f->client));
  g_signal_connect_swapped (f->client, "new-consumer", G_CALLBACK (on_new_consumer), f);
}

void
client_fixture_join (ClientFixture *f)
{
  g_autoptr (JsonObject) capabilities = json_object_new ();

  g_hash_table_insert (f->answers, (gpointer) "join", (gpointer) "{\"peers\":[]}");
  await_ok (tutti_room_client_join (f->client, "Me", "Bass", capabilities));
}

static const char *expected_log;

static gboolean
has_logged (gpointer user_data)
{
  return strstr (((ClientFixture *) user_data)->log->str, expected_log) != NULL;
}

void
client_fixture_expect (ClientFixture *f, const char *text)
{
  expected_log = text;
  spin_until (has_logged, f);
}

JsonObject *
client_fixture_last_data (ClientFixture *f, const char *method)
{
  JsonObject *message;

  g_assert_cmpuint (f->heard->len, >, 0);
  message = f->heard->pdata[f->heard->len - 1];
  g_assert_cmpstr (json_object_get_string_member (message, "method"), ==, method);
  return json_object_get_object_member (message, "data");
}
