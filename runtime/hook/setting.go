package hook

import "github.com/rules-go-weave/rules_go_weave/runtime/internal/env"

// Setting returns the comma-separated names in an environment variable, without repetition. The variable is one of those in
// runtime/README.md.
func Setting(name string) []string { return env.List(name) }

// Switch returns the value of a boolean environment variable, or its default. The variable is one of those in runtime/README.md.
func Switch(name string) bool { return env.Bool(name) }
