module github.com/rules-go-weave/rules_go_weave/bench/scale

go 1.25
