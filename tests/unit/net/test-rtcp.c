/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-rtcp.h"

/* A sender report with one block, a receiver report with two, and an SDES packet that says nothing.
 */
static const guint8 compound[] = {
  /* SR, 1 block */
  0x81,
  200,
  0,
  12,
  0,
  0,
  0,
  1, /* sender */
  0xe0,
  0,
  0x12,
  0x34,
  0x56,
  0x78,
  0,
  0, /* NTP */
  0,
  0,
  0,
  9,
  0,
  0,
  0,
  8,
  0,
  0,
  0,
  7, /* RTP, packets, octets */
  0x11,
  0x22,
  0x33,
  0x44,
  64,
  0,
  1,
  0, /* SSRC, 25 %, 256 lost */
  0,
  0,
  0,
  5,
  0,
  0,
  0,
  6, /* highest, jitter */
  0xaa,
  0xbb,
  0xcc,
  0xdd,
  0,
  1,
  0,
  0, /* last SR, 1 s */
  /* RR, 2 blocks */
  0x82,
  201,
  0,
  13,
  0,
  0,
  0,
  2, /* sender */
  0x55,
  0x66,
  0x77,
  0x88,
  0,
  0xff,
  0xff,
  0xfe, /* −2 lost */
  0,
  0,
  0,
  5,
  0,
  0,
  0,
  6,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x99,
  0xaa,
  0xbb,
  0xcc,
  255,
  0x7f,
  0xff,
  0xff,
  0,
  0,
  0,
  5,
  0,
  0,
  0,
  6,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  /* SDES, no chunk */
  0x80,
  202,
  0,
  0,
};

static void
collect (const TuttiRtcpReport *report, gpointer data)
{
  g_array_append_vals (data, report, 1);
}

static void
test_reports (void)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (TuttiRtcpReport));
  const TuttiRtcpReport *reports;
  guint32 middle = 0;

  g_assert_true (tutti_rtcp_foreach_report (compound, sizeof compound, collect, list));
  g_assert_cmpuint (list->len, ==, 3);
  reports = (const TuttiRtcpReport *) (gpointer) list->data;
  g_assert_cmphex (reports[0].ssrc, ==, 0x11223344);
  g_assert_cmpuint (reports[0].fraction_lost, ==, 64);
  g_assert_cmpint (reports[0].lost, ==, 256);
  g_assert_cmphex (reports[0].last_sr, ==, 0xaabbccdd);
  g_assert_cmpuint (reports[0].delay, ==, 65536);
  g_assert_cmphex (reports[1].ssrc, ==, 0x55667788);
  g_assert_cmpint (reports[1].lost, ==, -2);
  g_assert_cmpint (reports[2].lost, ==, 0x7fffff);
  g_assert_true (tutti_rtcp_get_sender_time (compound, sizeof compound, &middle));
  g_assert_cmphex (middle, ==, 0x12345678);
  /* The receiver report alone has no time of its own. */
  g_assert_false (tutti_rtcp_get_sender_time (compound + 52, sizeof compound - 52, &middle));
}

/* Cut anywhere but between two packets it is malformed, and nothing behind the end is read (each
 * copy is of its exact size, for the address sanitizer). */
static void
test_truncated (void)
{
  for (gsize size = 0; size < sizeof compound; size++) {
    g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (TuttiRtcpReport));
    g_autofree guint8 *copy = g_memdup2 (compound, size);
    gboolean is_whole = size == 0 || size == 52 || size == 108;
    guint32 middle;

    g_assert_cmpint (tutti_rtcp_foreach_report (copy, size, collect, list), ==, is_whole);
    g_assert_cmpuint (list->len, ==, size >= 108 ? 3 : size >= 52 ? 1 : 0);
    g_assert_cmpint (tutti_rtcp_get_sender_time (copy, size, &middle), ==, size >= 52);
  }
}

static void
test_too_many_blocks (void)
{
  g_autofree guint8 *copy = g_memdup2 (compound, sizeof compound);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (TuttiRtcpReport));

  copy[0] = 0x82;
  g_assert_false (tutti_rtcp_foreach_report (copy, sizeof compound, collect, list));
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_noise (void)
{
  for (guint i = 0; i < 200000; i++) {
    g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (TuttiRtcpReport));
    gsize size = (gsize) g_test_rand_int_range (0, sizeof compound + 1);
    g_autofree guint8 *copy = g_memdup2 (compound, size);
    guint32 middle;

    for (guint k = 0; size > 0 && k < 3; k++)
      copy[g_test_rand_int_range (0, (gint32) size)] = (guint8) g_test_rand_int ();
    tutti_rtcp_foreach_report (copy, size, collect, list);
    g_assert_cmpuint (list->len, <=, sizeof compound / 24);
    tutti_rtcp_get_sender_time (copy, size, &middle);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtcp/reports", test_reports);
  g_test_add_func ("/rtcp/truncated", test_truncated);
  g_test_add_func ("/rtcp/too-many-blocks", test_too_many_blocks);
  g_test_add_func ("/rtcp/noise", test_noise);
  return g_test_run ();
}
