#!/usr/bin/env bash
# Measures weave_syntax beside go/parser in one run; see tool/syntax/examples/parser-full.rs.
# Args: --full  also compare every node of GOROOT and of the modules in corpus.txt, and the golden counts
#       --json  print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: builds the workspace's release profile; --full fetches modules through the go command.
# Output: a table or JSON on stdout. Exit code 1 if anything differs from go/parser.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo run --quiet --release --package weave_syntax --example parser-full -- "$@"
