// Command sarama_shopify sends messages and takes them in all ways that the library has for it. The broker is a program of its own.
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

	"github.com/Shopify/sarama"
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

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V2_1_0_0
	c.ClientID = "tester"
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Metadata.Retry.Backoff = 10 * time.Millisecond
	c.Producer.Retry.Backoff = 10 * time.Millisecond
	c.Consumer.MaxWaitTime = 100 * time.Millisecond
	return c
}

func message(topic, value string) *sarama.ProducerMessage {
	return &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder("secret key"), Value: sarama.StringEncoder("secret " + value),
		Headers: []sarama.RecordHeader{{Key: []byte("mine"), Value: []byte("kept")}}, Metadata: value}
}

// work is what is done with a message, by functions that are given nothing of it.
func work() {
	resp, err := http.Get(web.URL + "/work")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

func show(m *sarama.ConsumerMessage) {
	mine := ""
	for _, h := range m.Headers {
		if string(h.Key) == "mine" {
			mine += string(h.Value)
		}
	}
	fmt.Println(m.Topic, m.Partition, m.Offset, string(m.Value[:min(len(m.Value), 40)]), mine)
}

// packer takes orders, and sends each on.
type packer struct {
	out  sarama.SyncProducer
	left int
	done func()
}

func (*packer) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (*packer) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (p *packer) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for m := range c.Messages() {
		show(m)
		work()
		if _, _, err := p.out.SendMessage(message("shipped", "of "+string(m.Value))); err != nil {
			return err
		}
		s.MarkMessage(m, "")
		s.Commit()
		if p.left--; p.left == 0 {
			p.done() // and what the claim has left is for nobody
			return nil
		}
	}
	return nil
}

// consume hands the first n messages of a topic to f.
func consume(topic string, n int, f func(*sarama.ConsumerMessage)) {
	c := must(sarama.NewConsumer([]string{address}, config()))
	p := must(c.ConsumePartition(topic, 0, sarama.OffsetOldest))
	for range n {
		f(<-p.Messages())
	}
	if err := errors.Join(p.Close(), c.Close()); err != nil {
		log.Fatal(err)
	}
}

// stamp is an interceptor of the program's.
type stamp struct{}

func (stamp) OnSend(m *sarama.ProducerMessage) {
	m.Headers = append(m.Headers, sarama.RecordHeader{Key: []byte("mine"), Value: []byte("stamped")})
}

func main() {
	stop := broker("orders", "shipped", "batches", "odd", "async", "asked", "last")
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()
	sync := must(sarama.NewSyncProducer([]string{address}, config()))

	// From topic to topic, by a group. What it is given and does not get to is thrown away.
	for _, value := range []string{"one", "two", "three", "four"} {
		m := message("orders", value)
		if _, _, err := sync.SendMessage(m); err != nil || len(m.Headers) != 1 || m.Metadata != value {
			log.Fatal(err, m.Headers)
		}
	}
	group := must(sarama.NewConsumerGroup([]string{address}, "packers", config()))
	ctx, cancel := context.WithCancel(bg)
	if err := group.Consume(ctx, []string{"orders"}, &packer{sync, 2, cancel}); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
	if err := group.Close(); err != nil {
		log.Fatal(err)
	}
	consume("shipped", 2, func(m *sarama.ConsumerMessage) { show(m); work() })
	work() // for nobody

	// Several at a time, and in a loop with a select.
	if err := sync.SendMessages([]*sarama.ProducerMessage{message("batches", "one"), message("batches", "two")}); err != nil {
		log.Fatal(err)
	}
	c := must(sarama.NewConsumer([]string{address}, config()))
	p := must(c.ConsumePartition("batches", 0, sarama.OffsetOldest))
	for n, tick := 0, time.NewTicker(time.Hour); n < 2; {
		select {
		case <-tick.C:
		case m := <-p.Messages():
			show(m)
			work()
			n++
		}
	}
	if err := errors.Join(p.Close(), c.Close()); err != nil {
		log.Fatal(err)
	}
	work() // for nobody

	// Headers of anybody, and one that leaves no room for the context.
	conf := config()
	conf.Producer.MaxMessageBytes = 1000
	tight := must(sarama.NewSyncProducer([]string{address}, conf))
	for _, m := range []*sarama.ProducerMessage{
		{Topic: "odd", Headers: []sarama.RecordHeader{{Key: []byte("traceparent"), Value: []byte("forwarded from elsewhere")}, {Key: []byte("traceparent"), Value: []byte("twice")}}},
		{Topic: "odd", Headers: []sarama.RecordHeader{{Key: []byte("baggage"), Value: []byte("a=\xff;;;=")}, {Key: []byte("\xff")}}},
		{Topic: "odd", Value: sarama.StringEncoder(strings.Repeat("x", 950))},
	} {
		n := len(m.Headers)
		if _, _, err := tight.SendMessage(m); err != nil || len(m.Headers) != n {
			log.Fatal(err)
		}
	}
	_, _, err := tight.SendMessage(message("odd", strings.Repeat("x", 2000)))
	fmt.Println(err != nil)
	tight.Close()
	consume("odd", 3, func(m *sarama.ConsumerMessage) { show(m); work() })

	// By channels: who sends a message to the channel is who has sent it, whoever else uses the producer.
	conf = config()
	conf.Producer.Interceptors = []sarama.ProducerInterceptor{stamp{}}
	conf.Metadata.Retry.Max = 0
	async := must(sarama.NewAsyncProducer([]string{address}, conf))
	mux.HandleFunc("/send", func(http.ResponseWriter, *http.Request) {
		m := message("async", "asked")
		select {
		case async.Input() <- m:
		case <-bg.Done():
		}
		back := <-async.Successes()
		fmt.Println(back == m, back.Metadata, back.Partition, back.Offset, len(back.Headers))
	})
	if _, err := http.Get(web.URL + "/send"); err != nil {
		log.Fatal(err)
	}
	again := message("async", "again")
	for range 2 {
		async.Input() <- again
		<-async.Successes()
	}
	async.Input() <- message("no such topic", "one")
	failed := <-async.Errors()
	fmt.Println(failed.Msg.Topic, failed.Err != nil)
	async.AsyncClose()
	for range async.Successes() {
	}
	consume("async", 3, func(m *sarama.ConsumerMessage) { show(m); work() })

	// In a request taking a message is a step.
	if _, _, err := sync.SendMessage(message("asked", "one")); err != nil {
		log.Fatal(err)
	}
	mux.HandleFunc("/next", func(http.ResponseWriter, *http.Request) {
		consume("asked", 1, func(m *sarama.ConsumerMessage) { show(m); work() })
	})
	resp, err := http.Get(web.URL + "/next")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()

	// The program ends with the last message in its hands.
	if _, _, err := sync.SendMessage(message("last", "one")); err != nil {
		log.Fatal(err)
	}
	c = must(sarama.NewConsumer([]string{address}, config()))
	show(<-must(c.ConsumePartition("last", 0, sarama.OffsetOldest)).Messages())
	work()
	sync.Close()
}
