/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-codec.h"
#include "tutti-error.h"
#include "tutti-payload.h"

#define SECOND 48000
#define SWEEP  16000

static const TuttiAudioFormat raw_16 = { TUTTI_WIRE_RAW, 64, 1, .bits = 16, .framed = TRUE };
static const TuttiAudioFormat raw_24 = { TUTTI_WIRE_RAW, 64, 1, .bits = 24, .framed = TRUE };
static const TuttiAudioFormat tight = { TUTTI_WIRE_TIGHT, 64, 1, 128000, .framed = TRUE };
static const TuttiAudioFormat opus = { TUTTI_WIRE_OPUS, 240, 1, 128000, .framed = TRUE };

/* A sweep, so that only one delay fits, another on the right. */
static void
fill_sweep (float *pcm, guint n, guint channels)
{
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < channels; c++) {
      double t = (double) i / SECOND;

      pcm[i * channels + c] =
          0.3f * (float) sin (2 * G_PI * t * (c == 0 ? 200 + 2700 * t : 500 + 2100 * t));
    }
}

static void
run_through (const TuttiAudioFormat *format, const float *in, float *out, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (format, &error);
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (format, &error);
  guint frame = format->frame_samples;

  g_assert_no_error (error);
  for (guint at = 0; at + frame <= n; at += frame) {
    guint8 payload[1500];
    int size =
        encoder->klass->encode (encoder, in + at * format->channels, payload, sizeof payload);
    gsize expected = tutti_audio_format_get_frame_bytes (format);

    g_assert_cmpint (size, ==, (int) expected);
    g_assert_cmpint (encoder->klass->encode (encoder, in, payload, expected - 1), ==, -1);
    g_assert_cmpuint (decoder->klass->get_duration (decoder, payload, expected), ==, frame);
    g_assert_cmpint (decoder->klass->decode (decoder, payload, expected, out, frame - 1), ==, -1);
    g_assert_cmpint (
        decoder->klass->decode (decoder, payload, expected, out + at * format->channels, frame), ==,
        (int) frame);
  }
}

static double
get_snr (const float *in, const float *out, guint n, guint channels, guint delay)
{
  double signal = 0, noise = 0;

  for (guint i = 4800 * channels; i < (n - delay - 960) * channels; i++) {
    double error = out[i + delay * channels] - in[i];

    signal += in[i] * in[i];
    noise += error * error;
  }
  return 10 * log10 (signal / noise);
}

/* @lookahead is the delay at which the decoded sound fits best, to the sample, and the rate is
 * constant. */
static void
check_delay (TuttiAudioFormat format, double least_snr)
{
  g_autofree float *in = g_new0 (float, SECOND * 2), *out = g_new0 (float, SECOND * 2);
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  double most = -G_MAXDOUBLE;
  guint best = 0;

  fill_sweep (in, SWEEP, format.channels);
  run_through (&format, in, out, SWEEP);
  for (guint delay = 0; delay < 300; delay++) {
    double snr = get_snr (in, out, SWEEP, format.channels, delay);

    if (snr > most) {
      most = snr;
      best = delay;
    }
  }
  g_test_message ("%u samples late, %.1f dB", best, most);
  g_assert_cmpuint (best, ==, encoder->lookahead);
  g_assert_cmpfloat (most, >, least_snr);
}

static void
test_raw_delay (void)
{
  for (guint channels = 1; channels <= 2; channels++)
    for (guint frame = 64; frame <= 128; frame *= 2) {
      TuttiAudioFormat format = raw_16;

      format.channels = channels;
      format.frame_samples = frame;
      /* Triangular dither of one step: -98.1 + 4.8 dB below a full sine, ours is at -10.5. */
      check_delay (format, 80);
      format.bits = 24;
      check_delay (format, 120);
    }
}

static void
test_tight_delay (void)
{
  if (!tutti_codec_has_tight ()) {
    g_test_skip ("libopus has no custom modes");
    return;
  }
  for (guint channels = 1; channels <= 2; channels++)
    for (guint frame = 64; frame <= 128; frame *= 2) {
      TuttiAudioFormat format = tight;

      format.channels = channels;
      format.bitrate = 128000 * channels;
      format.frame_samples = frame;
      check_delay (format, 25);
    }
}

static void
test_sizes (void)
{
  TuttiAudioFormat format = tight;

  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&format), ==, 21);
  format.frame_samples = 128;
  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&format), ==, 43);
  format.bitrate = 256000;
  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&format), ==, 85);
  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&raw_16), ==, 128);
  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&raw_24), ==, 192);
  g_assert_cmpuint (tutti_audio_format_get_frame_bytes (&opus), ==, 80);
}

/* Full scale, beyond it, what is not a number, and silence. */
static void
test_raw_edges (void)
{
  const float edges[] = { 1, -1, 2, -2, INFINITY, -INFINITY, NAN, 0 };
  const float expected[] = { 1, -1, 1, -1, 1, -1, 0, 0 };

  for (guint bits = 16; bits <= 24; bits += 8) {
    TuttiAudioFormat format = bits == 16 ? raw_16 : raw_24;
    g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
    g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
    float in[64] = { 0 }, out[64];
    guint8 payload[192];
    int size;

    memcpy (in, edges, sizeof edges);
    size = encoder->klass->encode (encoder, in, payload, sizeof payload);
    decoder->klass->decode (decoder, payload, (gsize) size, out, 64);
    for (guint i = 0; i < 64; i++) {
      double step = 3.0 / (bits == 16 ? 32768 : 8388608);

      g_assert_cmpfloat_with_epsilon (out[i], i < G_N_ELEMENTS (expected) ? expected[i] : 0, step);
      g_assert_cmpfloat (out[i], >=, -1);
      if (i >= G_N_ELEMENTS (expected))
        g_assert_cmpfloat (out[i], ==, 0);
    }
  }
}

/* The most significant byte first. */
static void
test_raw_order (void)
{
  TuttiAudioFormat format = raw_24;
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
  guint8 payload[192] = { 0x40, 0, 0, 0xff, 0xff, 0xff, 0x80, 0, 0 };
  float out[64];

  g_assert_cmpint (decoder->klass->decode (decoder, payload, 192, out, 64), ==, 64);
  g_assert_cmpfloat (out[0], ==, 0.5f);
  g_assert_cmpfloat (out[1], ==, -1.0f / 8388608);
  g_assert_cmpfloat (out[2], ==, -1.0f);
}

/* Dither makes the error of a very soft tone noise: the tone is still there, below one step. */
static void
test_dither (void)
{
  TuttiAudioFormat format = raw_16;
  g_autofree float *in = g_new0 (float, SECOND), *out = g_new0 (float, SECOND);
  g_autofree float *again = g_new0 (float, SECOND);
  double tone = 0, third = 0;

  for (guint i = 0; i < SECOND; i++)
    in[i] = 0.4f / 32768 * (float) cos (2 * G_PI * 1000 * i / SECOND);
  run_through (&format, in, out, SECOND);
  run_through (&format, in, again, SECOND);
  g_assert_cmpmem (out, SECOND * sizeof (float), again, SECOND * sizeof (float));
  for (guint i = 0; i < SECOND; i++) {
    tone += 2.0 / SECOND * out[i] * cos (2 * G_PI * 1000 * i / SECOND);
    third += 2.0 / SECOND * out[i] * cos (2 * G_PI * 3000 * i / SECOND);
  }
  g_assert_cmpfloat_with_epsilon (tone * 32768, 0.4, 0.03);
  g_assert_cmpfloat_with_epsilon (third * 32768, 0, 0.03);
}

static void
check_refused (TuttiAudioFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, &error);

  g_assert_null (encoder);
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_refused (void)
{
  const TuttiAudioFormat bases[] = { raw_16, opus, tight };
  gsize n = tutti_codec_has_tight () ? 3 : 2;

  for (gsize i = 0; i < n; i++) {
    TuttiAudioFormat format = bases[i];

    g_assert_true (tutti_audio_format_check (&format, NULL));
    format.copies = TUTTI_PAYLOAD_MAX_COPIES + 1;
    format.distance = 1;
    check_refused (format);
    format.copies = 1;
    g_assert_true (tutti_audio_format_check (&format, NULL));
    format.distance = 0;
    g_assert_true (tutti_audio_format_check (&format, NULL));
    format.distance = 16;
    check_refused (format);
    format = bases[i];
    format.channels = 3;
    check_refused (format);
    format = bases[i];
    format.frame_samples = format.wire == TUTTI_WIRE_OPUS ? 64 : 240;
    check_refused (format);
    format = bases[i];
    format.framed = FALSE;
    format.copies = format.wire == TUTTI_WIRE_OPUS;
    format.distance = 1;
    check_refused (format);
    format = bases[i];
    format.bits = format.wire == TUTTI_WIRE_RAW ? 20 : 16;
    format.bitrate = format.wire == TUTTI_WIRE_TIGHT ? 20000 : 5000;
    check_refused (format);
  }
  check_refused ((TuttiAudioFormat) { (TuttiWireFormat) 7, 64, 1, 128000, .framed = TRUE });
  check_refused ((TuttiAudioFormat) { TUTTI_WIRE_OPUS, 960, 2, 510000, .framed = TRUE });
}

static void
test_equal (void)
{
  TuttiAudioFormat a = raw_16, b = raw_16;

  b.bitrate = 1;
  b.distance = 3;
  g_assert_true (tutti_audio_format_equal (&a, &b));
  b.copies = 1;
  g_assert_false (tutti_audio_format_equal (&a, &b));
  g_assert_false (tutti_audio_format_equal (&raw_16, &raw_24));
  a = opus;
  a.framed = FALSE;
  g_assert_false (tutti_audio_format_equal (&a, &opus));
}

static void
test_bank (void)
{
  for (guint channels = 1; channels <= 2; channels++) {
    g_autoptr (TuttiDecoderBank) bank = tutti_decoder_bank_new (channels, NULL);
    const guint opus_frames[] = { 120, 240, 480, 960 };

    g_assert_nonnull (bank);
    for (guint i = 0; i < 4; i++)
      g_assert_nonnull (tutti_decoder_bank_get (bank, TUTTI_WIRE_OPUS, opus_frames[i], 0));
    for (guint frame = 64; frame <= 128; frame *= 2) {
      TuttiDecoder *decoder = tutti_decoder_bank_get (bank, TUTTI_WIRE_TIGHT, frame, 0);

      g_assert_cmpint (decoder != NULL, ==, tutti_codec_has_tight ());
      if (decoder != NULL)
        g_assert_cmpuint (decoder->format.frame_samples, ==, frame);
      for (guint bits = 16; bits <= 24; bits += 8) {
        decoder = tutti_decoder_bank_get (bank, TUTTI_WIRE_RAW, frame, bits);
        g_assert_nonnull (decoder);
        g_assert_cmpuint (decoder->format.bits, ==, bits);
        g_assert_cmpuint (decoder->format.channels, ==, channels);
      }
    }
    g_assert_null (tutti_decoder_bank_get (bank, TUTTI_WIRE_RAW, 64, 20));
    g_assert_null (tutti_decoder_bank_get (bank, TUTTI_WIRE_RAW, 240, 16));
    g_assert_null (tutti_decoder_bank_get (bank, TUTTI_WIRE_TIGHT, 120, 0));
    g_assert_null (tutti_decoder_bank_get (bank, TUTTI_WIRE_OPUS, 64, 0));
    g_assert_null (tutti_decoder_bank_get (bank, (TuttiWireFormat) 9, 64, 16));
  }
  g_assert_null (tutti_decoder_bank_new (0, NULL));
  g_assert_null (tutti_decoder_bank_new (3, NULL));
}

/* Foreign bytes of every size, with concealment in between, into every decoder of a bank. Short
 * ones reach what crashes in libopus unless they are kept from it. */
static void
test_noise (void)
{
  static const struct {
    TuttiWireFormat wire;
    guint frame, bits;
  } kinds[] = { { TUTTI_WIRE_RAW, 64, 16 },
                { TUTTI_WIRE_RAW, 64, 24 },
                { TUTTI_WIRE_TIGHT, 64, 0 },
                { TUTTI_WIRE_TIGHT, 128, 0 },
                { TUTTI_WIRE_OPUS, 240, 0 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint channels = 1; channels <= 2; channels++) {
    g_autoptr (TuttiDecoderBank) bank = tutti_decoder_bank_new (channels, NULL);

    for (guint round = 0; round < 6000; round++) {
      guint kind = round % G_N_ELEMENTS (kinds);
      TuttiDecoder *decoder =
          tutti_decoder_bank_get (bank, kinds[kind].wire, kinds[kind].frame, kinds[kind].bits);
      gsize size = (gsize) g_rand_int_range (rand, 0, round % 3 == 0 ? 6 : 400);
      g_autofree guint8 *payload = g_malloc (size + 1);
      g_autofree float *pcm = g_new (float, TUTTI_MAX_FRAME_SAMPLES *channels);
      guint duration;

      if (decoder == NULL)
        continue;
      for (gsize i = 0; i < size; i++)
        payload[i] = (guint8) g_rand_int (rand);
      if (round % 7 == 0)
        g_assert_cmpint (
            decoder->klass->conceal (decoder, pcm, 240 % kinds[kind].frame ? 128 : 240), >, 0);
      duration = decoder->klass->get_duration (decoder, payload, size);
      if (duration > 0)
        g_assert_cmpint (decoder->klass->decode (decoder, payload, size, pcm, 960), <=,
                         (int) duration);
      else
        g_assert_cmpint (decoder->klass->decode (decoder, payload, size, pcm, 960), <=, 960);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codec-framed/raw-delay", test_raw_delay);
  g_test_add_func ("/codec-framed/tight-delay", test_tight_delay);
  g_test_add_func ("/codec-framed/sizes", test_sizes);
  g_test_add_func ("/codec-framed/raw-edges", test_raw_edges);
  g_test_add_func ("/codec-framed/raw-order", test_raw_order);
  g_test_add_func ("/codec-framed/dither", test_dither);
  g_test_add_func ("/codec-framed/refused", test_refused);
  g_test_add_func ("/codec-framed/equal", test_equal);
  g_test_add_func ("/codec-framed/bank", test_bank);
  g_test_add_func ("/codec-framed/noise", test_noise);
  return g_test_run ();
}
