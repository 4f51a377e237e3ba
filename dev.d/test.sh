#!/usr/bin/env bash
# Runs the test suites, two at a time, and counts their tests.
#
# Args:         [SUITE...], of rust, go, lint, bazel and e2e; all without one.
#               catalogue [--latest|--all] [NAME]: instead, the libraries of instrumentation/, or one, at the oldest version as well; --latest,
#               at the versions that the module proxy has now; --all, at some between the oldest and the newest, too.
#               --matrix [CELL,...]: instead, each version of rules_go with each of Go, or only some, as 0.60.0/1.25.0.
# Side effects: builds in target/ and in Bazel's output bases; logs in $RULES_GO_WEAVE_CACHE/logs/test-SUITE.log. Output bases of
#               workspaces that are gone are removed, and those of e2e once all of its tests have run.
#               --matrix writes docs/compatibility.md and docs/compatibility.json; --all writes docs/catalogue.md.
# Output:       a header for each suite, what failed in it, and as the last line "N passed, N failed". Exit code 1 if any
#               test failed, 2 if the tests could not be run.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"

# Seconds that a suite may take on a fresh machine with two cores and empty caches; CONTRIBUTING.md has them in minutes.
declare -A budget=([rust]=1140 [lint]=120 [go]=2040 [bazel]=240 [e2e]=3540)

# Which suites share a core; a lane runs its suites one after another.
lanes=("rust lint go bazel" "e2e")

cells=
library=
all=
versions=(-args -oldest)
if [ "${1:-}" = --latest ] || [ "${1:-}" = catalogue ]; then
  # In either order.
  for word in "$@"; do
    case $word in
      catalogue) ;;
      --latest) versions=(-args -latest) ;;
      --all) all=1 ;;
      -*) die "test catalogue takes no $word" "usage: ./dev test catalogue [--latest|--all] [NAME]" ;;
      *)
        [ -d "$REPO/instrumentation/internal/weavetest/testdata/$word" ] || die "no library $word" "see instrumentation/"
        library=$word
        ;;
    esac
  done
  selected=(catalogue)
  lanes=(catalogue)
elif [ "${1:-}" = --matrix ]; then
  cells=${2:-}
  selected=(matrix)
  lanes=(matrix)
else
  read -r -a selected <<<"${*:-$(test_suites)}"
  for suite in "${selected[@]}"; do
    [[ " $(test_suites) " == *" $suite "* ]] || die "no suite $suite" "the suites are: $(test_suites)"
  done
fi
ensure_setup
print_env
remove_abandoned

results=$(mktemp -d)
: >"$results/started"
lane_ids=()
finish() {
  local id
  for id in "${lane_ids[@]}"; do
    kill -TERM -- "-$id" 2>/dev/null || true
  done
  rm -rf "$results"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A suite prints its log and ends it with lines "PASS name" and "FAIL name"; only these are counted.

# names LOG: turns the output of a test runner into such lines. What a runner reports in another way than by a test
# (a package that does not compile, say) is a FAIL of its own.
rust_names() {
  awk '
    /^     Running |^   Doc-tests / { target = $0; sub(/^ *(Running|Doc-tests) /, "", target); sub(/ \(.*/, "", target) }
    /^test .* \.\.\. ok$/ { sub(/^test /, ""); sub(/ \.\.\. ok$/, ""); print "PASS " target " " $0; next }
    /^test .* \.\.\. (FAILED|ignored)/ { sub(/^test /, ""); print "FAIL " target " " $0; failed = 1 }
    /^error: could not compile|^error: test failed|^error\[E/ { broken = $0 }
    END { if (broken != "" && !failed) print "FAIL " broken }'
}

go_names() {
  awk '
    function field(name,   start, rest) {
      start = index($0, "\"" name "\":\"")
      if (start == 0) return ""
      rest = substr($0, start + length(name) + 4)
      return substr(rest, 1, index(rest, "\"") - 1)
    }
    /^\{/ {
      action = field("Action"); package = field("Package") field("ImportPath"); test = field("Test")
      if (test == "") {
        if (action == "fail" && !failed[package] || action == "build-fail") { print "FAIL " package; failed[package] = 1 }
      } else if (action == "pass") print "PASS " package " " test
      else if (action == "fail") { print "FAIL " package " " test; failed[package] = 1 }
      else if (action == "skip") { print "FAIL " package " " test " (skipped)"; failed[package] = 1 }
    }'
}

bazel_names() {
  awk '/^(\/\/|@)[^ ]+ +(\(cached\) )?PASSED/ { print "PASS " $1; next }
       /^(\/\/|@)[^ ]+ +.*(FAILED|TIMEOUT|NO STATUS|FLAKY|INCOMPLETE)/ { print "FAIL " $1 }'
}

# go_text: the readable part of go test -json.
go_text() {
  awk '/^\{/ { start = index($0, "\"Output\":\""); if (start == 0) next
         text = substr($0, start + 10); sub(/"}$/, "", text)
         gsub(/\\u003c/, "<", text); gsub(/\\u003e/, ">", text); gsub(/\\u0026/, "\\&", text)
         gsub(/\\u001b\[[0-9;]*m/, "", text); gsub(/\\t/, "\t", text); gsub(/\\"/, "\"", text)
         gsub(/\\\\/, "\\", text); sub(/\\n$/, "", text); print text; fflush(); next } { print; fflush() }'
}

# runner NAMES TEXT COMMAND...: runs a test runner, prints what it prints as it prints it, made readable by TEXT, then the names.
# A runner that fails without naming a test is a failed test.
runner() {
  local names=$1 text=$2 status=0 output
  shift 2
  output=$(mktemp -p "$results")
  "$@" 2>&1 </dev/null | tee "$output" | "$text"
  status=${PIPESTATUS[0]}
  "$names" <"$output" >"$output.names"
  if [ "$status" != 0 ] && ! grep -q '^FAIL ' "$output.names"; then
    printf 'FAIL exit code %s of: %s\n' "$status" "$*" >>"$output.names"
  fi
  cat "$output.names"
}

suite_rust() {
  cd "$REPO"
  runner rust_names cat cargo test --workspace --locked --no-fail-fast
}

# build_weaver: builds the weaver that the hooks' tests weave with.
build_weaver() {
  (cd "$REPO" && inside_cargo cargo build --quiet --profile quick --locked --package "$GOWEAVE_PACKAGE") || return
  export GOWEAVE=${CARGO_TARGET_DIR:-$REPO/target}/quick/goweave
}

suite_go() {
  local module
  build_weaver || true
  for module in "$REPO" "$REPO/demo"; do
    cd "$module"
    # shellcheck disable=SC2046 # several patterns
    runner go_names go_text go test -json -timeout 75m $(go_packages "$module")
  done
}

suite_catalogue() {
  build_weaver
  cd "$REPO"
  runner go_names go_text go test -json -count=1 -timeout 10h ${all:+-tags between} \
    -run "^(TestCatalogue|TestLoggers${all:+|TestBetween})\$${library:+/^${library}_}" ./instrumentation/internal/weavetest "${versions[@]}"
  [ -z "$all" ] || go run ./instrumentation/internal/catalogue generate
}

suite_lint() {
  "$REPO/dev.d/lint.sh"
}

# The disk cache of the tests of e2e (sharedArgs in e2e/tests/harness_test.go): the standard library and the hooks are compiled once for all.
shared_cache=("--disk_cache=$CACHE/e2e/disk" --experimental_disk_cache_gc_max_size=8G)

suite_bazel() {
  cd "$REPO"
  runner bazel_names cat run_bazel test "${shared_cache[@]}" --keep_going --curses=no --noshow_progress --show_result=0 \
    --test_output=errors --test_summary=short //...
}

suite_e2e() {
  local config
  # The example's own tests pass, plain and woven.
  cd "$REPO/e2e/shop"
  for config in "" --config=weave; do
    # shellcheck disable=SC2086 # no config is no argument
    runner shop_names cat run_bazel test $config "${shared_cache[@]}" --keep_going --curses=no --noshow_progress --show_result=0 \
      --test_output=errors --test_summary=short //... | sed -u "s|^\(PASS\|FAIL\) .*|& ${config:-(plain)}|"
  done
  if [ -e "$REPO/e2e/tests/go.mod" ]; then
    cd "$REPO/e2e/tests"
    runner go_names go_text go test -json -timeout 80m ./...
  fi
}

suite_matrix() {
  cd "$REPO/e2e/tests"
  runner go_names go_text go test -json -count=1 -timeout 12h -tags matrix -run '^(TestMatrix|TestOlderGo)$' . -cells "$cells"
}

shop_names() { bazel_names | sed 's|//|e2e/shop//|'; }

# run_suite NAME: leaves NAME.log in the log directory and NAME.result ("passed failed seconds") in $results.
run_suite() {
  local start=$SECONDS log=$CACHE/logs/test-$1.log passed failed
  # Without errexit: a suite counts what fails and goes on.
  (set +e; "suite_$1") >"$log" 2>&1 || true
  passed=$(grep -c '^PASS ' "$log" || true)
  failed=$(grep -c '^FAIL ' "$log" || true)
  # A suite that ran nothing is not a suite that passed.
  if [ $((passed + failed)) = 0 ]; then
    printf 'FAIL %s ran no test\n' "$1" >>"$log"
    failed=1
  fi
  printf '%s %s %s\n' "$passed" "$failed" $((SECONDS - start)) >"$results/$1.partial"
  mv "$results/$1.partial" "$results/$1.result"
}

# show SUITE: its header, and what failed with the end of the log.
show() {
  local passed failed seconds log=$CACHE/logs/test-$1.log
  read -r passed failed seconds <"$results/$1.result"
  printf '\n=== %s: %s ok, %s not, %s s%s ===\n' "$1" "$passed" "$failed" "$seconds" "${budget[$1]:+ of ${budget[$1]}}"
  if [ "$failed" != 0 ]; then
    grep -v '^PASS ' "$log" | grep -vE '^(=== RUN|--- PASS|    --- PASS|=== PAUSE|=== CONT|test .* ok$)' | tail -n 150 | sed 's/^/  /'
    printf '  the whole log: %s\n' "$log"
  fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
}

# current SUITE: which test runs, or the last that the runner said; nothing of a suite that has not begun.
current() {
  local log=$CACHE/logs/test-$1.log
  if [ -e "$log" ] && [ "$log" -nt "$results/started" ]; then
    awk '/^=== RUN / { test = $3 } NF { last = $0 } END { print substr(test != "" ? test : last, 1, 100) }' "$log"
  fi
}

# Each lane is a process group of its own, so that an interrupt reaches everything in it.
set -m
for lane in "${lanes[@]}"; do
  (
    set +m
    for suite in $lane; do
      if [[ " ${selected[*]} " == *" $suite "* ]]; then
        run_suite "$suite"
      fi
    done
  ) </dev/null &
  lane_ids+=($!)
done
set +m

total_passed=0 total_failed=0 start=$SECONDS last=0
waiting=("${selected[@]}")
while [ "${#waiting[@]}" != 0 ]; do
  left=()
  for suite in "${waiting[@]}"; do
    if [ -e "$results/$suite.result" ]; then
      show "$suite"
    else
      left+=("$suite")
    fi
  done
  waiting=("${left[@]}")
  sleep 0.3
  if [ $((SECONDS - start - last)) -ge 60 ]; then
    last=$((SECONDS - start))
    say "  $last s; not done: ${waiting[*]}"
    for suite in "${waiting[@]}"; do
      running=$(current "$suite")
      [ -z "$running" ] || say "    $suite: $running"
    done
  fi
  if [ "${#waiting[@]}" != 0 ] && ! kill -0 "${lane_ids[@]}" 2>/dev/null; then
    # A lane that was killed leaves its suites without a result.
    alive=0
    for id in "${lane_ids[@]}"; do
      if kill -0 "$id" 2>/dev/null; then alive=1; fi
    done
    if [ "$alive" = 0 ]; then
      sleep 1
      for suite in "${waiting[@]}"; do
        [ -e "$results/$suite.result" ] || printf '0 1 %s\n' $((SECONDS - start)) >"$results/$suite.result"
      done
    fi
  fi
done

printf '\n%s s in all\n%s passed, %s failed\n' $((SECONDS - start)) "$total_passed" "$total_failed"
[ "$total_failed" = 0 ]
