// Command franz_go sends records and takes them in all ways that the library has for it. The broker is a program of its own.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bg      = context.Background()
	address string
	web     *httptest.Server
)

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

func client(options ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(address), kgo.ProducerLinger(0), kgo.FetchMaxWait(100*time.Millisecond))...)
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func consumer(topic string, options ...kgo.Opt) *kgo.Client {
	return client(append(options, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
}

func record(topic, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: []byte("secret key"), Value: []byte("secret " + value), Headers: []kgo.RecordHeader{{Key: "mine", Value: []byte("kept")}}}
}

// work is what is done with a record, by functions that are given nothing of it.
func work() {
	resp, err := http.Get(web.URL + "/work")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

func show(r *kgo.Record) {
	mine := ""
	for _, h := range r.Headers {
		if h.Key == "mine" {
			mine += string(h.Value)
		}
	}
	fmt.Println(r.Topic, r.Partition, r.Offset, string(r.Value[:min(len(r.Value), 40)]), mine)
}

// poll polls once n records are there.
func poll(c *kgo.Client, n int) kgo.Fetches {
	ctx, cancel := context.WithTimeout(bg, 10*time.Second)
	defer cancel()
	fetches := c.PollRecords(ctx, n)
	if fetches.NumRecords() != n {
		log.Fatalf("%d records, not %d: %v", fetches.NumRecords(), n, fetches.Errors())
	}
	return fetches
}

func main() {
	stop := broker("orders", "shipped", "batches", "many", "odd", "async", "asked", "last")
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()
	producer := client()

	// From topic to topic.
	for _, value := range []string{"one", "two"} {
		r := record("orders", value)
		if err := producer.ProduceSync(bg, r).FirstErr(); err != nil || len(r.Headers) != 1 {
			log.Fatal(err, r.Headers)
		}
	}
	from := consumer("orders", kgo.ConsumerGroup("packers"), kgo.DisableAutoCommit())
	for range 2 {
		all := poll(from, 1).Records()
		show(all[0])
		work()
		if err := producer.ProduceSync(bg, record("shipped", "of "+string(all[0].Value))).FirstErr(); err != nil {
			log.Fatal(err)
		}
		if err := from.CommitRecords(bg, all...); err != nil {
			log.Fatal(err)
		}
	}
	late, cancel := context.WithTimeout(bg, 100*time.Millisecond)
	fmt.Println(errors.Is(from.PollFetches(late).Err(), context.DeadlineExceeded))
	cancel()
	work() // for nobody
	if err := from.CommitUncommittedOffsets(bg); err != nil {
		log.Fatal(err)
	}
	from.Close()
	fmt.Println(from.PollFetches(bg).IsClientClosed())
	to := consumer("shipped")
	for range 2 {
		show(poll(to, 1).Records()[0])
		work()
	}
	to.Close()
	work() // for nobody

	// What is polled together: worked on together, and one by one.
	for range 4 {
		for _, value := range []string{"one", "two"} {
			if err := producer.ProduceSync(bg, record("batches", value)).FirstErr(); err != nil {
				log.Fatal(err)
			}
		}
	}
	batches := consumer("batches")
	fmt.Println(len(poll(batches, 2).Records()))
	work()
	poll(batches, 2).EachRecord(func(r *kgo.Record) { show(r); work() })
	for iter := poll(batches, 2).RecordIter(); !iter.Done(); {
		show(iter.Next())
		work()
	}
	poll(batches, 2).EachPartition(func(p kgo.FetchTopicPartition) { p.EachRecord(func(r *kgo.Record) { show(r); work() }) })
	work() // for nobody
	batches.Close()

	// Headers of anybody: the producer has them already, and so nothing is put in their place.
	quiet := client()
	for _, headers := range [][]kgo.RecordHeader{
		{{Key: "baggage", Value: []byte("a=\xff;;;=")}, {Key: "\xff"}},
		{{Key: "traceparent", Value: []byte("forwarded from elsewhere")}, {Key: "traceparent", Value: []byte("twice")}},
	} {
		r := &kgo.Record{Topic: "odd", Headers: headers}
		if err := quiet.ProduceSync(bg, r).FirstErr(); err != nil || len(r.Headers) != 2 {
			log.Fatal(err)
		}
	}
	quiet.Close()
	odd := consumer("odd")
	for range 2 {
		show(poll(odd, 1).Records()[0])
		work()
	}
	odd.Close()

	// Promises, and errors.
	kept := make(chan error)
	producer.Produce(bg, record("async", "one"), func(r *kgo.Record, err error) {
		show(r)
		kept <- err
	})
	fmt.Println(<-kept)
	producer.Produce(bg, record("async", "two"), nil)
	producer.TryProduce(nil, record("async", "three"), nil)
	if err := producer.Flush(bg); err != nil {
		log.Fatal(err)
	}
	over, cancel := context.WithCancel(bg)
	cancel()
	fmt.Println(errors.Is(producer.ProduceSync(over, record("async", "four")).FirstErr(), context.Canceled))
	fmt.Println(producer.ProduceSync(bg, &kgo.Record{}).FirstErr() != nil)

	// In a request polling is a step.
	if err := producer.ProduceSync(bg, record("asked", "one")).FirstErr(); err != nil {
		log.Fatal(err)
	}
	asked := consumer("asked")
	mux.HandleFunc("/next", func(http.ResponseWriter, *http.Request) {
		poll(asked, 1).EachRecord(func(r *kgo.Record) { show(r); work() })
	})
	resp, err := http.Get(web.URL + "/next")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	asked.Close()

	// The program ends with the last record in its hands.
	if err := producer.ProduceSync(bg, record("last", "one")).FirstErr(); err != nil {
		log.Fatal(err)
	}
	show(poll(consumer("last"), 1).Records()[0])
	work()
	producer.Close()
}
