/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#include "tutti-thread.h"

G_BEGIN_DECLS

/*< private >
 * TuttiBrokers: those who may give a thread real-time priority when the kernel does not let us take
 * it: RealtimeKit and the desktop portal. Blocking, for a thread that nobody waits for; all calls
 * from that one.
 */
typedef struct _TuttiBrokers TuttiBrokers;

/* @cancellable ends whatever call is under way. */
TuttiBrokers *tutti_brokers_new (GCancellable *cancellable);
void tutti_brokers_free (TuttiBrokers *self);
/* Asks one after the other for a thread of this process. One that did not answer in time is not
 * asked again. */
TuttiRealtime tutti_brokers_ask (TuttiBrokers *self, pid_t tid, guint priority);

G_END_DECLS
