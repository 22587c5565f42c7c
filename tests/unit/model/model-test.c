/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "model-test.h"

static gboolean
wake (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
model_test_wait (ModelTestCondition condition, gpointer user_data, guint ms)
{
  gint64 until = g_get_monotonic_time () + ms * G_GINT64_CONSTANT (1000);
  guint id = g_timeout_add (5, wake, NULL);
  gboolean holds;

  while (!(holds = condition (user_data)) && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);

  return holds;
}

static gboolean
is_settled (gpointer future)
{
  return !dex_future_is_pending (future);
}

gboolean
model_test_await (DexFuture *future, guint ms, GError **error)
{
  g_autoptr (DexFuture) hold = future;

  g_assert_true (model_test_wait (is_settled, future, ms));

  return dex_future_get_value (future, error) != NULL;
}

static gboolean
never (gpointer user_data)
{
  return FALSE;
}

void
model_test_run_ms (guint ms)
{
  model_test_wait (never, NULL, ms);
}
