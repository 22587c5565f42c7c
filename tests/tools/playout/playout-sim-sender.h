/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "playout-sim.h"

/* A packet on its way */
typedef struct {
  double arrival; /* s */
  guint index;    /* in sent order */
  guint lane;
  guint size;
  guint8 data[TUTTI_MAX_RTP_SIZE];
} SimPacket;

typedef struct _SimSender SimSender;

SimSender *sim_sender_new (Sim *sim);
void sim_sender_free (SimSender *self);
/* Sends everything that is captured up to @seconds; what the line does not lose comes out in the
 * order of arrival. */
void sim_sender_send (SimSender *self, double seconds);
/* The next packet that came up to @seconds, (transfer full), g_free(); or NULL. */
SimPacket *sim_sender_receive (SimSender *self, double seconds);
