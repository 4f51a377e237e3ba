package storefront

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestClientReportsRefusals(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of stock: cup, 0 left\nmore", http.StatusConflict)
	}))
	defer server.Close()
	err := NewClient(server.URL+"/").Reserve(context.Background(), Line{SKU: "cup", Quantity: 1})
	var refused *StatusError
	if !errors.As(err, &refused) || refused.Status != 409 || refused.Message != "out of stock: cup, 0 left" {
		t.Fatalf("got %v", err)
	}
}
