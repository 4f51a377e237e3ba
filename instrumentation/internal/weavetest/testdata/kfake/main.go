// Command kfake is a Kafka broker in memory, for one program: it prints its address, and ends when its input does.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	// The topics to have, each with one partition, so that messages have an order.
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, os.Args[1:]...))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(strings.Join(c.ListenAddrs(), ","))
	io.Copy(io.Discard, os.Stdin)
}
