// Package ownhooks has the hooks of the workspace's own rules.
package ownhooks

import (
	"os"
	"strings"
)

// Greet runs around own.Greet: it greets in upper case, and says on stderr how the call ended.
func Greet(name string) (string, func(string, error) (string, error), func()) {
	returned := false
	exit := func(greeting string, err error) (string, error) {
		returned = true
		return greeting + "!", err
	}
	end := func() {
		if !returned {
			os.Stderr.WriteString("greet did not return\n")
		}
	}
	if name != "panic" {
		name = strings.ToUpper(name)
	}
	return name, exit, end
}

// Double runs at the start of tiny.Double and adds one to its argument.
func Double(n int) int { return n + 1 }

// Hash runs around xxhash.Sum64String and says on stderr what was hashed.
func Hash(s string) func(uint64) {
	return func(uint64) { os.Stderr.WriteString("hashed " + s + "\n") }
}

// Enter runs at the start of exported methods and says on stderr which.
func Enter(method string) { os.Stderr.WriteString("enter " + method + "\n") }
