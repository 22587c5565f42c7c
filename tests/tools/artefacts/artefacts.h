/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Listening by machine: what a repair or a change of speed left in a sound. One channel, 48 kHz.
 *
 * With a reference (the sound as it was sent, sample for sample in step) only what the reference
 * has not is found. Without one a tone or another steady sound is taken to be clean by itself.
 */

/**
 * artefacts_find_clicks: the starts of short bursts of energy that do not belong
 *
 * Three bands (2–5, 5–12, 12–24 kHz), energies over 32 samples. A click is a burst that in its band
 * is 10 dB above the loudest of the reference within 3 ms (without one: above the third quartile
 * within 20 ms of the sound itself), above -50 dB of the whole local level and above -80 dBFS. What
 * goes on is one click until 3 ms have passed.
 *
 * @reference: or %NULL
 * @places: (element-type guint): gets the sample numbers, or %NULL
 * Returns: how many
 */
guint
artefacts_find_clicks (const float *reference, const float *sound, gsize n_samples, GArray *places);

/**
 * ArtefactsSpectrum: windows of 512 samples, a quarter apart, those that @where touches
 * @distance_db: log-spectral distance: RMS over third octaves from 100 Hz to 16 kHz of the
 * difference in dB, down to 60 dB below the window's loudest band and -80 dBFS, averaged over
 * windows
 * @flatness_db: how much flatter (> 0: noisier) or more pointed (< 0: more buzzing) the spectrum
 * is, in dB of spectral flatness, averaged
 * @buzz: what was added of periodicity at 1.25 to 20 ms, 0 … 1: in windows of 2048 samples the
 * strongest normalised autocorrelation of the whitened sound beyond that of the reference, averaged
 * @windows: how many were looked at
 */
typedef struct {
  double distance_db;
  double flatness_db;
  double buzz;
  guint windows;
} ArtefactsSpectrum;

/* @where: which samples were repaired (not 0), or %NULL for all */
void artefacts_compare_spectra (const float *reference,
                                const float *sound,
                                const guint8 *where,
                                gsize n_samples,
                                ArtefactsSpectrum *result);

/* Signal to error where @where is not 0, in dB; error-free: 120 */
double artefacts_get_snr (const float *reference,
                          const float *sound,
                          const guint8 *where,
                          gsize n_samples);

G_END_DECLS
