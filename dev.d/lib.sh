# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for the scripts that source it
# What ./dev and the scripts beside this file share: places, messages, finding or making the tools, running them.
#
# Args:         none; source it with REPO set to the checkout's directory.
# Side effects: defines functions and variables; nothing is done until a function is called.
# Output:       messages on stderr only, so that a verb's stdout is its own.

CACHE=${RULES_GO_WEAVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_go_weave}
export RULES_GO_WEAVE_CACHE=$CACHE
BAZEL_MINIMUM=7.7
GO_MINIMUM=1.26
CARGO_MINIMUM=1.88
GOWEAVE_PACKAGE=goweave
# shellcheck source=debian/lib.sh
source "$REPO/dev.d/debian/lib.sh"
# shellcheck source=bazel.sh
source "$REPO/dev.d/bazel.sh"

say() { printf 'dev: %s\n' "$*" >&2; }

# die MESSAGE [HELP]: ends the script as a fault of the tool or of its input.
die() {
  printf 'dev: error: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf 'help: %s\n' "$2" >&2
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least VERSION MINIMUM: compares dotted numbers; a suffix such as rc1 is ignored.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "${1%%[!0-9.]*}" | sort -V | head -n 1)" = "$2" ]
}

# step TITLE LOG COMMAND...: runs a long command, its output in LOG, and shows that it lives: on a terminal a line that
# is rewritten each second, otherwise a line every half minute. Shows the end of LOG when it fails.
step() {
  local title=$1 log=$2 start=$SECONDS pid every=30 last=0 status=0
  shift 2
  say "$title"
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  [ -t 2 ] && every=1
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - start - last)) -ge "$every" ]; then
      last=$((SECONDS - start))
      if [ -t 2 ]; then
        printf '\r\033[K  %4d s  %.100s' "$last" "$(tail -n 1 "$log" | tr -d '\r')" >&2
      else
        printf '  %4d s  %.120s\n' "$last" "$(tail -n 1 "$log" | tr -d '\r')" >&2
      fi
    fi
  done
  [ -t 2 ] && printf '\r\033[K' >&2
  wait "$pid" || status=$?
  if [ "$status" != 0 ]; then
    tail -n 40 "$log" >&2
    die "failed: $title (exit $status)" "the whole log is $log; ./dev setup goes on where it stopped"
  fi
  say "  done in $((SECONDS - start)) s"
}

# What the machine offers, in a form that changes when set-up has to look again.
setup_fingerprint() {
  local tool
  cat "$REPO"/dev.d/lib.sh "$REPO"/dev.d/setup.sh "$REPO"/dev.d/debian/*.sh | cksum
  for tool in bazelisk bazel go cargo cc; do
    printf '%s=%s\n' "$tool" "$(command -v "$tool" || true)"
  done
  printf 'repo=%s route=%s\n' "$REPO" "${RULES_GO_WEAVE_ROUTE:-}"
}

# Reads what set-up found: ROUTE, BAZEL, BAZEL_VERSION, GO_FROM, CARGO_FROM, BAZELRC. Sets PATH so that go and cargo are the chosen ones.
load_setup() {
  # shellcheck source=/dev/null
  source "$CACHE/checkouts/$(checkout_key)/env"
  if ! in_chroot; then
    PATH=$CACHE/bin:$PATH
  fi
  export PATH
}

checkout_key() { printf '%s' "$REPO" | cksum | tr -d ' '; }

# is_ready DIR STAMP: whether the set-up in DIR has this stamp, and the folders that it made are still there.
is_ready() {
  local path
  [ -e "$1/parts" ] && [ "$(cat "$1/ready" 2>/dev/null)" = "$2" ] || return 1
  while read -r path; do
    [ -e "$path" ] || return 1
  done <"$1/parts"
}

ensure_setup() {
  local dir stamp
  if in_chroot; then
    load_setup
    return
  fi
  # The wrappers of an outer ./dev must not be mistaken for the machine's own tools.
  PATH=$(without_wrappers)
  dir=$CACHE/checkouts/$(checkout_key)
  stamp=$(setup_fingerprint)
  if ! is_ready "$dir" "$stamp"; then
    mkdir -p "$dir"
    (
      if ! flock -n 9; then
        say "another set-up is running; waiting for it"
        flock 9
      fi
      # Who waited may find the work done.
      if ! is_ready "$dir" "$stamp"; then
        # shellcheck source=/dev/null # it is checked by itself
        source "$REPO/dev.d/setup.sh"
        setup_machine "$dir"
        if [ "$ROUTE" = chroot ]; then printf '%s\n' "$CHROOT" "$MODULES"; fi >"$dir/parts"
        printf '%s\n' "$stamp" >"$dir/ready"
      fi
    ) 9>"$CACHE/lock"
  fi
  load_setup
}

print_env() {
  printf 'route    %s\n' "$ROUTE"
  printf 'bazel    %s (%s)\n' "$BAZEL_VERSION" "$BAZEL"
  printf 'go       %s\n' "$GO_FROM"
  printf 'cargo    %s\n' "$CARGO_FROM"
  printf 'cache    %s\n' "$CACHE"
}

list_benches() {
  local run found=0
  for run in "$REPO"/bench/*/run.sh; do
    [ -x "$run" ] || continue
    found=1
    # The second line of each run.sh is its summary.
    printf '%-20s %s\n' "$(basename "$(dirname "$run")")" "$(sed -n '2s/^# *//p' "$run")"
  done
  [ "$found" = 1 ] || say "no benchmarks in bench/"
}

# go_packages MODULE: patterns of the packages of a Go module; those of the root name its folders, since cargo's target/ has Go files, too.
go_packages() {
  if [ "$1" = "$REPO" ]; then
    printf './instrumentation/... ./rules/... ./runtime/...'
  else
    printf './...'
  fi
}

test_suites() { printf 'rust go lint bazel e2e'; }
