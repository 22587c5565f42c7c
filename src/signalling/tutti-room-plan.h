/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a room with the features `plan`, `link-report` and `tempo` says, and what it is told:
 * checked and bounded, boxed where it is kept. */

/**
 * TuttiPlanLimit: why the room does not use a quicker format
 * @TUTTI_PLAN_LIMIT_NONE: it uses the quickest there is
 * @TUTTI_PLAN_LIMIT_FORMATS: somebody (the plan's peer) knows no quicker one
 * @TUTTI_PLAN_LIMIT_PACKETS: the room's server would have too many packets to forward
 * @TUTTI_PLAN_LIMIT_CLIENT: somebody would receive more packets than they can take
 * @TUTTI_PLAN_LIMIT_UPLINK: somebody's way to the server does not carry more
 * @TUTTI_PLAN_LIMIT_DOWNLINK: somebody's way from the server does not carry more
 * @TUTTI_PLAN_LIMIT_TRIAL: the room is still finding out what the lines carry
 * @TUTTI_PLAN_LIMIT_OTHER: a reason that this version does not know
 */
typedef enum {
  TUTTI_PLAN_LIMIT_NONE,
  TUTTI_PLAN_LIMIT_FORMATS,
  TUTTI_PLAN_LIMIT_PACKETS,
  TUTTI_PLAN_LIMIT_CLIENT,
  TUTTI_PLAN_LIMIT_UPLINK,
  TUTTI_PLAN_LIMIT_DOWNLINK,
  TUTTI_PLAN_LIMIT_TRIAL,
  TUTTI_PLAN_LIMIT_OTHER,
} TuttiPlanLimit;

#define TUTTI_TYPE_PLAN_LIMIT (tutti_plan_limit_get_type ())
GType tutti_plan_limit_get_type (void) G_GNUC_CONST;

/**
 * TuttiPlan:
 * @revision: counts up; `planApplied` gives it back
 * @wire: "raw", "tight" or "opus"
 * @frame_samples: samples per channel and packet at 48 kHz
 * @bits: raw: 16 or 24
 * @bitrate: opus, tight: bit/s of one channel
 * @copies, @distance: the redundancy that we are to send, see #TuttiAudioFormat
 * @standard: whether somebody needs our strips in standard Opus, too
 * @standard_frame_samples, @standard_bitrate: then
 * @limit: what keeps the room from a quicker format
 * @limit_peer_id: (nullable): whose formats, line or computer that is
 * @packets_per_second: what the server forwards by this plan
 * @budget: what it may
 *
 * What we are to send, and why.
 */
typedef struct {
  gint64 revision;
  char *wire;
  guint frame_samples;
  guint bits;
  guint bitrate;
  guint copies;
  guint distance;
  gboolean standard;
  guint standard_frame_samples;
  guint standard_bitrate;
  TuttiPlanLimit limit;
  char *limit_peer_id;
  guint packets_per_second;
  guint budget;
} TuttiPlan;

#define TUTTI_TYPE_PLAN (tutti_plan_get_type ())
GType tutti_plan_get_type (void) G_GNUC_CONST;
TuttiPlan *tutti_plan_copy (const TuttiPlan *self);
void tutti_plan_free (TuttiPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPlan, tutti_plan_free)

/**
 * TuttiHeard: how another musician hears one of our streams
 * @peer_id: who says so
 * @producer_id: which of ours
 * @loss_percent: of packets, end to end
 * @concealed_percent: of time that was invented
 * @delay_known: whether they know the delay
 * @delay_ms, @error_ms: capture here → playback there, ±; the clocks' errors can make it negative
 */
typedef struct {
  char *peer_id;
  char *producer_id;
  double loss_percent;
  double concealed_percent;
  gboolean delay_known;
  double delay_ms;
  double error_ms;
} TuttiHeard;

#define TUTTI_TYPE_HEARD (tutti_heard_get_type ())
GType tutti_heard_get_type (void) G_GNUC_CONST;
TuttiHeard *tutti_heard_copy (const TuttiHeard *self);
void tutti_heard_free (TuttiHeard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiHeard, tutti_heard_free)

#define TUTTI_TEMPO_MIN_BPM      20
#define TUTTI_TEMPO_MAX_BPM      400
#define TUTTI_TEMPO_MAX_BEATS    16
#define TUTTI_TEMPO_MAX_COUNT_IN 4

/**
 * TuttiTempo: the room's shared metronome
 * @bpm: beats a minute, 20 … 400
 * @beats_per_bar: 1 … 16
 * @running: whether it ticks
 * @count_in_bars: 0 … 4 bars before the music begins
 * @origin_us: room time of the first beat of a bar, the count-in's first where there is one
 * @by_peer_id: who set it
 */
typedef struct {
  double bpm;
  guint beats_per_bar;
  gboolean running;
  guint count_in_bars;
  gint64 origin_us;
  char *by_peer_id;
} TuttiTempo;

#define TUTTI_TYPE_TEMPO (tutti_tempo_get_type ())
GType tutti_tempo_get_type (void) G_GNUC_CONST;
TuttiTempo *tutti_tempo_copy (const TuttiTempo *self);
void tutti_tempo_free (TuttiTempo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiTempo, tutti_tempo_free)

/**
 * TuttiStreamReport: one stream that we hear, over the last two seconds
 * @producer_id: whose
 * @delay_known: whether @delay_ms and @error_ms are
 * @delay_ms, @error_ms: capture there → playback here, ±
 */
typedef struct {
  const char *producer_id;
  double loss_percent;
  double jitter_ms;
  double concealed_percent;
  gboolean delay_known;
  double delay_ms;
  double error_ms;
} TuttiStreamReport;

/**
 * TuttiLinkReport: how our line and our ears are doing
 * @rtt_ms: to the server, the shortest of late
 * @quantum: samples in a cycle of our graph
 * @up_loss_percent: of what we sent
 * @streams: (element-type TuttiStreamReport): what we hear
 */
typedef struct {
  double rtt_ms;
  guint quantum;
  double up_loss_percent;
  GArray *streams;
} TuttiLinkReport;

/* Checked parsing; %NULL with %TUTTI_ERROR_PROTOCOL when malformed. */
TuttiPlan *tutti_plan_from_json (JsonObject *object, GError **error);
TuttiHeard *tutti_heard_from_json (JsonObject *object, GError **error);
TuttiTempo *tutti_tempo_from_json (JsonObject *object, GError **error);
/* What `setTempo` takes. (transfer full) */
JsonObject *tutti_tempo_to_json (const TuttiTempo *self);
/* (transfer full) */
JsonObject *tutti_link_report_to_json (const TuttiLinkReport *self);

G_END_DECLS
