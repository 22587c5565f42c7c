/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Marks what runs in real time, for tests/tools/rt-trap.c, which traps everything there that may
 * wait. Only in a build with -Drt_trap=true; in any other these are nothing. */

#pragma once

#ifdef TUTTI_RT_TRAP

#  include <dlfcn.h>

static void (*tutti_rt_trap_enter) (int event_fd);
static void (*tutti_rt_trap_leave) (void);

/* Before main(): a real-time thread has no business with the dynamic linker. */
__attribute__ ((constructor)) static void
tutti_rt_trap_find (void)
{
  *(void **) &tutti_rt_trap_enter = dlsym (RTLD_DEFAULT, "tutti_rt_enter");
  *(void **) &tutti_rt_trap_leave = dlsym (RTLD_DEFAULT, "tutti_rt_leave");
}

#endif

/* @event_fd: into this, 8 bytes may be written once until tutti_rt_trap_end(); −1: into none. */
static inline void
tutti_rt_trap_begin (int event_fd)
{
#ifdef TUTTI_RT_TRAP
  if (tutti_rt_trap_enter != NULL)
    tutti_rt_trap_enter (event_fd);
#endif
}

static inline void
tutti_rt_trap_end (void)
{
#ifdef TUTTI_RT_TRAP
  if (tutti_rt_trap_leave != NULL)
    tutti_rt_trap_leave ();
#endif
}
