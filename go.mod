module github.com/rules-go-weave/rules_go_weave

go 1.25.0
