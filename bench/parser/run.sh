#!/usr/bin/env bash
# Measures weave_syntax beside go/parser in one run; see tool/syntax/examples/parser-full.rs.
# Args:         [--full] [--no-speed] [--json]
#               --full      first compare every node of GOROOT of three Go releases and of the modules in corpus.txt
#                           with go/parser's, and the counts with testdata/syntax/corpus.golden
#               --no-speed  nothing but that
#               --json      print {"rows":[{"name","value","unit","baseline"}]} instead of a table
# Side effects: builds the workspace's release profile; --full fetches Go releases and modules through the go command.
# Output:       a table or JSON on stdout, differences on stderr. Exit code 1 if anything differs from go/parser.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo run --quiet --release --package weave_syntax --example parser-full -- "$@"
