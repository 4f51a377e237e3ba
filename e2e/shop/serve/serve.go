// Package serve runs an HTTP handler as a process that can be told where to listen and when to stop.
package serve

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Options say where to listen. Register them as flags, or fill them in.
type Options struct {
	// Listen is the address to listen on; port 0 takes a free port.
	Listen string
	// AddressFile, if set, gets the real address once the server listens.
	AddressFile string
	// Grace is how long a stop waits for requests that are being served.
	Grace time.Duration
}

// Register adds the options to a flag set.
func (o *Options) Register(flags *flag.FlagSet) {
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free port")
	flags.StringVar(&o.AddressFile, "address-file", "", "file that gets the address once the server listens")
	flags.DurationVar(&o.Grace, "grace", 5*time.Second, "how long a stop waits for requests that are being served")
}

// Run serves until the context ends, then lets running requests finish.
func Run(ctx context.Context, options Options, handler http.Handler) error {
	listener, err := net.Listen("tcp", options.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	address := listener.Addr().String()
	if options.AddressFile != "" {
		if err := writeAddress(options.AddressFile, address); err != nil {
			_ = listener.Close()
			return err
		}
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	slog.InfoContext(ctx, "listening", "address", address)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	slog.Info("stopping", "address", address)
	grace, cancel := context.WithTimeout(context.Background(), options.Grace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// writeAddress writes the file whole or not at all: a reader may be waiting for it.
func writeAddress(path, address string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".address-*")
	if err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.WriteString(address + "\n"); err != nil {
		_ = temporary.Close()
		return fmt.Errorf("address file: %w", err)
	}
	if err := temporary.Close(); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	return nil
}
