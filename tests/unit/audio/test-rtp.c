/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-rtp.h"

static void
test_round_trip (void)
{
  guint8 payload[5] = { 1, 2, 3, 4, 5 };
  guint8 packet[64];
  TuttiRtp in = { 100, TRUE, 65535, 0xfffffff0, 0xdeadbeef, payload, sizeof payload };
  TuttiRtp out;
  gsize size = tutti_rtp_write (packet, sizeof packet, &in);

  g_assert_cmpuint (size, ==, 17);
  g_assert_true (tutti_rtp_parse (packet, size, &out));
  g_assert_cmpuint (out.payload_type, ==, 100);
  g_assert_true (out.marker);
  g_assert_cmpuint (out.sequence, ==, 65535);
  g_assert_cmpuint (out.timestamp, ==, 0xfffffff0);
  g_assert_cmpuint (out.ssrc, ==, 0xdeadbeef);
  g_assert_cmpmem (out.payload, out.payload_size, payload, sizeof payload);
  g_assert_cmpuint (tutti_rtp_write (packet, 16, &in), ==, 0);
  g_assert_cmpuint (tutti_rtp_write (packet, 11, &in), ==, 0);
}

static void
test_extras (void)
{
  /* Two CSRCs, a one-byte header extension of two words, three bytes of padding. */
  const guint8 packet[] = { 0xb2, 0x64, 0,    1, 0, 0, 0,   2,    0,    0, 0, 3,    9,
                            9,    9,    9,    8, 8, 8, 8,   0xbe, 0xde, 0, 2, 0x10, 0xff,
                            0,    0,    0x31, 1, 2, 0, 'h', 'i',  0,    0, 3 };
  /* A two-byte header extension of no words. */
  const guint8 two_byte[] = { 0x90, 0x64, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, 0, 0, 'x' };
  TuttiRtp rtp;

  g_assert_true (tutti_rtp_parse (packet, sizeof packet, &rtp));
  g_assert_cmpmem (rtp.payload, rtp.payload_size, "hi", 2);
  g_assert_true (tutti_rtp_parse (two_byte, sizeof two_byte, &rtp));
  g_assert_cmpmem (rtp.payload, rtp.payload_size, "x", 1);
  /* Cut anywhere, it must never be read beyond its end. */
  for (gsize size = 0; size < sizeof packet; size++) {
    g_autofree guint8 *copy = g_memdup2 (packet, size);

    if (tutti_rtp_parse (copy, size, &rtp))
      g_assert_true (rtp.payload + rtp.payload_size <= copy + size);
  }
}

static void
test_malformed (void)
{
  guint8 packet[20] = { 0x80, 0x64 };
  TuttiRtp rtp;

  g_assert_false (tutti_rtp_parse (NULL, 0, &rtp));
  g_assert_false (tutti_rtp_parse (packet, 11, &rtp));
  g_assert_true (tutti_rtp_parse (packet, 12, &rtp));
  g_assert_cmpuint (rtp.payload_size, ==, 0);
  packet[0] = 0x40; /* version 1 */
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[0] = 0x8f; /* 15 CSRCs do not fit */
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[0] = 0xa0; /* padding of 0, then of more than there is */
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[19] = 9;
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[19] = 8;
  g_assert_true (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[0] = 0x90; /* an extension longer than the packet */
  packet[14] = 0xff;
  packet[15] = 0xff;
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
  packet[0] = 0x80;
  packet[1] = 200; /* an RTCP sender report */
  g_assert_false (tutti_rtp_parse (packet, sizeof packet, &rtp));
}

static void
test_noise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint parsed = 0;

  for (guint round = 0; round < 200000; round++) {
    gsize size = (gsize) g_rand_int_range (rand, 0, 64);
    /* Of its own on the heap, so that the address sanitizer sees every step outside. */
    g_autofree guint8 *packet = g_malloc (size + 1);
    TuttiRtp rtp;

    for (gsize i = 0; i < size; i++)
      packet[i] = (guint8) g_rand_int (rand);
    if (size > 0 && (round & 1) != 0)
      packet[0] = (packet[0] & 0x3f) | 0x80;
    if (!tutti_rtp_parse (packet, size, &rtp))
      continue;
    parsed++;
    g_assert_true (rtp.payload >= packet + TUTTI_RTP_HEADER_SIZE);
    g_assert_true (rtp.payload + rtp.payload_size <= packet + size);
  }
  g_assert_cmpuint (parsed, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtp/round-trip", test_round_trip);
  g_test_add_func ("/rtp/extras", test_extras);
  g_test_add_func ("/rtp/malformed", test_malformed);
  g_test_add_func ("/rtp/noise", test_noise);
  return g_test_run ();
}
