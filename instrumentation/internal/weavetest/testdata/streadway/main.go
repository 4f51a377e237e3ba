// Command streadway publishes messages and takes them by the package that amqp091-go was made of.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/streadway/amqp"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	connection, err := amqp.Dial(os.Getenv("RABBITMQ"))
	check(err)
	ch, err := connection.Channel()
	check(err)
	for _, q := range []string{"orders", "shipped"} {
		_, err := ch.QueueDeclare(q, false, true, true, false, nil)
		check(err)
	}
	first := amqp.Publishing{Headers: amqp.Table{"mine": "kept"}, Body: []byte("secret one")}
	check(ch.Publish("", "orders", false, false, first))
	check(ch.Publish("", "orders", false, false, amqp.Publishing{Body: []byte("secret two")}))
	orders, err := ch.Consume("orders", "packer", false, false, false, false, nil)
	check(err)
	for range 2 {
		d := <-orders
		fmt.Println(string(d.Body), d.Headers["mine"])
		check(ch.Publish("", "shipped", false, false, onward(d)))
		check(d.Ack(false))
	}
	check(ch.Cancel("packer", false))
	<-orders
	for _, settle := range []func(amqp.Delivery) error{
		func(d amqp.Delivery) error { return d.Nack(false, false) },
		func(d amqp.Delivery) error { return d.Reject(false) },
	} {
		d, ok, err := ch.Get("shipped", false)
		fmt.Println(string(d.Body), d.Headers["mine"], ok, err)
		check(settle(d))
	}
	_, ok, err := ch.Get("shipped", true)
	fmt.Println(len(first.Headers), ok, err)
	connection.Close()
	fmt.Println(ch.Publish("", "orders", false, false, first))
}

// onward is the message that is sent on, with the headers that it came with.
func onward(d amqp.Delivery) amqp.Publishing {
	return amqp.Publishing{Headers: d.Headers, Body: d.Body}
}
