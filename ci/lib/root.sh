# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Debian 13 root under build/: made where the machine's own libraries are too old, entered with bubblewrap.
# Sourced after common.sh and packages.sh.
# shellcheck shell=bash

RELEASE=trixie
ROOT_LIST=$REPO/ci/packages/debian.txt
EXTRA_GROUPS=   # package groups that only what is run now wants; the root is ready for everything else without them

root_groups ()
{
  printf 'build run session check'
  if ! host_npm; then printf ' npm'; fi
}

all_root_groups () { root_groups; printf ' %s' "$EXTRA_GROUPS"; }

# The machine's npm fetches the room's modules when it has one: inside the root it would cost 360 packages.
host_npm ()
{
  local manifest version=''
  if [ -n "${TUTTI_IN_ROOT:-}" ] || ! command -v npm >/dev/null; then return 1; fi
  # Its manifest is read because asking npm itself takes a third of a second.
  manifest=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")/package.json
  version=$(sed -n 's/^ *"version": *"\([0-9]*\).*/\1/p' "$manifest" 2>/dev/null | head -n 1)
  [ "${version:-$(npm --version 2>/dev/null | cut -d. -f1)}" -ge 8 ] 2>/dev/null
}

root_stamp ()
{
  # shellcheck disable=SC2046
  { printf '%s root 1\n' $RELEASE; packages_of "$ROOT_LIST" $(root_groups) | sort; } | sha256sum | cut -d ' ' -f 1
}

# shellcheck disable=SC2086
extra_stamp () { packages_of "$ROOT_LIST" $EXTRA_GROUPS | sort | sha256sum | cut -d ' ' -f 1; }
extra_stamp_file () { printf '%s/.tutti-stamp-%s' "$ROOT" "${EXTRA_GROUPS// /-}"; }
extras_ready ()
{
  [ -z "$EXTRA_GROUPS" ] ||
    { [ -r "$(extra_stamp_file)" ] && [ "$(cat "$(extra_stamp_file)")" = "$(extra_stamp)" ]; }
}

root_ready ()
{
  [ -r "$ROOT/.tutti-stamp" ] && [ "$(cat "$ROOT/.tutti-stamp")" = "$(root_stamp)" ] && extras_ready
}

# The mirror this machine uses itself, when it is a Debian; otherwise empty, which leaves the choice to debootstrap.
host_mirror ()
{
  if ! grep -qs '^ID=debian$' /etc/os-release; then return 0; fi
  { sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null
    sed -n 's/^deb[[:space:]]\+\(\[[^]]*\][[:space:]]*\)\?\(http[^[:space:]]*\)[[:space:]].*/\2/p' \
      /etc/apt/sources.list 2>/dev/null
  } | grep -E '^https?://' | grep -vE 'security|backports' | head -n 1 || true
}

# in_bare_root CMD…: as root, nothing bound but what a package manager needs.
in_bare_root ()
{
  local binds=() file
  for file in /etc/resolv.conf /etc/hosts; do
    if [ -e "$file" ]; then binds+=(--ro-bind "$(readlink -f "$file")" "$file"); fi
  done
  as_root bwrap --bind "$ROOT" / --proc /proc --dev /dev --perms 1777 --tmpfs /tmp --tmpfs /run "${binds[@]}" \
    --unshare-pid --die-with-parent --chdir / --setenv DEBIAN_FRONTEND noninteractive --setenv LANG C.UTF-8 \
    --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --unsetenv LC_ALL --setenv HOME /root "$@"
}

root_missing ()
{
  # shellcheck disable=SC2046
  in_bare_root dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
    awk -v want="$(packages_of "$ROOT_LIST" $(all_root_groups) | tr '\n' ' ')" '
      $1 == "installed" { gsub (/\([^)]*\)|,/, " "); for (i = 2; i <= NF; i++) have[$i] = 1 }
      END { n = split (want, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

# What the machine itself must have before a root can be made, by package name.
root_tools_missing ()
{
  local missing=()
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  if [ ! -d "$ROOT" ] && ! PATH=$PATH:/usr/sbin:/sbin command -v debootstrap >/dev/null; then missing+=(debootstrap); fi
  if [ ! -d "$ROOT" ] && [ "$SYSTEM" = debian ] && [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    missing+=(debian-archive-keyring)
  fi
  if [ "${#missing[@]}" -gt 0 ]; then printf '%s\n' "${missing[@]}"; fi
}

make_base ()
{
  local mirror keyring=()
  mirror=$(host_mirror)
  if [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    keyring=(--keyring=/usr/share/keyrings/debian-archive-keyring.gpg)
  fi
  # An interrupted debootstrap cannot be gone on with; what it fetched can: it is handed to the next one.
  awk -v under="$ROOT.partial/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mounted; do
    as_root umount -l "$mounted"
  done
  as_root rm -rf --one-file-system "$ROOT.partial"
  as_root mkdir -p "$BUILD/cache/debs" "$ROOT.partial"
  as_root env PATH="$PATH:/usr/sbin:/sbin" DEBOOTSTRAP_DIR="${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}" \
    debootstrap --variant=minbase --cache-dir="$BUILD/cache/debs" "${keyring[@]}" \
    "$RELEASE" "$ROOT.partial" ${mirror:+"$mirror"}
  as_root mv "$ROOT.partial" "$ROOT"
}

# Services must not start in it, documentation is not read in it, and unpacking need not wait for the disk.
prepare_base ()
{
  local file
  # What this machine's apt needs to reach its mirror (proxies, date checks, languages) holds inside as well; under names
  # that no package has, and without what runs programs of this machine.
  for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
    if grep -qsE '^[[:space:]]*Acquire::' "$file" && ! grep -q Invoke "$file"; then
      as_root cp "$file" "$ROOT/etc/apt/apt.conf.d/99host-$(basename "$file" | tr . -)"
    fi
  done
  if [ -r /etc/ssl/certs/ca-certificates.crt ] && grep -rqs 'https://' "$ROOT/etc/apt/sources.list"; then
    as_root mkdir -p "$ROOT/etc/ssl/certs"
    as_root cp /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/"
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$ROOT/usr/sbin/policy-rc.d" >/dev/null
  as_root chmod 755 "$ROOT/usr/sbin/policy-rc.d"
  printf 'force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/info/*\npath-exclude=/usr/share/locale/*/LC_MESSAGES/*\n' |
    as_root tee "$ROOT/etc/dpkg/dpkg.cfg.d/tutti" >/dev/null
  as_root mkdir -p "$ROOT$REPO"
}

# GStreamer's headers for WebRTC come in one package with those for OpenCV, which would bring OpenCV, Qt and VTK along:
# 700 MB that nobody here uses. An empty package stands in for them.
skip_opencv ()
{
  in_bare_root sh -e -c '
    if dpkg-query -W -f "\${db:Status-Status}" libgstreamer-plugins-bad1.0-dev 2>/dev/null | grep -q "^installed"; then exit 0; fi
    version=$(apt-cache show --no-all-versions libgstreamer-opencv1.0-0 | sed -n "s/^Version: //p")
    mkdir -p /tmp/deb/DEBIAN
    cat >/tmp/deb/DEBIAN/control <<END
Package: tutti-no-opencv
Version: 1
Architecture: all
Maintainer: The Tutti authors <nobody@localhost>
Provides: libopencv-dev (= 99), libgstreamer-opencv1.0-0 (= $version)
Description: stands in for OpenCV, which nothing here uses
END
    dpkg-deb --build /tmp/deb /tmp/tutti-no-opencv.deb
    dpkg --install /tmp/tutti-no-opencv.deb'
}

fill_root ()
{
  # A run that was cut off in the middle of dpkg is finished first.
  in_bare_root dpkg --configure -a
  in_bare_root apt-get update --error-on=any
  skip_opencv
  # apt closes the descriptor it reports to before it runs anything: it must not be one that others write to.
  in_bare_root sh -c 'exec apt-get install -y --no-install-recommends -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confold -o Acquire::Retries=3 "$@" 3>&1' fill "$@"
}

plan_root_steps ()
{
  if [ ! -d "$ROOT" ]; then STEPS=$((STEPS + 1)); fi
  if ! root_ready; then STEPS=$((STEPS + 1)); fi
}

make_root ()
{
  local missing
  if [ ! -d "$ROOT" ]; then
    step root-base "Making a Debian 13 base system" count_debootstrap make_base
  fi
  if root_ready; then return 0; fi
  as_root true
  prepare_base
  missing=$(root_missing) || die "the root in build/root cannot be entered with bubblewrap; remove build/root and run this again."
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2046,SC2086
    step root-packages "Installing $(wc -w <<<"$missing" | tr -d ' ') packages and what they need in it" count_apt fill_root $missing
  fi
  in_bare_root sh -c 'rm -rf /var/cache/apt/archives/*.deb'
  root_stamp | as_root tee "$ROOT/.tutti-stamp" >/dev/null
  if [ -n "$EXTRA_GROUPS" ]; then extra_stamp | as_root tee "$(extra_stamp_file)" >/dev/null; fi
  as_root rm -rf "$BUILD/cache/debs"
}

# enter_root CMD…: replaces this process. CMD runs as the same person, in the same folder, with this machine's network,
# screen, sound server and session bus where there are any. When it ends, everything it started ends.
enter_root ()
{
  local args=() name file uid
  uid=$(id -u)
  if [ ! -d "$ROOT$REPO" ]; then as_root mkdir -p "$ROOT$REPO"; fi
  mkdir -p "$BUILD/home"
  args=(--bind "$ROOT" / --proc /proc --dev-bind /dev /dev --perms 1777 --tmpfs /tmp --tmpfs /run --bind "$REPO" "$REPO")
  if [ -d /dev/shm ]; then args+=(--bind /dev/shm /dev/shm); fi
  if [ -d /sys ]; then args+=(--ro-bind /sys /sys); fi
  for file in /etc/resolv.conf /etc/hosts; do
    if [ -e "$file" ]; then args+=(--ro-bind "$(readlink -f "$file")" "$file"); fi
  done
  if [ -d /etc/ssl/certs ]; then args+=(--ro-bind /etc/ssl/certs /etc/ssl/certs); fi
  if [ "$uid" != 0 ]; then args+=(--ro-bind /etc/passwd /etc/passwd --ro-bind /etc/group /etc/group); fi
  # Certificates and npm settings that live elsewhere.
  for name in NODE_EXTRA_CA_CERTS SSL_CERT_FILE CURL_CA_BUNDLE NPM_CONFIG_CAFILE npm_config_cafile; do
    file=${!name:-}
    case $file in ''|/etc/ssl/certs/*) ;; *) args+=(--ro-bind-try "$file" "$file") ;; esac
  done
  if [ -r "$HOME/.npmrc" ]; then
    args+=(--ro-bind "$HOME/.npmrc" /run/tutti/npmrc --setenv NPM_CONFIG_USERCONFIG /run/tutti/npmrc)
  fi
  # The screen, the sound server and the session bus of whoever started us.
  if [ -d "${XDG_RUNTIME_DIR:-}" ]; then args+=(--bind "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR"); fi
  if [ -d /tmp/.X11-unix ]; then args+=(--ro-bind /tmp/.X11-unix /tmp/.X11-unix); fi
  if [ -r "${XAUTHORITY:-}" ]; then args+=(--ro-bind "$XAUTHORITY" "$XAUTHORITY"); fi
  if [ -S /run/dbus/system_bus_socket ]; then
    args+=(--bind /run/dbus/system_bus_socket /run/dbus/system_bus_socket)
  fi
  for name in XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_DIRS XDG_CONFIG_DIRS LD_LIBRARY_PATH \
    LD_PRELOAD PKG_CONFIG_PATH GI_TYPELIB_PATH GST_PLUGIN_PATH GSETTINGS_SCHEMA_DIR GTK_PATH GTK_MODULES \
    GIO_MODULE_DIR GIO_EXTRA_MODULES PYTHONPATH PYTHONHOME NODE_OPTIONS LC_ALL LANGUAGE; do
    args+=(--unsetenv "$name")
  done
  exec bwrap "${args[@]}" --unshare-pid --die-with-parent --chdir "$PWD" \
    --setenv HOME "$BUILD/home" --setenv LANG C.UTF-8 \
    --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --setenv TUTTI_IN_ROOT 1 --setenv TUTTI_STEP "$STEP" --setenv TUTTI_STEPS "$STEPS" "$@"
}
