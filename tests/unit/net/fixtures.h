/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* tests/oracle/fixtures/NAME.json */
JsonObject *fixture_load (const char *name);
/* Puts the JSON text @value ("-": nothing) at @pointer, such as "/iceCandidates/0/port". */
void fixture_set (JsonObject *object, const char *pointer, const char *value);
/* Puts something nasty at some place within @object; describes it in words. */
char *fixture_spoil (JsonObject *object, GRand *random);

G_END_DECLS
