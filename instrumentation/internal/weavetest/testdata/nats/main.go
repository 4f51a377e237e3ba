// Command nats publishes messages and gets them in all ways that the library has for it. The server is a program of its own.
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

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	bg  = context.Background()
	web *httptest.Server
)

const soon = 10 * time.Second

// connect starts a server, and connects to it.
func connect(word string, options ...nats.Option) (c *nats.Conn, stop func()) {
	cmd := exec.Command(os.Getenv("NATS_SERVER"), word)
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
	c = must(nats.Connect(strings.TrimSpace(line), options...))
	return c, func() { c.Close(); in.Close(); cmd.Wait() }
}

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// work is what is done with a message, by functions that are given nothing of it.
func work() {
	resp, err := http.Get(web.URL + "/work")
	check(err)
	resp.Body.Close()
}

func show(subject string, data []byte, mine string) {
	fmt.Println(subject, string(data[:min(len(data), 40)]), mine)
}

func message(subject, value string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data, m.Header = []byte("secret "+value), nats.Header{"mine": {"kept"}}
	return m
}

func core(c *nats.Conn) {
	// Functions, for all of a kind, and in a group; one asks another one.
	done := make(chan bool)
	must(c.Subscribe("orders.*", func(m *nats.Msg) {
		show(m.Subject, m.Data, m.Header.Get("mine"))
		work()
		answer := must(c.Request("prices", []byte("secret"), soon))
		show("answer", answer.Data, "")
		done <- true
	}))
	must(c.QueueSubscribe("prices", "sellers", func(m *nats.Msg) {
		work()
		check(m.Respond([]byte("42")))
	}))
	m := message("orders.17", "one")
	check(c.PublishMsg(m))
	<-done
	check(c.Publish("orders.18", []byte("secret two")))
	<-done
	fmt.Println(len(m.Header))
	ctx, cancel := context.WithTimeout(bg, soon)
	fmt.Println(string(must(c.RequestWithContext(ctx, "prices", nil)).Data))
	fmt.Println(string(must(c.RequestMsgWithContext(ctx, message("prices", ""))).Data))
	cancel()
	_, err := c.Request("nobody", nil, soon)
	fmt.Println(errors.Is(err, nats.ErrNoResponders))
	work() // for nobody

	// Asked for, and by a channel.
	asked := must(c.SubscribeSync("asked"))
	defer asked.Unsubscribe()
	for _, value := range []string{"one", "two"} {
		check(c.PublishMsg(message("asked", value)))
	}
	m = must(asked.NextMsg(soon))
	show(m.Subject, m.Data, m.Header.Get("mine"))
	work()
	fmt.Println(string(must(c.Request("prices", nil, soon)).Data))
	work() // the message goes on
	ctx, cancel = context.WithTimeout(bg, soon)
	m = must(asked.NextMsgWithContext(ctx))
	cancel()
	show(m.Subject, m.Data, m.Header.Get("mine"))
	work()
	_, err = asked.NextMsg(time.Millisecond)
	fmt.Println(errors.Is(err, nats.ErrTimeout))
	work() // for nobody
	channel := make(chan *nats.Msg, 3)
	by := must(c.ChanSubscribe("channel", channel))
	for _, value := range []string{"one", "two"} {
		check(c.PublishMsg(message("channel", value)))
	}
	for range 2 {
		m := <-channel
		show(m.Subject, m.Data, m.Header.Get("mine"))
		work()
		fmt.Println(string(must(c.Request("prices", nil, soon)).Data))
		work()
	}
	check(by.Unsubscribe())
	close(channel)
	for range channel {
	}
	work() // for nobody

	// Headers of anybody, and a message that leaves no room for the context.
	odd := must(c.SubscribeSync("odd"))
	m = message("odd", "")
	m.Header = nats.Header{"traceparent": {"forwarded from elsewhere", "twice"}, "Baggage": {"a=%zz;;;="}, "Status": {"mine"}, "x": {"\xff"}}
	check(c.PublishMsg(m))
	check(c.Publish("odd", make([]byte, c.MaxPayload())))
	fmt.Println(errors.Is(c.Publish("odd", make([]byte, c.MaxPayload()+1)), nats.ErrMaxPayload))
	for range 2 {
		m := must(odd.NextMsg(soon))
		show(m.Subject, m.Data, strings.Join(m.Header["x"], ""))
		work()
	}
	check(odd.Unsubscribe())
	fmt.Println(c.Publish("", nil) != nil)
}

func stream(c *nats.Conn) {
	// The first package of JetStream.
	js := must(c.JetStream())
	must(js.AddStream(&nats.StreamConfig{Name: "JOBS", Subjects: []string{"jobs.>"}}))
	for _, value := range []string{"one", "two", "three"} {
		must(js.PublishMsg(message("jobs.first", value)))
	}
	must(js.PublishAsync("jobs.first", []byte("secret four")))
	<-js.PublishAsyncComplete()
	pull := must(js.PullSubscribe("jobs.first", "puller"))
	for range 2 {
		m := must(pull.Fetch(1, nats.MaxWait(soon)))[0]
		show(m.Subject, m.Data, m.Header.Get("mine"))
		work()
		check(m.Ack())
	}
	batch := must(pull.Fetch(2, nats.MaxWait(soon)))
	fmt.Println(len(batch))
	work()
	for _, m := range batch {
		check(m.AckSync())
	}
	_, err := pull.Fetch(1, nats.MaxWait(10*time.Millisecond))
	fmt.Println(err != nil)
	work() // for nobody
	done := make(chan bool)
	tries := 0
	must(js.Subscribe("jobs.pushed", func(m *nats.Msg) {
		show(m.Subject, m.Data, m.Header.Get("mine"))
		if tries++; tries == 1 {
			check(m.Nak())
			return
		}
		work()
		check(m.Ack())
		done <- true
	}, nats.Durable("pusher"), nats.ManualAck()))
	must(js.PublishMsg(message("jobs.pushed", "again")))
	<-done

	// The second one.
	second := must(jetstream.New(c))
	ctx, cancel := context.WithTimeout(bg, soon)
	defer cancel()
	s := must(second.CreateStream(ctx, jetstream.StreamConfig{Name: "PARTS", Subjects: []string{"parts"}}))
	consumer := must(s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{Durable: "parter", AckPolicy: jetstream.AckExplicitPolicy}))
	for range 6 {
		must(second.PublishMsg(ctx, message("parts", "part")))
	}
	handle := func(m jetstream.Msg) {
		show(m.Subject(), m.Data(), m.Headers().Get("mine"))
		work()
		check(m.Ack())
	}
	handle(must(consumer.Next()))
	for m := range must(consumer.Fetch(2)).Messages() {
		handle(m)
	}
	work() // for nobody
	iter := must(consumer.Messages(jetstream.PullMaxMessages(1)))
	handle(must(iter.Next()))
	handle(must(iter.Next()))
	iter.Stop()
	_, err = iter.Next()
	fmt.Println(err != nil)
	work() // for nobody
	consuming := must(consumer.Consume(func(m jetstream.Msg) {
		show(m.Subject(), m.Data(), m.Headers().Get("mine"))
		work()
		check(m.Term())
		done <- true
	}))
	<-done
	consuming.Stop()
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()
	dir := must(os.MkdirTemp("", "nats"))
	defer os.RemoveAll(dir)
	c, stop := connect(dir)
	core(c)
	stream(c)

	// In a request taking a message is a step.
	asked := must(c.SubscribeSync("step"))
	check(c.PublishMsg(message("step", "one")))
	check(c.Flush())
	mux.HandleFunc("/next", func(http.ResponseWriter, *http.Request) {
		m := must(asked.NextMsg(soon))
		show(m.Subject, m.Data, m.Header.Get("mine"))
		work()
	})
	resp, err := http.Get(web.URL + "/next")
	check(err)
	resp.Body.Close()
	stop()

	// A server that has no headers.
	c, stop = connect("plain", nats.CustomInboxPrefix("_PRIVATE"))
	must(c.Subscribe("old", func(m *nats.Msg) { work(); check(m.Respond([]byte("yes"))) }))
	fmt.Println(string(must(c.Request("old", nil, soon)).Data))
	stop()
}
