/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc-check.h"
#include "tutti-thread.h"

/* How a webrtcbin must be set up so that it is on time and does not fall over. The reasons were
 * measured; docs/ARCHITECTURE.md names them. */

/* Streams that a server can make us set up; each costs threads. */
#define MAX_STREAMS 512

/* webrtcbin's own queue between ICE and SRTP. */
static gboolean
is_receiving_queue (GstElement *element, const char *factory)
{
  g_autoptr (GstObject) parent = NULL;

  if (!g_str_equal (factory, "queue"))
    return FALSE;
  parent = gst_object_get_parent (GST_OBJECT (element));
  return parent != NULL && g_str_equal (G_OBJECT_TYPE_NAME (parent), "TransportReceiveBin");
}

/* -- messages: a sync handler takes them all, so none can vanish in a queue that nobody reads -- */

static void
recalculate_latency (GstElement *pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

void
tutti_transport_refresh_latency (TuttiTransport *self)
{
  if (self->pipeline != NULL)
    gst_element_call_async (self->pipeline, recalculate_latency, NULL, NULL);
}

/* Without a configured latency rtpsession knows no running time and sends no sender reports, so no
 * round trip would ever be known. Nothing waits for that latency: all sinks have sync off. */
static void
on_latency (GstMessage *message)
{
  g_autoptr (GstObject) top = gst_object_ref (GST_MESSAGE_SRC (message));
  GstObject *parent;

  while ((parent = gst_object_get_parent (top)) != NULL) {
    gst_object_unref (top);
    top = parent;
  }
  if (GST_IS_PIPELINE (top))
    gst_element_call_async (GST_ELEMENT (top), recalculate_latency, NULL, NULL);
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  TuttiTransportShared *shared = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STREAM_STATUS) {
    tutti_transport_shared_on_stream_status (shared, message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY) {
    on_latency (message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    g_debug ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message, debug);
    tutti_transport_shared_fail (shared, g_error_new (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                                                      _ ("The media connection broke down: %s"),
                                                      error->message));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    g_debug ("%s: %s", GST_MESSAGE_SRC_NAME (message), error->message);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* -- elements as they appear inside; streaming threads and webrtcbin's -- */

static void
on_deep_element_added (GstBin *bin, GstBin *sub_bin, GstElement *element, gpointer data)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  const char *name = factory != NULL ? GST_OBJECT_NAME (factory) : "";

  TuttiTransportShared *shared = data;

  if (is_receiving_queue (element, name) && shared->direction == TUTTI_DIRECTION_RECEIVE)
    tutti_transport_take_shortcut (shared, element);
  else if (g_str_equal (name, "clocksync"))
    /* It would hold packets back until their time: 2.4 to 3.4 ms in some runs. */
    g_object_set (element, "sync", FALSE, NULL);
  else if (g_str_equal (name, "rtpssrcdemux"))
    g_object_set (element, "max-streams", (guint) MAX_STREAMS, NULL);
  else if (g_str_equal (name, "rtpsession")) {
    /* Reports each second instead of each five: the round trip and losses that people are shown. */
    g_object_set (element, "rtcp-min-interval", (guint64) GST_SECOND, NULL);
    /* A picture's first packets are a key frame's, and what is sent again may be one packet. */
    if (shared->for_pictures)
      g_object_set (element, "probation", 0u, NULL);
    tutti_transport_shared_watch_session (shared, element);
  }
}

/* -- ICE -- */

static void
set_up_nice (TuttiTransport *self, GObject *ice)
{
  g_autoptr (GObject) agent = NULL;
  gpointer context = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (ice), "agent") == NULL)
    return;
  g_object_get (ice, "agent", &agent, NULL);
  /* A router that does not answer would hold up gathering. */
  g_object_set (agent, "upnp", FALSE, NULL);
  tutti_transport_watch_path (self, agent);
  g_object_get (agent, "main-context", &context, NULL);
  tutti_transport_shared_watch_context (self->shared, context);
}

/* libnice gathers no loopback address; without one it would quietly fall back to TCP after 2 s. */
void
tutti_transport_add_loopback (TuttiTransport *self)
{
  g_autoptr (GObject) ice = NULL;
  JsonArray *list = json_object_get_array_member (self->server_parameters, "iceCandidates");
  gboolean families[2] = { FALSE, FALSE };
  gboolean is_added;

  for (guint i = 0; i < json_array_get_length (list); i++) {
    const char *text = tutti_ortc_candidate_address (json_array_get_object_element (list, i));
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

    if (address == NULL || !g_inet_address_get_is_loopback (address))
      return;
    families[g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6] = TRUE;
  }
  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  if (families[0])
    g_signal_emit_by_name (ice, "add-local-ip-address", "127.0.0.1", &is_added);
  if (families[1])
    g_signal_emit_by_name (ice, "add-local-ip-address", "::1", &is_added);
}

static void
set_up_ice (TuttiTransport *self)
{
  g_autoptr (GObject) ice = NULL;

  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  if (ice == NULL)
    return;
  set_up_nice (self, ice);
}

/* -- the whole -- */

void
tutti_transport_dump (TuttiTransport *self)
{
  static const char *const names[] = { "new", "connecting", "connected", "failed", "closed" };
  g_autofree char *name = NULL;

  if (self->pipeline == NULL)
    return;
  name = g_strdup_printf ("tutti-%s-%.8s-%s",
                          self->direction == TUTTI_DIRECTION_SEND ? "send" : "receive", self->id,
                          names[self->state]);
  GST_DEBUG_BIN_TO_DOT_FILE_WITH_TS (GST_BIN (self->pipeline), GST_DEBUG_GRAPH_SHOW_ALL, name);
}

gboolean
tutti_transport_build_pipeline (TuttiTransport *self, GError **error)
{
  g_autoptr (GstElement) webrtc = gst_element_factory_make ("webrtcbin", TUTTI_TRANSPORT_ELEMENT);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstBus) bus = NULL;

  if (webrtc == NULL) {
    tutti_net_init (error);
    if (error != NULL && *error == NULL)
      g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                           _ ("The media connection could not be made."));
    return FALSE;
  }
  /* None of the defaults survives: 200 ms of buffer, a transport per stream. */
  g_object_set (webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 0u, NULL);

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  tutti_net_add (self);
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  bus = gst_pipeline_get_bus (GST_PIPELINE (self->pipeline));
  gst_bus_set_sync_handler (bus, on_message, tutti_transport_shared_ref (self->shared),
                            (GDestroyNotify) tutti_transport_shared_unref);
  g_signal_connect_data (self->pipeline, "deep-element-added", G_CALLBACK (on_deep_element_added),
                         tutti_transport_shared_ref (self->shared),
                         tutti_transport_shared_closure_notify, 0);

  self->webrtc = webrtc;
  gst_bin_add (GST_BIN (self->pipeline), g_steal_pointer (&webrtc));
  set_up_ice (self);
  tutti_transport_watch_connection (self);
  tutti_transport_watch_receive (self);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                         _ ("The media connection could not be started."));
    return FALSE;
  }
  return TRUE;
}
