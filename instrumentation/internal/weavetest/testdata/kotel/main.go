// Command kotel has spans of franz-go's records by kotel, made by hand.
package main

import (
	"bufio"
	"context"
	"log"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
	"go.opentelemetry.io/otel"
)

var address string

// broker starts a broker with these topics.
func broker(topics ...string) (stop func()) {
	cmd := exec.Command(os.Getenv("KFAKE"), topics...)
	in, err := cmd.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		log.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	address = strings.TrimSpace(line)
	return func() { in.Close(); cmd.Wait() }
}

func main() {
	stop := broker("orders")
	defer stop()
	tracer := kotel.NewTracer(kotel.TracerProvider(otel.GetTracerProvider()), kotel.TracerPropagator(otel.GetTextMapPropagator()))
	hooks := kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...)
	c, err := kgo.NewClient(hooks, kgo.SeedBrokers(address), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, value := range []string{"one", "two"} {
		if err := c.ProduceSync(ctx, &kgo.Record{Topic: "orders", Value: []byte(value)}).FirstErr(); err != nil {
			log.Fatal(err)
		}
	}
	for n := 0; n < 2; {
		c.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			_, span := tracer.WithProcessSpan(r)
			span.End()
			n++
		})
	}
	if err := c.CommitUncommittedOffsets(ctx); err == nil {
		log.Fatal("it is in no group")
	}
	c.Close()
}
