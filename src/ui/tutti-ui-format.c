/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ui-format.h"

#include <math.h>

#include "tutti-audio-types.h"
#include "tutti-i18n.h"

#define MINUS "\u2212"

/**
 * tutti_format_db:
 * @db: a gain or level, dB
 *
 * Returns: (transfer full): like “−3.5 dB”, “+6.0 dB”, “0.0 dB”, or “−∞ dB” at TUTTI_SILENCE_DB
 */
char *
tutti_format_db (double db)
{
  double rounded = round (db * 10) / 10;
  const char *sign = rounded < 0 ? MINUS : rounded > 0 ? "+" : "";

  if (db <= TUTTI_SILENCE_DB)
    return g_strdup (_ ("−∞ dB"));

  /* Translators: a level in decibels; %s is the sign */
  return g_strdup_printf (_ ("%s%.1f dB"), sign, fabs (rounded));
}

/**
 * tutti_format_db_spoken:
 * @db: a gain or level, dB
 *
 * Returns: (transfer full): the same for a screen reader, which would skip a typographic minus
 */
char *
tutti_format_db_spoken (double db)
{
  double rounded = round (db * 10) / 10;

  if (db <= TUTTI_SILENCE_DB)
    return g_strdup (_ ("silent"));
  if (rounded < 0)
    /* Translators: spoken by a screen reader */
    return g_strdup_printf (_ ("minus %.1f decibels"), -rounded);
  return g_strdup_printf (_ ("%.1f decibels"), fabs (rounded));
}

/**
 * tutti_format_pan:
 * @pan: −1 (left) … +1 (right)
 *
 * Returns: (transfer full): “centre”, “left 30 %” or “right 30 %”
 */
char *
tutti_format_pan (double pan)
{
  int percent = (int) round (fabs (pan) * 100);

  if (percent == 0)
    return g_strdup (_ ("centre"));
  if (pan < 0)
    return g_strdup_printf (_ ("left %d %%"), percent);
  return g_strdup_printf (_ ("right %d %%"), percent);
}

/**
 * tutti_format_ms:
 * @ms: a duration, ms; negative when unknown
 *
 * Returns: (transfer full): like “8.3 ms” or “–”
 */
char *
tutti_format_ms (double ms)
{
  if (!isfinite (ms) || ms < 0)
    return g_strdup ("–");
  return g_strdup_printf (_ ("%.1f ms"), ms);
}

/**
 * tutti_format_ms_error:
 * @ms: a duration, ms; negative when unknown
 * @error_ms: how far off it may be, ms; negative when unknown
 *
 * Returns: (transfer full): like “8.3 ± 0.4 ms” or “–”
 */
char *
tutti_format_ms_error (double ms, double error_ms)
{
  if (!isfinite (ms) || ms < 0 || !isfinite (error_ms) || error_ms < 0)
    return tutti_format_ms (ms);
  return g_strdup_printf (_ ("%.1f ± %.1f ms"), ms, error_ms);
}

/**
 * tutti_format_percent:
 * @share: 0 … 1; negative when unknown
 *
 * Returns: (transfer full): like “99.2 %”; never rounded up to 100 % when it is less
 */
char *
tutti_format_percent (double share)
{
  if (!isfinite (share) || share < 0)
    return g_strdup ("–");
  if (share >= 1)
    return g_strdup (_ ("100 %"));
  return g_strdup_printf (_ ("%.1f %%"), floor (share * 1000) / 10);
}

/**
 * tutti_level_position:
 * @db: a level, dBFS
 *
 * The deflection of IEC 60268-18: the loud half of the scale, where decisions are made, gets most
 * of the room.
 *
 * Returns: 0 (−70 dB and below) … 1 (0 dB and above)
 */
double
tutti_level_position (double db)
{
  static const struct {
    double db;
    double position;
  } points[] = { { -70, 0 },   { -60, 0.025 }, { -50, 0.075 }, { -40, 0.15 },
                 { -30, 0.3 }, { -20, 0.5 },   { 0, 1 } };

  if (!(db > points[0].db))
    return 0;
  for (guint i = 1; i < G_N_ELEMENTS (points); i++) {
    double share = (db - points[i - 1].db) / (points[i].db - points[i - 1].db);

    if (db <= points[i].db)
      return points[i - 1].position + share * (points[i].position - points[i - 1].position);
  }
  return 1;
}
