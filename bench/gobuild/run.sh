#!/usr/bin/env bash
# Measures plain Go builds with weaving, beside the plain build, OpenTelemetry wired by hand, and Orchestrion.
# Args:         [--json] [--rounds N] [--without-orchestrion] [--only VARIANT]
#               --json  print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: builds the workspace's release profile; fetches modules through the go command; temporary folders, which it
#               removes.
# Output:       a table or JSON on stdout, progress on stderr. Exit code 1 if a build is not what it must be.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package goweave
target=${CARGO_TARGET_DIR:-$PWD/target}
cd bench/gobuild
exec go run . --goweave "$target/release/goweave" --repository "$PWD/../.." "$@"
