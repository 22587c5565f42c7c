// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** The room clock: monotonic, integer microseconds. Safe as a JSON number for 285 years of uptime. */
export function roomTimeUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
