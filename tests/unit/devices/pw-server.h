/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PwServer: a PipeWire daemon and a session manager of the test's own, in a runtime directory of
 * its own, without hardware. Everything in the process that talks to PipeWire afterwards talks to
 * this one.
 */
typedef struct _PwServer PwServer;

/* Exits the process with 77 (skipped) where there is no pipewire at all. */
PwServer *pw_server_new (void);
void pw_server_free (PwServer *self);
/* Starts both again with a graph that runs at @rate, and may be switched to @allowed (like
 * `44100 48000`) only. 48000 at first. */
void pw_server_set_rate (PwServer *self, guint rate, const char *allowed);

/* Kills the daemon without warning (the session manager dies of it); starts both again. */
void pw_server_kill (PwServer *self);
void pw_server_start (PwServer *self);

/* A virtual device; @media_class `Audio/Sink` or `Audio/Source/Virtual`, @position like `FL FR`. */
void pw_server_add_device (PwServer *self,
                           const char *name,
                           const char *description,
                           const char *media_class,
                           const char *position,
                           int priority);
void pw_server_remove_device (PwServer *self, const char *name);
/* What most tests need: a microphone `vmic`, whose channels are @position, and a speaker `vspk`. */
void pw_server_add_pair (PwServer *self, const char *position);
void pw_server_remove_pair (PwServer *self);
/* Runs a command line of PipeWire's tools; fails the test when the command does. */
void pw_server_run (PwServer *self, const char *command_line);
/* The same; returns whether the command did what it should. */
gboolean pw_server_try (PwServer *self, const char *command_line);

/* Runs the main context until @condition holds; fails the test after 10 s. */
typedef gboolean (*PwCondition) (gpointer user_data);
void pw_wait_for (PwCondition condition, gpointer user_data, const char *what);
void pw_run_for (guint ms);

guint pw_get_uint (gpointer object, const char *property);
gboolean pw_get_boolean (gpointer object, const char *property);
char *pw_get_string (gpointer object, const char *property);

#define WAIT_FOR(condition, data) pw_wait_for ((PwCondition) (condition), (data), #condition)

G_END_DECLS
