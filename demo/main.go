// Command demo runs the shop of e2e/shop, plain and woven, and shows the traces that the woven one exports.
//
// ./dev demo builds the programs and calls it. It listens for OTLP on a free port of the loopback interface, starts the two
// services, lets the customer place orders, stops the services, and prints the traces as trees (or all spans as JSON) and
// writes them as an HTML page. It leaves no process and no file but that page.
//
// Exit codes: 0 the traces are shown, 1 the woven shop did not do what it should, 2 the demo itself failed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Processes are started with a death signal, which the kernel ties to the thread that started them.
func init() { runtime.LockOSThread() }

// errFinding marks a fault of the woven shop, not of the demo.
var errFinding = errors.New("finding")

type options struct {
	plain, woven, html string
	postgres           string
	json               bool
	note               string
}

func main() {
	var o options
	flag.StringVar(&o.plain, "plain", "", "directory with the plain programs; empty: do not run them")
	flag.StringVar(&o.woven, "woven", "", "directory with the woven programs")
	flag.StringVar(&o.html, "html", "", "file to write the HTML page to")
	flag.StringVar(&o.postgres, "postgres", "", "dev.d/postgres.sh, to run on a private PostgreSQL and not on SQLite")
	flag.BoolVar(&o.json, "json", false, "print one JSON document of all spans, and nothing else")
	flag.StringVar(&o.note, "note", "", "a line to print above the traces")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, o)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		os.Exit(130)
	case errors.Is(err, errFinding):
		fmt.Fprintf(os.Stderr, "demo: error: %v\n", err)
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "demo: error: %v\n", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, o options) (err error) {
	directory, err := os.MkdirTemp("", "weave-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	// A database server of another user must get to its own directory below this one.
	if err := os.Chmod(directory, 0o755); err != nil {
		return err
	}
	receiver, err := newReceiver()
	if err != nil {
		return err
	}
	defer receiver.close()
	shop := shop{directory: directory, endpoint: receiver.endpoint}
	if o.postgres != "" {
		stop, err := shop.startPostgres(ctx, o.postgres)
		if err != nil {
			return err
		}
		defer stop()
	}

	var plainOutput string
	if o.plain != "" {
		plainOutput, err = shop.run(ctx, o.plain)
		if err != nil {
			return fmt.Errorf("plain shop: %w", err)
		}
		if spans := receiver.take(); len(spans) > 0 {
			return fmt.Errorf("%w: the plain shop exported %d spans", errFinding, len(spans))
		}
	}
	wovenOutput, err := shop.run(ctx, o.woven)
	if err != nil {
		return fmt.Errorf("woven shop: %w", err)
	}
	spans := receiver.take()
	if len(spans) == 0 {
		return fmt.Errorf("%w: the woven shop exported no span", errFinding)
	}
	if o.plain != "" && plainOutput != wovenOutput {
		return fmt.Errorf("%w: the woven shop answered otherwise than the plain one:\nplain:\n%swoven:\n%s", errFinding, plainOutput, wovenOutput)
	}
	traces := tracesOf(spans)
	if o.html != "" {
		file, err := os.Create(o.html)
		if err != nil {
			return err
		}
		if err := errors.Join(writeWaterfall(file, traces, o.note), file.Close()); err != nil {
			return err
		}
	}
	if o.json {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Spans []Span `json:"spans"`
		}{spans})
	}
	show(o, plainOutput, traces)
	return nil
}

func show(o options, output string, traces []*Trace) {
	info, err := os.Stdout.Stat()
	s := styleFor(err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "")
	if output != "" {
		fmt.Printf("%swhat the customer saw, the same from the plain and the woven shop:%s\n%s\n", s.bold, s.reset, output)
		fmt.Printf("The plain shop exported no span. The woven one exported these.\n\n")
	}
	connected, single := split(traces)
	if len(single) > 0 {
		writeSingles(os.Stdout, single)
		fmt.Println()
	}
	for _, trace := range connected {
		writeTree(os.Stdout, trace, s)
		fmt.Println()
	}
	if o.note != "" {
		fmt.Println(o.note)
	}
	if o.html != "" {
		fmt.Printf("waterfall: %s\n", o.html)
	}
}
