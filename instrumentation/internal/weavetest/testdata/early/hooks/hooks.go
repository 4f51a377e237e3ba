// Package hooks has a hook that needs its package to be initialised, and knows nothing of telemetry.
package hooks

import (
	"os"
	"sync"
)

var (
	mu   sync.Mutex
	seen = map[int]bool{}
)

// Own is woven into acts.Own.
func Own(n int) func(int) {
	mu.Lock()
	defer mu.Unlock()
	seen[n] = true
	if file := os.Getenv("SEEN"); file != "" {
		os.WriteFile(file, []byte("seen"), 0o666)
	}
	return nil
}
