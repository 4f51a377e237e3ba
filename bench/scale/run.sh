#!/usr/bin/env bash
# Measures what weaving costs Bazel in a large generated repository, plain beside woven.
# Args:         [--packages N] [--binaries N] [--layers N] [--fan N] [--rounds N] [--analysis] [--json]
#               --analysis: leave the builds out; --json: print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: a temporary folder with the repository, two output bases and a disk cache, which it removes.
# Output:       a table or JSON on stdout, progress on stderr.
set -euo pipefail
cd "$(dirname "$0")"
exec go run . --dev "$PWD/../../dev" "$@"
