// Package lib is made in every way that a go_library can be.
package lib

import (
	_ "embed"
	"fmt"
)

//go:embed greeting.txt
var greeting string

// The link sets them.
var (
	Release = "unset"
	Team    = "unset"
)

// Say says how this package was built.
func Say() string {
	return fmt.Sprintf("%s %d %s %s %s", greeting, SaySum(), tag, Team, Release)
}
