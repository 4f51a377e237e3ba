// Package warn writes the few lines that the runtime may write: to stderr, once per subject, and only about what the user asked for.
package warn

import (
	"os"
	"strings"
	"sync"
)

var (
	mu   sync.Mutex
	said map[string]bool // made when it is needed: a hook may run before this package is initialised

	// write writes a line, in one go, so that it does not mix with what the program writes.
	write = func(line string) { os.Stderr.WriteString(line) }
)

// Once writes one line about subject, the first time that it is called for it.
// OTEL_LOG_LEVEL=none (or "off") silences it. What stands in the text before the host of a URL is not shown.
func Once(subject, text string) {
	mu.Lock()
	if said == nil {
		said = map[string]bool{}
	}
	first := !said[subject]
	said[subject] = true
	to := write
	mu.Unlock()
	if first && to != nil && !quiet() {
		to("rules_go_weave: " + line(text) + "\n")
	}
}

// Tell writes one line whatever was said before and whatever OTEL_LOG_LEVEL says: for what the user asked to be told.
func Tell(text string) {
	mu.Lock()
	to := write
	mu.Unlock()
	if to != nil {
		to("rules_go_weave: " + line(text) + "\n")
	}
}

func quiet() bool {
	switch strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_LOG_LEVEL"))) {
	case "none", "off":
		return true
	}
	return false
}

// line makes one line of a text that may come from anywhere: valid, without controls, not endless, and without passwords.
func line(text string) string {
	const longest = 2000
	if len(text) > longest {
		text = text[:longest] + "..."
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return ' '
		}
		return r // U+FFFD for a byte that is not UTF-8
	}, text)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("://")
		end := strings.IndexAny(rest, " \"'`")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			b.WriteString("xxxxx")
			rest = rest[at:]
		}
		text = rest
	}
}

// Capture has lines go to a list, as if none were said before, until restore is called, which returns them. For tests.
func Capture() (restore func() []string) {
	mu.Lock()
	defer mu.Unlock()
	var lines []string
	before, saidBefore := write, said
	said = nil
	write = func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		write, said = before, saidBefore
		return lines
	}
}
