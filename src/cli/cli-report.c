/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-report.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"

struct _CliReport {
  TuttiSession *session; /* owned */
  CliFormat format;
  gint64 start_ns;
  gint64 stats_ns;
  double stats_cpu_s;
};

/* -- JSON -- */

static void
emit (JsonBuilder *builder)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  text = json_to_string (node, FALSE);
  puts (text);
  fflush (stdout);
}

static JsonBuilder *
begin (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);

  return builder;
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/* Rounded to 1/1000: nothing here is known better, and the lines stay readable. */
static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, isfinite (value) ? round (value * 1000) / 1000 : -1);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_error (JsonBuilder *builder, const char *name, const GError *error)
{
  json_builder_set_member_name (builder, name);
  if (!error) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_string (builder, "code", tutti_error_get_nick (error));
  add_string (builder, "message", error->message);
  add_string (builder, "advice", tutti_error_get_advice (error));
  json_builder_end_object (builder);
}

static void
begin_member (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

/* -- events -- */

static const char *
state_nick (TuttiSession *session)
{
  GEnumClass *klass = g_type_class_peek (TUTTI_TYPE_SESSION_STATE);

  return g_enum_get_value (klass, (int) tutti_session_get_state (session))->value_nick;
}

static void
report_joined (CliReport *self)
{
  g_autoptr (TuttiLink) link = NULL;
  g_autofree char *room = NULL, *peer_id = NULL, *protocol = NULL, *text = NULL;

  g_object_get (self->session, "link", &link, "room", &room, "peer-id", &peer_id, "protocol",
                &protocol, NULL);
  text = tutti_link_to_string (link);
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin ("joined");

    add_string (builder, "room", room);
    add_string (builder, "peer_id", peer_id);
    add_string (builder, "protocol", protocol);
    add_string (builder, "link", text);
    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (_ ("In room “%s” over %s\n"), room, protocol ? protocol : "?");
  }
}

static void
state_cb (CliReport *self)
{
  const GError *error = tutti_session_get_error (self->session);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin ("state");

    add_string (builder, "state", state_nick (self->session));
    add_error (builder, "error", error);
    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("[%s] %s\n", state_nick (self->session), error ? error->message : "");
  }

  if (tutti_session_get_state (self->session) == TUTTI_SESSION_JOINED)
    report_joined (self);
}

static void
report_peer (CliReport *self, TuttiParticipant *participant, gboolean joined)
{
  const char *name = tutti_participant_get_display_name (participant);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin (joined ? "peer-joined" : "peer-left");

    add_string (builder, "peer_id", tutti_participant_get_peer_id (participant));
    add_string (builder, "name", name);
    if (joined)
      add_string (builder, "instrument", tutti_participant_get_instrument (participant));
    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (joined ? _ ("%s came\n") : _ ("%s left\n"), name);
  }
}

static void
peer_joined_cb (CliReport *self, TuttiParticipant *participant)
{
  report_peer (self, participant, TRUE);
}

static void
peer_left_cb (CliReport *self, TuttiParticipant *participant)
{
  report_peer (self, participant, FALSE);
}

static void
sound_error_cb (CliReport *self)
{
  const GError *error = tutti_sound_get_error (tutti_session_get_sound (self->session));

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin ("sound");

    add_error (builder, "error", error);
    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("[sound] %s\n", error ? error->message : _ ("All is well."));
  }
}

void
cli_report_left (CliReport *self)
{
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin ("left");

    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (_ ("Left the room\n"));
  }
}

void
cli_report_error (CliReport *self, const GError *error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (self->format != CLI_FORMAT_JSON)
    return;

  builder = begin ("error");
  add_string (builder, "code", tutti_error_get_nick (error));
  add_string (builder, "message", error->message);
  add_string (builder, "advice", tutti_error_get_advice (error));
  emit (builder);
}

void
cli_report_control (CliReport *self, const char *command, gboolean ok, const char *message)
{
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = begin ("control");

    add_string (builder, "command", command);
    add_boolean (builder, "ok", ok);
    if (message)
      add_string (builder, "message", message);
    emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s: %s\n", command, ok ? _ ("done") : message);
  }
}

/* -- statistics -- */

static double
max_of (const float values[TUTTI_MAX_CHANNELS])
{
  return MAX (values[0], values[1]);
}

static void
add_engine (JsonBuilder *builder, TuttiSound *sound)
{
  TuttiEngineStats stats;

  tutti_sound_get_engine_stats (sound, &stats);
  begin_member (builder, "engine");
  add_int (builder, "quantum", stats.quantum);
  add_int (builder, "rate", stats.rate);
  add_int (builder, "xruns", (gint64) stats.xruns);
  add_int (builder, "cycles", (gint64) stats.cycles);
  add_double (builder, "cycle_max_us", stats.cycle_max_us);
  add_double (builder, "limiter_db", stats.limiter_db);
  add_double (builder, "output_peak_db", max_of (stats.output.peak_db));
  add_double (builder, "output_rms_db", max_of (stats.output.rms_db));
  json_builder_end_object (builder);
}

static void
add_own (JsonBuilder *builder, TuttiSound *sound)
{
  TuttiStripStats stats;
  gboolean muted;

  g_object_get (sound, "muted", &muted, NULL);
  tutti_sound_get_own_stats (sound, &stats);
  begin_member (builder, "own");
  add_double (builder, "peak_db", max_of (stats.level.peak_db));
  add_double (builder, "rms_db", max_of (stats.level.rms_db));
  add_int (builder, "packets", (gint64) stats.packets);
  add_int (builder, "overruns", (gint64) stats.overruns);
  add_boolean (builder, "muted", muted);
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

  begin_member (builder, "process");
  add_double (builder, "cpu_percent",
              100 * (cpu - self->stats_cpu_s) / MAX ((now - self->stats_ns) / 1e9, 1e-3));
  add_int (builder, "rss_kb", read_status ("VmRSS:"));
  add_int (builder, "threads", read_status ("Threads:"));
  json_builder_end_object (builder);

  self->stats_cpu_s = cpu;
  self->stats_ns = now;
}

static void
add_room (JsonBuilder *builder, TuttiSession *session)
{
  double rtt, error;

  g_object_get (session, "round-trip-ms", &rtt, "clock-error-ms", &error, NULL);
  begin_member (builder, "room");
  add_double (builder, "rtt_ms", rtt);
  add_double (builder, "clock_error_ms", error);
  json_builder_end_object (builder);
}

static void
add_remote (JsonBuilder *builder, TuttiParticipant *participant, TuttiStrip *strip)
{
  g_autofree char *id = NULL;
  gboolean flowing, sender_muted;
  double delay, delay_error, quality;
  TuttiRemoteStats s;

  g_object_get (strip, "id", &id, "flowing", &flowing, "sender-muted", &sender_muted, "delay-ms",
                &delay, "delay-error-ms", &delay_error, "quality", &quality, NULL);
  tutti_strip_get_stats (strip, &s);

  json_builder_begin_object (builder);
  add_string (builder, "peer_id", tutti_participant_get_peer_id (participant));
  add_string (builder, "name", tutti_participant_get_display_name (participant));
  add_string (builder, "strip", id);
  add_double (builder, "peak_db", max_of (s.level.peak_db));
  add_double (builder, "rms_db", max_of (s.level.rms_db));
  add_int (builder, "received", (gint64) s.received);
  add_int (builder, "duplicates", (gint64) s.duplicates);
  add_int (builder, "malformed", (gint64) s.malformed);
  add_int (builder, "late", (gint64) s.late);
  add_int (builder, "lost", (gint64) s.lost);
  add_int (builder, "reordered", (gint64) s.reordered);
  add_double (builder, "concealed_ms", s.concealed_samples * 1000.0 / TUTTI_SAMPLE_RATE);
  add_double (builder, "played_ms", s.played_samples * 1000.0 / TUTTI_SAMPLE_RATE);
  add_double (builder, "target_ms", s.target_ms);
  add_double (builder, "buffered_ms", s.buffered_ms);
  add_double (builder, "jitter_ms", s.jitter_ms);
  add_double (builder, "delay_ms", delay);
  add_double (builder, "delay_error_ms", delay_error);
  add_double (builder, "quality", quality);
  add_boolean (builder, "flowing", flowing);
  add_boolean (builder, "sender_muted", sender_muted);
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
  g_autoptr (JsonBuilder) builder = begin ("stats");
  g_autofree char *protocol = NULL;

  g_object_get (self->session, "protocol", &protocol, NULL);
  add_int (builder, "t_ms", (tutti_clock_now_ns () - self->start_ns) / TUTTI_NSEC_PER_MSEC);
  add_string (builder, "state", state_nick (self->session));
  add_string (builder, "protocol", protocol);
  add_engine (builder, sound);
  add_own (builder, sound);
  add_process (self, builder);
  add_room (builder, self->session);
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  foreach_strip (self->session, add_remote_cb, builder);
  json_builder_end_array (builder);
  emit (builder);
}

static void
stats_text (CliReport *self)
{
  TuttiSound *sound = tutti_session_get_sound (self->session);
  TuttiStripStats own;
  double rtt;

  g_object_get (self->session, "round-trip-ms", &rtt, NULL);
  tutti_sound_get_own_stats (sound, &own);
  g_print (_ ("%5.0f s  me %6.1f dB  room %.1f ms away\n"),
           (tutti_clock_now_ns () - self->start_ns) / 1e9, max_of (own.level.rms_db), rtt);
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

CliReport *
cli_report_new (TuttiSession *session, CliFormat format)
{
  CliReport *self = g_new0 (CliReport, 1);

  self->session = g_object_ref (session);
  self->format = format;
  self->start_ns = self->stats_ns = tutti_clock_now_ns ();
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (session, "peer-joined", G_CALLBACK (peer_joined_cb), self);
  g_signal_connect_swapped (session, "peer-left", G_CALLBACK (peer_left_cb), self);
  g_signal_connect_swapped (tutti_session_get_sound (session), "notify::error",
                            G_CALLBACK (sound_error_cb), self);

  return self;
}

void
cli_report_free (CliReport *self)
{
  g_signal_handlers_disconnect_by_data (tutti_session_get_sound (self->session), self);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_free (self);
}
