// Command rueidis_byhand has spans by rueidisotel.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/redis/rueidis"
	"github.com/redis/rueidis/rueidisotel"
)

func main() {
	ctx := context.Background()
	c, err := rueidisotel.NewClient(rueidis.ClientOption{InitAddress: []string{os.Getenv("REDIS")}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		fmt.Println(c.Do(ctx, c.B().Set().Key("a").Value("b").Build()).Error())
		fmt.Println(c.DoMulti(ctx, c.B().Get().Key("a").Build(), c.B().Get().Key("a").Build())[1].Error())
	}
}
