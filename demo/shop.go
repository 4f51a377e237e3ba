package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A shop runs the programs of one build of e2e/shop.
type shop struct {
	directory string
	endpoint  string
	database  string
}

// What the customer does; the last order asks for more than there are.
var visits = [][]string{
	{"-catalog"},
	{"-sku", "kettle", "-quantity", "2"},
	{"-sku", "teapot", "-quantity", "3"},
}

// run starts the services in programs, lets the customer visit, stops the services, and returns what the customer saw.
func (s *shop) run(ctx context.Context, programs string) (output string, err error) {
	database := s.database
	if database == "" {
		database = filepath.Join(s.directory, "stock-"+filepath.Base(programs)+".db")
	}
	inventory, err := s.start(ctx, programs, "inventory", "-database", database)
	if err != nil {
		return "", err
	}
	defer func() { err = inventory.stop(err) }()
	storefront, err := s.start(ctx, programs, "storefront", "-inventory", "http://"+inventory.address)
	if err != nil {
		return "", err
	}
	defer func() { err = storefront.stop(err) }()
	var seen strings.Builder
	for _, visit := range visits {
		text, err := s.visit(ctx, programs, append(visit, "-storefront", "http://"+storefront.address))
		if err != nil {
			return "", err
		}
		seen.WriteString("  $ shopper " + strings.Join(visit, " ") + "\n" + text)
	}
	return seen.String(), nil
}

// visit runs the customer's program; that it is refused something is part of the show.
func (s *shop) visit(ctx context.Context, programs string, arguments []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	command := s.command(ctx, programs, "shopper", arguments...)
	output, err := command.CombinedOutput()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		return "", fmt.Errorf("shopper: %w\n%s", err, output)
	}
	var seen strings.Builder
	for line := range strings.Lines(string(output)) {
		seen.WriteString("  " + line)
	}
	return seen.String(), nil
}

func (s *shop) command(ctx context.Context, programs, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(programs, name), arguments...)
	command.Env = append(os.Environ(),
		"OTEL_SERVICE_NAME="+name,
		"OTEL_EXPORTER_OTLP_ENDPOINT="+s.endpoint,
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_TRACES_SAMPLER=always_on",
		"OTEL_SDK_DISABLED=false",
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
	)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return command
}

// A daemon is a running service.
type daemon struct {
	name    string
	command *exec.Cmd
	address string
	log     bytes.Buffer
	ended   chan error
}

// start runs a service and waits until it listens.
func (s *shop) start(ctx context.Context, programs, name string, arguments ...string) (*daemon, error) {
	file := filepath.Join(s.directory, name+".address")
	_ = os.Remove(file)
	d := &daemon{name: name, ended: make(chan error, 1)}
	// Not bound to the context: an interrupted demo stops its services in order, too.
	d.command = s.command(context.WithoutCancel(ctx), programs, name, append(arguments, "-address-file", file)...)
	d.command.Stdout, d.command.Stderr = &d.log, &d.log
	if err := d.command.Start(); err != nil {
		return nil, err
	}
	go func() { d.ended <- d.command.Wait() }()
	deadline := time.After(30 * time.Second)
	for {
		if text, err := os.ReadFile(file); err == nil {
			d.address = strings.TrimSpace(string(text))
			return d, nil
		}
		select {
		case err := <-d.ended:
			return nil, fmt.Errorf("%s ended early: %v\n%s", name, err, d.log.Bytes())
		case <-ctx.Done():
			return nil, d.stop(ctx.Err())
		case <-deadline:
			return nil, d.stop(fmt.Errorf("%s does not listen after 30 s", name))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop asks the service to end, makes it end if it does not, and returns the first error.
func (d *daemon) stop(earlier error) error {
	_ = d.command.Process.Signal(syscall.SIGTERM)
	var err error
	select {
	case err = <-d.ended:
	case <-time.After(20 * time.Second):
		_ = d.command.Process.Kill()
		<-d.ended
		err = fmt.Errorf("did not stop within 20 s")
	}
	if earlier != nil {
		return earlier
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", d.name, err, d.log.Bytes())
	}
	return nil
}

// startPostgres has the script start a private server and returns how to stop it.
func (s *shop) startPostgres(ctx context.Context, script string) (func(), error) {
	directory := filepath.Join(s.directory, "postgres")
	stop := func() {
		command := exec.Command(script, "stop", directory)
		command.Stderr = os.Stderr
		_ = command.Run()
	}
	command := exec.CommandContext(ctx, script, "start", directory)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		stop()
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.database = strings.TrimSpace(string(output))
	return stop, nil
}
