#!/usr/bin/env bash
# Measures what libraries of the catalogue cost woven, beside the same program with OpenTelemetry's middlewares wired by hand, and plain.
# Args:         [--json] [--rounds N] [--size N]
#               --json  print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: builds the workspace's release profile and three Go programs; fetches modules through the go command.
# Output:       a table or JSON on stdout, progress on stderr.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package goweave
export GOWEAVE_MODULES=$PWD
target=${CARGO_TARGET_DIR:-$PWD/target}
cd bench/catalogue
exec go run . --goweave "$target/release/goweave" "$@"
