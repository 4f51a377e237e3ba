#!/usr/bin/env bash
# Makes a release; release/main.go says what one consists of.
#
# Args:         VERSION [--out DIR] [--binaries DIR] [--url TEMPLATE], or: binary DIR
# Side effects: writes the directory, dist/VERSION if none is given; cargo builds where it does for ./dev bazel.
# Output:       the directory, or the weaver that was built.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
# A weaver is built on systems, too, that set-up does not know: there cargo and go are on PATH.
run=()
if [ "$(uname -s)" = Linux ]; then
  ensure_setup
  run=(inside_cargo)
fi
export GOWEAVE_TARGET_DIR=${GOWEAVE_TARGET_DIR:-$CACHE/checkouts/$(checkout_key)/cargo}
go build -C "$REPO/dev.d/release" -o "$made/release" .
"${run[@]}" "$made/release" "$@"
