package storefront_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/shop/inventory"
	"example.com/shop/storefront"
)

func TestHandler(t *testing.T) {
	store, err := inventory.Open(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.Put(context.Background(),
		inventory.Item{SKU: "cup", Name: "Cup", Cents: 700, Stock: 5},
		inventory.Item{SKU: "urn", Name: "Urn", Cents: 9900, Stock: 0})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(inventory.Handler(store))
	defer server.Close()
	handler := storefront.Handler(storefront.NewClient(server.URL))
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/catalog", "", 200, `[{"sku":"cup","name":"Cup","cents":700,"stock":5}]`},
		{"POST", "/orders", `{"lines":[{"sku":"cup","quantity":3}]}`, 201, `"number":1,"lines":[{"sku":"cup","quantity":3}],"cents":2100`},
		{"POST", "/orders", `{"lines":[{"sku":"cup","quantity":3}]}`, 409, "out of stock: cup, 2 left"},
		{"POST", "/orders", `{"lines":[{"sku":"jug","quantity":1}]}`, 404, "unknown item: jug"},
		{"POST", "/orders", `{}`, 400, "an order needs lines"},
	} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %s", c.method, c.path, recorder.Code, recorder.Body)
		}
	}
	server.Close()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/catalog", nil))
	if recorder.Code != 502 {
		t.Errorf("without an inventory: got %d %s", recorder.Code, recorder.Body)
	}
}
