/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-control.h"
#include "cli-report.h"
#include "cli-video.h"
#include "tutti-error.h"
#include "tutti-i18n.h"

#define DEVICE_GRACE_MS 3000

typedef struct {
  /* The command line */
  char *name;
  char *instrument;
  char *input;
  char *output;
  char *frame;
  char *formats;
  char *mixes;
  char *stats;
  char *period;
  int bitrate;
  int channels;
  int quantum;
  int fade_in;
  double interval;
  double gain_db;
  gboolean no_reconnect;
  gboolean muted;
  gboolean control;
  char *camera;
  gboolean watch;

  /* What it means */
  TuttiLink *link;
  guint frame_samples; /* 0: as the room plans */
  GStrv format_list;
  guint period_ms;
  CliFormat format;

  /* What runs */
  TuttiSound *sound;
  TuttiSession *session;
  CliReport *report;
  guint period_id;
  guint stats_id;
  guint device_id;
  gboolean was_in;
  gboolean ending;
  gboolean done;
  GError *error;
} Join;

/* -- the command line -- */

static gboolean
parse_frame (const char *text, guint *samples)
{
  static const struct {
    const char *text;
    guint samples;
  } frames[] = { { "2.5", 120 }, { "5", 240 }, { "10", 480 }, { "20", 960 } };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    if (g_str_equal (frames[i].text, text)) {
      *samples = frames[i].samples;
      return TRUE;
    }
  }

  return FALSE;
}

static gboolean
parse_formats (const char *text, GStrv *list)
{
  static const char *const known[] = { "raw", "tight", "opus", NULL };

  *list = g_strsplit (text, ",", 0);
  for (guint i = 0; (*list)[i]; i++)
    if (!g_strv_contains (known, (*list)[i]))
      return FALSE;

  return (*list)[0] != NULL;
}

static gboolean
parse_format (const char *text, CliFormat *format)
{
  static const char *const names[] = { "none", "text", "json" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_str_equal (names[i], text)) {
      *format = i;
      return TRUE;
    }
  }

  return FALSE;
}

static CliExit
check_options (Join *join)
{
  if (join->frame && !parse_frame (join->frame, &join->frame_samples))
    return cli_usage (_ ("--frame has to be 2.5, 5, 10 or 20, not “%s”."), join->frame);
  if (join->formats && !parse_formats (join->formats, &join->format_list))
    return cli_usage (_ ("--formats has to be a list of raw, tight and opus, not “%s”."),
                      join->formats);
  if (!parse_format (join->stats, &join->format))
    return cli_usage (_ ("--stats has to be none, text or json, not “%s”."), join->stats);
  if (join->period && !cli_parse_duration (join->period, &join->period_ms))
    return cli_usage (_ ("--for has to be a time like 30s or 5m, not “%s”."), join->period);
  if (join->channels != 1 && join->channels != 2)
    return cli_usage (_ ("--channels has to be 1 or 2."));
  if (join->bitrate != 0 && (join->bitrate < 6000 || join->bitrate > 510000))
    return cli_usage (_ ("--bitrate has to be from 6000 to 510000."));
  if (join->quantum < 16 || join->quantum > TUTTI_MAX_QUANTUM)
    return cli_usage (_ ("--quantum has to be from 16 to %d."), TUTTI_MAX_QUANTUM);
  if (join->interval < 0.01 || join->interval > 3600)
    return cli_usage (_ ("--stats-interval has to be from 0.01 to 3600."));
  if (join->fade_in < 0 || join->fade_in > 60000)
    return cli_usage (_ ("--fade-in has to be from 0 to 60000."));
  if (join->gain_db < -24 || join->gain_db > 24)
    return cli_usage (_ ("--gain-db has to be from -24 to 24."));

  return CLI_OK;
}

/* GOption frees no defaults, so they come after it. */
static void
fill_defaults (Join *join)
{
  const struct {
    char **value;
    const char *text;
  } defaults[] = {
    { &join->name, g_get_real_name () }, { &join->instrument, "" }, { &join->input, "device" },
    { &join->output, "device" },         { &join->stats, "none" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (!*defaults[i].value)
      *defaults[i].value = g_strdup (defaults[i].text);
}

static CliExit
parse (Join *join, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "name", 'n', 0, G_OPTION_ARG_STRING, &join->name, N_ ("What others see"), "NAME" },
    { "instrument", 0, 0, G_OPTION_ARG_STRING, &join->instrument, N_ ("What I play"), "TEXT" },
    { "input", 'i', 0, G_OPTION_ARG_STRING, &join->input,
      N_ ("device, device:NAME, tone:HZ[:DB], click[:MS], groove[:BPM], silence or file:PATH"),
      "SPEC" },
    { "output", 'o', 0, G_OPTION_ARG_STRING, &join->output,
      N_ ("device, device:NAME, file:PATH (.wav or .flac) or null"), "SPEC" },
    { "formats", 0, 0, G_OPTION_ARG_STRING, &join->formats,
      N_ ("What may be sent and can be heard: raw,tight,opus"), "LIST" },
    { "frame", 0, 0, G_OPTION_ARG_STRING, &join->frame,
      N_ ("Send Opus of 2.5, 5, 10 or 20, whatever the room plans"), "MS" },
    { "bitrate", 0, 0, G_OPTION_ARG_INT, &join->bitrate, N_ ("Bits a second at most"), "BPS" },
    { "mixes", 0, 0, G_OPTION_ARG_FILENAME, &join->mixes,
      N_ ("Keep faders by room and musician in this file"), "FILE" },
    { "channels", 0, 0, G_OPTION_ARG_INT, &join->channels, N_ ("1 or 2"), "N" },
    { "quantum", 'q', 0, G_OPTION_ARG_INT, &join->quantum, N_ ("Samples a cycle"), "N" },
    { "gain-db", 0, 0, G_OPTION_ARG_DOUBLE, &join->gain_db, N_ ("My own gain"), "DB" },
    { "muted", 0, 0, G_OPTION_ARG_NONE, &join->muted, N_ ("Start muted"), NULL },
    { "fade-in", 0, 0, G_OPTION_ARG_INT, &join->fade_in, N_ ("How long new musicians take to rise"),
      "MS" },
    { "stats", 0, 0, G_OPTION_ARG_STRING, &join->stats, N_ ("none, text or json"), "FORMAT" },
    { "stats-interval", 0, 0, G_OPTION_ARG_DOUBLE, &join->interval, N_ ("How often"), "SECONDS" },
    { "for", 0, 0, G_OPTION_ARG_STRING, &join->period,
      N_ ("Leave so long after joining: 500ms, 30s, 5m, 1h"), "TIME" },
    { "no-reconnect", 0, 0, G_OPTION_ARG_NONE, &join->no_reconnect,
      N_ ("End when the room is lost"), NULL },
    { "camera", 0, 0, G_OPTION_ARG_STRING, &join->camera,
      N_ ("Show a camera (a PipeWire node), or test, or test:RRGGBB"), "DEVICE" },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &join->watch, N_ ("Look at what others show"), NULL },
    { "control", 0, 0, G_OPTION_ARG_NONE, &join->control, N_ ("Take commands on standard input"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("LINK");
  g_autoptr (GError) error = NULL;

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("Plays and listens in a room, without a window."));
  g_option_context_set_description (context, cli_control_help);
  if (!g_option_context_parse (context, argc, argv, &error))
    return cli_usage ("%s.", error->message);
  if (*argc != 2)
    return cli_usage (_ ("join needs exactly one room link."));

  fill_defaults (join);
  join->link = tutti_link_parse ((*argv)[1], &error);
  if (!join->link)
    return cli_fail (error, FALSE);

  return check_options (join);
}

/* -- the end -- */

static DexFuture *
left_cb (DexFuture *future, gpointer user_data)
{
  Join *join = user_data;

  join->done = TRUE;

  return dex_future_new_true ();
}

static void
end (Join *join)
{
  if (join->ending)
    return;

  join->ending = TRUE;
  g_clear_handle_id (&join->period_id, g_source_remove);
  g_clear_handle_id (&join->stats_id, g_source_remove);
  g_clear_handle_id (&join->device_id, g_source_remove);
  if (join->was_in)
    cli_report_stats (join->report);
  dex_future_disown (dex_future_finally (tutti_session_leave (join->session), left_cb, join, NULL));
}

static void
end_cb (gpointer user_data)
{
  end (user_data);
}

static void
end_with (Join *join, const GError *error)
{
  if (join->error || join->ending)
    return;

  join->error = g_error_copy (error);
  end (join);
}

static gboolean
signal_cb (gpointer user_data)
{
  end (user_data);

  return G_SOURCE_CONTINUE;
}

static void
period_cb (gpointer user_data)
{
  Join *join = user_data;

  join->period_id = 0;
  end (join);
}

static gboolean
stats_cb (gpointer user_data)
{
  cli_report_stats (((Join *) user_data)->report);

  return G_SOURCE_CONTINUE;
}

/* Devices show up within a moment of the start. Who has neither input nor output by then has
 * nothing to do here; with one of them there is something to play or to hear, and the other one is
 * taken when it comes. */
static void
device_cb (gpointer user_data)
{
  Join *join = user_data;
  const GError *error = tutti_sound_get_error (join->sound);
  g_autoptr (TuttiDevice) input = NULL;
  g_autoptr (TuttiDevice) output = NULL;

  join->device_id = 0;
  g_object_get (join->sound, "active-input", &input, "active-output", &output, NULL);
  if (!input && !output && g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_NO_DEVICE))
    end_with (join, error);
}

static void
state_cb (TuttiSession *session, GParamSpec *pspec, gpointer user_data)
{
  Join *join = user_data;

  switch (tutti_session_get_state (session)) {
  case TUTTI_SESSION_JOINED:
    if (!join->was_in && join->period_ms > 0)
      join->period_id = g_timeout_add_once (join->period_ms, period_cb, join);
    join->was_in = TRUE;
    break;
  case TUTTI_SESSION_FAILED:
    end_with (join, tutti_session_get_error (session));
    break;
  case TUTTI_SESSION_IDLE:
  case TUTTI_SESSION_CONNECTING:
  case TUTTI_SESSION_JOINING:
  case TUTTI_SESSION_RECONNECTING:
  default:
    break;
  }
}

/* -- the run -- */

static gboolean
start_sound (Join *join, GError **error)
{
  join->sound = tutti_sound_new ();
  g_object_set (join->sound, "quantum", (guint) join->quantum, "input-gain", join->gain_db,
                "fade-in", (guint) join->fade_in, "muted", join->muted, "adapt-quantum", FALSE,
                "input-mode", join->channels == 2 ? TUTTI_INPUT_MODE_STEREO : TUTTI_INPUT_MODE_BOTH,
                NULL);

  return tutti_sound_set_input_spec (join->sound, join->input, error) &&
         tutti_sound_set_output_spec (join->sound, join->output, error) &&
         tutti_sound_start (join->sound, error);
}

static void
run (Join *join)
{
  join->session = tutti_session_new (join->sound);
  g_object_set (join->session, "display-name", join->name, "instrument", join->instrument,
                "frame-samples", join->frame_samples, "bitrate", (guint) join->bitrate, "reconnect",
                !join->no_reconnect, "mixes", join->mixes, "pictures", join->watch || join->camera,
                NULL);
  if (join->format_list)
    g_object_set (join->session, "formats", join->format_list, NULL);
  join->report = cli_report_new (join->session, join->format);
  g_signal_connect (join->session, "notify::state", G_CALLBACK (state_cb), join);
  g_unix_signal_add (SIGINT, signal_cb, join);
  g_unix_signal_add (SIGTERM, signal_cb, join);
  join->stats_id = g_timeout_add ((guint) (join->interval * 1000), stats_cb, join);
  join->device_id = g_timeout_add_once (DEVICE_GRACE_MS, device_cb, join);
  if (join->control)
    cli_control_start (join->session, join->report, end_cb, join);

  if (join->camera) {
    const char *problem = cli_videos_show (join->session, join->camera);

    if (problem)
      g_printerr ("%s\n", problem);
  }
  dex_future_disown (tutti_session_join (join->session, join->link));
  while (!join->done)
    g_main_context_iteration (NULL, TRUE);
}

static CliExit
finish (Join *join)
{
  g_autoptr (GError) error = NULL;

  tutti_sound_stop (join->sound);
  if (!tutti_sound_close_output (join->sound, &error) && !join->error)
    join->error = g_steal_pointer (&error);

  if (!join->error) {
    cli_report_left (join->report);
    return CLI_OK;
  }

  cli_report_error (join->report, join->error);

  return cli_fail (join->error, join->was_in);
}

static void
join_clear (Join *join)
{
  g_clear_pointer (&join->report, cli_report_free);
  if (join->session)
    g_signal_handlers_disconnect_by_data (join->session, join);
  g_clear_object (&join->session);
  g_clear_object (&join->sound);
  g_clear_pointer (&join->link, tutti_link_free);
  g_clear_error (&join->error);
  g_free (join->name);
  g_free (join->instrument);
  g_free (join->input);
  g_free (join->output);
  g_free (join->frame);
  g_free (join->formats);
  g_free (join->mixes);
  g_free (join->camera);
  g_strfreev (join->format_list);
  g_free (join->stats);
  g_free (join->period);
}

CliExit
cli_join (int argc, char **argv)
{
  Join join = {
    .channels = 1,
    .quantum = 64,
    .interval = 1,
  };
  CliExit code = parse (&join, &argc, &argv);

  if (code == CLI_OK) {
    g_autoptr (GError) error = NULL;

    if (start_sound (&join, &error)) {
      run (&join);
      code = finish (&join);
    } else if (g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_FAILED)) {
      code = cli_usage ("%s", error->message); /* a source or sink that there is not */
    } else {
      code = cli_fail (error, FALSE);
    }
  }
  join_clear (&join);

  return code;
}
