/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <libdex.h>
#include <locale.h>

#include "tutti-application.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

static gboolean
have_schema (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source ? g_settings_schema_source_lookup (source, TUTTI_APP_ID, TRUE) : NULL;

  return schema != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (TuttiApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TUTTI_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (TUTTI_APP_NAME);

  tutti_thread_init_main ();
  dex_init ();

  if (!have_schema ()) {
    g_printerr (_ ("Tutti is not installed completely: its settings schema %s is missing. Install "
                   "it again, or point GSETTINGS_SCHEMA_DIR at the build’s data folder.\n"),
                TUTTI_APP_ID);
    return 1;
  }
  application = tutti_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
