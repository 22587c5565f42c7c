/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-codec.h"
#include "tutti-error.h"

static void
fill_tone (float *pcm, guint n, guint channels, guint64 at)
{
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < channels; c++)
      pcm[i * channels + c] =
          0.25f * (float) sin (2 * G_PI * (c == 0 ? 440 : 660) * (double) (at + i) / 48000);
}

/* Every frame length, mono and stereo: constant size, the promised delay, the same level. */
static void
test_round_trip (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, code % 10000, code / 10000, 128000 };
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
  guint n = format.frame_samples, channels = format.channels;
  double noise = 0, signal = 0;
  int first_size = 0;

  g_assert_cmpuint (encoder->lookahead, ==, 120);
  for (guint frame = 0; frame < 48000 / n; frame++) {
    float in[TUTTI_MAX_FRAME_SAMPLES * 2], out[TUTTI_MAX_FRAME_SAMPLES * 2];
    float expected[TUTTI_MAX_FRAME_SAMPLES * 2];
    guint8 payload[1500];
    int size;

    fill_tone (in, n, channels, frame * n + 480000);
    size = encoder->klass->encode (encoder, in, payload, sizeof payload);
    g_assert_cmpint (size, >, 0);
    if (first_size == 0)
      first_size = size;
    g_assert_cmpint (size, ==, first_size);
    g_assert_cmpint (size, ==, (int) (128000 / 8 * n / 48000));
    g_assert_cmpuint (decoder->klass->get_duration (decoder, payload, (gsize) size), ==, n);
    g_assert_cmpint (
        decoder->klass->decode (decoder, payload, (gsize) size, out, TUTTI_MAX_FRAME_SAMPLES), ==,
        (int) n);
    if (frame < 20)
      continue;
    fill_tone (expected, n, channels, frame * n + 480000 - encoder->lookahead);
    for (guint i = 0; i < n * channels; i++) {
      noise += (out[i] - expected[i]) * (out[i] - expected[i]);
      signal += expected[i] * expected[i];
    }
  }
  g_test_message ("SNR %.1f dB", 10 * log10 (signal / noise));
  g_assert_cmpfloat (10 * log10 (signal / noise), >, 25);
}

static void
test_conceal (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 240, 1, 128000 };
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
  float in[240], out[TUTTI_MAX_FRAME_SAMPLES];
  guint8 payload[1500];
  double energy = 0;

  for (guint frame = 0; frame < 40; frame++) {
    int size;

    fill_tone (in, 240, 1, frame * 240);
    size = encoder->klass->encode (encoder, in, payload, sizeof payload);
    decoder->klass->decode (decoder, payload, (gsize) size, out, TUTTI_MAX_FRAME_SAMPLES);
  }
  g_assert_cmpint (decoder->klass->conceal (decoder, out, 240), ==, 240);
  for (guint i = 0; i < 240; i++)
    energy += out[i] * out[i];
  g_assert_cmpfloat (sqrt (energy / 240), >, 0.12);
  decoder->klass->reset (decoder);
  g_assert_cmpint (decoder->klass->conceal (decoder, out, 240), ==, 240);
  for (guint i = 0; i < 240; i++)
    g_assert_cmpfloat (fabsf (out[i]), <, 0.001f);
}

static void
test_refused (void)
{
  const TuttiAudioFormat formats[] = {
    { TUTTI_WIRE_RAW, 120, 1, 128000 },   { TUTTI_WIRE_TIGHT, 120, 1, 128000 },
    { TUTTI_WIRE_OPUS, 121, 1, 128000 },  { TUTTI_WIRE_OPUS, 0, 1, 128000 },
    { TUTTI_WIRE_OPUS, 1920, 1, 128000 }, { TUTTI_WIRE_OPUS, 120, 0, 128000 },
    { TUTTI_WIRE_OPUS, 120, 3, 128000 },  { TUTTI_WIRE_OPUS, 120, 1, 0 },
    { TUTTI_WIRE_OPUS, 120, 1, 600000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_encoder_new (&formats[i], &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
    g_clear_error (&error);
    g_assert_null (tutti_decoder_new (&formats[i], &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
  }
}

static void
test_noise (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 2, 128000 };
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint round = 0; round < 3000; round++) {
    gsize size = (gsize) g_rand_int_range (rand, 0, 300);
    g_autofree guint8 *payload = g_malloc (size + 1);
    float out[TUTTI_MAX_FRAME_SAMPLES * 2];
    guint duration;

    for (gsize i = 0; i < size; i++)
      payload[i] = (guint8) g_rand_int (rand);
    duration = decoder->klass->get_duration (decoder, payload, size);
    g_assert_cmpuint (duration, <=, TUTTI_MAX_FRAME_SAMPLES);
    if (size == 0)
      g_assert_cmpuint (duration, ==, 0);
    if (duration > 0)
      g_assert_cmpint (
          decoder->klass->decode (decoder, payload, size, out, TUTTI_MAX_FRAME_SAMPLES), <=,
          (int) duration);
  }
}

int
main (int argc, char **argv)
{
  const guint frames[] = { 120, 240, 480, 960 };

  g_test_init (&argc, &argv, NULL);
  for (guint channels = 1; channels <= 2; channels++)
    for (gsize i = 0; i < G_N_ELEMENTS (frames); i++) {
      g_autofree char *path = g_strdup_printf ("/codec/opus/%u/%u", channels, frames[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (channels * 10000 + frames[i]), test_round_trip);
    }
  g_test_add_func ("/codec/conceal", test_conceal);
  g_test_add_func ("/codec/refused", test_refused);
  g_test_add_func ("/codec/noise", test_noise);
  return g_test_run ();
}
