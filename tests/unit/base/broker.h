/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*< private >
 * BrokerMode: what a broker does when it is asked for real-time priority
 * @BROKER_WAITS: makes the file "asked", and grants once there is a file "go on"
 * @BROKER_HANGS: has its name on the bus, and never looks what it is asked
 */
typedef enum {
  BROKER_GRANTS,
  BROKER_REFUSES,
  BROKER_WAITS,
  BROKER_HANGS,
} BrokerMode;

/* A message bus of the test's own, and on it RealtimeKit or the portal as the test wants it. Where
 * the test is root it can really grant. */
typedef struct {
  BrokerMode mode;
  gboolean is_portal;
  char *dir;     /* anybody may write there */
  char *address; /* of the bus */
  /* to be read when it was stopped: */
  guint n_asked;
  guint n_granted;

  GSubprocess *daemon;
  GDBusConnection *bus;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GAsyncQueue *ready;
  GAsyncQueue *quit;
} Broker;

void broker_start (Broker *broker); /* @mode and @is_portal are set */
void broker_stop (Broker *broker);

G_END_DECLS
