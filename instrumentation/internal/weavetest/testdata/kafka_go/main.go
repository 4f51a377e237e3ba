// Command kafka_go sends messages and takes them in all ways that the library has for it. The broker is a program of its own.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
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

func writer(topic string) *kafka.Writer {
	return &kafka.Writer{Addr: kafka.TCP(address), Topic: topic, BatchTimeout: time.Millisecond, MaxAttempts: 1}
}

func reader(topic, group string) *kafka.Reader {
	return kafka.NewReader(kafka.ReaderConfig{Brokers: []string{address}, Topic: topic, GroupID: group, MaxWait: 50 * time.Millisecond, StartOffset: kafka.FirstOffset})
}

func send(w *kafka.Writer, values ...string) {
	var all []kafka.Message
	for _, v := range values {
		all = append(all, kafka.Message{Key: []byte("secret key"), Value: []byte("secret " + v), Headers: []kafka.Header{{Key: "mine", Value: []byte("kept")}}})
	}
	if err := w.WriteMessages(bg, all...); err != nil {
		log.Fatal(err)
	}
	for _, m := range all {
		if len(m.Headers) != 1 {
			fmt.Println("the program's message has changed")
		}
	}
}

// produce sends a message past the writer.
func produce(topic string, headers []kafka.Header) error {
	_, err := (&kafka.Client{Addr: kafka.TCP(address)}).Produce(bg, &kafka.ProduceRequest{Topic: topic, RequiredAcks: kafka.RequireOne,
		Records: kafka.NewRecordReader(kafka.Record{Value: kafka.NewBytes([]byte("odd")), Headers: headers})})
	return err
}

// work is what is done with a message, by functions that are given nothing of it.
func work() {
	resp, err := http.Get(web.URL + "/work")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

func show(m kafka.Message, err error) {
	if err != nil {
		fmt.Println("error", errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF))
		return
	}
	mine := ""
	for _, h := range m.Headers {
		if h.Key == "mine" {
			mine += string(h.Value)
		}
	}
	fmt.Println(m.Topic, m.Partition, m.Offset, string(m.Value), mine)
}

func main() {
	stop := broker("orders", "shipped", "batches", "odd", "left", "asked", "last")
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()

	// From topic to topic.
	orders, shipped := writer("orders"), writer("shipped")
	send(orders, "one")
	send(orders, "two")
	from := reader("orders", "packers")
	for range 2 {
		m, err := from.ReadMessage(bg)
		show(m, err)
		work()
		send(shipped, "of "+string(m.Value))
	}
	late, cancel := context.WithTimeout(bg, 100*time.Millisecond)
	show(from.ReadMessage(late))
	cancel()
	work() // for nobody
	from.Close()
	show(from.FetchMessage(bg))
	to := reader("shipped", "")
	for range 2 {
		show(to.FetchMessage(bg))
		work()
	}
	to.Close()
	work() // for nobody

	// A batch, of which all is settled together.
	send(writer("batches"), "one", "two", "three")
	batches := reader("batches", "batchers")
	var all []kafka.Message
	for range 3 {
		m, err := batches.FetchMessage(bg)
		show(m, err)
		all = append(all, m)
	}
	work()
	if err := batches.CommitMessages(bg, all...); err != nil {
		log.Fatal(err)
	}
	batches.Close()

	// Headers of anybody.
	odd := writer("odd")
	for _, headers := range [][]kafka.Header{
		{{Key: "traceparent", Value: []byte("\xff\xfe")}},
		{{Key: "traceparent", Value: []byte(strings.Repeat("0", 900_000))}},
		{{Key: "traceparent", Value: []byte("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01")}, {Key: "mine", Value: []byte("forwarded")}},
		{{Key: "\xff", Value: nil}, {Key: "baggage", Value: []byte("a=\xff;;;=")}},
	} {
		if err := produce("odd", headers); err != nil {
			log.Fatal(err)
		}
	}
	// A message as large as the writer takes has no room for more.
	full := kafka.Message{Value: make([]byte, 1000), Headers: []kafka.Header{{Key: "mine", Value: []byte("alone")}}}
	odd.BatchBytes = 1060
	fmt.Println(odd.WriteMessages(bg, full))
	fmt.Println(odd.WriteMessages(bg, kafka.Message{Value: make([]byte, 2000)}) != nil)
	odds := reader("odd", "")
	for range 5 {
		m, err := odds.FetchMessage(bg)
		fmt.Println(err, m.Offset, len(m.Headers) > 0)
		work()
	}
	odds.Close()

	// Errors.
	fmt.Println(writer("no such topic").WriteMessages(bg, kafka.Message{}) != nil)
	over, cancel := context.WithCancel(bg)
	cancel()
	fmt.Println(errors.Is(orders.WriteMessages(over, kafka.Message{}), context.Canceled))
	orders.Close()
	fmt.Println(orders.WriteMessages(bg, kafka.Message{}), orders.WriteMessages(bg) != nil, (&kafka.Writer{}).WriteMessages(bg, kafka.Message{}) != nil)

	// A goroutine that takes one message and ends, and one that hands it to another.
	left := writer("left")
	send(left, "one")
	send(left, "two")
	lefts := reader("left", "")
	var done sync.WaitGroup
	for range 2 {
		done.Add(1)
		go func() {
			defer done.Done()
			show(lefts.FetchMessage(bg))
			done.Add(1)
			began := make(chan bool)
			go func() { defer done.Done(); work(); close(began) }()
			<-began
		}()
		done.Wait()
	}
	lefts.Close()

	// In a request fetching is a step.
	send(writer("asked"), "one")
	asked := reader("asked", "")
	mux.HandleFunc("/next", func(http.ResponseWriter, *http.Request) {
		show(asked.FetchMessage(bg))
		work()
	})
	resp, err := http.Get(web.URL + "/next")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	asked.Close()

	// The program ends with the last message in its hands.
	send(writer("last"), "one")
	show(reader("last", "").FetchMessage(bg))
	work()
}
