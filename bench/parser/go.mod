module github.com/rules-go-weave/rules_go_weave/bench/parser

go 1.24.0
