/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "room-server.h"
#include "tutti-channel.h"

G_BEGIN_DECLS

/**
 * ChannelFixture: a channel and the scripted server that it may be opened to
 */
typedef struct {
  RoomServer *server;
  TuttiChannel *channel;
  GError *closed; /* what `closed` said */
  guint n_closed;
  GPtrArray *heard;         /* by the server: JsonObject */
  GPtrArray *notifications; /* by the client: method */
  gboolean handle_requests;
  gint64 last_request;
} ChannelFixture;

#define CHANNEL_FIXTURE_WRONG_PIN "00000000000000000000000000000000000000000000000000000000000000ff"

#define channel_fixture_add(path, func, data)                                                      \
  g_test_add (path, ChannelFixture, data, channel_fixture_set_up, func, channel_fixture_tear_down)

void channel_fixture_set_up (ChannelFixture *f, gconstpointer data);
void channel_fixture_tear_down (ChannelFixture *f, gconstpointer data);
void channel_fixture_open (ChannelFixture *f);
/* Waits for the end; it must be this error. */
void channel_fixture_expect_closed (ChannelFixture *f, GQuark domain, int code);

/* -- what a test waits for; of a ChannelFixture -- */

gboolean channel_fixture_is_closed (gpointer user_data);
gboolean channel_fixture_has_heard (gpointer user_data);
gboolean channel_fixture_has_notification (gpointer user_data);
gboolean channel_fixture_server_is_connected (gpointer user_data);
gboolean channel_fixture_server_is_alone (gpointer user_data);

G_END_DECLS
