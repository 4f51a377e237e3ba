// Command olivere calls a cluster by olivere/elastic.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/olivere/elastic/v7"
)

var ctx = context.Background()

func say(what string, err error) {
	if err != nil {
		fmt.Println(what, "fails", elastic.IsNotFound(err), elastic.IsConnErr(err))
		return
	}
	fmt.Println(what)
}

func main() {
	c, err := elastic.NewSimpleClient(elastic.SetURL(os.Getenv("ELASTICSEARCH")))
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Index().Index("orders").Id("1").BodyJson(map[string]string{"name": "secret"}).Do(ctx)
	say("index", err)
	_, err = c.Search("orders").Query(elastic.NewTermQuery("name", "secret")).Do(ctx)
	say("search", err)
	_, err = c.Get().Index("orders").Id("missing").Do(ctx)
	say("missing", err)
	_, err = c.Search("bad").Do(ctx)
	say("bad", err)
	nobody, err := elastic.NewSimpleClient(elastic.SetURL("http://127.0.0.1:1"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = nobody.Count("orders").Do(ctx)
	say("nobody", err)
}
