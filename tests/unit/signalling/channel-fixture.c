/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "channel-fixture.h"

static void
on_server_message (RoomServer *server, const char *text, JsonObject *message, gpointer user_data)
{
  ChannelFixture *f = user_data;

  g_ptr_array_add (f->heard, json_object_ref (message));
}

static void
on_closed (ChannelFixture *f, const GError *error)
{
  g_assert_nonnull (error);
  g_assert_cmpuint (f->n_closed++, ==, 0);
  f->closed = g_error_copy (error);
}

static void
on_notification (ChannelFixture *f, const char *method, JsonObject *data)
{
  g_assert_cmpuint (f->n_closed, ==, 0);
  g_assert_nonnull (data);
  g_ptr_array_add (f->notifications, g_strdup (method));
}

static gboolean
on_request (ChannelFixture *f, gint64 id, const char *method, JsonObject *data)
{
  f->last_request = id;
  return f->handle_requests;
}

void
channel_fixture_set_up (ChannelFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = NULL;

  f->server = room_server_new ();
  f->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  f->notifications = g_ptr_array_new_with_free_func (g_free);
  room_server_set_func (f->server, on_server_message, f);
  link = room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  f->channel = tutti_channel_new (link, "peer-0001");
  g_signal_connect_swapped (f->channel, "closed", G_CALLBACK (on_closed), f);
  g_signal_connect_swapped (f->channel, "notification", G_CALLBACK (on_notification), f);
  g_signal_connect_swapped (f->channel, "request", G_CALLBACK (on_request), f);
}

void
channel_fixture_tear_down (ChannelFixture *f, gconstpointer data)
{
  tutti_channel_close (f->channel);
  g_assert_finalize_object (f->channel);
  room_server_free (f->server);
  g_clear_error (&f->closed);
  g_ptr_array_unref (f->heard);
  g_ptr_array_unref (f->notifications);
}

gboolean
channel_fixture_is_closed (gpointer user_data)
{
  return ((ChannelFixture *) user_data)->n_closed > 0;
}

gboolean
channel_fixture_has_heard (gpointer user_data)
{
  return ((ChannelFixture *) user_data)->heard->len > 0;
}

gboolean
channel_fixture_has_notification (gpointer user_data)
{
  return ((ChannelFixture *) user_data)->notifications->len > 0;
}

gboolean
channel_fixture_server_is_connected (gpointer user_data)
{
  return room_server_is_connected (((ChannelFixture *) user_data)->server);
}

gboolean
channel_fixture_server_is_alone (gpointer user_data)
{
  return !channel_fixture_server_is_connected (user_data);
}

void
channel_fixture_open (ChannelFixture *f)
{
  await_ok (tutti_channel_open (f->channel));
  spin_until (channel_fixture_server_is_connected, f);
  g_assert_true (tutti_channel_is_open (f->channel));
}

void
channel_fixture_expect_closed (ChannelFixture *f, GQuark domain, int code)
{
  spin_until (channel_fixture_is_closed, f);
  g_test_message ("%s", f->closed->message);
  g_assert_true (g_error_matches (f->closed, domain, code));
  g_assert_true (g_str_has_suffix (f->closed->message, "."));
  g_assert_false (tutti_channel_is_open (f->channel));
}
