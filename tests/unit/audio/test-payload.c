/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-payload.h"

static const guint8 bytes[4096] = { 1, 2, 3 };

/* What the header's own comment says, computed another way. */
static gboolean
is_allowed (guint8 first, guint8 second, gsize body)
{
  static const gsize frames[] = { 64, 128, 120, 240, 480, 960 };
  guint kind = (first & 0x38) / 8, channels = (first & 4) ? 2 : 1, copies = first % 4;
  guint frame = second / 16, distance = second % 16;

  if (first / 64 != 1 || kind > 3 || frame > 5 || copies == 3)
    return FALSE;
  if ((copies == 0) != (distance == 0) || (kind == 3) != (frame >= 2))
    return FALSE;
  if (body == 0 || body % (1 + copies) != 0)
    return FALSE;
  return kind > 1 || body == (1 + copies) * frames[frame] * channels * (kind == 0 ? 2 : 3);
}

/* Every header with every size there may be. */
static void
test_every_header (void)
{
  guint8 data[TUTTI_PAYLOAD_HEADER + 2400];
  guint n_good = 0;

  memset (data, 7, sizeof data);
  for (guint first = 0; first < 256; first++)
    for (guint second = 0; second < 256; second++)
      for (gsize body = 0; body <= 2304; body += body < 8 ? 1 : 8) {
        TuttiPayload payload;
        gboolean good;

        data[0] = (guint8) first;
        data[1] = (guint8) second;
        good = tutti_payload_parse (&payload, data, TUTTI_PAYLOAD_HEADER + body);
        g_assert_cmpint (good, ==, is_allowed (data[0], data[1], body));
        if (!good)
          continue;
        n_good++;
        g_assert_cmpuint (payload.n_copies, <=, TUTTI_PAYLOAD_MAX_COPIES);
        g_assert_cmpuint (payload.size * (1 + payload.n_copies), ==, body);
        for (guint k = 0; k <= payload.n_copies; k++)
          g_assert_true (payload.frames[k] == data + TUTTI_PAYLOAD_HEADER + k * payload.size);
      }
  g_assert_cmpuint (n_good, >, 1000);
}

static void
test_short (void)
{
  const guint8 data[] = { 1 << 6 | 2 << 3, 0, 42 };
  TuttiPayload payload;

  g_assert_false (tutti_payload_parse (&payload, NULL, 0));
  for (gsize size = 0; size < sizeof data; size++) {
    /* In a block of just that size: one byte too many read is an error to a sanitizer. */
    g_autofree guint8 *exact = g_memdup2 (data, size);

    g_assert_false (tutti_payload_parse (&payload, exact, size));
  }
  g_assert_true (tutti_payload_parse (&payload, data, sizeof data));
}

static void
check_back (const TuttiPayload *in)
{
  guint8 data[TUTTI_PAYLOAD_HEADER + 3 * 768];
  gsize expected = TUTTI_PAYLOAD_HEADER + (1 + in->n_copies) * in->size;
  gsize size = tutti_payload_write (in, data, sizeof data);
  TuttiPayload out;

  g_assert_cmpuint (size, ==, expected);
  g_assert_cmpuint (tutti_payload_write (in, data, expected), ==, expected);
  g_assert_cmpuint (tutti_payload_write (in, data, expected - 1), ==, 0);
  g_assert_true (tutti_payload_parse (&out, data, size));
  g_assert_cmpint (out.wire, ==, in->wire);
  g_assert_cmpuint (out.frame_samples, ==, in->frame_samples);
  g_assert_cmpuint (out.channels, ==, in->channels);
  g_assert_cmpuint (out.bits, ==, in->bits);
  g_assert_cmpuint (out.n_copies, ==, in->n_copies);
  g_assert_cmpuint (out.distance, ==, in->n_copies > 0 ? in->distance : 0);
  for (guint k = 0; k <= in->n_copies; k++)
    g_assert_cmpmem (out.frames[k], out.size, in->frames[k], in->size);
}

static void
test_back_and_forth (void)
{
  const TuttiPayload kinds[] = {
    { TUTTI_WIRE_RAW, 64, .bits = 16 },    { TUTTI_WIRE_RAW, 128, .bits = 16 },
    { TUTTI_WIRE_RAW, 64, .bits = 24 },    { TUTTI_WIRE_RAW, 128, .bits = 24 },
    { TUTTI_WIRE_TIGHT, 64, .size = 21 },  { TUTTI_WIRE_TIGHT, 128, .size = 43 },
    { TUTTI_WIRE_OPUS, 120, .size = 40 },  { TUTTI_WIRE_OPUS, 240, .size = 1 },
    { TUTTI_WIRE_OPUS, 480, .size = 160 }, { TUTTI_WIRE_OPUS, 960, .size = 500 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint channels = 1; channels <= 2; channels++)
      for (guint copies = 0; copies <= TUTTI_PAYLOAD_MAX_COPIES; copies++)
        for (guint distance = 1; distance <= 15; distance += 7) {
          TuttiPayload payload = kinds[i];

          payload.channels = channels;
          payload.n_copies = copies;
          payload.distance = distance;
          if (payload.wire == TUTTI_WIRE_RAW)
            payload.size = payload.frame_samples * channels * payload.bits / 8;
          for (guint k = 0; k <= copies; k++)
            payload.frames[k] = bytes + k;
          check_back (&payload);
        }
}

static void
test_unwritable (void)
{
  const TuttiPayload good = {
    TUTTI_WIRE_TIGHT, 64, 1, 0, 1, 2, 21, { bytes, bytes, bytes },
  };
  TuttiPayload bad[10];
  guint8 data[2000];

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    bad[i] = good;
  bad[0].frame_samples = 120;
  bad[1].frame_samples = 65;
  bad[2].channels = 0;
  bad[3].channels = 3;
  bad[4].n_copies = 3;
  bad[5].distance = 0;
  bad[6].distance = 16;
  bad[7].size = 0;
  bad[8].frames[1] = NULL;
  bad[9].wire = TUTTI_WIRE_RAW; /* without bits */
  g_assert_cmpuint (tutti_payload_write (&good, data, sizeof data), ==, 44);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpuint (tutti_payload_write (&bad[i], data, sizeof data), ==, 0);
  for (gsize size = 0; size < 44; size++)
    g_assert_cmpuint (tutti_payload_write (&good, data, size), ==, 0);
}

/* Random bytes in blocks of their exact size: for the sanitizers. */
static void
test_noise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  guint n_good = 0, sum = 0;

  for (guint round = 0; round < 200000; round++) {
    gsize size = (gsize) g_rand_int_range (rand, 0, 60);
    g_autofree guint8 *data = g_malloc (MAX (size, 1));
    TuttiPayload payload;

    for (gsize i = 0; i < size; i++)
      data[i] = (guint8) g_rand_int (rand);
    if (size > 0 && (round & 1) != 0)
      data[0] = (data[0] & 0x1f) | 0x40;
    if (!tutti_payload_parse (&payload, data, size))
      continue;
    n_good++;
    for (guint k = 0; k <= payload.n_copies; k++)
      for (gsize i = 0; i < payload.size; i++)
        sum += payload.frames[k][i];
  }
  g_assert_cmpuint (n_good, >, 1000);
  g_assert_cmpuint (sum, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/payload/every-header", test_every_header);
  g_test_add_func ("/payload/short", test_short);
  g_test_add_func ("/payload/back-and-forth", test_back_and_forth);
  g_test_add_func ("/payload/unwritable", test_unwritable);
  g_test_add_func ("/payload/noise", test_noise);
  return g_test_run ();
}
