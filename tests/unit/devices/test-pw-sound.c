/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* TuttiSound on a real graph: strips, own monitoring, quantum, priority. */

#include "pw-rig.h"
#include "tutti-thread.h"

#include <sys/resource.h>
#include <unistd.h>

static PwServer *server;

/* -- strips -- */

static float
peak_of (TuttiOwnStrip *strip)
{
  TuttiLevel level;

  pw_run_for (200);
  tutti_own_strip_get_level (strip, &level);
  pw_run_for (200);
  tutti_own_strip_get_level (strip, &level);
  return level.peak_db[0];
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, guint *n)
{
  *n = g_list_model_get_n_items (model);
}

static void
on_notify (GObject *object, GParamSpec *pspec, guint *n)
{
  ++*n;
}

static void
test_strips (void)
{
  PwRig rig = { 0 };
  TuttiOwnStrip *main_strip, *voice, *other;
  g_autoptr (GError) error = NULL;
  guint n = 0, n_muted = 0;
  gboolean muted;

  pw_rig_start (&rig, server, "AUX0 AUX1 AUX2 AUX3", 256);
  main_strip = tutti_sound_get_main_strip (rig.sound);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_AUX0");
  pw_server_run (server, "pw-link peer:out_2 vmic:input_AUX2");
  g_signal_connect (tutti_sound_get_own_strips (rig.sound), "items-changed",
                    G_CALLBACK (on_items_changed), &n);

  voice = tutti_sound_add_own_strip (rig.sound, "Voice", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (tutti_own_strip_get_id (voice), ==, "strip-2");
  g_assert_cmpstr (tutti_own_strip_get_label (voice), ==, "Voice");
  g_assert_cmpuint (tutti_own_strip_get_index (voice), !=, tutti_own_strip_get_index (main_strip));

  /* Its own channel of the same device: the third one; the main strip takes the first. */
  g_assert_cmpfloat_with_epsilon (peak_of (voice), -12, 0.2);
  g_object_set (voice, "first-channel", 2, "gain-db", -3.0, NULL);
  g_assert_cmpfloat_with_epsilon (peak_of (voice), -9, 0.2);
  g_assert_cmpfloat_with_epsilon (peak_of (main_strip), -12, 0.2);
  g_object_set (voice, "input-mode", TUTTI_INPUT_MODE_RIGHT, NULL);
  g_assert_cmpfloat (peak_of (voice), <, -90);
  g_object_set (voice, "first-channel", 7, NULL);
  g_assert_cmpfloat (peak_of (voice), <, -90);
  g_object_set (voice, "input-mode", TUTTI_INPUT_MODE_STEREO, NULL);
  g_assert_cmpuint (tutti_own_strip_get_channels (voice), ==, 2);

  /* The sound's own properties are the main strip's, both ways. */
  g_signal_connect (rig.sound, "notify::muted", G_CALLBACK (on_notify), &n_muted);
  g_object_set (main_strip, "muted", TRUE, NULL);
  g_object_get (rig.sound, "muted", &muted, NULL);
  g_assert_true (muted);
  g_object_set (rig.sound, "muted", FALSE, NULL);
  g_assert_false (tutti_own_strip_get_muted (main_strip));
  g_assert_cmpuint (n_muted, ==, 2);
  g_assert_false (tutti_own_strip_get_muted (voice));

  other = tutti_sound_add_own_strip (rig.sound, "Keys", NULL);
  g_assert_nonnull (tutti_sound_add_own_strip (rig.sound, "Feet", NULL));
  g_assert_null (tutti_sound_add_own_strip (rig.sound, "Hands", &error));
  g_assert_nonnull (error);
  g_object_ref (voice);
  tutti_sound_remove_own_strip (rig.sound, voice);
  g_assert_cmpuint (n, ==, 3);
  g_object_set (voice, "gain-db", 0.0, "muted", TRUE, NULL);
  g_assert_finalize_object (voice);
  g_assert_cmpstr (tutti_own_strip_get_id (other), ==, "strip-3");
  voice = tutti_sound_add_own_strip (rig.sound, "Voice", NULL);
  g_assert_cmpstr (tutti_own_strip_get_id (voice), ==, "strip-2");
  pw_rig_stop (&rig);
}

/* -- own monitoring -- */

static gboolean
pulse_is_back (PwPeer *peer)
{
  return g_atomic_int_get (&peer->pulse_delay[0]) != 0;
}

static int
compare_uints (gconstpointer a, gconstpointer b)
{
  return *(const guint *) a < *(const guint *) b ? -1 : *(const guint *) a > *(const guint *) b;
}

#define PULSE_MS  300
#define MAX_TRIES 20

/* One that was lost in a stall of the machine is sent again. */
static void
send_pulse (PwPeer *peer)
{
  for (guint i = 0; i < MAX_TRIES; i++) {
    g_atomic_int_set (&peer->pulse_delay[0], 0);
    g_atomic_int_set (&peer->pulse_wanted, TRUE);
    for (guint ms = 0; ms < PULSE_MS; ms += 10) {
      pw_run_for (10);
      if (pulse_is_back (peer))
        return;
    }
  }
  g_error ("None of %d pulses came back.", MAX_TRIES);
}

/* Median of how many samples a pulse takes from the peer's output to its input. */
static guint
measure (PwPeer *peer, const char *what)
{
  guint delays[31];

  pw_run_for (500);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++) {
    send_pulse (peer);
    delays[i] = peer->pulse_delay[0];
    pw_run_for (20);
  }
  qsort (delays, G_N_ELEMENTS (delays), sizeof *delays, compare_uints);
  g_test_message ("%s: %u samples (%u to %u)", what, delays[15], delays[0], delays[30]);
  return delays[15];
}

/* The pulse goes round in a circle, which PipeWire cuts where it comes first: at times that costs
 * the wire a cycle more, so it is laid again. */
#define RELAYS 4

static PwWire *
lay_wire (PwRig *rig)
{
  PwWire *wire = pw_wire_new (rig->connection, "wire", 0);

  pw_server_run (server, "pw-link vmic:capture_FL wire:in");
  pw_server_run (server, "pw-link wire:out vspk:playback_FL");
  return wire;
}

/* Microphone to Tutti, monitored, to the speaker; then over the same devices through a bare wire.
 */
static void
test_monitor (gconstpointer data)
{
  const guint quantum = GPOINTER_TO_UINT (data);
  guint ours, bare, off;
  PwRig rig = { 0 };
  PwWire *wire;

  pw_rig_start (&rig, server, "FL FR", quantum);
  g_object_set (rig.sound, "monitor", TRUE, NULL);
  rig.peer->pulses = TRUE;
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  ours = measure (rig.peer, "Tutti");

  g_object_set (rig.sound, "monitor", FALSE, NULL);
  wire = lay_wire (&rig);
  bare = measure (rig.peer, "a bare wire");
  for (guint i = 0; i < RELAYS && bare > ours; i++) {
    pw_wire_free (wire);
    wire = lay_wire (&rig);
    bare = measure (rig.peer, "another bare wire");
  }
  g_assert_cmpuint (pw_get_uint (rig.sound, "granted-quantum"), ==, quantum);
  g_assert_cmpuint (ours, ==, bare);
  /* And it was Tutti that was heard before, and is not now. */
  pw_server_run (server, "pw-link -d wire:out vspk:playback_FL");
  g_atomic_int_set (&rig.peer->pulse_delay[0], 0);
  g_atomic_int_set (&rig.peer->pulse_wanted, TRUE);
  pw_run_for (300);
  off = g_atomic_int_get (&rig.peer->pulse_delay[0]);
  g_assert_cmpuint (off, ==, 0);

  pw_wire_free (wire);
  pw_rig_stop (&rig);
}

/* -- quantum -- */

static gboolean
grants_64 (TuttiSound *sound)
{
  return pw_get_uint (sound, "granted-quantum") == 64;
}

static gboolean
grants_more (TuttiSound *sound)
{
  return pw_get_uint (sound, "granted-quantum") >= 128;
}

static gboolean
grants_512 (TuttiSound *sound)
{
  return pw_get_uint (sound, "granted-quantum") == 512;
}

static gboolean
has_no_reason (TuttiSound *sound)
{
  g_autofree char *reason = pw_get_string (sound, "quantum-reason");

  return reason == NULL;
}

/* A program in the path needs 1.7 ms for each cycle: 64 samples (1.3 ms) are not enough, 128 are.
 */
static void
test_overload (void)
{
  g_autofree char *reason = NULL, *into = NULL;
  PwRig rig = { 0 };
  guint xruns, raised;
  PwWire *wire;

  pw_rig_start (&rig, server, "FL FR", 64);
  g_assert_cmpuint (pw_get_uint (rig.sound, "granted-quantum"), ==, 64);
  wire = pw_wire_new (rig.connection, "wire", 0);
  into = g_strdup_printf ("pw-link wire:out %s-%d:input_1", TUTTI_APP_NAME, (int) getpid ());
  pw_server_run (server, "pw-link peer:out_1 wire:in");
  pw_server_run (server, into);
  pw_run_for (4000);
  xruns = pw_get_uint (rig.sound, "xruns");
  g_atomic_int_set (&wire->burn_us, 1700);
  pw_run_for (3000);
  g_test_message ("%u losses in 3 s", pw_get_uint (rig.sound, "xruns") - xruns);
  g_assert_cmpuint (pw_get_uint (rig.sound, "xruns"), >=, xruns + TUTTI_QUANTUM_XRUNS);
  /* As it was told to. */
  g_assert_cmpuint (pw_get_uint (rig.sound, "granted-quantum"), ==, 64);

  g_object_set (rig.sound, "adapt-quantum", TRUE, NULL);
  WAIT_FOR (grants_more, rig.sound);
  raised = pw_get_uint (rig.sound, "granted-quantum");
  reason = pw_get_string (rig.sound, "quantum-reason");
  g_test_message ("%u: %s", raised, reason);
  g_assert_cmpuint (raised, <=, TUTTI_QUANTUM_RAISED_MAX);
  g_assert_cmpuint (pw_get_uint (rig.sound, "quantum"), ==, 64);
  g_assert_nonnull (strstr (reason, "64"));
  g_assert_nonnull (strstr (reason, raised == 128 ? "128" : "256"));

  /* The person goes back. */
  g_atomic_int_set (&wire->burn_us, 0);
  g_object_set (rig.sound, "quantum", 64, NULL);
  WAIT_FOR (grants_64, rig.sound);
  WAIT_FOR (has_no_reason, rig.sound);
  pw_wire_free (wire);
  pw_rig_stop (&rig);
}

/* Another program insists on 512: so do we, on 64. The person's settings say 512 at least: then it
 * is 512, and we say why. */
static void
test_insist (void)
{
  PwRig rig = { 0 };
  g_autofree char *reason = NULL;
  PwWire *wire;

  pw_rig_start (&rig, server, "FL FR", 64);
  WAIT_FOR (has_no_reason, rig.sound);
  wire = pw_wire_new (rig.connection, "wire", 512);
  pw_server_run (server, "pw-link wire:out vspk:playback_FL");
  WAIT_FOR (grants_512, rig.sound);
  reason = pw_get_string (rig.sound, "quantum-reason");
  g_test_message ("%s", reason);
  g_assert_nonnull (strstr (reason, "512"));
  WAIT_FOR (grants_64, rig.sound);
  WAIT_FOR (has_no_reason, rig.sound);
  pw_wire_free (wire);

  pw_server_run (server, "pw-metadata -n settings 0 clock.force-quantum 512");
  WAIT_FOR (grants_512, rig.sound);
  pw_run_for (2500);
  g_assert_cmpuint (pw_get_uint (rig.sound, "granted-quantum"), ==, 512);
  g_clear_pointer (&reason, g_free);
  reason = pw_get_string (rig.sound, "quantum-reason");
  g_test_message ("%s", reason);
  g_assert_nonnull (strstr (reason, "settings"));
  pw_server_run (server, "pw-metadata -n settings 0 clock.force-quantum 0");
  WAIT_FOR (grants_64, rig.sound);
  pw_rig_stop (&rig);
}

/* -- real time -- */

static gboolean
is_realtime (TuttiSound *sound)
{
  return pw_get_boolean (sound, "realtime");
}

static gboolean
has_realtime_reason (TuttiSound *sound)
{
  g_autofree char *reason = pw_get_string (sound, "realtime-reason");

  return reason != NULL;
}

static void
test_realtime (void)
{
  PwRig rig = { 0 };

  if (getuid () != 0) {
    g_test_skip ("Whether a user gets real-time priority is the machine's affair.");
    return;
  }
  pw_rig_start (&rig, server, "FL FR", 256);
  WAIT_FOR (is_realtime, rig.sound);
  pw_run_for (3500);
  g_assert_true (is_realtime (rig.sound));
  g_assert_false (has_realtime_reason (rig.sound));
  pw_rig_stop (&rig);
}

/* As a user whom neither kernel nor broker lets. */
static void
test_no_realtime (void)
{
  g_autofree char *reason = NULL;
  g_autofree char *options = NULL;
  PwRig rig = { 0 };

  if (!g_test_subprocess ()) {
    if (getuid () != 0) {
      g_test_skip ("Only root can become somebody else.");
      return;
    }
    /* Where it is refused, PipeWire's own module leaves something of D-Bus behind. */
    options = g_strconcat (g_getenv ("ASAN_OPTIONS") ? g_getenv ("ASAN_OPTIONS") : "",
                           ":detect_leaks=0", NULL);
    g_setenv ("ASAN_OPTIONS", options, TRUE);
    g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed ();
    return;
  }

  pw_rig_start (&rig, server, "FL FR", 256);
  WAIT_FOR (has_realtime_reason, rig.sound);
  reason = pw_get_string (rig.sound, "realtime-reason");
  g_test_message ("%s", reason);
  g_assert_false (is_realtime (rig.sound));
  g_assert_nonnull (strstr (reason, "rtkit"));
  pw_rig_stop (&rig);
}

static void
become_nobody (void)
{
  const struct rlimit none = { 0, 0 };

  g_assert_no_errno (setrlimit (RLIMIT_RTPRIO, &none));
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_assert_no_errno (setresgid (65534, 65534, 65534));
  g_assert_no_errno (setresuid (65534, 65534, 65534));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  if (g_test_subprocess ())
    become_nobody ();
  server = pw_server_new ();
  g_test_add_func ("/pw-sound/strips", test_strips);
  g_test_add_data_func ("/pw-sound/monitor/64", GUINT_TO_POINTER (64), test_monitor);
  g_test_add_data_func ("/pw-sound/monitor/256", GUINT_TO_POINTER (256), test_monitor);
  g_test_add_func ("/pw-sound/overload", test_overload);
  g_test_add_func ("/pw-sound/insist", test_insist);
  g_test_add_func ("/pw-sound/realtime", test_realtime);
  g_test_add_func ("/pw-sound/no-realtime", test_no_realtime);
  result = g_test_run ();
  pw_server_free (server);

  return result;
}
