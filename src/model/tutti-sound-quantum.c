/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-clock.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

/* How the graph runs, against how it should: quantum, rate, losses and priority. Looked at on each
 * signal of the node and twice a second. */

/* So many looks at another quantum than was asked for, and asking was not enough. */
#define PATIENCE 3
/* RealtimeKit and the portal may answer so much later than the first cycle. */
#define REALTIME_GRACE_US (3 * G_USEC_PER_SEC)

static void
ask (TuttiSound *self)
{
  self->refused = 0;
  if (self->node)
    tutti_pw_node_set_quantum (self->node, self->quantum.asked, self->force_quantum);
}

void
tutti_sound_set_quantum (TuttiSound *self, guint quantum)
{
  if (self->quantum.wanted == quantum && self->quantum.asked == quantum)
    return;

  tutti_quantum_init (&self->quantum, quantum, g_get_monotonic_time ());
  self->force_quantum = FALSE;
  ask (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_QUANTUM);
  tutti_sound_watch_graph (self);
}

void
tutti_sound_set_adapt_quantum (TuttiSound *self, gboolean adapt)
{
  if (self->adapt_quantum == adapt)
    return;

  self->adapt_quantum = adapt;
  if (!adapt && self->quantum.asked != self->quantum.wanted)
    tutti_sound_set_quantum (self, self->quantum.wanted);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_ADAPT_QUANTUM);
}

void
tutti_sound_reset_graph (TuttiSound *self)
{
  self->started_us = g_get_monotonic_time ();
  self->force_quantum = FALSE;
  self->refused = 0;
  tutti_quantum_init (&self->quantum, self->quantum.wanted, self->started_us);
}

/* Others who want a shorter quantum hold it down, others who insist hold it up: then we insist,
 * too, as long as the person's own settings allow it. */
static void
insist (TuttiSound *self)
{
  guint asked = self->quantum.asked;
  gboolean wrong = self->granted_quantum > asked ||
                   (self->granted_quantum < asked && asked > self->quantum.wanted);

  if (!self->node || self->force_quantum || self->granted_quantum == 0 || !wrong ||
      !tutti_pw_node_allows_quantum (self->node, asked)) {
    self->refused = 0;
    return;
  }
  if (++self->refused < PATIENCE)
    return;

  self->force_quantum = TRUE;
  ask (self);
}

static void
adapt (TuttiSound *self)
{
  guint xruns = self->node ? tutti_pw_node_get_xruns (self->node) : self->xruns;
  guint lost = xruns - MIN (self->xruns, xruns);

  if (xruns != self->xruns) {
    self->xruns = xruns;
    tutti_sound_notify (self, TUTTI_SOUND_PROP_XRUNS);
  }
  if (self->node && self->adapt_quantum &&
      tutti_quantum_update (&self->quantum, lost, g_get_monotonic_time ()))
    ask (self);
}

static char *
explain_quantum (TuttiSound *self)
{
  const TuttiQuantum *quantum = &self->quantum;
  guint granted = self->granted_quantum;

  if (!self->node || granted == 0)
    return NULL;

  if (granted == quantum->asked && quantum->asked > quantum->wanted)
    return g_strdup_printf (_ ("Raised from %u to %u samples, because the sound broke off %u times "
                               "within %u seconds. Choose a length again to go back."),
                            quantum->wanted, granted, quantum->lost,
                            (guint) (quantum->lost_us / G_USEC_PER_SEC) + 1);
  if (granted > quantum->asked && !tutti_pw_node_allows_quantum (self->node, quantum->asked))
    return g_strdup_printf (
        _ ("PipeWire’s settings do not let it run with %u samples: it runs with "
           "%u."),
        quantum->asked, granted);
  if (granted > quantum->asked)
    return g_strdup_printf (_ ("Another program insists on %u samples."), granted);
  if (granted < quantum->wanted)
    return g_strdup_printf (
        _ ("Another program asks for %u samples, which is less than you chose."), granted);

  return NULL;
}

static char *
explain_realtime (TuttiSound *self, TuttiRealtime ours, gboolean driver)
{
  if (!self->running || self->granted_quantum == 0 ||
      g_get_monotonic_time () - self->started_us < REALTIME_GRACE_US)
    return NULL;
  if (ours != TUTTI_REALTIME_GRANTED)
    return tutti_thread_describe_realtime (ours);

  /* PipeWire's library asks for its own thread. */
  return driver ? NULL : tutti_thread_describe_realtime (TUTTI_REALTIME_REFUSED);
}

static void
take_reason (TuttiSound *self, char **field, char *reason, TuttiSoundProperty property)
{
  if (g_set_str (field, reason))
    tutti_sound_notify (self, property);
  g_free (reason);
}

static void
set_graph (TuttiSound *self, guint quantum, guint rate)
{
  gboolean changed = self->granted_quantum != quantum || self->rate != rate;

  if (!changed)
    return;

  tutti_quantum_settle (&self->quantum, g_get_monotonic_time ());
  if (self->granted_quantum != quantum) {
    self->granted_quantum = quantum;
    tutti_sound_notify (self, TUTTI_SOUND_PROP_GRANTED_QUANTUM);
  }
  if (self->rate != rate) {
    self->rate = rate;
    tutti_sound_notify (self, TUTTI_SOUND_PROP_RATE);
  }
  tutti_sound_notify (self, TUTTI_SOUND_PROP_LOCAL_LATENCY_MS);
}

static void
set_realtime (TuttiSound *self, gboolean driver)
{
  TuttiRealtime ours = tutti_thread_check_realtime (NULL, NULL);
  gboolean realtime = driver && ours == TUTTI_REALTIME_GRANTED;

  if (self->realtime != realtime) {
    self->realtime = realtime;
    tutti_sound_notify (self, TUTTI_SOUND_PROP_REALTIME);
  }
  take_reason (self, &self->realtime_reason, explain_realtime (self, ours, driver),
               TUTTI_SOUND_PROP_REALTIME_REASON);
}

void
tutti_sound_watch_graph (TuttiSound *self)
{
  guint quantum = self->timer ? self->quantum.wanted : 0;
  guint rate = self->timer ? TUTTI_SAMPLE_RATE : 0;
  gboolean driver = self->timer != NULL; /* one of the threads that asked for priority */

  g_object_freeze_notify (G_OBJECT (self));
  if (self->node)
    g_object_get (self->node, "quantum", &quantum, "rate", &rate, "realtime", &driver, NULL);
  set_graph (self, quantum, rate);
  adapt (self);
  insist (self);
  take_reason (self, &self->quantum_reason, explain_quantum (self),
               TUTTI_SOUND_PROP_QUANTUM_REASON);
  set_realtime (self, driver);
  g_object_thaw_notify (G_OBJECT (self));
}

double
tutti_sound_get_local_latency (TuttiSound *self)
{
  double ms;

  if (!self->running || self->rate == 0)
    return 0;

  ms = 2000.0 * self->granted_quantum / self->rate;
  if (self->node)
    ms += (double) (tutti_pw_node_get_capture_ns (self->node) +
                    tutti_pw_node_get_playback_ns (self->node)) /
          TUTTI_NSEC_PER_MSEC;

  return ms;
}

gint64
tutti_sound_get_capture_ns (TuttiSound *self)
{
  if (!self->sides[TUTTI_DEVICE_INPUT].device || self->rate == 0)
    return 0;

  return self->granted_quantum * TUTTI_NSEC_PER_SEC / self->rate +
         (self->node ? tutti_pw_node_get_capture_ns (self->node) : 0);
}

gint64
tutti_sound_get_playback_ns (TuttiSound *self)
{
  return self->node ? tutti_pw_node_get_playback_ns (self->node) : 0;
}
