/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * TuttiOutsideState: whether people on the internet reach a room on this computer
 * @TUTTI_OUTSIDE_OPEN: they do: the router sends the ports on
 * @TUTTI_OUTSIDE_CLOSED: the router does not let itself be asked: a person has to forward the ports
 * @TUTTI_OUTSIDE_DOUBLE_NAT: they cannot: the router has no address that the internet reaches
 */
typedef enum {
  TUTTI_OUTSIDE_OPEN,
  TUTTI_OUTSIDE_CLOSED,
  TUTTI_OUTSIDE_DOUBLE_NAT,
} TuttiOutsideState;

/**
 * TuttiOutside: what the room service found out about it
 * @local: this computer's address, where the router has to send the ports
 * @address: (nullable): the router's address outside; %NULL: it did not say
 * @port: TCP port of the room
 * @ports: all that have to be forwarded, for people: "TCP 47700, UDP 47701, TCP 47701"
 * @is_tried: whether somebody outside tried to reach them
 * @unreached: (nullable): which of them that one did not reach; %NULL: none, or nobody tried
 */
typedef struct {
  TuttiOutsideState state;
  char *local;
  char *address;
  guint port;
  char *ports;
  gboolean is_tried;
  char *unreached;
} TuttiOutside;

#define TUTTI_TYPE_OUTSIDE (tutti_outside_get_type ())
GType tutti_outside_get_type (void) G_GNUC_CONST;

TuttiOutside *tutti_outside_parse (const char *text);
TuttiOutside *tutti_outside_copy (const TuttiOutside *self);
void tutti_outside_free (TuttiOutside *self);
char *tutti_outside_describe (const TuttiOutside *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiOutside, tutti_outside_free)

G_END_DECLS
