/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Ends a program that does what may wait inside the real-time callback: allocating, locking, system
 * calls. Preloaded:
 *
 *   meson setup build/trap -Drt_trap=true
 *   LD_PRELOAD=build/trap/tests/tools/librt-trap.so build/trap/src/cli/tutti-cli join …
 *
 * tutti_rt_enter() and tutti_rt_leave() stand around the callback (src/audio/tutti-rt-trap.h). In
 * between
 *  - the malloc family and the functions that lock are ours, and complain;
 *  - every system call of that thread arrives as SIGSYS (Syscall User Dispatch, Linux 5.11; the
 *    kernel looks at a byte of ours, so that turning it on and off costs nothing). Where the
 *    kernel has it not, a line says so at the end;
 *  - 8 bytes may be written once to the file that was named on entry, and the clock may be read:
 * that is no system call where the kernel lends its clock to programs (vDSO). At the end it tells
 * on standard error how many callbacks were watched. Not for sanitized builds.
 */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#  define PR_SET_SYSCALL_USER_DISPATCH 59
#  define PR_SYS_DISPATCH_ON           1
#endif
#define ALLOW 0
#define BLOCK 1

#define EXPORT __attribute__ ((visibility ("default")))
/* Known before the program starts: the first access must not allocate. */
#define THREAD_LOCAL static __thread __attribute__ ((tls_model ("initial-exec")))

EXPORT void tutti_rt_enter (int event_fd);
EXPORT void tutti_rt_leave (void);
EXPORT unsigned long tutti_rt_count (void);
EXPORT int tutti_rt_traps_syscalls (void);

THREAD_LOCAL int inside; /* how deep: the node's callback holds the engine's */
THREAD_LOCAL int asked;
THREAD_LOCAL int event_fd_allowed;
THREAD_LOCAL volatile char selector;

static _Atomic unsigned long n_callbacks;
static _Atomic unsigned n_threads;
static _Atomic int without_dispatch;

static void
say (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

static void
complain (const char *what)
{
  void *frames[32];
  int n;

  selector = ALLOW;
  inside = 0;
  say ("rt-trap: ");
  say (what);
  say (" in the real-time callback\n");
  n = backtrace (frames, 32);
  backtrace_symbols_fd (frames, n, STDERR_FILENO);
  abort ();
}

static void
check (const char *what)
{
  if (inside)
    complain (what);
}

static void
on_system_call (int signal_number, siginfo_t *info, void *context)
{
  char what[64];

  selector = ALLOW;
  inside = 0;
  snprintf (what, sizeof what, "system call %d", info->si_syscall);
  complain (what);
}

__attribute__ ((constructor)) static void
start (void)
{
  struct sigaction action = { .sa_sigaction = on_system_call, .sa_flags = SA_SIGINFO };
  struct timespec time;
  void *frame;

  sigaction (SIGSYS, &action, NULL);
  clock_gettime (CLOCK_MONOTONIC, &time);
  /* The first call loads a library. */
  backtrace (&frame, 1);
}

__attribute__ ((destructor)) static void
tell (void)
{
  char text[160];

  if (n_callbacks == 0)
    return;
  snprintf (text, sizeof text, "rt-trap: watched %lu callbacks on %u threads: %s\n",
            (unsigned long) n_callbacks, (unsigned) n_threads,
            without_dispatch ? "memory and locks (this kernel has no Syscall User Dispatch)"
                             : "memory, locks, system calls");
  say (text);
}

void
tutti_rt_enter (int event_fd)
{
  if (!asked) {
    asked = 1;
    n_threads++;
    if (prctl (PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) != 0)
      without_dispatch = 1;
  }
  event_fd_allowed = event_fd;
  inside++;
  selector = BLOCK;
}

void
tutti_rt_leave (void)
{
  if (--inside > 0)
    return;
  selector = ALLOW;
  n_callbacks++;
}

/* Callbacks so far, and whether system calls were trapped in them. */
unsigned long
tutti_rt_count (void)
{
  return n_callbacks;
}

int
tutti_rt_traps_syscalls (void)
{
  return n_threads > 0 && !without_dispatch;
}

/* Memory: glibc's own, under the names that it keeps for the like of us. */

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *old, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *memory);

EXPORT void *
malloc (size_t size)
{
  check ("malloc");
  return __libc_malloc (size);
}

EXPORT void *
calloc (size_t n, size_t size)
{
  check ("calloc");
  return __libc_calloc (n, size);
}

EXPORT void *
realloc (void *old, size_t size)
{
  check ("realloc");
  return __libc_realloc (old, size);
}

EXPORT void
free (void *memory)
{
  check ("free");
  __libc_free (memory);
}

EXPORT void *
memalign (size_t alignment, size_t size)
{
  check ("memalign");
  return __libc_memalign (alignment, size);
}

EXPORT void *
aligned_alloc (size_t alignment, size_t size)
{
  check ("aligned_alloc");
  return __libc_memalign (alignment, size);
}

EXPORT int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  check ("posix_memalign");
  *memory = __libc_memalign (alignment, size);
  return *memory != NULL ? 0 : ENOMEM;
}

/* Locks. Those that wait make a system call as well; those that do not today may tomorrow. */

static void *
find_next (_Atomic (void *) *cache, const char *name)
{
  void *found = *cache;

  if (found == NULL)
    *cache = found = dlsym (RTLD_NEXT, name);
  return found;
}

#define LOCK(type, name, lock_type)                                                                \
  EXPORT type name (lock_type *lock);                                                              \
  type name (lock_type *lock)                                                                      \
  {                                                                                                \
    static _Atomic (void *) real;                                                                  \
                                                                                                   \
    check (#name);                                                                                 \
    return ((type (*) (lock_type *)) find_next (&real, #name)) (lock);                             \
  }

LOCK (int, pthread_mutex_lock, pthread_mutex_t)
LOCK (int, pthread_mutex_unlock, pthread_mutex_t)
LOCK (int, pthread_rwlock_rdlock, pthread_rwlock_t)
LOCK (int, pthread_rwlock_wrlock, pthread_rwlock_t)
LOCK (int, pthread_spin_lock, pthread_spinlock_t)
LOCK (void, g_mutex_lock, void)
LOCK (void, g_rec_mutex_lock, void)
LOCK (void, g_rw_lock_reader_lock, void)
LOCK (void, g_rw_lock_writer_lock, void)

/* What is allowed */

EXPORT ssize_t
write (int fd, const void *data, size_t size)
{
  long n;

  if (inside) {
    if (fd != event_fd_allowed || size != 8)
      complain ("write");
    event_fd_allowed = -1;
  }
  selector = ALLOW;
  n = syscall (SYS_write, fd, data, size);
  selector = inside ? BLOCK : ALLOW;
  return n;
}

EXPORT int
clock_gettime (clockid_t clock, struct timespec *time)
{
  static _Atomic (void *) real;
  int result;

  selector = ALLOW;
  result =
      ((int (*) (clockid_t, struct timespec *)) find_next (&real, "clock_gettime")) (clock, time);
  selector = inside ? BLOCK : ALLOW;
  return result;
}
