/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All the ways in which a connection ends that both sides understand. */

#include "channel-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

static void
test_close (ChannelFixture *f, gconstpointer data)
{
  DexFuture *future;

  channel_fixture_open (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  tutti_channel_close (f->channel);
  g_assert_cmpuint (f->n_closed, ==, 1);
  g_assert_error (f->closed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  await_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  tutti_channel_close (f->channel);
  spin_until (channel_fixture_server_is_alone, f);
  g_assert_cmpuint (room_server_get_close_code (f->server), ==, 1000);
  /* What was asked before still went out. */
  g_assert_cmpuint (f->heard->len, ==, 1);
}

static void
close_in_handler (ChannelFixture *f)
{
  tutti_channel_close (f->channel);
}

static void
test_close_in_handler (ChannelFixture *f, gconstpointer data)
{
  g_signal_connect_swapped (f->channel, "notification", G_CALLBACK (close_in_handler), f);
  channel_fixture_open (f);
  room_server_send (f->server, "{\"notification\":true,\"method\":\"a\"}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"b\"}");
  spin_until (channel_fixture_is_closed, f);
  spin_for_ms (100);
  g_assert_cmpuint (f->notifications->len, ==, 1);
}

static void
unref_in_handler (TuttiChannel *channel, const char *method, JsonObject *data, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  g_object_unref (channel);
}

static gboolean
is_true (gpointer user_data)
{
  return *(gboolean *) user_data;
}

/* The last reference goes inside an emission. */
static void
test_unref_in_handler (ChannelFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link =
      room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  TuttiChannel *channel = tutti_channel_new (link, "peer-0002");
  gboolean done = FALSE;

  g_signal_connect (channel, "notification", G_CALLBACK (unref_in_handler), &done);
  await_ok (tutti_channel_open (channel));
  spin_until (channel_fixture_server_is_connected, f);
  room_server_send (f->server, "{\"notification\":true,\"method\":\"a\"}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"b\"}");
  spin_until (is_true, &done);
  spin_until (channel_fixture_server_is_alone, f);
}

typedef struct {
  gushort code;
  const char *reason;
  int error; /* −1: G_IO_ERROR_CANCELLED */
} CloseRow;

static const CloseRow close_rows[] = {
  { 4000, "left", -1 },
  { 4000, "replaced", TUTTI_ERROR_REPLACED },
  { 4000, "removed", TUTTI_ERROR_REMOVED },
  { 4000, "join-timeout", TUTTI_ERROR_TIMEOUT },
  { 4000, "protocol-error", TUTTI_ERROR_PROTOCOL },
  { 4000, "", TUTTI_ERROR_REFUSED },
  { 4000, "because I can", TUTTI_ERROR_REFUSED },
  { 4001, "media-lost", TUTTI_ERROR_DISCONNECTED },
  { 4001, "", TUTTI_ERROR_DISCONNECTED },
  { 1012, "worker-died", TUTTI_ERROR_RESTARTING },
  { 1012, "draining", TUTTI_ERROR_RESTARTING },
  { 1000, "", TUTTI_ERROR_DISCONNECTED },
  { 1001, "", TUTTI_ERROR_DISCONNECTED },
  { 1011, "", TUTTI_ERROR_DISCONNECTED },
  { 1009, "", TUTTI_ERROR_PROTOCOL },
  { 4999, "", TUTTI_ERROR_DISCONNECTED },
};

static void
test_close_code (ChannelFixture *f, gconstpointer data)
{
  const CloseRow *row = data;
  gboolean come_back = row->error == TUTTI_ERROR_DISCONNECTED ||
                       row->error == TUTTI_ERROR_RESTARTING || row->error == TUTTI_ERROR_TIMEOUT;
  DexFuture *future;

  channel_fixture_open (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  room_server_close (f->server, row->code, row->reason);

  if (row->error < 0)
    channel_fixture_expect_closed (f, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    channel_fixture_expect_closed (f, TUTTI_ERROR, row->error);

  g_assert_true (tutti_error_is_fatal (f->closed) == !come_back);
  await_error (future, f->closed->domain, f->closed->code);
  spin_until (channel_fixture_server_is_alone, f);
}

static void
test_cut (ChannelFixture *f, gconstpointer data)
{
  DexFuture *future;

  channel_fixture_open (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  room_server_cut_line (f->server);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  await_error (future, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  channel_fixture_add ("/channel/closing/close", test_close, NULL);
  channel_fixture_add ("/channel/closing/close-in-handler", test_close_in_handler, NULL);
  channel_fixture_add ("/channel/closing/unref-in-handler", test_unref_in_handler, NULL);
  channel_fixture_add ("/channel/closing/cut", test_cut, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (close_rows); i++) {
    g_autofree char *path = g_strdup_printf ("/channel/closing/close-code/%u-%s",
                                             close_rows[i].code, close_rows[i].reason);

    channel_fixture_add (path, test_close_code, &close_rows[i]);
  }
  return g_test_run ();
}
