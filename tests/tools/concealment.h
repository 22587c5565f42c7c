/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FRAME 64

typedef enum {
  SYSTEM_SILENCE, /* nothing is played */
  SYSTEM_REPEAT,  /* the last frame again */
  SYSTEM_BURG,    /* a textbook Burg predictor, as long and as high as JackTrip's */
  SYSTEM_RAW,     /* ours */
  SYSTEM_TIGHT,   /* ours for the tight format */
  N_SYSTEMS
} System;

/**
 * Run: one sound through one system
 * @reference: what is heard without loss
 * @sound: what is heard
 * @us: (element-type double): how long each invented frame took, CPU time of this thread
 */
typedef struct {
  float *reference;
  float *sound;
  GArray *us;
} Run;

const char *system_get_name (System system);
/* @lost: one for each frame. @n_frames of FRAME samples, mono. */
void system_run (System system, const float *input, const gboolean *lost, gsize n_frames, Run *run);

G_END_DECLS
