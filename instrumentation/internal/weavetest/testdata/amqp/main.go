// Command amqp publishes messages and takes them in all ways that the library has for it.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

var (
	bg  = context.Background()
	web *httptest.Server
)

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
	must(http.Get(web.URL + "/work")).Body.Close()
}

func message(value string) amqp.Publishing {
	return amqp.Publishing{Headers: amqp.Table{"mine": "kept"}, Body: []byte("secret " + value)}
}

func show(d amqp.Delivery) {
	fmt.Println(d.Exchange, d.RoutingKey, string(d.Body), d.Headers["mine"], d.Redelivered)
}

func main() {
	connection := must(amqp.Dial(os.Getenv("RABBITMQ")))
	ch := must(connection.Channel())
	for _, q := range []string{"orders", "shipped", "got", "odd", "selected", "asked", "last"} {
		must(ch.QueueDeclare(q, false, true, true, false, nil))
	}
	check(ch.ExchangeDeclare("events", "topic", false, true, false, false, nil))
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()

	// From queue to queue, in all ways to publish.
	first := message("one")
	check(ch.PublishWithContext(bg, "", "orders", false, false, first))
	if len(first.Headers) != 1 {
		fmt.Println("the program's message has changed")
	}
	check(ch.Publish("", "orders", false, false, message("two")))
	must(ch.PublishWithDeferredConfirmWithContext(bg, "", "orders", false, false, message("three")))
	must(ch.PublishWithDeferredConfirm("", "orders", false, false, amqp.Publishing{Body: []byte("secret four")}))
	orders := must(ch.Consume("orders", "packer", false, false, false, false, nil))
	n := 0
	for d := range orders {
		show(d)
		work()
		check(ch.PublishWithContext(bg, "", "shipped", false, false, message("of "+string(d.Body))))
		check(d.Ack(false))
		if n++; n == 4 {
			break
		}
	}
	check(ch.Cancel("packer", false))
	if _, open := <-orders; open {
		log.Fatal("there is one more")
	}
	work() // for nobody

	// By a select, in a goroutine that ends; refused once, and then again.
	shipped := must(ch.Consume("shipped", "", false, false, false, false, nil))
	var done sync.WaitGroup
	for range 4 {
		done.Add(1)
		go func() {
			defer done.Done()
			select {
			case d := <-shipped:
				show(d)
				work()
				check(d.Ack(false))
			case <-time.After(10 * time.Second):
				log.Fatal("nothing has come")
			}
		}()
		done.Wait()
	}
	check(ch.Publish("", "shipped", false, false, message("again")))
	for _, refuse := range []func(amqp.Delivery) error{
		func(d amqp.Delivery) error { return d.Nack(false, true) },
		func(d amqp.Delivery) error { return d.Reject(false) },
	} {
		d, open := <-shipped
		fmt.Println(open)
		show(d)
		check(refuse(d))
	}
	select {
	case <-shipped:
		log.Fatal("there is one more")
	case <-time.After(100 * time.Millisecond):
	}
	work() // for nobody

	// With confirms, by an exchange, and one at a time.
	check(ch.QueueBind("got", "made.#", "events", false, nil))
	check(ch.Confirm(false))
	confirmed := must(ch.PublishWithDeferredConfirmWithContext(bg, "events", "made.toys", false, false, message("confirmed")))
	fmt.Println(confirmed.Wait())
	d, ok, err := ch.Get("got", true)
	fmt.Println(ok, err)
	show(d)
	work()
	_, ok, err = ch.Get("got", true)
	fmt.Println(ok, err)
	work() // for nobody

	// Headers of anybody, past what is woven where the message has none to be replaced.
	for _, headers := range []amqp.Table{
		{"traceparent": "\xff", "mine": "one"},
		{"traceparent": strings.Repeat("0", 10_000), "mine": "two"},
		{"traceparent": int32(7), "baggage": "a=\xff;;=", "mine": "three"},
	} {
		check(ch.Publish("", "odd", false, false, amqp.Publishing{Headers: headers}))
	}
	odd := must(ch.Consume("odd", "odd", true, false, false, false, nil))
	for range 3 {
		show(<-odd)
		work()
	}
	check(ch.Cancel("odd", false))
	<-odd
	<-odd // a value of nobody's

	// Errors.
	fmt.Println(ch.Publish("", "odd", false, false, amqp.Publishing{Headers: amqp.Table{"mine": struct{}{}}}) != nil)

	// In a request getting is a step.
	check(ch.Publish("", "asked", false, false, message("one")))
	check(ch.Publish("", "asked", false, false, message("two")))
	asked := must(ch.Consume("asked", "asker", true, false, false, false, nil))
	mux.HandleFunc("/next", func(http.ResponseWriter, *http.Request) {
		show(<-asked)
		work()
	})
	must(http.Get(web.URL + "/next")).Body.Close()
	show(<-asked)
	closed := must(connection.Channel())
	check(closed.Close())
	fmt.Println(closed.Publish("", "odd", false, false, message("too late")) != nil)

	// The program ends with the last message in its hands.
	check(ch.Publish("", "last", false, false, message("one")))
	show(<-must(ch.Consume("last", "", true, false, false, false, nil)))
	work()
	connection.Close()
}
