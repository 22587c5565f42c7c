/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-request-table.h"
#include "tutti-thread.h"

typedef struct {
  TuttiRequestTable *table;
  guint n_calls;
  JsonObject *data;
  GError *error;
  gboolean free_table;
  gint64 asked_again;
} Call;

static void
on_response (JsonObject *data, const GError *error, gpointer user_data)
{
  Call *call = user_data;

  g_assert_true ((data == NULL) != (error == NULL));
  call->n_calls++;
  call->data = data ? json_object_ref (data) : NULL;
  call->error = error ? g_error_copy (error) : NULL;
  if (call->free_table)
    g_clear_pointer (&call->table, tutti_request_table_free);
}

static void
call_clear (Call *call)
{
  g_clear_pointer (&call->data, json_object_unref);
  g_clear_error (&call->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static gboolean
was_called (gpointer user_data)
{
  return ((Call *) user_data)->n_calls > 0;
}

static void
test_answer (void)
{
  g_autoptr (TuttiRequestTable) table = tutti_request_table_new ();
  g_autoptr (JsonObject) answer = json_object_new ();
  g_auto (Call) a = { 0 };
  g_auto (Call) b = { 0 };
  g_autoptr (GError) refusal = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_REFUSED, "no.");
  gint64 id_a = tutti_request_table_add (table, 10000, "a", on_response, &a);
  gint64 id_b = tutti_request_table_add (table, 10000, "b", on_response, &b);

  g_assert_cmpint (id_a, !=, id_b);
  g_assert_cmpuint (tutti_request_table_get_n_pending (table), ==, 2);

  g_assert_true (tutti_request_table_complete (table, id_b, answer, NULL));
  g_assert_cmpuint (b.n_calls, ==, 1);
  g_assert_true (b.data == answer);
  g_assert_cmpuint (a.n_calls, ==, 0);

  g_assert_true (tutti_request_table_complete (table, id_a, NULL, refusal));
  g_assert_error (a.error, TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  g_assert_cmpuint (tutti_request_table_get_n_pending (table), ==, 0);
}

static void
test_unknown (void)
{
  g_autoptr (TuttiRequestTable) table = tutti_request_table_new ();
  g_autoptr (JsonObject) answer = json_object_new ();
  g_auto (Call) call = { 0 };
  gint64 id = tutti_request_table_add (table, 10000, "a", on_response, &call);

  g_assert_false (tutti_request_table_complete (table, id + 1, answer, NULL));
  g_assert_false (tutti_request_table_complete (table, G_MAXINT64, answer, NULL));
  g_assert_true (tutti_request_table_complete (table, id, answer, NULL));
  g_assert_false (tutti_request_table_complete (table, id, answer, NULL));
  g_assert_cmpuint (tutti_request_table_get_n_unknown (table), ==, 3);
  g_assert_cmpuint (call.n_calls, ==, 1);
}

static void
test_timeout (void)
{
  g_autoptr (TuttiRequestTable) table = tutti_request_table_new ();
  g_autoptr (JsonObject) answer = json_object_new ();
  g_auto (Call) call = { 0 };
  gint64 begin = g_get_monotonic_time ();
  gint64 id = tutti_request_table_add (table, 100, "slowThing", on_response, &call);

  spin_until (was_called, &call);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 99 * G_TIME_SPAN_MILLISECOND);
  g_assert_error (call.error, TUTTI_ERROR, TUTTI_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (call.error->message, "slowThing"));

  /* The late answer goes nowhere. */
  g_assert_false (tutti_request_table_complete (table, id, answer, NULL));
  g_assert_cmpuint (call.n_calls, ==, 1);
}

static void
test_fail_all (void)
{
  g_autoptr (TuttiRequestTable) table = tutti_request_table_new ();
  g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED, "gone.");
  Call calls[50] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    tutti_request_table_add (table, 100, "x", on_response, &calls[i]);

  tutti_request_table_fail_all (table, error);
  spin_for_ms (200);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++) {
    g_assert_cmpuint (calls[i].n_calls, ==, 1);
    g_assert_error (calls[i].error, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
    call_clear (&calls[i]);
  }
  g_assert_cmpuint (tutti_request_table_get_n_pending (table), ==, 0);
}

static void
test_free_with_pending (void)
{
  TuttiRequestTable *table = tutti_request_table_new ();
  g_auto (Call) call = { 0 };

  tutti_request_table_add (table, 100, "x", on_response, &call);
  tutti_request_table_free (table);
  g_assert_cmpuint (call.n_calls, ==, 1);
  g_assert_error (call.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  spin_for_ms (150);
  g_assert_cmpuint (call.n_calls, ==, 1);
}

/* Whoever gets an answer may drop everything. */
static void
test_free_inside (void)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  g_auto (Call) call = { .table = tutti_request_table_new (), .free_table = TRUE };
  g_auto (Call) other = { 0 };
  gint64 id = tutti_request_table_add (call.table, 10000, "x", on_response, &call);

  tutti_request_table_add (call.table, 10000, "y", on_response, &other);
  g_assert_true (tutti_request_table_complete (call.table, id, answer, NULL));
  g_assert_null (call.table);
  g_assert_error (other.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
ask_again (JsonObject *data, const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (call->n_calls++ == 0)
    call->asked_again = tutti_request_table_add (call->table, 10000, "again", ask_again, call);
}

static void
test_ask_inside (void)
{
  g_autoptr (TuttiRequestTable) table = tutti_request_table_new ();
  g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED, "gone.");
  Call call = { .table = table };

  tutti_request_table_add (table, 10000, "first", ask_again, &call);
  tutti_request_table_fail_all (table, error);
  g_assert_cmpuint (call.n_calls, ==, 1);
  g_assert_cmpuint (tutti_request_table_get_n_pending (table), ==, 1);
  g_assert_true (tutti_request_table_complete (table, call.asked_again, NULL, error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_test_add_func ("/request-table/answer", test_answer);
  g_test_add_func ("/request-table/unknown", test_unknown);
  g_test_add_func ("/request-table/timeout", test_timeout);
  g_test_add_func ("/request-table/fail-all", test_fail_all);
  g_test_add_func ("/request-table/free-with-pending", test_free_with_pending);
  g_test_add_func ("/request-table/free-inside", test_free_inside);
  g_test_add_func ("/request-table/ask-inside", test_ask_inside);
  return g_test_run ();
}
