// Package warn writes the few lines that the runtime may write: to stderr, once per subject, and only about what the user asked for.
package warn

import (
	"os"
	"strings"
	"sync"
)

var (
	mu   sync.Mutex
	said = map[string]bool{}
)

// Once writes one line about subject, the first time that it is called for it.
// OTEL_LOG_LEVEL=none (or "off") silences it.
func Once(subject, text string) {
	mu.Lock()
	if said == nil {
		said = map[string]bool{} // a hook may run before this package is initialised
	}
	first := !said[subject]
	said[subject] = true
	mu.Unlock()
	if first && !quiet() {
		// One write, so that the line does not mix with what the program writes.
		os.Stderr.WriteString("rules_go_weave: " + strings.ReplaceAll(text, "\n", " ") + "\n")
	}
}

func quiet() bool {
	switch strings.ToLower(os.Getenv("OTEL_LOG_LEVEL")) {
	case "none", "off":
		return true
	}
	return false
}
