#!/usr/bin/env bash
# Measures a service under load: plain, instrumented by hand, woven, and built by Orchestrion.
# Args:         [--json] [--page FILE] [--html FILE] [--rounds N] [--size N] [--scale F] [--think SECONDS] [--only NAME,...] [--agent COMMAND]
#               --json   print {"rows":[{"variant","row","value"}]} instead of a table
#               --page   write the table into a page as well, between its marks: docs/performance.md
#               --html   draw the rows into a page of its own
#               --rounds how often CPU and allocations are measured, of which the lowest counts (3)
#               --size   requests of each such measurement (20000)
#               --scale  stretches or shortens the stages of the load (1: 66 s for each variant)
#               --think  seconds that a user waits between two requests (0.1)
#               --only   variants to run, of plain, byhand, woven, orchestrion and agent
#               --agent  an eBPF agent to run beside the plain program: its CPU is added. It finds the program in OTEL_GO_AUTO_TARGET_EXE
# Side effects: builds the workspace's release profile, four Go programs, k6 and hey; fetches modules through the go command; starts a
#               PostgreSQL, a Redis and a receiver of telemetry on loopback ports, and stops them.
# Output:       a table or JSON on stdout, progress on stderr.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package goweave
dev.d/postgres.sh install
export GOWEAVE_MODULES=$PWD
target=${CARGO_TARGET_DIR:-$PWD/target}
cd bench/load
exec go run . --goweave "$target/release/goweave" --repository "$GOWEAVE_MODULES" "$@"
