# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ci/start, ci/test and ci/bench: where things are, how a long step is run and shown.
# shellcheck shell=bash

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$REPO/build
LOGS=$BUILD/logs
ROOT=$BUILD/root
export TUTTI_BUILD_DIR=$BUILD/app

YES=${TUTTI_YES:-}        # --yes: ask nothing
PRINT=                    # --print: only say what would be installed
STEP=${TUTTI_STEP:-0}     # steps go on counting inside the root
STEPS=${TUTTI_STEPS:-0}
STEP_PID=

say () { printf '%s\n' "$*"; }
note () { printf '\033[2m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
die () { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Only ever ends what a step of ours started: the step is a process group of its own.
end_step ()
{
  if [ -n "$STEP_PID" ]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null || true
    wait "$STEP_PID" 2>/dev/null || true
    STEP_PID=
  fi
}

common_traps ()
{
  trap end_step EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# One question for everything that is about to happen. $1: the question.
confirm ()
{
  if [ -n "$YES" ]; then return 0; fi
  # Root without a terminal is a container or an automatic run: whoever started it there meant it.
  if [ ! -t 0 ] && [ "$(id -u)" = 0 ]; then
    say "$1 Yes: there is nobody to ask."
    YES=1
    export TUTTI_YES=1
    return 0
  fi
  if [ ! -t 0 ]; then
    die "this needs an answer and there is nobody to ask. Run it again with --yes to agree, or with --print to see the list only."
  fi
  local answer
  read -r -p "$1 [Y/n] " answer
  case $answer in
    ''|[yY]*) YES=1; export TUTTI_YES=1 ;;
    *) die "nothing was changed." ;;
  esac
}

# as_root CMD…: as it is for root, through sudo for everybody else.
as_root ()
{
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Asks for the password while a person can still see the prompt: steps run with their output in a log.
need_root ()
{
  if [ "$(id -u)" = 0 ]; then return 0; fi
  command -v sudo >/dev/null || die "$1 needs root, and there is no sudo here. Run it once as root."
  if [ -n "$PRINT" ]; then return 0; fi
  sudo -v || die "$1 needs root, and sudo did not let us."
}

# Counters: each prints how far the step is, from its log, in a few characters; nothing when it cannot tell.
count_nothing () { :; }
count_ninja () { tail -c 4000 "$1" | grep -aoE '^\[[0-9]+/[0-9]+\]' | tail -n 1; }
count_apt ()
{
  tail -c 4000 "$1" | grep -aE '^(dl|pm)status:' | tail -n 1 |
    awk -F: '{ printf "%s %d %%", $1 == "dlstatus" ? "fetching" : "installing", $3 }'
}
count_debootstrap ()
{
  awk '/^I: Retrieving /{r++} /^I: Extracting /{e++} /^I: (Unpacking|Configuring) /{c++}
       END { if (c) printf "%d unpacked or configured", c; else if (e) printf "%d extracted", e;
             else if (r) printf "%d files fetched", r }' "$1"
}
count_lines () { printf '%d lines of log' "$(wc -l <"$1")"; }

# What a log says when the network is the trouble. Warnings are not trouble, and dpkg's errors are another one.
network_lines ()
{
  grep -avE '^(W:|dpkg:|(dl|pm)status:)' "$1" |
    grep -aiE 'could not resolve|temporary failure resolving|could not connect|network is unreachable|couldn.t download|failed to fetch|failed getting release file|invalid release file|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|connection timed out' |
    tail -n 3
}

show_failure ()   # LOG TEXT
{
  printf '\n' >&2
  local network
  network=$(network_lines "$1" || true)
  if [ -n "$network" ] && ! grep -qa '^dpkg: error' "$1"; then
    printf '%s failed: the network did not give us what it needs. ' "$2" >&2
    printf 'Check that this machine is on-line and run the same command again; it goes on where it stopped.\n' >&2
    sed 's/^/  | /' <<<"$network" >&2
  else
    printf '%s failed. The last lines of its log:\n' "$2" >&2
    # ninja goes on for a while after the first failure: that one is what to read.
    { grep -aA 12 -m 1 '^FAILED: ' "$1" || grep -avE '^(dl|pm)status:' "$1" | tail -n 25; } | cut -c 1-300 | sed 's/^/  | /' >&2
  fi
  printf 'The whole log: %s\n' "${1#"$REPO"/}" >&2
}

# watch_job LOG TEXT COUNTER CMD…: runs CMD with its output in LOG and says, every second on a terminal and now and then
# elsewhere, how long it has been going and how far it is. JOB_RC is CMD's exit code: were it returned, callers would test
# it, and bash forgets `set -e` for functions that run inside a test.
watch_job ()
{
  local log=$1 text=$2 counter=$3 start=$SECONDS shown=0 pause=10 far
  shift 3
  JOB_RC=0
  : >"$log"
  set -m
  "$@" </dev/null >"$log" 2>&1 9>&- &
  STEP_PID=$!
  set +m
  if [ -t 1 ]; then printf '%s' "$text"; else printf '%s …\n' "$text"; fi
  if [ -t 1 ]; then pause=1; fi
  while kill -0 "$STEP_PID" 2>/dev/null; do
    sleep 0.1
    if [ $((SECONDS - start)) -lt $((shown + pause)) ]; then continue; fi
    shown=$((SECONDS - start))
    far=$($counter "$log" || true)
    if [ -t 1 ]; then
      printf '\r\033[K%s   %d s%s' "$text" "$shown" "${far:+, $far}"
    else
      printf '      %d s%s\n' "$shown" "${far:+, $far}"
      if [ "$shown" -ge 60 ]; then pause=30; fi
    fi
  done
  wait "$STEP_PID" || JOB_RC=$?
  STEP_PID=
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

# step LOGNAME TEXT COUNTER CMD…: one of the numbered steps of a set-up. On failure it shows the log's end and what to
# do, and ends the program.
step ()
{
  local log=$LOGS/$1.log text=$2 counter=$3 start=$SECONDS head
  shift 3
  mkdir -p "$LOGS"
  STEP=$((STEP + 1))
  if [ "$STEPS" -lt "$STEP" ]; then STEPS=$STEP; fi
  head="[$STEP/$STEPS] $text"
  watch_job "$log" "$head" "$counter" "$@"
  if [ "$JOB_RC" -ne 0 ]; then
    show_failure "$log" "$text"
    exit 1
  fi
  printf '%s: done in %d s\n' "$head" $((SECONDS - start))
}

# One set-up at a time in a checkout: ci/start and ci/test may be started together.
lock_setup ()
{
  mkdir -p "$BUILD"
  exec 9>"$BUILD/.setup.lock"
  if ! flock -n 9; then
    say "Another set-up is running in this checkout; waiting for it."
    flock 9
  fi
}
unlock_setup () { exec 9>&-; }
