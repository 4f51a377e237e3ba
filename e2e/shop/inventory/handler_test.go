package inventory_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/shop/inventory"
)

func TestHandler(t *testing.T) {
	store, err := inventory.Open(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Put(context.Background(), inventory.Item{SKU: "cup", Name: "Cup", Cents: 700, Stock: 5}); err != nil {
		t.Fatal(err)
	}
	handler := inventory.Handler(store)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/items", "", 200, `[{"sku":"cup","name":"Cup","cents":700,"stock":5}]`},
		{"GET", "/items/cup", "", 200, `{"sku":"cup","name":"Cup","cents":700,"stock":5}`},
		{"GET", "/items/saucer", "", 404, "unknown item: saucer"},
		{"POST", "/reservations", `{"sku":"cup","quantity":4}`, 201, `"left":1`},
		{"POST", "/reservations", `{"sku":"cup","quantity":4}`, 409, "out of stock: cup, 1 left"},
		{"POST", "/reservations", `{"sku":"cup","quantity":-1}`, 400, "quantity must be positive"},
		{"POST", "/reservations", `cup`, 400, "bad request"},
		{"DELETE", "/items/cup", "", 405, "Method Not Allowed"},
	} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %s", c.method, c.path, recorder.Code, recorder.Body)
		}
	}
}

func TestHandlerHidesDatabaseErrors(t *testing.T) {
	store, err := inventory.Open(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	inventory.Handler(store).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/items", nil))
	if recorder.Code != 500 || strings.Contains(recorder.Body.String(), "sql") {
		t.Fatalf("got %d %s", recorder.Code, recorder.Body)
	}
}
