// Command inventory serves the stock of the shop. Its database is SQLite, or PostgreSQL when told.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/inventory"
	"example.com/shop/serve"
)

// What a new shop sells.
var opening = []inventory.Item{
	{SKU: "cup", Name: "Cup", Cents: 700, Stock: 1000},
	{SKU: "kettle", Name: "Kettle", Cents: 3900, Stock: 100},
	{SKU: "teapot", Name: "Teapot", Cents: 4500, Stock: 2},
}

func main() {
	var options serve.Options
	options.Register(flag.CommandLine)
	database := flag.String("database", os.Getenv("INVENTORY_DATABASE"),
		"a PostgreSQL URL or the path of a SQLite file (environment: INVENTORY_DATABASE); empty is a database in memory")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))

	if err := run(options, *database); err != nil {
		slog.Error("inventory failed", "error", err)
		os.Exit(1)
	}
}

func run(options serve.Options, database string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	store, err := inventory.Open(ctx, database)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Put(ctx, opening...); err != nil {
		return err
	}
	return serve.Run(ctx, options, inventory.Handler(store))
}
