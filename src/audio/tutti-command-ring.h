/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-ring.h"

G_BEGIN_DECLS

/**
 * TuttiCommandType: what the main thread asks of the real-time thread
 * @TUTTI_COMMAND_STRIP: put @pointer (or NULL) at strip @index
 * @TUTTI_COMMAND_CONFIGURE: give strip @index a new @config
 * @TUTTI_COMMAND_REMOTE: put @pointer (or NULL) at remote @index
 * @TUTTI_COMMAND_SOURCE, @TUTTI_COMMAND_SINK, @TUTTI_COMMAND_PLAY: use @pointer (or NULL)
 * @TUTTI_COMMAND_CLICK: beat as @click says if @index is 1, not at all if it is 0
 * @TUTTI_COMMAND_FEEDBACK_GUARD: on if @index is 1, off if it is 0
 */
typedef enum {
  TUTTI_COMMAND_STRIP,
  TUTTI_COMMAND_CONFIGURE,
  TUTTI_COMMAND_REMOTE,
  TUTTI_COMMAND_SOURCE,
  TUTTI_COMMAND_SINK,
  TUTTI_COMMAND_PLAY,
  TUTTI_COMMAND_CLICK,
  TUTTI_COMMAND_FEEDBACK_GUARD,
} TuttiCommandType;

typedef struct {
  TuttiCommandType type;
  guint index;
  gpointer pointer;
  TuttiStripConfig config;
  TuttiClick click;
} TuttiCommand;

/**
 * TuttiCommandRing: commands from the main thread to the real-time one, numbered from 1.
 * What was acknowledged will not be touched by the real-time side any more.
 */
typedef struct {
  TuttiRing ring;
  guint64 sent;
  _Atomic guint64 done;
} TuttiCommandRing;

void tutti_command_ring_init (TuttiCommandRing *self);
void tutti_command_ring_clear (TuttiCommandRing *self);
/* Main thread. Returns the command's number, 0 when the ring is full. */
guint64 tutti_command_ring_push (TuttiCommandRing *self, const TuttiCommand *command);
gboolean tutti_command_ring_is_done (const TuttiCommandRing *self, guint64 number);
/* Real-time thread: execute what pop() gave, then acknowledge. */
gboolean tutti_command_ring_pop (TuttiCommandRing *self, TuttiCommand *command);
void tutti_command_ring_ack (TuttiCommandRing *self);

G_END_DECLS
