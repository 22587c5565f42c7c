/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-video-shape.h"

G_BEGIN_DECLS

/**
 * TuttiVideoSource: where a picture comes from
 * @kind: camera or screen
 * @device: a PipeWire node's name or serial number; "test" or "test:RRGGBB" for a test picture of
 *   that colour (tutti-test-pattern.h), with "+noise" behind it one that needs many bits
 * @fd: of a PipeWire connection that a portal opened, in which @device is a node id; taken over;
 *   −1: our own connection
 */
typedef struct {
  TuttiVideoKind kind;
  char *device;
  int fd;
} TuttiVideoSource;

TuttiVideoSource *tutti_video_source_new (TuttiVideoKind kind, const char *device, int fd);
TuttiVideoSource *tutti_video_source_copy (const TuttiVideoSource *self);
void tutti_video_source_free (TuttiVideoSource *self);
gboolean tutti_video_source_is_test (const TuttiVideoSource *self);
/* As on the wire: "camera" or "screen". */
const char *tutti_video_kind_to_string (TuttiVideoKind kind);
TuttiVideoKind tutti_video_kind_from_string (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiVideoSource, tutti_video_source_free)

G_END_DECLS
