# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What .ci/run and .ci/nightly have in common: steps, each with its outcome and its time in a summary. Sourced, not run.
# Before a step runs: `limit` is the second after which a required step is cut off, `budget` the one after which no
# advisory step begins.
# What a step prints goes to build/ci/NAME.log too. ./dev ends a failed step with what failed and why, and the page of a CI
# shows the end of what is printed: so the ends of the steps that refuse the build come last, behind the summary.

summary=()
refusing=()                    # the steps that refuse the build
readonly logs=build/ci
readonly end_lines=100 end_width=300  # of each of them, printed again at the end
mkdir -p "$logs" && rm -f "$logs"/*.log  # a step that does not run must not show how it ended another time

note() { summary+=("$(printf '%-16s %s' "$1" "$2")"); }

# step NAME COMMAND...: runs it and notes its outcome, which is the status.
step() {
  local name=$1 begin=$SECONDS status=0 out names; shift
  if ((SECONDS >= limit)); then
    note "$name" "NOT RUN: the $((limit / 60)) minutes were over"
    return 1
  fi
  printf '\n######## %s\n' "$name"
  # Not a pipe: a process that a step leaves behind must not keep the next one waiting.
  exec {out}> >(tee "$logs/$name.log")
  timeout --kill-after=30 $((limit - SECONDS)) "$@" >&"$out" 2>&1 {out}>&- || status=$?
  exec {out}>&-
  timeout 5 tail --pid=$! -f /dev/null
  names=$(sed -n 's/^FAILED: //p' "$logs/$name.log" | tail -n 1)  # as tools/failures lists them
  case $status in
    0) note "$name" "passed in $((SECONDS - begin)) s" ;;
    124 | 137) note "$name" "FAILED: cut off after $((SECONDS - begin)) s" ;;
    *) note "$name" "FAILED with status $status after $((SECONDS - begin)) s${names:+: $names}" ;;
  esac
  return "$status"
}

# required NAME COMMAND...
required() { step "$@" || refusing+=("$1"); }

# confirmed NAME COMMAND...: required, but what fails must fail twice: COMMAND runs again with --rerun-failed, and that
# decides. A failure that did not return stays in the summary: it is a test to mend, not a build to refuse.
confirmed() { step "$@" || required "$1-again" "${@:2}" --rerun-failed; }

# advisory NAME SECONDS_IT_NEEDS COMMAND...: runs if that much time is left; its outcome is reported and does not decide.
advisory() {
  local name=$1 needs=$2; shift 2
  if ((SECONDS + needs > budget)); then
    note "$name" "not run: it needs $((needs / 60)) minutes, $(((budget - SECONDS) / 60)) were left"
    return
  fi
  step "$name" "$@" || true
}

# Golden tests skip when nobody names the recordings; where they are, a test that does not find its own must fail.
find_recordings() {
  if [[ -z ${TENON_GOLDEN:-} && -d ../shared/golden ]]; then
    TENON_GOLDEN=$(realpath ../shared/golden)
    export TENON_GOLDEN
  fi
  [[ -n ${TENON_GOLDEN:-} ]] || note golden "no recordings: golden tests are SKIPPED; TENON_GOLDEN names them"
}

# Prints the summary, then how each step that refuses the build ended, and ends with the status.
finish() {
  local name
  printf '\n######## summary (%d min %d s)\n' $((SECONDS / 60)) $((SECONDS % 60))
  printf '%s\n' "${summary[@]}"
  if ((${#refusing[@]} == 0)); then
    echo "passed"
    exit 0
  fi
  for name in "${refusing[@]}"; do
    printf '\n######## the end of %s\n' "$name"
    [[ ! -f $logs/$name.log ]] || tail -n "$end_lines" "$logs/$name.log" | cut -c "1-$end_width"
  done
  printf '\nFAILED: %s\n' "${refusing[*]}"
  exit 1
}
