#!/usr/bin/env bash
# Builds e2e/shop plain and woven and has the program in demo/ run both and show the traces.
#
# Args:         [--json] [--postgres]
# Side effects: Bazel's outputs of e2e/shop; $RULES_GO_WEAVE_CACHE/demo/trace.html. With --postgres, see postgres.sh.
#               Everything else is temporary: processes end and files go with it, also when it is interrupted.
# Output:       trees of the traces and the path of the HTML page; with --json one JSON document on stdout instead.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

json=0 postgres=0
for argument in "$@"; do
  case $argument in
    --json) json=1 ;;
    --postgres) postgres=1 ;;
    *) die "demo does not know '$argument'" "usage: ./dev demo [--json] [--postgres]" ;;
  esac
done

work=$(mktemp -d)
building=
finish() {
  [ -z "$building" ] || kill -INT -- "-$building" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

targets=(//cmd/inventory //cmd/storefront //cmd/shopper)

# build NAME FLAGS...: builds the shop and keeps its programs in $work/NAME; sets seconds and actions.
build() {
  local name=$1 start=$SECONDS bin program
  shift
  say "building e2e/shop, $name${*:+ ($*)}"
  : >"$work/log"
  # A process group of its own: an interrupt reaches Bazel by way of finish.
  set -m
  (cd "$REPO/e2e/shop" && run_bazel build "$@" --curses=no --show_result=0 --show_progress_rate_limit=15 "${targets[@]}") \
    >"$work/log" 2>&1 </dev/null &
  building=$!
  set +m
  follow "$building" "$work/log"
  building=
  seconds=$((SECONDS - start))
  # Processes that Bazel ran, without its own bookkeeping and the cache's answers.
  actions=$(sed -n 's/^INFO: [0-9]* process[es]*: \(.*\)\.$/\1/p' "$work/log" | tail -n 1 | tr ',' '\n' |
    awk '!/internal|cache hit/ { sum += $1 } END { print sum + 0 }')
  bin=$(cd "$REPO/e2e/shop" && run_bazel info "$@" bazel-bin 2>/dev/null)
  mkdir -p "$work/$name"
  for program in inventory storefront shopper; do
    cp "$bin/cmd/$program/${program}_/$program" "$work/$name/$program"
  done
}

# follow PID LOG: shows Bazel's progress lines while it builds, and all of its messages if it fails.
follow() {
  local status=0
  tail -n +1 -f --pid="$1" "$2" 2>/dev/null | grep --line-buffered -E '^\[[0-9, ]+/' | cut -c 1-140 | sed -u 's/^/  /' >&2 || true
  wait "$1" || status=$?
  if [ "$status" != 0 ]; then
    grep -vE '^\[|^Analyzing|^Loading|^$' "$2" >&2 || true
    die "Bazel could not build e2e/shop (exit $status)"
  fi
}

build plain
note="Plain build: $actions actions in $seconds s."
build woven --config=weave
note="$note The woven build after it: $actions actions in $seconds s, no source or BUILD file changed."

(cd "$REPO/demo" && CGO_ENABLED=0 go build -o "$work/demo" .) >&2

mkdir -p "$CACHE/demo"
arguments=(-plain "$work/plain" -woven "$work/woven" -html "$CACHE/demo/trace.html" -note "$note")
if [ "$json" = 1 ]; then
  arguments+=(-json)
fi
if [ "$postgres" = 1 ]; then
  "$REPO/dev.d/postgres.sh" install
  arguments+=(-postgres "$REPO/dev.d/postgres.sh")
fi
"$work/demo" "${arguments[@]}"
