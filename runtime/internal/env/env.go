// Package env reads numbers from the environment.
package env

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// Positive reads a whole number above zero.
func Positive(name string, def int) int {
	s := strings.TrimSpace(os.Getenv(name))
	if s == "" {
		return def
	}
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	warn.Once(name, fmt.Sprintf("%s %q is not a whole number above zero; using %d", name, s, def))
	return def
}

// Milliseconds reads a time in milliseconds.
func Milliseconds(name string, def time.Duration) time.Duration {
	return time.Duration(Positive(name, int(def/time.Millisecond))) * time.Millisecond
}

// Limit reads a limit, which may be zero.
func Limit(name string, def int) int {
	s := strings.TrimSpace(os.Getenv(name))
	if s == "" {
		return def
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n
	}
	warn.Once(name, fmt.Sprintf("%s %q is not a whole number; ignoring it", name, s))
	return def
}

// List reads names between commas, in lower case and without repetition.
func List(name string) (all []string) {
	for _, s := range strings.Split(os.Getenv(name), ",") {
		s = strings.ToLower(strings.TrimSpace(s))
		known := s == ""
		for _, other := range all {
			known = known || other == s
		}
		if !known {
			all = append(all, s)
		}
	}
	return all
}
