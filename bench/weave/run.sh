#!/usr/bin/env bash
# Measures weaving beside go/parser, and the goweave process beside the Go compiler; see tool/engine/examples/weave-speed.rs.
# Args:         [--json]  print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: builds the workspace's release profile; the go command may compile parts of the standard library.
# Output:       a table or JSON on stdout.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package goweave
cargo build --quiet --release --package weave_engine --example weave-speed
target=${CARGO_TARGET_DIR:-$PWD/target}
exec "$target/release/examples/weave-speed" "$target/release/goweave" "$@"
