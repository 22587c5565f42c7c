/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <stdint.h>
#include <time.h>

#define TUTTI_NSEC_PER_SEC  INT64_C (1000000000)
#define TUTTI_NSEC_PER_MSEC INT64_C (1000000)
#define TUTTI_NSEC_PER_USEC INT64_C (1000)

/**
 * tutti_clock_now_ns:
 *
 * Returns: CLOCK_MONOTONIC in ns: the clock PipeWire's graph, GLib and our RTP arrival times share.
 * Any thread, real-time included (vDSO, no system call).
 */
static inline int64_t
tutti_clock_now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * TUTTI_NSEC_PER_SEC + ts.tv_nsec;
}
