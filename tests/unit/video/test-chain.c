/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"
#include "tutti-video-receiver.h"
#include "tutti-video-sender.h"

/* The chains by themselves, with the real elements; with packets of the network: test_video.py. */

#define WAIT_MS 8000

static gboolean
timeout_cb (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
test_preview (void)
{
  g_autoptr (TuttiVideoSource) source =
      tutti_video_source_new (TUTTI_VIDEO_CAMERA, "test:00ff00", -1);
  g_autoptr (GError) error = NULL;
  TuttiVideoSender *sender = tutti_video_sender_new (source, &error);
  TuttiPictureStats stats = { 0 };
  TuttiVideoSenderStats sent;
  gboolean over = FALSE;
  guint id = g_timeout_add (WAIT_MS, timeout_cb, &over);

  g_assert_no_error (error);
  while (stats.frames < 5 && !over) {
    g_main_context_iteration (NULL, TRUE);
    tutti_picture_get_stats (tutti_video_sender_get_picture (sender), &stats);
  }
  g_assert_false (over);
  g_source_remove (id);
  g_assert_cmpuint (stats.width, ==, 640);
  g_assert_cmpuint (stats.height, ==, 360);
  tutti_video_sender_get_stats (sender, &sent);
  g_assert_cmpuint (sent.shape.fps, ==, 30);
  g_assert_cmpuint (sent.packets, ==, 0); /* nowhere to go */
  tutti_video_sender_close (sender);
  tutti_video_sender_close (sender);
  g_assert_true (tutti_net_wait_idle (5000));
  g_assert_finalize_object (sender);
}

static void
error_cb (TuttiVideoSender *sender, GError *error, GError **copy)
{
  g_assert_null (*copy);
  *copy = g_error_copy (error);
}

/* A camera that is not there: an error now or soon, and never silence. */
static void
test_no_camera (void)
{
  g_autoptr (TuttiVideoSource) source =
      tutti_video_source_new (TUTTI_VIDEO_CAMERA, "no-such-camera", -1);
  g_autoptr (TuttiVideoSource) none = tutti_video_source_new (TUTTI_VIDEO_CAMERA, NULL, -1);
  g_autoptr (GError) error = NULL, later = NULL;
  g_autoptr (TuttiVideoSender) sender = NULL;
  gboolean over = FALSE;
  guint id;

  g_assert_null (tutti_video_sender_new (none, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  sender = tutti_video_sender_new (source, &error);
  if (!sender) {
    g_assert_nonnull (error);
    return;
  }
  id = g_timeout_add (12000, timeout_cb, &over);
  g_signal_connect (sender, "error", G_CALLBACK (error_cb), &later);
  while (!later && !over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (later);
  if (!over)
    g_source_remove (id);
}

static void
test_refuses_others (void)
{
  const TuttiVideoStream stream = {
    .ssrc = 7, .rtx_ssrc = 8, .payload_type = 101, .rtx_payload_type = 102
  };
  g_autoptr (TuttiPicture) picture = tutti_picture_new ();
  g_autoptr (GError) error = NULL;
  TuttiVideoReceiver *receiver = tutti_video_receiver_new (&stream, picture, NULL, &error);
  guint8 packet[64] = { 0x80, 96, 0, 1 };
  TuttiVideoReceiverStats stats;

  g_assert_no_error (error);
  for (guint type = 0; type < 128; type++) {
    packet[1] = (guint8) type;
    packet[3]++;
    tutti_video_receiver_push (packet, sizeof packet, 0, receiver);
  }
  for (gsize size = 0; size < 12; size++)
    tutti_video_receiver_push (packet, size, 0, receiver);
  tutti_video_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (stats.packets, ==, 2);
  g_assert_cmpuint (stats.refused, ==, 126 + 12);
  tutti_video_receiver_close (receiver);
  tutti_video_receiver_push (packet, sizeof packet, 0, receiver);
  tutti_video_receiver_close (receiver);
  tutti_video_receiver_unref (receiver);
  g_assert_true (tutti_net_wait_idle (5000));
}

static void
test_reads_streams (void)
{
  static const char good[] =
      "{\"codecs\":[{\"mimeType\":\"video/VP8\",\"payloadType\":101,\"clockRate\":90000},"
      "{\"mimeType\":\"video/rtx\",\"payloadType\":102,\"clockRate\":90000}],"
      "\"encodings\":[{\"ssrc\":4000000000,\"rtx\":{\"ssrc\":5}}]}";
  static const char other[] =
      "{\"codecs\":[{\"mimeType\":\"video/H264\",\"payloadType\":101,\"clockRate\":90000}],"
      "\"encodings\":[{\"ssrc\":4}]}";
  g_autoptr (JsonNode) node = json_from_string (good, NULL);
  g_autoptr (JsonNode) wrong = json_from_string (other, NULL);
  TuttiVideoStream stream;

  g_assert_true (tutti_video_stream_read (&stream, json_node_get_object (node)));
  g_assert_cmpuint (stream.ssrc, ==, 4000000000u);
  g_assert_cmpuint (stream.rtx_ssrc, ==, 5);
  g_assert_cmpuint (stream.payload_type, ==, 101);
  g_assert_cmpuint (stream.rtx_payload_type, ==, 102);
  g_assert_false (tutti_video_stream_read (&stream, json_node_get_object (wrong)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_assert_true (tutti_net_init (NULL));
  g_test_add_func ("/video/chain/preview", test_preview);
  g_test_add_func ("/video/chain/no-camera", test_no_camera);
  g_test_add_func ("/video/chain/refuses-others", test_refuses_others);
  g_test_add_func ("/video/chain/reads-streams", test_reads_streams);
  return g_test_run ();
}
