// Command nats_server is a NATS server for one program: it prints its address, and ends when its input does. Words: "plain" for one that
// knows no headers, and else the folder of JetStream.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func main() {
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}
	if os.Args[1] == "plain" {
		o.NoHeaderSupport = true
	} else {
		o.JetStream, o.StoreDir = true, os.Args[1]
	}
	s, err := server.NewServer(o)
	if err != nil {
		log.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		log.Fatal("the server does not start")
	}
	fmt.Println(s.ClientURL())
	io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
}
