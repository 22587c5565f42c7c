# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ci/suites/*: how a suite records its cases. A suite's first lines say
#   # about: one line for --list
#   # needs: machine (the tools), build (build/app compiled) or room (that, and the room service ready to run)
#   # seconds: after how many seconds it is ended
# It runs in the repository's folder and appends `pass|fail|skip <tab> case <tab> why` to $TUTTI_RESULTS.
# shellcheck shell=bash

set -euo pipefail
: "${TUTTI_RESULTS:?run it through ci/test}"

pass () { printf 'pass\t%s\n' "$1" >>"$TUTTI_RESULTS"; printf 'pass %s\n' "$1"; }
fail () { printf 'fail\t%s\t%s\n' "$1" "${2:-}" >>"$TUTTI_RESULTS"; printf 'FAIL %s %s\n' "$1" "${2:-}"; }
skip () { printf 'skip\t%s\t%s\n' "$1" "${2:-}" >>"$TUTTI_RESULTS"; printf 'skip %s %s\n' "$1" "${2:-}"; }

# check CASE CMD…: a case that passes when CMD succeeds.
check ()
{
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    pass "$name"
  else
    printf '%s\n' "$said"
    fail "$name" "$(grep -m 1 . <<<"$said" || true)"
  fi
}

# our_files FIND-TEST…: the project's own files, without what is built or fetched.
our_files ()
{
  find . \( -path ./build -o -path ./.git -o -name node_modules -o -name __pycache__ \) -prune -o -type f \( "$@" \) -print | sort
}

# headless_options FILE DEFAULT…: a test may say `# headless-session: OPTIONS` in its first 30 lines.
headless_options ()
{
  local file=$1 own
  shift
  own=$(sed -n '1,30s/^# headless-session:[[:space:]]*//p' "$file" | head -n 1)
  printf '%s\n' "${own:-$*}"
}
