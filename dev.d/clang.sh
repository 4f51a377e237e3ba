#!/usr/bin/env bash
# Has a clang with the runtime of its memory sanitizer where Bazel runs: Go's -msan needs it.
#
# Args:         none.
# Side effects: with Bazel in a chroot may run apt-get there: downloads 70 MB, takes 350 MB.
# Output:       none on stdout.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

[ $# = 0 ] || die "no argument is wanted" "usage: $0"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$CACHE/logs/clang-probe.log

# sanitizes: whether clang links a program with the memory sanitizer.
sanitizes() {
  printf 'int main(void) { return 0; }\n' >"$work/main.c"
  (cd "$work" && inside clang -fsanitize=memory -o main main.c) >"$log" 2>&1
}

if ! sanitizes; then
  debian_packages clang libclang-rt-dev || {
    cat "$log" >&2
    die "no clang here links a program with the memory sanitizer" "install it with its runtime, for example apt-get install clang libclang-rt-dev"
  }
  sanitizes || {
    cat "$log" >&2
    die "the chroot's clang does not link a program with the memory sanitizer" "remove $CHROOT and run ./dev setup again"
  }
fi
