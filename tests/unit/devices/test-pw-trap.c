/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The node's whole callback on a real graph: ports, stems, resampling at the edge and the engine
 * neither allocate nor lock nor call the system. Runs with librt-trap.so preloaded, which ends the
 * program where they do; the process functions are built with -DTUTTI_RT_TRAP. */

#include "pw-rig.h"
#include "tutti-thread.h"

#include <dlfcn.h>

static PwServer *server;
static unsigned long (*rt_count) (void);
static int (*rt_traps_syscalls) (void);

static gboolean
hears_something (PwPeer *peer)
{
  return peer->heard_peak[0] > 0.1f;
}

/* Monitored, and with somebody's stem that comes and goes, for some thousand cycles. */
static void
run (guint rate, guint quantum)
{
  const TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_RAW, .frame_samples = 64, .channels = 1, .bits = 16, .framed = TRUE
  };
  g_autofree char *rates = g_strdup_printf ("%u", rate);
  g_autoptr (GError) error = NULL;
  PwRig rig = { 0 };
  TuttiAudioRemote *remote;
  TuttiSoundStem *stem;
  unsigned long before;

  pw_server_set_rate (server, rate, rates);
  pw_rig_start (&rig, server, "FL FR", quantum);
  g_assert_cmpuint (pw_get_uint (rig.sound, "rate"), ==, rate);
  g_object_set (rig.sound, "monitor", TRUE, "feedback-guard", FALSE, NULL);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  WAIT_FOR (hears_something, rig.peer);
  before = rt_count ();
  remote = tutti_audio_engine_add_remote (tutti_sound_get_engine (rig.sound), &format, 96, &error);
  g_assert_no_error (error);
  stem = tutti_sound_add_stem (rig.sound, remote, "Anna");
  for (guint i = 0; i < 4; i++) {
    g_object_set (rig.sound, "stems", i % 2 == 0, "quantum", quantum << (i % 2), NULL);
    pw_run_for (500);
  }
  g_test_message ("%lu callbacks watched, system calls %s", rt_count () - before,
                  rt_traps_syscalls () ? "too" : "not: old kernel");
  g_assert_cmpuint (rt_count () - before, >, 250);
  tutti_sound_remove_stem (rig.sound, stem);
  tutti_audio_engine_remove_remote (tutti_sound_get_engine (rig.sound), remote);
  pw_rig_stop (&rig);
}

static void
test_48000 (void)
{
  run (48000, 64);
}

static void
test_44100 (void)
{
  run (44100, 128);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  *(void **) &rt_count = dlsym (RTLD_DEFAULT, "tutti_rt_count");
  *(void **) &rt_traps_syscalls = dlsym (RTLD_DEFAULT, "tutti_rt_traps_syscalls");
  if (rt_count == NULL) {
    g_printerr ("librt-trap.so is not preloaded.\n");
    return 99;
  }
  server = pw_server_new ();
  g_test_add_func ("/pw-trap/48000", test_48000);
  g_test_add_func ("/pw-trap/44100", test_44100);
  result = g_test_run ();
  pw_server_free (server);

  return result;
}
