// Command storefront serves the shop to its customers; it asks the inventory service.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/serve"
	"example.com/shop/storefront"
)

func main() {
	var options serve.Options
	options.Register(flag.CommandLine)
	inventory := flag.String("inventory", "http://127.0.0.1:8081", "base URL of the inventory service")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve.Run(ctx, options, storefront.Handler(storefront.NewClient(*inventory)))
	stop()
	if err != nil {
		slog.Error("storefront failed", "error", err)
		os.Exit(1)
	}
}
