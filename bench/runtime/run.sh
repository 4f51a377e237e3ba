#!/usr/bin/env bash
# Measures what weaving costs a running program, beside the plain program and beside OpenTelemetry wired by hand.
# Args:         [--json] [--page FILE] [--rounds N] [--size N]
#               --json  print {"rows":[{"name","value","unit","baseline"}]} instead of a table
#               --page  write the table into a page as well, between its marks: docs/performance.md
# Side effects: builds the workspace's release profile and seven Go programs; fetches modules through the go command.
# Output:       a table or JSON on stdout, progress on stderr.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package goweave
export GOWEAVE_MODULES=$PWD
target=${CARGO_TARGET_DIR:-$PWD/target}
cd bench/runtime
exec go run . --goweave "$target/release/goweave" "$@"
