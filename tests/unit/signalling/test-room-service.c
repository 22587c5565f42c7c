/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Against the real room service, which the build runs for us: $TUTTI_ROOM_COMMAND. Skipped where
 * it cannot start (no Node, no worker), and says so. */

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-room-client.h"
#include "tutti-thread.h"

typedef struct {
  GSubprocess *process;
  GOutputStream *lifeline;
  char *state_dir;
  GUri *uri; /* NULL: could not be started */
} Service;

typedef struct {
  TuttiRoomClient *client;
  GString *log;
  GError *closed;
  gint64 consumer_request;
  char *consumer_id;
} Musician;

static Service service;

/* -- the service -- */

static void
start_service (void)
{
  const char *command = g_getenv ("TUTTI_ROOM_COMMAND");
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  if (!command || !g_file_test (command, G_FILE_TEST_IS_EXECUTABLE))
    return;

  service.state_dir = g_dir_make_tmp ("tutti-test-XXXXXX", NULL);
  service.process =
      g_subprocess_launcher_spawn (launcher, NULL, command, "--stdin-lifeline", "--workers", "1",
                                   "--state-dir", service.state_dir, NULL);
  if (!service.process)
    return;

  service.lifeline = g_subprocess_get_stdin_pipe (service.process);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (service.process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  if (line && g_str_has_prefix (line, "ready "))
    service.uri = g_uri_parse (line + strlen ("ready "), G_URI_FLAGS_ENCODED_QUERY, NULL);
}

static void
stop_service (void)
{
  if (service.process) {
    g_output_stream_close (service.lifeline, NULL, NULL);
    g_subprocess_wait (service.process, NULL, NULL);
  }
  g_clear_object (&service.process);
  g_clear_pointer (&service.uri, g_uri_unref);
  if (service.state_dir) {
    g_autofree char *argument = g_shell_quote (service.state_dir);
    g_autofree char *command = g_strdup_printf ("rm -rf %s", argument);

    g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  }
  g_clear_pointer (&service.state_dir, g_free);
}

static TuttiLink *
service_link (const char *room)
{
  g_autofree char *text =
      g_strdup_printf ("tutti://%s:%d/%s?%s", g_uri_get_host (service.uri),
                       g_uri_get_port (service.uri), room, g_uri_get_query (service.uri));
  g_autoptr (GError) error = NULL;
  TuttiLink *link = tutti_link_parse (text, &error);

  g_assert_no_error (error);
  return link;
}

static gboolean
skip_without_service (void)
{
  if (!service.uri)
    g_test_skip ("the room service cannot be started here");
  return !service.uri;
}

/* -- musicians -- */

static void
on_peer_joined (Musician *m, const TuttiPeerInfo *info)
{
  g_string_append_printf (m->log, "joined %s; ", info->display_name);
}

static void
on_peer_left (Musician *m, const char *peer_id, const char *reason)
{
  g_string_append_printf (m->log, "left %s; ", reason);
}

static void
on_peer_renamed (Musician *m, const char *peer_id, const char *name)
{
  g_string_append_printf (m->log, "renamed %s; ", name);
}

static void
on_new_consumer (Musician *m, gint64 id, const TuttiConsumerInfo *info)
{
  m->consumer_request = id;
  g_set_str (&m->consumer_id, info->consumer_id);
  g_string_append_printf (m->log, "consumer %s %s %u; ", info->stream.strip_label,
                          info->stream.wire, info->stream.frame_samples);
  tutti_room_client_accept (m->client, id);
}

static void
on_consumer_paused (Musician *m, const char *id)
{
  g_assert_cmpstr (id, ==, m->consumer_id);
  g_string_append (m->log, "paused; ");
}

static void
on_consumer_resumed (Musician *m, const char *id)
{
  g_string_append (m->log, "resumed; ");
}

static void
on_consumer_closed (Musician *m, const char *id)
{
  g_string_append (m->log, "closed; ");
}

static void
on_rtp_clock (Musician *m, const TuttiRtpClock *clock)
{
  g_string_append_printf (m->log, "clock %u; ", clock->rtp_timestamp);
}

static void
on_closed (Musician *m, const GError *error)
{
  m->closed = g_error_copy (error);
}

static Musician *
musician_new (const char *room, const char *peer_id)
{
  Musician *m = g_new0 (Musician, 1);
  g_autoptr (TuttiLink) link = service_link (room);

  m->log = g_string_new (NULL);
  m->client = tutti_room_client_new (link, peer_id);
  g_object_connect (
      m->client, "swapped-signal::peer-joined", on_peer_joined, m, "swapped-signal::peer-left",
      on_peer_left, m, "swapped-signal::peer-renamed", on_peer_renamed, m,
      "swapped-signal::new-consumer", on_new_consumer, m, "swapped-signal::consumer-paused",
      on_consumer_paused, m, "swapped-signal::consumer-resumed", on_consumer_resumed, m,
      "swapped-signal::consumer-closed", on_consumer_closed, m, "swapped-signal::rtp-clock",
      on_rtp_clock, m, "swapped-signal::closed", on_closed, m, NULL);
  return m;
}

static void
musician_free (Musician *m)
{
  tutti_room_client_close (m->client);
  g_assert_finalize_object (m->client);
  g_string_free (m->log, TRUE);
  g_clear_error (&m->closed);
  g_free (m->consumer_id);
  g_free (m);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Musician, musician_free)

static JsonObject *
await_object (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  const GValue *value = await (future, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = json_object_ref (g_value_get_boxed (value));
  dex_unref (future);
  return object;
}

static guint
join (Musician *m, const char *name)
{
  g_autoptr (JsonObject) capabilities = NULL;
  g_autoptr (GError) error = NULL;
  DexFuture *future;
  guint n_peers;

  await_ok (tutti_room_client_open (m->client));
  g_assert_false (tutti_room_client_is_demo (m->client));
  capabilities =
      await_object (tutti_room_client_get_router_rtp_capabilities (m->client, TUTTI_MEDIA_AUDIO));

  future = tutti_room_client_join (m->client, name, "Kazoo", capabilities);
  n_peers = ((GPtrArray *) g_value_get_boxed (await (future, &error)))->len;
  g_assert_no_error (error);
  dex_unref (future);
  return n_peers;
}

static char *
make_transport (Musician *m, TuttiTransportRole role)
{
  g_autoptr (JsonObject) transport = await_object (
      tutti_room_client_create_web_rtc_transport (m->client, role, TUTTI_MEDIA_AUDIO, FALSE));

  return g_strdup (json_object_get_string_member (transport, "transportId"));
}

static const char *expected_log;

static gboolean
has_logged (gpointer user_data)
{
  return strstr (((Musician *) user_data)->log->str, expected_log) != NULL;
}

static void
expect (Musician *m, const char *text)
{
  expected_log = text;
  spin_until (has_logged, m);
}

static gboolean
is_closed (gpointer user_data)
{
  return ((Musician *) user_data)->closed != NULL;
}

static gboolean
knows_the_time (gpointer user_data)
{
  return tutti_room_clock_is_known (tutti_room_client_get_clock (((Musician *) user_data)->client));
}

/* -- tests -- */

#define OPUS                                                                                       \
  "{\"mid\":\"0\",\"codecs\":[{\"mimeType\":\"audio/"                                              \
  "opus\",\"payloadType\":100,\"clockRate\":48000,"                                                \
  "\"channels\":2,\"parameters\":{\"minptime\":3}}],\"encodings\":[{\"ssrc\":1111}],\"rtcp\":"     \
  "{\"cname\":\"tutti-test\"}}"

static void
test_two_musicians (void)
{
  const TuttiStreamInfo stream = {
    .source = (char *) "audio",
    .strip_id = (char *) "main",
    .strip_label = (char *) "Kazoo 1",
    .wire = (char *) "opus",
    .frame_samples = 120,
    .channels = 1,
    .bitrate = 96000,
  };
  g_autoptr (Musician) anna = NULL;
  g_autoptr (Musician) bert = NULL;
  g_autofree char *anna_up = NULL;
  g_autofree char *bert_down = NULL;
  g_autofree char *producer = NULL;
  g_autoptr (JsonObject) opus = parse_json (OPUS);
  DexFuture *future;
  g_autoptr (GError) error = NULL;

  if (skip_without_service ())
    return;

  anna = musician_new ("two", "anna-0001");
  bert = musician_new ("two", "bert-0001");
  g_assert_cmpuint (join (anna, "Anna"), ==, 0);
  g_assert_cmpuint (join (bert, "Bert"), ==, 1);
  expect (anna, "joined Bert; ");

  anna_up = make_transport (anna, TUTTI_TRANSPORT_ROLE_PRODUCER);
  bert_down = make_transport (bert, TUTTI_TRANSPORT_ROLE_CONSUMER);
  future =
      tutti_room_client_produce (anna->client, anna_up, TUTTI_MEDIA_AUDIO, opus, &stream, NULL);
  producer = g_value_dup_string (await (future, &error));
  g_assert_no_error (error);
  dex_unref (future);
  expect (bert, "consumer Kazoo 1 opus 120; ");

  tutti_room_client_pause_producer (anna->client, producer);
  expect (bert, "paused; ");
  tutti_room_client_resume_producer (anna->client, producer);
  expect (bert, "resumed; ");
  tutti_room_client_rtp_clock (
      anna->client, &(TuttiRtpClock) { NULL, producer, 4294967295, 1234567, 350, 1235900 });
  expect (bert, "clock 4294967295; ");
  tutti_room_client_change_display_name (anna->client, "Änna");
  expect (bert, "renamed Änna; ");
  await_ok (tutti_room_client_get_transport_stats (anna->client, anna_up));
  await_ok (tutti_room_client_get_producer_stats (anna->client, producer));
  await_ok (tutti_room_client_get_consumer_stats (bert->client, bert->consumer_id));

  tutti_room_client_close_producer (anna->client, producer);
  expect (bert, "closed; ");
  await_ok (tutti_room_client_close_transport (anna->client, anna_up));
  await_error (tutti_room_client_get_transport_stats (anna->client, anna_up), TUTTI_ERROR,
               TUTTI_ERROR_REFUSED);

  spin_until (knows_the_time, anna);
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (tutti_room_client_get_clock (anna->client)), <,
                     100.0);

  await_ok (tutti_room_client_leave (anna->client, NULL));
  spin_until (is_closed, anna);
  g_assert_error (anna->closed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect (bert, "left left; ");
}

static void
test_move_consumers (void)
{
  const TuttiStreamInfo stream = {
    .strip_label = (char *) "x", .frame_samples = 240, .channels = 1, .bitrate = 64000
  };
  g_autoptr (Musician) anna = NULL;
  g_autoptr (Musician) bert = NULL;
  g_autofree char *up = NULL;
  g_autofree char *down = NULL;
  g_autofree char *next = NULL;
  g_autoptr (JsonObject) opus = parse_json (OPUS);

  if (skip_without_service ())
    return;

  anna = musician_new ("move", "anna-0001");
  bert = musician_new ("move", "bert-0001");
  join (anna, "Anna");
  join (bert, "Bert");
  up = make_transport (anna, TUTTI_TRANSPORT_ROLE_PRODUCER);
  down = make_transport (bert, TUTTI_TRANSPORT_ROLE_CONSUMER);
  await_ok (tutti_room_client_produce (anna->client, up, TUTTI_MEDIA_AUDIO, opus, &stream, NULL));
  expect (bert, "consumer x opus 240; ");

  g_string_truncate (bert->log, 0);
  next = make_transport (bert, TUTTI_TRANSPORT_ROLE_CONSUMER);
  await_ok (tutti_room_client_move_consumers (bert->client, down, next));
  expect (bert, "consumer x opus 240; ");
  await_ok (tutti_room_client_close_transport (bert->client, down));
}

static void
test_replaced (void)
{
  g_autoptr (Musician) first = NULL;
  g_autoptr (Musician) second = NULL;
  g_autoptr (Musician) stranger = NULL;

  if (skip_without_service ())
    return;

  first = musician_new ("same", "anna-0001");
  second = musician_new ("same", "anna-0001");
  stranger = musician_new ("same", "anna-0001");
  join (first, "Anna");
  await_error (tutti_room_client_open (stranger->client), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  tutti_room_client_set_seat (second->client, tutti_room_client_get_seat (first->client));
  join (second, "Anna");
  spin_until (is_closed, first);
  g_assert_error (first->closed, TUTTI_ERROR, TUTTI_ERROR_REPLACED);
  g_assert_true (tutti_error_is_fatal (first->closed));
}

static void
test_wrong_pin (void)
{
  g_autoptr (TuttiLink) link = NULL;
  g_autoptr (TuttiRoomClient) client = NULL;

  if (skip_without_service ())
    return;

  link = service_link ("pin");
  link->fingerprint[0] = link->fingerprint[0] == '0' ? '1' : '0';
  client = tutti_room_client_new (link, "anna-0001");
  await_error (tutti_room_client_open (client), TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE);
}

/* Last: the service dies under a musician, who is told something that can be tried again. */
static void
test_service_dies (void)
{
  g_autoptr (Musician) anna = NULL;

  if (skip_without_service ())
    return;

  anna = musician_new ("end", "anna-0001");
  join (anna, "Anna");
  g_subprocess_force_exit (service.process);
  spin_until (is_closed, anna);
  g_assert_error (anna->closed, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  g_assert_false (tutti_error_is_fatal (anna->closed));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();
  start_service ();
  g_test_add_func ("/room-service/1-two-musicians", test_two_musicians);
  g_test_add_func ("/room-service/2-move-consumers", test_move_consumers);
  g_test_add_func ("/room-service/3-replaced", test_replaced);
  g_test_add_func ("/room-service/4-wrong-pin", test_wrong_pin);
  g_test_add_func ("/room-service/5-service-dies", test_service_dies);
  result = g_test_run ();
  stop_service ();
  return result;
}
