# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The suites: files in ci/suites, and every tests/integration/test_NAME.py, and tests/ui as one. Sourced by ci/test.
# shellcheck shell=bash

suite_names () { all_names | awk '!seen[$0]++'; }
all_names ()
{
  local file
  for file in "$REPO"/ci/suites/[0-9]*; do basename "$file" | sed 's/^[0-9]*-//'; done
  for file in "$REPO"/tests/integration/test_*.py; do
    [ -e "$file" ] && basename "$file" .py | sed 's/^test_//'
  done
  if compgen -G "$REPO/tests/ui/test_*.py" >/dev/null; then echo ui; fi
}

known_suite () { grep -qxF -- "$1" <<<"$(suite_names)"; }

# suite_files NAME: the files that make a suite.
suite_files ()
{
  if [ "$1" = ui ]; then
    printf '%s\n' "$REPO"/tests/ui/test_*.py
  elif [ -e "$REPO/tests/integration/test_$1.py" ]; then
    printf '%s\n' "$REPO/tests/integration/test_$1.py"
  else
    printf '%s\n' "$REPO"/ci/suites/[0-9]*-"$1"
  fi
}

# suite_field NAME about|needs|seconds
suite_field ()
{
  local file value
  file=$(suite_files "$1" | head -n 1)
  value=$(sed -n "1,30s/^# $2:[[:space:]]*//p" "$file" | head -n 1)
  if [ -z "$value" ] && [[ $file == *.py ]]; then
    case $2 in
      about) value=$(sed -n '1,12s/^"""\(.*\)$/\1/p' "$file" | head -n 1 | sed 's/"*$//') ;;
      needs) value=room ;;
      seconds) value=900 ;;
    esac
  fi
  printf '%s\n' "$value"
}

list_suites ()
{
  local suite
  for suite in $(suite_names); do printf '%-10s %s\n' "$suite" "$(suite_field "$suite" about)"; done
}

# The command of a suite. Python tests run in a headless session with sound (and a screen for the window's).
suite_command ()
{
  local suite=$1 file options
  mapfile -t files < <(suite_files "$suite")
  if [[ ${files[0]} != *.py ]]; then
    command=("${files[0]}")
    return 0
  fi
  if [ "$suite" = ui ]; then options=--pipewire; else options='--no-compositor --pipewire'; fi
  file=$(sed -n '1,30s/^# headless-session:[[:space:]]*//p' "${files[0]}" | head -n 1)
  read -r -a options <<<"${file:-$options}"
  if [ "${options[*]}" = none ]; then
    command=(python3 "$REPO/ci/lib/results.py" unittest "${files[@]}")
  else
    command=("$REPO/ci/lib/headless-session" "${options[@]}" --logs "$LOGS/session-$suite" -- python3 "$REPO/ci/lib/results.py" unittest "${files[@]}")
  fi
}

count_results () { local n; n=$(wc -l <"$TUTTI_RESULTS"); if [ "$n" -gt 0 ]; then printf '%d cases' "$n"; else count_ninja "$1"; fi; }
count_of () { grep -c "^$1	" "$TUTTI_RESULTS" || true; }

run_suite ()
{
  local suite=$1 start=$SECONDS rc=0 limit log command=() files=() p f s
  log=$LOGS/test-$suite.log
  mkdir -p "$LOGS"
  export TUTTI_RESULTS=$BUILD/results/$suite.tsv
  : >"$TUTTI_RESULTS"
  limit=$(suite_field "$suite" seconds)
  suite_command "$suite"
  if [ -n "$verbose" ]; then
    timeout --kill-after=20 "$limit" "${command[@]}" </dev/null 2>&1 | tee "$log" || rc=${PIPESTATUS[0]}
  else
    watch_job "$log" "$suite: $(suite_field "$suite" about)" count_results timeout --kill-after=20 "$limit" "${command[@]}"
    rc=$JOB_RC
  fi
  p=$(count_of pass) f=$(count_of fail) s=$(count_of skip)
  # A suite that died, hung or did nothing has failed, whatever it said before.
  if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
    printf 'fail\t%s\twas ended after %s s\n' "$suite" "$limit" >>"$TUTTI_RESULTS"
    f=$((f + 1))
  elif [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; then
    printf 'fail\t%s\tended with %s\n' "$suite" "$rc" >>"$TUTTI_RESULTS"
    f=$((f + 1))
  elif [ $((p + f + s)) -eq 0 ]; then
    printf 'fail\t%s\tno test ran in it\n' "$suite" >>"$TUTTI_RESULTS"
    f=$((f + 1))
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%s: %d passed, %d failed%s (%d s)\n' "$suite" "$p" "$f" "$([ "$s" -gt 0 ] && printf ', %d skipped' "$s")" $((SECONDS - start))
  if [ "$s" -gt 0 ]; then awk -F '\t' '$1 == "skip" { printf "  skipped: %s: %s\n", $2, $3 }' "$TUTTI_RESULTS"; fi
  if [ "$f" -gt 0 ]; then
    awk -F '\t' '$1 == "fail" { printf "  FAILED %s%s%s\n", $2, $3 == "" ? "" : ": ", $3 }' "$TUTTI_RESULTS" | head -n 40
    if [ -z "$verbose" ]; then tail -n 40 "$log" | sed 's/^/  | /'; fi
    printf '  The whole log: %s\n' "${log#"$REPO"/}"
    while IFS= read -r p; do bad+=("$suite: $p"); done < <(awk -F '\t' '$1 == "fail" { print $2 }' "$TUTTI_RESULTS" | head -n 40)
  fi
}
