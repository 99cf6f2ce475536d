# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What .ci/run and .ci/nightly have in common: steps, each with its outcome and its time in a summary. Sourced, not run.
# Before a step runs: `limit` is the second after which a required step is cut off, `budget` the one after which no
# advisory step begins.

summary=()
failed=0

note() { summary+=("$(printf '%-16s %s' "$1" "$2")"); }

# required NAME COMMAND...
required() {
  local name=$1 begin=$SECONDS status=0; shift
  if ((SECONDS >= limit)); then
    note "$name" "NOT RUN: the $((limit / 60)) minutes were over"
    failed=1
    return
  fi
  printf '\n######## %s\n' "$name"
  timeout --kill-after=30 $((limit - SECONDS)) "$@" || status=$?
  case $status in
    0) note "$name" "passed in $((SECONDS - begin)) s" ;;
    124 | 137) note "$name" "FAILED: cut off after $((SECONDS - begin)) s"; failed=1 ;;
    *) note "$name" "FAILED with status $status after $((SECONDS - begin)) s"; failed=1 ;;
  esac
}

# confirmed NAME COMMAND...: required, but what fails must fail twice: COMMAND runs again with --rerun-failed, and that
# decides. A failure that did not return stays in the summary: it is a test to mend, not a build to refuse.
confirmed() {
  local decided=$failed name=$1
  failed=0
  required "$@"
  ((failed == 0)) || { failed=0; required "$name-again" "${@:2}" --rerun-failed; }
  ((failed == 0)) && failed=$decided
}

# advisory NAME SECONDS_IT_NEEDS COMMAND...: runs if that much time is left; its outcome is reported and does not decide.
advisory() {
  local name=$1 needs=$2 decided=$failed; shift 2
  if ((SECONDS + needs > budget)); then
    note "$name" "not run: it needs $((needs / 60)) minutes, $(((budget - SECONDS) / 60)) were left"
    return
  fi
  required "$name" "$@"
  failed=$decided
}

# Golden tests skip when nobody names the recordings; where they are, a test that does not find its own must fail.
find_recordings() {
  if [[ -z ${TENON_GOLDEN:-} && -d ../shared/golden ]]; then
    TENON_GOLDEN=$(realpath ../shared/golden)
    export TENON_GOLDEN
  fi
  [[ -n ${TENON_GOLDEN:-} ]] || note golden "no recordings: golden tests are SKIPPED; TENON_GOLDEN names them"
}

# Prints the summary and ends with its status.
finish() {
  printf '\n######## summary (%d min %d s)\n' $((SECONDS / 60)) $((SECONDS % 60))
  printf '%s\n' "${summary[@]}"
  ((failed == 0)) && echo "passed" || echo "FAILED"
  exit "$failed"
}
