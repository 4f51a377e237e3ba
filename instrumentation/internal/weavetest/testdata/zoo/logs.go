package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
)

func init() { programs["slog"] = logs }

// logs prints records as JSON, without their times.
func logs() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("outside")
	serve(func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "with context", "key", "value")
		log.Warn("without context")
		log.LogAttrs(context.Background(), slog.LevelError, "attributes", slog.Int("n", 7))
		log.Debug("not logged")
		log.WithGroup("group").Info("in a group", "key", "value")
	}, "/x")
	log.Info("outside again")
}
