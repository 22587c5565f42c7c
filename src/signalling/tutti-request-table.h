/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * TuttiResponseFunc:
 * @data: (nullable): the answer, or %NULL with @error set
 * @error: (nullable): why there is none
 *
 * Called exactly once for each question. May ask again, or close everything.
 */
typedef void (*TuttiResponseFunc) (JsonObject *data, const GError *error, gpointer user_data);

/**
 * TuttiRequestTable:
 *
 * The questions that wait for an answer. Answers to unknown ids (late ones, invented ones) are
 * ignored and counted. Main thread.
 */
typedef struct _TuttiRequestTable TuttiRequestTable;

TuttiRequestTable *tutti_request_table_new (void);
void tutti_request_table_free (TuttiRequestTable *self);
gint64 tutti_request_table_add (TuttiRequestTable *self,
                                guint timeout_ms,
                                const char *method,
                                TuttiResponseFunc func,
                                gpointer user_data);
gboolean tutti_request_table_complete (TuttiRequestTable *self,
                                       gint64 id,
                                       JsonObject *data,
                                       const GError *error);
void tutti_request_table_fail_all (TuttiRequestTable *self, const GError *error);
guint tutti_request_table_get_n_pending (TuttiRequestTable *self);
guint tutti_request_table_get_n_unknown (TuttiRequestTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRequestTable, tutti_request_table_free)

G_END_DECLS
