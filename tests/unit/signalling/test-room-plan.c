/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-room-plan.h"
#include "tutti-room-types.h"

/* Every example of the contract, good or bad, through the parser of its message. */

static gboolean
read_plan (JsonObject *data, GError **error)
{
  g_autoptr (TuttiPlan) plan = tutti_plan_from_json (data, error);
  g_autoptr (TuttiPlan) copy = plan ? g_boxed_copy (TUTTI_TYPE_PLAN, plan) : NULL;

  if (!plan)
    return FALSE;

  g_assert_cmpint (copy->revision, ==, json_object_get_int_member (data, "revision"));
  g_assert_cmpstr (copy->wire, ==, json_object_get_string_member (data, "wire"));
  g_assert_cmpint (copy->frame_samples, ==, json_object_get_int_member (data, "frameSamples"));
  g_assert_cmpint (copy->bitrate, ==, json_object_get_int_member (data, "bitrate"));
  g_assert_cmpint (copy->copies, ==, json_object_get_int_member (data, "copies"));
  g_assert_cmpint (copy->distance, ==, json_object_get_int_member (data, "distance"));
  g_assert_cmpint (copy->standard, ==, !json_object_get_null_member (data, "standard"));
  g_assert_cmpint (copy->packets_per_second, ==,
                   json_object_get_int_member (data, "packetsPerSecond"));
  g_assert_cmpint (copy->budget, ==, json_object_get_int_member (data, "budget"));

  return TRUE;
}

static gboolean
read_heard (JsonObject *data, GError **error)
{
  g_autoptr (TuttiHeard) heard = tutti_heard_from_json (data, error);
  g_autoptr (TuttiHeard) copy = heard ? g_boxed_copy (TUTTI_TYPE_HEARD, heard) : NULL;

  if (!heard)
    return FALSE;

  g_assert_cmpint (copy->delay_known, ==, json_object_has_member (data, "delayMs"));
  g_assert_cmpfloat (copy->loss_percent, ==, json_object_get_double_member (data, "lossPercent"));

  return TRUE;
}

static gboolean
read_tempo (JsonObject *data, GError **error)
{
  g_autoptr (TuttiTempo) tempo = tutti_tempo_from_json (data, error);
  g_autoptr (TuttiTempo) copy = tempo ? g_boxed_copy (TUTTI_TYPE_TEMPO, tempo) : NULL;

  if (!tempo)
    return FALSE;

  g_assert_cmpint (copy->origin_us, ==, json_object_get_int_member (data, "originUs"));
  g_assert_cmpint (copy->running, ==, json_object_get_boolean_member (data, "running"));
  g_assert_cmpfloat (copy->bpm, ==, json_object_get_double_member (data, "bpm"));

  return TRUE;
}

static gboolean
read_clock (JsonObject *data, GError **error)
{
  g_autoptr (TuttiRtpClock) clock = tutti_rtp_clock_from_json (data, error);

  if (!clock)
    return FALSE;

  g_assert_cmpint (clock->error_us, ==,
                   json_object_get_int_member_with_default (data, "errorUs", -1));
  g_assert_cmpint (clock->sent_us, ==,
                   json_object_get_int_member_with_default (data, "sentUs", -1));

  return TRUE;
}

typedef struct {
  const char *file;
  gboolean (*read) (JsonObject *data, GError **error);
  guint n_valid;
  guint n_invalid;
  const char *lenient; /* wrong for today's service, but what a newer one might say */
} Message;

static void
check_valid (const Message *message, JsonArray *rows)
{
  g_assert_cmpuint (json_array_get_length (rows), >=, message->n_valid);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    g_autoptr (GError) error = NULL;

    message->read (json_object_get_object_member (row, "data"), &error);
    g_assert_no_error (error);
  }
}

static void
check_invalid (const Message *message, JsonArray *rows)
{
  g_assert_cmpuint (json_array_get_length (rows), >=, message->n_invalid);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    const char *why = json_object_get_string_member (row, "why");
    g_autoptr (GError) error = NULL;
    gboolean ok = message->read (json_object_get_object_member (row, "data"), &error);

    g_test_message ("%s", why);
    if (g_strcmp0 (why, message->lenient) == 0) {
      g_assert_true (ok);
      continue;
    }
    g_assert_false (ok);
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static void
test_examples (gconstpointer data)
{
  const Message *message = data;
  g_autofree char *path = g_build_filename (g_getenv ("TUTTI_TEST_EXAMPLES"), message->file, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  check_valid (message, json_object_get_array_member (root, "valid"));
  check_invalid (message, json_object_get_array_member (root, "invalid"));
}

static const Message messages[] = {
  { "plan.json", read_plan, 8, 7, "an unknown reason" },
  { "heard.json", read_heard, 2, 2, NULL },
  { "tempo.json", read_tempo, 3, 3, NULL },
  { "rtpClock-forwarded.json", read_clock, 2, 0, NULL },
};

static void
test_plan_details (void)
{
  g_autoptr (JsonObject) object = parse_json (
      "{\"revision\":12,\"wire\":\"raw\",\"frameSamples\":128,\"bits\":24,\"bitrate\":768000,"
      "\"copies\":2,\"distance\":3,\"standard\":{\"frameSamples\":240,\"bitrate\":96000},"
      "\"reason\":{\"limit\":\"client\",\"peerId\":\"BobsPeerId000002\"},"
      "\"packetsPerSecond\":35550,\"budget\":50000}");
  g_autoptr (TuttiPlan) plan = tutti_plan_from_json (object, NULL);

  g_assert_cmpuint (plan->bits, ==, 24);
  g_assert_cmpuint (plan->copies, ==, 2);
  g_assert_cmpuint (plan->distance, ==, 3);
  g_assert_cmpuint (plan->standard_frame_samples, ==, 240);
  g_assert_cmpuint (plan->standard_bitrate, ==, 96000);
  g_assert_cmpint (plan->limit, ==, TUTTI_PLAN_LIMIT_CLIENT);
  g_assert_cmpstr (plan->limit_peer_id, ==, "BobsPeerId000002");
}

/* What we say has the shape of the contract's own example. */
static void
test_report (void)
{
  g_autoptr (GArray) streams = g_array_new (FALSE, FALSE, sizeof (TuttiStreamReport));
  const TuttiStreamReport known = { "p1", 1.25, 0.8, 0.05, TRUE, 14.2, 0.9 };
  const TuttiStreamReport unknown = { "p2", -1, 0.1, 200, FALSE, 0, 0 };
  TuttiLinkReport report = { 12.4, 64, 0.3, streams };
  g_autoptr (JsonObject) object = NULL;
  JsonObject *first, *second;

  g_array_append_val (streams, known);
  g_array_append_val (streams, unknown);
  object = tutti_link_report_to_json (&report);

  g_assert_cmpfloat (json_object_get_double_member (object, "rttMs"), ==, 12.4);
  g_assert_cmpint (json_object_get_int_member (object, "quantum"), ==, 64);
  g_assert_cmpfloat (
      json_object_get_double_member (json_object_get_object_member (object, "up"), "lossPercent"),
      ==, 0.3);
  first = json_array_get_object_element (json_object_get_array_member (object, "down"), 0);
  second = json_array_get_object_element (json_object_get_array_member (object, "down"), 1);
  g_assert_cmpstr (json_object_get_string_member (first, "producerId"), ==, "p1");
  g_assert_cmpfloat (json_object_get_double_member (first, "delayMs"), ==, 14.2);
  g_assert_cmpfloat (json_object_get_double_member (first, "errorMs"), ==, 0.9);
  g_assert_false (json_object_has_member (second, "delayMs"));
  /* Within what the room takes, whatever was measured. */
  g_assert_cmpfloat (json_object_get_double_member (second, "lossPercent"), ==, 0);
  g_assert_cmpfloat (json_object_get_double_member (second, "concealedPercent"), ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++) {
    g_autofree char *path = g_strconcat ("/room-plan/examples/", messages[i].file, NULL);

    g_test_add_data_func (path, &messages[i], test_examples);
  }
  g_test_add_func ("/room-plan/details", test_plan_details);
  g_test_add_func ("/room-plan/report", test_report);

  return g_test_run ();
}
