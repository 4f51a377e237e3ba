package hook

import "github.com/rules-go-weave/rules_go_weave/runtime/internal/env"

// Setting returns the names that a variable of the environment has between commas, without repetition. The variable is one of
// those in runtime/README.md.
func Setting(name string) []string { return env.List(name) }

// Switch returns the truth value of a variable of the environment, or its default. The variable is one of those in
// runtime/README.md.
func Switch(name string) bool { return env.Bool(name) }
