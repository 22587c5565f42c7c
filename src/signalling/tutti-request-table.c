/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-request-table.h"

#include <gio/gio.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

struct _TuttiRequestTable {
  GHashTable *pending; /* of Request, by its own id */
  gint64 last_id;
  guint n_unknown;
};

typedef struct {
  gint64 id;                /* the key: must stay first */
  TuttiRequestTable *table; /* Borrowed: the table outlives its requests */
  char *method;
  guint timeout_id;
  TuttiResponseFunc func;
  gpointer user_data;
} Request;

static void
request_free (Request *request)
{
  g_clear_handle_id (&request->timeout_id, g_source_remove);
  g_free (request->method);
  g_free (request);
}

/* Takes @request out of the table first: the callee may ask again, or free the table. */
static void
finish (Request *request, JsonObject *data, const GError *error)
{
  g_hash_table_steal (request->table->pending, &request->id);
  g_clear_handle_id (&request->timeout_id, g_source_remove);
  request->func (data, error, request->user_data);
  request_free (request);
}

static gboolean
on_timeout (gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GError) error = NULL;

  request->timeout_id = 0;
  g_set_error (&error, TUTTI_ERROR, TUTTI_ERROR_TIMEOUT,
               _ ("The room did not answer in time (%s)."), request->method);
  finish (request, NULL, error);

  return G_SOURCE_REMOVE;
}

TuttiRequestTable *
tutti_request_table_new (void)
{
  TuttiRequestTable *self = g_new0 (TuttiRequestTable, 1);

  self->pending = g_hash_table_new (g_int64_hash, g_int64_equal);
  return self;
}

/* Whoever still waits is told %G_IO_ERROR_CANCELLED. */
void
tutti_request_table_free (TuttiRequestTable *self)
{
  g_autoptr (GError) error = NULL;

  if (!self)
    return;

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               _ ("The connection to the room was closed."));
  tutti_request_table_fail_all (self, error);
  g_hash_table_unref (self->pending);
  g_free (self);
}

/**
 * tutti_request_table_add:
 * @timeout_ms: after so long @func is told %TUTTI_ERROR_TIMEOUT
 * @method: for that error's message
 * @func: called once, from the main loop or from one of this table's functions, never from here
 *
 * Returns: the id under which to send the question
 */
gint64
tutti_request_table_add (TuttiRequestTable *self,
                         guint timeout_ms,
                         const char *method,
                         TuttiResponseFunc func,
                         gpointer user_data)
{
  Request *request;

  TUTTI_ASSERT_MAIN_THREAD ();

  request = g_new0 (Request, 1);
  request->id = ++self->last_id;
  request->table = self;
  request->method = g_strdup (method);
  request->func = func;
  request->user_data = user_data;
  request->timeout_id = g_timeout_add (timeout_ms, on_timeout, request);
  g_hash_table_add (self->pending, request);

  return request->id;
}

/**
 * tutti_request_table_complete:
 *
 * Hands an answer (@data, or @error) to whoever waits for @id.
 *
 * Returns: %FALSE when nobody does; that is counted
 */
gboolean
tutti_request_table_complete (TuttiRequestTable *self,
                              gint64 id,
                              JsonObject *data,
                              const GError *error)
{
  Request *request;

  TUTTI_ASSERT_MAIN_THREAD ();

  request = g_hash_table_lookup (self->pending, &id);
  if (!request) {
    self->n_unknown++;
    return FALSE;
  }

  finish (request, data, error);
  return TRUE;
}

/* Tells everybody who waits now; questions that are asked meanwhile stay. */
void
tutti_request_table_fail_all (TuttiRequestTable *self, const GError *error)
{
  g_autoptr (GHashTable) pending = NULL;
  GHashTableIter iter;
  gpointer key;

  pending = g_steal_pointer (&self->pending);
  self->pending = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (g_hash_table_iter_init (&iter, pending); g_hash_table_iter_next (&iter, &key, NULL);
       g_hash_table_iter_init (&iter, pending)) {
    Request *request = key;

    g_hash_table_iter_steal (&iter);
    g_clear_handle_id (&request->timeout_id, g_source_remove);
    request->func (NULL, error, request->user_data);
    request_free (request);
  }
}

guint
tutti_request_table_get_n_pending (TuttiRequestTable *self)
{
  return g_hash_table_size (self->pending);
}

guint
tutti_request_table_get_n_unknown (TuttiRequestTable *self)
{
  return self->n_unknown;
}
