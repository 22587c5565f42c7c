/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-report-private.h"

#include <string.h>
#include <sys/resource.h>

#include "cli-json.h"
#include "tutti-clock.h"
#include "tutti-i18n.h"

/* How everything is doing, as JSON or for people. */

#define MS_PER_SAMPLE (1000.0 / TUTTI_SAMPLE_RATE)

static double
max_of (const float values[TUTTI_MAX_CHANNELS])
{
  return MAX (values[0], values[1]);
}

static void
add_engine (JsonBuilder *builder, TuttiSession *session)
{
  TuttiEngineStats stats;
  gboolean realtime;

  g_object_get (session, "realtime", &realtime, NULL);
  tutti_sound_get_engine_stats (tutti_session_get_sound (session), &stats);
  cli_json_begin_member (builder, "engine");
  cli_json_add_int (builder, "quantum", stats.quantum);
  cli_json_add_int (builder, "rate", stats.rate);
  cli_json_add_int (builder, "xruns", (gint64) stats.xruns);
  cli_json_add_boolean (builder, "realtime", realtime);
  cli_json_add_int (builder, "cycles", (gint64) stats.cycles);
  cli_json_add_double (builder, "cycle_max_us", stats.cycle_max_us);
  cli_json_add_double (builder, "limiter_db", stats.limiter_db);
  cli_json_add_double (builder, "output_peak_db", max_of (stats.output.peak_db));
  cli_json_add_double (builder, "output_rms_db", max_of (stats.output.rms_db));
  json_builder_end_object (builder);
}

static void
add_own (JsonBuilder *builder, TuttiSound *sound)
{
  TuttiStripStats stats;
  gboolean muted;

  g_object_get (sound, "muted", &muted, NULL);
  tutti_sound_get_own_stats (sound, &stats);
  cli_json_begin_member (builder, "own");
  cli_json_add_double (builder, "peak_db", max_of (stats.level.peak_db));
  cli_json_add_double (builder, "rms_db", max_of (stats.level.rms_db));
  cli_json_add_int (builder, "packets", (gint64) stats.packets);
  cli_json_add_int (builder, "overruns", (gint64) stats.overruns);
  cli_json_add_boolean (builder, "muted", muted);
  json_builder_end_object (builder);
}

static gint64
read_status (const char *key)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return -1;
  line = strstr (text, key);

  return line ? g_ascii_strtoll (line + strlen (key), NULL, 10) : -1;
}

static void
add_process (CliReport *self, JsonBuilder *builder)
{
  gint64 now = tutti_clock_now_ns ();
  struct rusage usage;
  double cpu;

  getrusage (RUSAGE_SELF, &usage);
  cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
        (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;

  cli_json_begin_member (builder, "process");
  cli_json_add_double (builder, "cpu_percent",
                       100 * (cpu - self->stats_cpu_s) / MAX ((now - self->stats_ns) / 1e9, 1e-3));
  cli_json_add_int (builder, "rss_kb", read_status ("VmRSS:"));
  cli_json_add_int (builder, "threads", read_status ("Threads:"));
  json_builder_end_object (builder);

  self->stats_cpu_s = cpu;
  self->stats_ns = now;
}

static void
add_room (JsonBuilder *builder, TuttiSession *session)
{
  double rtt, error;

  g_object_get (session, "round-trip-ms", &rtt, "clock-error-ms", &error, NULL);
  cli_json_begin_member (builder, "room");
  cli_json_add_double (builder, "rtt_ms", rtt);
  cli_json_add_double (builder, "clock_error_ms", error);
  json_builder_end_object (builder);
}

static const char *
wire_name (TuttiWireFormat wire)
{
  static const char *const names[] = { "opus", "tight", "raw" };

  return wire < G_N_ELEMENTS (names) ? names[wire] : "?";
}

/* Where the delay goes; nothing while that is not known. */
static void
add_stages (JsonBuilder *builder, TuttiStrip *strip)
{
  g_autoptr (TuttiDelayStages) stages = NULL;

  g_object_get (strip, "delay-stages", &stages, NULL);
  if (!stages)
    return;

  cli_json_begin_member (builder, "stages");
  if (stages->split) {
    cli_json_add_double (builder, "capture_ms", stages->capture_ms);
    cli_json_add_double (builder, "encode_ms", stages->encode_ms);
    cli_json_add_double (builder, "network_ms", stages->network_ms);
    cli_json_add_double (builder, "playout_ms", stages->playout_ms);
  }
  cli_json_add_double (builder, "playback_ms", stages->playback_ms);
  json_builder_end_object (builder);
}

/* How they hear us; and there and back, which is true however lopsided the line. */
static void
add_heard (JsonBuilder *builder, TuttiParticipant *participant, double delay_ms)
{
  double heard, error, loss, concealed;

  g_object_get (participant, "heard-delay-ms", &heard, "heard-error-ms", &error, "heard-loss",
                &loss, "heard-concealed", &concealed, NULL);
  cli_json_begin_member (builder, "heard");
  cli_json_add_double (builder, "delay_ms", heard);
  cli_json_add_double (builder, "delay_error_ms", error);
  cli_json_add_double (builder, "loss_percent", loss);
  cli_json_add_double (builder, "concealed_percent", concealed);
  json_builder_end_object (builder);
  cli_json_add_double (builder, "both_ways_ms",
                       delay_ms >= 0 && heard >= 0 ? delay_ms + heard : -1);
}

/* The plan, and why it is no quicker one; nothing where the room has none. */
static void
add_plan (JsonBuilder *builder, TuttiSession *session)
{
  g_autoptr (TuttiPlan) plan = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GEnumClass) klass = g_type_class_ref (TUTTI_TYPE_PLAN_LIMIT);

  g_object_get (session, "plan", &plan, "plan-limit-name", &name, NULL);
  if (!plan)
    return;

  cli_json_begin_member (builder, "plan");
  cli_json_add_int (builder, "revision", plan->revision);
  cli_json_add_string (builder, "wire", plan->wire);
  cli_json_add_int (builder, "frame_samples", plan->frame_samples);
  cli_json_add_int (builder, "bits", plan->bits);
  cli_json_add_int (builder, "bitrate", plan->bitrate);
  cli_json_add_int (builder, "copies", plan->copies);
  cli_json_add_int (builder, "distance", plan->distance);
  cli_json_add_int (builder, "standard_frame_samples",
                    plan->standard ? plan->standard_frame_samples : 0);
  cli_json_add_string (builder, "limit", g_enum_get_value (klass, (int) plan->limit)->value_nick);
  cli_json_add_string (builder, "limit_peer_id", plan->limit_peer_id);
  cli_json_add_string (builder, "limit_name", name);
  cli_json_add_int (builder, "packets_per_second", plan->packets_per_second);
  cli_json_add_int (builder, "budget", plan->budget);
  json_builder_end_object (builder);
}

static void
add_tempo (JsonBuilder *builder, TuttiSession *session)
{
  gboolean running;
  double bpm;
  guint beats, bars;

  g_object_get (session, "bpm", &bpm, "beats-per-bar", &beats, "count-in", &bars, "tempo-running",
                &running, NULL);
  cli_json_begin_member (builder, "tempo");
  cli_json_add_double (builder, "bpm", bpm);
  cli_json_add_int (builder, "beats_per_bar", beats);
  cli_json_add_int (builder, "count_in_bars", bars);
  cli_json_add_boolean (builder, "running", running);
  json_builder_end_object (builder);
}

static void
add_own_strips (JsonBuilder *builder, TuttiSound *sound)
{
  GListModel *strips = tutti_sound_get_own_strips (sound);

  cli_json_begin_list (builder, "own_strips");
  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    json_builder_begin_object (builder);
    cli_json_add_string (builder, "id", tutti_own_strip_get_id (strip));
    cli_json_add_string (builder, "label", tutti_own_strip_get_label (strip));
    cli_json_add_int (builder, "channels", tutti_own_strip_get_channels (strip));
    cli_json_add_boolean (builder, "muted", tutti_own_strip_get_muted (strip));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_remote (JsonBuilder *builder, TuttiParticipant *participant, TuttiStrip *strip)
{
  g_autofree char *id = NULL, *label = NULL;
  gboolean flowing, sender_muted;
  double delay, delay_error, quality;
  TuttiRemoteStats s;

  g_object_get (strip, "id", &id, "label", &label, "flowing", &flowing, "sender-muted",
                &sender_muted, "delay-ms", &delay, "delay-error-ms", &delay_error, "quality",
                &quality, NULL);
  tutti_strip_get_stats (strip, &s);

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "peer_id", tutti_participant_get_peer_id (participant));
  cli_json_add_string (builder, "name", tutti_participant_get_display_name (participant));
  cli_json_add_string (builder, "strip", id);
  cli_json_add_string (builder, "label", label);
  cli_json_add_double (builder, "peak_db", max_of (s.level.peak_db));
  cli_json_add_double (builder, "rms_db", max_of (s.level.rms_db));
  cli_json_add_int (builder, "received", (gint64) s.received);
  cli_json_add_int (builder, "duplicates", (gint64) s.duplicates);
  cli_json_add_int (builder, "malformed", (gint64) s.malformed);
  cli_json_add_int (builder, "late", (gint64) s.late);
  cli_json_add_int (builder, "lost", (gint64) s.lost);
  cli_json_add_int (builder, "reordered", (gint64) s.reordered);
  cli_json_add_double (builder, "concealed_ms", s.concealed_samples * MS_PER_SAMPLE);
  cli_json_add_double (builder, "played_ms", s.played_samples * MS_PER_SAMPLE);
  cli_json_add_double (builder, "target_ms", s.target_ms);
  cli_json_add_double (builder, "buffered_ms", s.buffered_ms);
  cli_json_add_double (builder, "jitter_ms", s.jitter_ms);
  cli_json_add_int (builder, "packets_missing", (gint64) s.packets_missing);
  cli_json_add_int (builder, "recovered", (gint64) s.recovered);
  cli_json_add_double (builder, "accelerated_ms", s.accelerated_samples * MS_PER_SAMPLE);
  cli_json_add_double (builder, "expanded_ms", s.expanded_samples * MS_PER_SAMPLE);
  cli_json_add_string (builder, "wire", wire_name (s.wire));
  cli_json_add_int (builder, "frame_samples", s.frame_samples);
  cli_json_add_double (builder, "delay_ms", delay);
  cli_json_add_double (builder, "delay_error_ms", delay_error);
  add_stages (builder, strip);
  add_heard (builder, participant, delay);
  cli_json_add_double (builder, "quality", quality);
  cli_json_add_boolean (builder, "flowing", flowing);
  cli_json_add_boolean (builder, "sender_muted", sender_muted);
  json_builder_end_object (builder);
}

typedef void (*StripFunc) (TuttiParticipant *participant, TuttiStrip *strip, gpointer data);

static void
foreach_strip (TuttiSession *session, StripFunc func, gpointer data)
{
  GListModel *participants = tutti_session_get_participants (session);

  for (guint i = 0; i < g_list_model_get_n_items (participants); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (participants, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);

      func (participant, strip, data);
    }
  }
}

static void
add_remote_cb (TuttiParticipant *participant, TuttiStrip *strip, gpointer builder)
{
  add_remote (builder, participant, strip);
}

static void
print_remote_cb (TuttiParticipant *participant, TuttiStrip *strip, gpointer unused)
{
  TuttiRemoteStats s;
  double delay;

  g_object_get (strip, "delay-ms", &delay, NULL);
  tutti_strip_get_stats (strip, &s);
  g_print (_ ("  %-20s %6.1f dB  %5.1f ms late  %" G_GUINT64_FORMAT " lost, %" G_GUINT64_FORMAT
              " late, buffer %.1f ms\n"),
           tutti_participant_get_display_name (participant), max_of (s.level.rms_db), delay, s.lost,
           s.late, s.target_ms);
}

static void
stats_json (CliReport *self)
{
  TuttiSound *sound = tutti_session_get_sound (self->session);
  g_autoptr (JsonBuilder) builder = cli_json_begin ("stats");
  g_autofree char *protocol = NULL, *send_path = NULL, *receive_path = NULL;

  g_object_get (self->session, "protocol", &protocol, "send-path", &send_path, "receive-path",
                &receive_path, NULL);
  cli_json_add_int (builder, "t_ms",
                    (tutti_clock_now_ns () - self->start_ns) / TUTTI_NSEC_PER_MSEC);
  cli_json_add_string (builder, "state", cli_report_state_nick (self->session));
  cli_json_add_string (builder, "protocol", protocol);
  cli_json_begin_member (builder, "paths");
  cli_json_add_string (builder, "send", send_path);
  cli_json_add_string (builder, "receive", receive_path);
  json_builder_end_object (builder);
  add_engine (builder, self->session);
  add_own (builder, sound);
  add_process (self, builder);
  add_room (builder, self->session);
  add_plan (builder, self->session);
  add_tempo (builder, self->session);
  add_own_strips (builder, sound);
  cli_json_begin_list (builder, "remotes");
  foreach_strip (self->session, add_remote_cb, builder);
  json_builder_end_array (builder);
  cli_videos_add (self->videos, builder);
  cli_json_emit (builder);
}

static void
stats_text (CliReport *self)
{
  TuttiSound *sound = tutti_session_get_sound (self->session);
  TuttiStripStats own;
  g_autofree char *protocol = NULL;
  double rtt;

  g_object_get (self->session, "round-trip-ms", &rtt, "protocol", &protocol, NULL);
  tutti_sound_get_own_stats (sound, &own);
  /* TRANSLATORS: %s is the way of the sound: udp, tcp or relay */
  g_print (_ ("%5.0f s  me %6.1f dB  room %.1f ms away over %s\n"),
           (tutti_clock_now_ns () - self->start_ns) / 1e9, max_of (own.level.rms_db), rtt,
           protocol ? protocol : "?");
  foreach_strip (self->session, print_remote_cb, NULL);
}

void
cli_report_stats (CliReport *self)
{
  if (self->format == CLI_FORMAT_JSON)
    stats_json (self);
  else if (self->format == CLI_FORMAT_TEXT)
    stats_text (self);
}
