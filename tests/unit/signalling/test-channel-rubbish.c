/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever breaks the rules ends the connection, at once and with an error; what only just keeps
 * them does not. */

#include "channel-fixture.h"
#include "tutti-error.h"
#include "tutti-protoo.h"
#include "tutti-thread.h"

static void
test_bad_text (ChannelFixture *f, gconstpointer data)
{
  channel_fixture_open (f);
  room_server_send (f->server, data);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  spin_until (channel_fixture_server_is_alone, f);
}

static void
test_binary (ChannelFixture *f, gconstpointer data)
{
  channel_fixture_open (f);
  room_server_send_binary (f->server, "{\"notification\":true,\"method\":\"x\"}", 34);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_large_frame (ChannelFixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (TUTTI_PROTOO_MAX_SIZE + 1, ' ');

  channel_fixture_open (f);
  room_server_send (f->server, text);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* 8 exabytes are announced: nobody waits for them. */
static void
test_huge_header (ChannelFixture *f, gconstpointer data)
{
  const guint8 header[] = { 0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  channel_fixture_open (f);
  room_server_send_raw (f->server, header, sizeof header);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* A message in small frames that never ends. */
static void
test_endless_fragments (ChannelFixture *f, gconstpointer data)
{
  enum { PIECE = 60000 };
  g_autofree guint8 *frame = g_malloc0 (4 + PIECE);

  channel_fixture_open (f);
  memset (frame + 4, ' ', PIECE);
  frame[1] = 126;
  frame[2] = PIECE >> 8;
  frame[3] = PIECE & 0xff;

  for (guint i = 0; i < 100 && f->n_closed == 0; i++) {
    frame[0] = i == 0 ? 0x01 : 0x00;
    if (room_server_is_connected (f->server))
      room_server_send_raw (f->server, frame, 4 + PIECE);
    spin_for_ms (50);
    g_assert_cmpuint (i, <, 20);
  }
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_masked_frame (ChannelFixture *f, gconstpointer data)
{
  const guint8 frame[] = { 0x81, 0x82, 1, 2, 3, 4, '{' ^ 1, '}' ^ 2 };

  channel_fixture_open (f);
  room_server_send_raw (f->server, frame, sizeof frame);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* A compressed frame, though nobody agreed on compression. */
static void
test_reserved_bits (ChannelFixture *f, gconstpointer data)
{
  const guint8 frame[] = { 0xc1, 0x02, '{', '}' };

  channel_fixture_open (f);
  room_server_send_raw (f->server, frame, sizeof frame);
  channel_fixture_expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_largest_message (ChannelFixture *f, gconstpointer data)
{
  g_autofree char *filling = g_strnfill (TUTTI_PROTOO_MAX_SIZE - 60, 'a');
  g_autofree char *text = g_strdup_printf ("{\"notification\":true,\"method\":\"x\",\"data\":"
                                           "{\"a\":\"%s\"}}",
                                           filling);

  g_assert_cmpuint (strlen (text), <=, TUTTI_PROTOO_MAX_SIZE);
  channel_fixture_open (f);
  room_server_send (f->server, text);
  spin_until (channel_fixture_has_notification, f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  channel_fixture_add ("/channel/rubbish/bad-text/not-json", test_bad_text, "hello");
  channel_fixture_add ("/channel/rubbish/bad-text/empty", test_bad_text, "");
  channel_fixture_add ("/channel/rubbish/bad-text/no-kind", test_bad_text, "{}");
  channel_fixture_add ("/channel/rubbish/bad-text/array", test_bad_text, "[]");
  channel_fixture_add ("/channel/rubbish/binary", test_binary, NULL);
  channel_fixture_add ("/channel/rubbish/large-frame", test_large_frame, NULL);
  channel_fixture_add ("/channel/rubbish/huge-header", test_huge_header, NULL);
  channel_fixture_add ("/channel/rubbish/endless-fragments", test_endless_fragments, NULL);
  channel_fixture_add ("/channel/rubbish/masked-frame", test_masked_frame, NULL);
  channel_fixture_add ("/channel/rubbish/reserved-bits", test_reserved_bits, NULL);
  channel_fixture_add ("/channel/rubbish/largest-message", test_largest_message, NULL);
  return g_test_run ();
}
