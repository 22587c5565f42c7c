/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "transport-cost.h"

#include <stdlib.h>

/* -- processor time -- */

guint
cost_read_threads (ThreadTime *threads)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint n = 0;

  while (n < COST_MAX_THREADS && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *times = g_build_filename ("/proc/self/task", name, "schedstat", NULL);
    g_autofree char *comm = g_build_filename ("/proc/self/task", name, "comm", NULL);
    g_autofree char *text = NULL, *label = NULL;

    if (!g_file_get_contents (times, &text, NULL, NULL) ||
        !g_file_get_contents (comm, &label, NULL, NULL))
      continue;
    threads[n].tid = atoi (name);
    threads[n].ns = g_ascii_strtoll (text, NULL, 10);
    g_strlcpy (threads[n].name, g_strchomp (label), sizeof threads[n].name);
    n++;
  }
  return n;
}

static gint64
time_before (const ThreadTime *threads, guint n, pid_t tid)
{
  for (guint i = 0; i < n; i++)
    if (threads[i].tid == tid)
      return threads[i].ns;
  return 0;
}

/* Microseconds that all threads but the two of this program used; @list gets those that count. */
static double
sum_threads (Cost *self, const ThreadTime *before, guint n_before, guint *n_threads, GString *list)
{
  static ThreadTime after[COST_MAX_THREADS];
  double total = 0;

  *n_threads = cost_read_threads (after);
  for (guint i = 0; i < *n_threads; i++) {
    double used = (after[i].ns - time_before (before, n_before, after[i].tid)) / 1e3;
    double each = used / MAX (self->delays.n, 1);

    if (after[i].tid == self->excluded[0] || after[i].tid == self->excluded[1])
      continue;
    total += used;
    if (each > 0.1)
      g_string_append_printf (list, "%s\"%s %d\":%.2f", list->len > 0 ? "," : "", after[i].name,
                              after[i].tid, each);
  }
  return total;
}

/* -- delays -- */

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

static double
quantile_us (Delays *self, double q)
{
  return self->n == 0 ? -1 : self->values[(guint64) (q * (self->n - 1))] / 1e3;
}

static void
print_delays (const char *prefix, Delays *delays)
{
  if (delays->n > 0)
    qsort (delays->values, delays->n, sizeof (gint64), compare);
  g_print ("\"%sp50_us\":%.0f,\"%sp95_us\":%.0f,\"%sp99_us\":%.0f,", prefix,
           quantile_us (delays, 0.5), prefix, quantile_us (delays, 0.95), prefix,
           quantile_us (delays, 0.99));
}

void
cost_report (Cost *self,
             const char *direction,
             const ThreadTime *before,
             guint n_before,
             double seconds)
{
  double packets = MAX (self->delays.n, 1);
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_threads;
  double total = self->push_cpu / 1e3 + sum_threads (self, before, n_before, &n_threads, list);

  g_print ("{\"direction\":\"%s\",\"streams\":%d,\"rate\":%d,\"payload\":%d,\"seconds\":%.2f,"
           "\"pushed\":%" G_GUINT64_FORMAT ",\"arrived\":%" G_GUINT64_FORMAT ",\"threads\":%u,",
           direction, self->n_streams, self->rate, self->payload, seconds, self->n_pushed,
           self->delays.n, n_threads);
  g_print ("\"push_us\":%.2f,\"push_longest_us\":%.0f,\"cpu_us_per_packet\":%.2f,"
           "\"cpu_percent_per_stream\":%.3f,",
           self->push_cpu / 1e3 / packets, self->push_longest / 1e3, total / packets,
           total / 1e4 / seconds / self->n_streams);
  print_delays ("", &self->delays);
  print_delays ("witness_", &self->witness_delays);
  g_print ("\"us_per_packet_by_thread\":{%s}}\n", list->str);
}
