/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What libFuzzer calls; it finds its own main(). */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* @data as a JSON object, as it comes out of a frame that was found good; %NULL when it is none. */
JsonObject *fuzz_parse (const guint8 *data, gsize size);

G_END_DECLS
