// Command shopper is a customer: it places an order at the storefront and prints what it paid.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"example.com/shop/storefront"
)

func main() {
	shop := flag.String("storefront", "http://127.0.0.1:8080", "base URL of the storefront")
	sku := flag.String("sku", "kettle", "what to buy")
	quantity := flag.Int64("quantity", 1, "how many")
	catalog := flag.Bool("catalog", false, "list the catalog and buy nothing")
	flag.Parse()

	client := &http.Client{Timeout: 30 * time.Second}
	base := strings.TrimSuffix(*shop, "/")
	var err error
	if *catalog {
		err = list(client, base)
	} else {
		err = buy(client, base, storefront.Line{SKU: *sku, Quantity: *quantity})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shopper:", err)
		os.Exit(1)
	}
}

func list(client *http.Client, base string) error {
	response, err := client.Get(base + "/catalog")
	if err != nil {
		return err
	}
	var articles []storefront.Article
	if err := read(response, http.StatusOK, &articles); err != nil {
		return err
	}
	for _, article := range articles {
		fmt.Printf("%-10s %-10s %8.2f %6d left\n", article.SKU, article.Name, float64(article.Cents)/100, article.Stock)
	}
	return nil
}

func buy(client *http.Client, base string, line storefront.Line) error {
	text, err := json.Marshal(storefront.Order{Lines: []storefront.Line{line}})
	if err != nil {
		return err
	}
	response, err := client.Post(base+"/orders", "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	var order storefront.Order
	if err := read(response, http.StatusCreated, &order); err != nil {
		return err
	}
	fmt.Printf("order %d: %d of %s for %.2f\n", order.Number, line.Quantity, line.SKU, float64(order.Cents)/100)
	return nil
}

// read takes the whole answer, so that the connection can be used again.
func read(response *http.Response, want int, value any) error {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != want {
		return fmt.Errorf("the storefront answered %s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return json.Unmarshal(body, value)
}
