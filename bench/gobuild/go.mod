module github.com/rules-go-weave/rules_go_weave/bench/gobuild

go 1.25
