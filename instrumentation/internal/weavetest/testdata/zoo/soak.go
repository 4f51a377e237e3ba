package main

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"time"
)

func init() { programs["soak"] = soak }

// soak serves many requests, and writes to the file named by SOAK how much memory and how many goroutines there are at the end of each round.
func soak() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do("here")
		done := make(chan bool)
		go func() {
			do("there")
			close(done)
		}()
		<-done
	}))
	type state struct {
		Heap       uint64
		Goroutines int
	}
	var states []state
	rounds, err := strconv.Atoi(os.Getenv("SOAK_ROUNDS"))
	check(err)
	for range rounds {
		for range 300 {
			get(context.Background(), s.URL)
		}
		// The least of several looks: an export may be under way at any of them, and has goroutines and memory of its own.
		least := state{Heap: math.MaxUint64, Goroutines: math.MaxInt}
		for range 8 {
			time.Sleep(25 * time.Millisecond)
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			least = state{min(least.Heap, m.HeapAlloc), min(least.Goroutines, runtime.NumGoroutine())}
		}
		states = append(states, least)
	}
	s.Close()
	b, err := json.Marshal(states)
	check(err)
	check(os.WriteFile(os.Getenv("SOAK"), b, 0o666))
}
