/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "room-server.h"
#include "tutti-room-client.h"

G_BEGIN_DECLS

#define CLIENT_FIXTURE_VERSION                                                                     \
  "{\"notification\":true,\"method\":\"mediasoupVersion\",\"data\":{\"version\":\"3\"}}"
#define CLIENT_FIXTURE_WELCOME                                                                     \
  "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":{\"protocol\":{\"major\":1,"         \
  "\"minor\":7},"                                                                                  \
  "\"service\":{\"name\":\"test\",\"version\":\"0.9\"},\"features\":[\"clock\",\"rtp-clock\","     \
  "\"rebuild\",\"two-transports\",5,null],\"room\":{\"name\":\"my-room\",\"peers\":0,\"limits\":"  \
  "{\"players\":16}}}}"

/**
 * ClientFixture: a room client and the scripted server that it may be opened to
 */
typedef struct {
  RoomServer *server;
  TuttiRoomClient *client;
  GString *log; /* every signal, in order */
  GError *closed;
  gint64 consumer_request;
  GHashTable *answers; /* method → data, for the scripted server */
  GPtrArray *heard;    /* what the client said: JsonObject, without clock questions */
  guint n_clock_questions;
  gint64 room_offset_us;
} ClientFixture;

#define client_fixture_add(path, func, data)                                                       \
  g_test_add (path, ClientFixture, data, client_fixture_set_up, func, client_fixture_tear_down)

void client_fixture_set_up (ClientFixture *f, gconstpointer data);
void client_fixture_tear_down (ClientFixture *f, gconstpointer data);
void client_fixture_open (ClientFixture *f);
void client_fixture_join (ClientFixture *f);
/* Waits until the log of signals contains @text. */
void client_fixture_expect (ClientFixture *f, const char *text);
/* Of the last message that the server heard, which must be a @method. */
JsonObject *client_fixture_last_data (ClientFixture *f, const char *method);

G_END_DECLS
