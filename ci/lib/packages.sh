# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Does this machine have, or offer, what Tutti needs? Sourced after common.sh.
# shellcheck shell=bash

# The minimum libraries: Debian 13's.
MINIMUMS='gtk4:4.18 libadwaita-1:1.7 glib-2.0:2.84 gstreamer-1.0:1.26 libpipewire-0.3:1.4 libsoup-3.0:3.6 libdex-1:0.10'

# Ubuntu's chromium is a snap that knows nothing of our sessions: the suite that needs it says that it is missing.
offered_groups ()
{
  if grep -qs '^ID=ubuntu$' /etc/os-release; then printf '%s\n' "${*//browser/}"; else printf '%s\n' "$*"; fi
}

# packages_of FILE GROUP…: the names in these groups.
packages_of ()
{
  local file=$1
  shift
  awk -v groups=" $* " '/^[[:space:]]*(#|$)/ { next } index(groups, " " $1 " ") { print $2 }' "$file"
}

libraries_suffice ()
{
  local entry
  command -v pkg-config >/dev/null || return 1
  for entry in $MINIMUMS; do
    pkg-config --atleast-version="${entry#*:}" "${entry%%:*}" 2>/dev/null || return 1
  done
}

# Sets SYSTEM (debian, fedora or empty: the package manager we know how to ask) and OFFERS (1 when the release carries
# libraries that are new enough).
know_system ()
{
  local id='' like='' version=''
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release && printf '%s' "${ID:-}")
    like=$(. /etc/os-release && printf '%s' "${ID_LIKE:-}")
    version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-}")
  fi
  SYSTEM='' OFFERS=''
  if command -v apt-get >/dev/null; then
    SYSTEM=debian
  elif command -v dnf >/dev/null; then
    SYSTEM=fedora
  fi
  case $id in
    debian) if [ -z "$version" ] || [ "${version%%.*}" -ge 13 ]; then OFFERS=1; fi ;;
    ubuntu) if [ "${version//./}" -ge 2504 ]; then OFFERS=1; fi ;;
    fedora) if [ "${version%%.*}" -ge 42 ]; then OFFERS=1; fi ;;
    *) note "This system (${id:-unknown}${like:+, like $like}) is judged by its installed libraries only." >&2 ;;
  esac
}

# missing_packages GROUP…: what the machine itself does not have yet, one a line.
missing_packages ()
{
  local list
  case $SYSTEM in
    debian)
      list=$(packages_of "$REPO/ci/packages/debian.txt" "$@")
      # shellcheck disable=SC2086
      missing_debs $list ;;
    fedora)
      list=$(packages_of "$REPO/ci/packages/fedora.txt" "$@")
      # shellcheck disable=SC2086
      rpm -q --qf '' $list 2>/dev/null | sed -n 's/^package \(.*\) is not installed$/\1/p' ;;
  esac
}

# missing_debs NAME…: those that dpkg does not have installed. A package that something installed provides counts as there.
missing_debs ()
{
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
    awk -v want="$*" '
      $1 == "installed" { gsub (/\([^)]*\)|,/, " "); for (i = 2; i <= NF; i++) have[$i] = 1 }
      END { n = split (want, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

# install_packages NAME…: with the system's own tool.
install_packages ()
{
  case $SYSTEM in
    debian)
      if ! ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1; then
        step apt-update "Asking the package mirror what there is" count_nothing as_root apt-get update
      fi
      step packages "Installing $# packages" count_apt \
        as_root env DEBIAN_FRONTEND=noninteractive sh -c 'exec apt-get install -y --no-install-recommends \
        -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 "$@" 3>&1' install "$@" ;;
    fedora)
      step packages "Installing $# packages" count_lines as_root dnf install -y --setopt=install_weak_deps=False "$@" ;;
    *)
      die "these are missing, and neither apt nor dnf is here to install them: $*" ;;
  esac
}
