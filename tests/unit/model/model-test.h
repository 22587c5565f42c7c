/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

typedef gboolean (*ModelTestCondition) (gpointer user_data);

/* Runs the main context until @condition holds; FALSE after @ms. */
gboolean model_test_wait (ModelTestCondition condition, gpointer user_data, guint ms);
/* Runs the main context until @future (taken over) is settled, at most @ms: then the test fails. */
gboolean model_test_await (DexFuture *future, guint ms, GError **error);
void model_test_run_ms (guint ms);

G_END_DECLS
