// Program zerolog logs by github.com/rs/zerolog, in requests and outside. A message says whether its record is about a span: "inside" or
// "outside".
package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/rs/zerolog"
)

// seen is a hook of the program's.
type seen struct{}

func (seen) Run(e *zerolog.Event, level zerolog.Level, message string) { e.Int("hook", len(message)) }

func main() {
	log := zerolog.New(os.Stdout)
	log.Info().Msg("outside")
	served(func(ctx context.Context) {
		log.Info().Msg("inside")
		log.Debug().Int("n", 1).Dur("d", time.Second).Err(errors.New("no")).Str("text", "a\xff\"b").
			Dict("in", zerolog.Dict().Str("trace_id", "nested")).Interface("any", map[string]int{"trace_id": 1}).Msg("inside")
		log.Warn().Str("trace_id", "mine").Msg("inside theirs")
		with := log.With().Str("trace_id", "mine").Logger()
		with.Error().Msg("inside theirs")
		log.Error().Send()
		log.Log().Msg("inside")
		hooked := log.Hook(seen{})
		hooked.Info().Msg("inside")
		console := zerolog.New(zerolog.ConsoleWriter{Out: os.Stdout, NoColor: true, PartsExclude: []string{"time"}})
		console.Info().Int("n", 2).Msg("inside")
		done := make(chan bool)
		go func() {
			defer close(done)
			log.Info().Msg("inside")
		}()
		<-done
		func() {
			defer func() {
				if p := recover(); p != nil {
					os.Stdout.WriteString("panicked\n")
				}
			}()
			log.Panic().Msg("inside")
		}()
		log.Info().Discard().Msg("inside, and nothing written")
		disabled := log.Level(zerolog.Disabled)
		disabled.Info().Msg("inside, and nothing written")
		// A sampler passes one of three on.
		sampled := log.Sample(&zerolog.BasicSampler{N: 1000})
		for range 3 {
			sampled.Info().Msg("inside")
		}
		var none *zerolog.Event
		none.Msg("inside, and nothing written")
	})
	log.Info().Msg("outside")
}

// served calls in in the handler of a request that a client makes.
func served(in func(context.Context)) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { in(r.Context()) }))
	defer s.Close()
	r, err := http.Get(s.URL)
	if err != nil {
		panic(err)
	}
	r.Body.Close()
}
