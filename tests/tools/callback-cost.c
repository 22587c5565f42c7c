/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a real-time callback costs with so many musicians: one JSON object for each format and
 * number, beside a bare copy of as many buffers. The worker is kept out, so that everything is
 * decoded in the callback, which is the most it can be. Times are CPU times. */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

#define PT      111
#define RATE    48000
#define BASE_NS (500 * TUTTI_NSEC_PER_SEC)

typedef struct {
  const char *name;
  TuttiAudioFormat format;
} Kind;

static const Kind kinds[] = {
  { "raw64", { TUTTI_WIRE_RAW, 64, 1, 0, 16, TRUE } },
  { "tight64", { TUTTI_WIRE_TIGHT, 64, 1, 128000, 0, TRUE } },
  { "opus120", { TUTTI_WIRE_OPUS, 120, 1, 128000, 0, TRUE } },
  { "opus240", { TUTTI_WIRE_OPUS, 240, 1, 128000, 0, TRUE } },
  { "opus960", { TUTTI_WIRE_OPUS, 960, 1, 128000, 0, TRUE } },
};
static const guint numbers[] = { 0, 1, 5, 16 };

typedef struct {
  TuttiEncoder *encoder;
  float pcm[TUTTI_MAX_FRAME_SAMPLES];
  guint8 packet[TUTTI_MAX_RTP_SIZE];
  gsize size;
  guint32 n_sent;
} Speaker;

/* The next packet of a musician who plays; all musicians are sent the same. */
static void
speaker_next (Speaker *self)
{
  const TuttiAudioFormat *format = &self->encoder->format;
  guint8 frame[TUTTI_MAX_FRAME_BYTES];
  TuttiPayload payload = {
    .wire = format->wire,
    .frame_samples = format->frame_samples,
    .channels = 1,
    .bits = format->bits,
    .frames = { frame },
  };
  TuttiRtp rtp = {
    .payload_type = PT,
    .sequence = (guint16) self->n_sent,
    .timestamp = self->n_sent * format->frame_samples,
    .ssrc = 1,
    .payload = self->packet + TUTTI_RTP_HEADER_SIZE,
  };

  for (guint i = 0; i < format->frame_samples; i++) {
    double t = (rtp.timestamp + i) / (double) RATE;

    self->pcm[i] = (float) (0.1 * sin (2 * G_PI * 330 * t) + 0.05 * sin (2 * G_PI * 1245 * t));
  }
  payload.size =
      (gsize) self->encoder->klass->encode (self->encoder, self->pcm, frame, sizeof frame);
  rtp.payload_size = tutti_payload_write (&payload, self->packet + TUTTI_RTP_HEADER_SIZE,
                                          sizeof self->packet - TUTTI_RTP_HEADER_SIZE);
  self->size = tutti_rtp_write (self->packet, sizeof self->packet, &rtp);
  self->n_sent++;
}

/* CPU time of this thread, µs: what others take from the machine meanwhile is not ours. */
static double
cpu_us (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ts);
  return (double) ts.tv_sec * 1e6 + (double) ts.tv_nsec / 1e3;
}

/* What the looking itself costs. */
static double
clock_cost (void)
{
  double least = 1e9;

  for (guint i = 0; i < 1000; i++) {
    double start = cpu_us ();

    least = fmin (least, cpu_us () - start);
  }
  return least;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* µs to copy a stereo buffer for each musician, and one more */
static double
copy_cost (guint n, guint quantum)
{
  static float from[2 * TUTTI_MAX_QUANTUM * 20], to[2 * TUTTI_MAX_QUANTUM * 20];
  gsize size = (n + 1) * 2 * quantum;
  gint64 start = tutti_clock_now_ns ();

  for (guint i = 0; i < 1000; i++) {
    memcpy (to, from, size * sizeof (float));
    /* The compiler is not to see that nobody reads it. */
    __asm__ volatile ("" : : "r"(to) : "memory");
  }
  return (double) (tutti_clock_now_ns () - start) / 1e6;
}

static void
report (const Kind *kind, guint n, guint quantum, double *took, guint n_cycles)
{
  double sum = 0;

  for (guint c = 0; c < n_cycles; c++)
    sum += took[c];
  qsort (took, n_cycles, sizeof *took, compare);
  g_print ("{\"format\": \"%s\", \"musicians\": %u, \"quantum\": %u, \"mean_us\": %.2f, "
           "\"p50_us\": %.2f, \"p99_us\": %.2f, \"copy_us\": %.3f, "
           "\"part_of_cycle_percent\": %.2f}\n",
           kind->name, n, quantum, sum / n_cycles, took[n_cycles / 2], took[n_cycles * 99 / 100],
           copy_cost (n, quantum), sum / n_cycles / (quantum * 1e6 / RATE) * 100);
}

static void
measure (const Kind *kind, guint n, guint quantum, guint n_cycles)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiStripConfig config = { 0, 1, 1, 0 };
  TuttiAudioRemote *remotes[TUTTI_MAX_REMOTES];
  Speaker *speaker = g_new0 (Speaker, 1);
  g_autofree double *all = g_new0 (double, n_cycles);
  /* The first part is no measure: faders, and pages that nobody touched before. */
  guint n_kept = n_cycles - n_cycles / 4;
  double *took = all + n_cycles / 4;
  g_autofree float *planes = g_new0 (float, 3 * quantum);
  const float *in[1] = { planes };
  float *out[2] = { planes + quantum, planes + 2 * quantum };
  double looking = clock_cost ();

  speaker->encoder = tutti_encoder_new (&kind->format, NULL);
  tutti_audio_engine_add_strip (engine, &config, NULL);
  for (guint i = 0; i < n; i++)
    remotes[i] = tutti_audio_engine_add_remote (engine, &kind->format, PT, NULL);
  for (guint c = 0; c < n_cycles; c++) {
    gint64 now = BASE_NS + (gint64) c * quantum * TUTTI_NSEC_PER_SEC / RATE;
    double start;

    while (speaker->n_sent * kind->format.frame_samples < c * quantum) {
      speaker_next (speaker);
      for (guint i = 0; i < n; i++)
        tutti_audio_remote_receive (remotes[i], 0, speaker->packet, speaker->size, now);
    }
    tutti_engine_lock_worker (engine);
    start = cpu_us ();
    tutti_audio_engine_process (engine, in, 1, out, 2, quantum, RATE, now, (guint64) c * quantum);
    all[c] = fmax (0, cpu_us () - start - looking);
    tutti_engine_unlock_worker (engine);
  }
  report (kind, n, quantum, took, n_kept);
  tutti_audio_engine_free (engine);
  tutti_encoder_free (speaker->encoder);
  g_free (speaker);
}

int
main (int argc, char **argv)
{
  guint quantum = argc > 1 ? (guint) atoi (argv[1]) : 64;
  guint n_cycles = argc > 2 ? (guint) atoi (argv[2]) : 8000;

  if (quantum < 16 || quantum > TUTTI_MAX_QUANTUM || n_cycles < 100) {
    g_printerr ("Usage: callback-cost [QUANTUM [CYCLES]]\n");
    return 2;
  }
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
      if (kinds[k].format.wire != TUTTI_WIRE_TIGHT || tutti_codec_has_tight ())
        measure (&kinds[k], numbers[i], quantum, n_cycles);
  return 0;
}
