/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"

G_BEGIN_DECLS

/**
 * TuttiTimerDriver: drives an engine without PipeWire, on a thread that wakes each @quantum samples
 * of CLOCK_MONOTONIC (absolute times: no drift; missed cycles are caught up, and counted as xruns
 * when more than one quantum late).
 */
typedef struct _TuttiTimerDriver TuttiTimerDriver;

TuttiTimerDriver *tutti_timer_driver_new (TuttiAudioEngine *engine, guint quantum);
void tutti_timer_driver_free (TuttiTimerDriver *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiTimerDriver, tutti_timer_driver_free)

G_END_DECLS
