package storefront

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
)

// Line is one line of an order.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Order is what a customer bought.
type Order struct {
	Number int64  `json:"number"`
	Lines  []Line `json:"lines"`
	Cents  int64  `json:"cents"`
}

// Handler serves the storefront:
//
//	GET  /catalog  the articles that are left
//	POST /orders   {"lines": [{"sku", "quantity"}]}: buys them
func Handler(inventory *Client) http.Handler {
	var orders atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /catalog", func(w http.ResponseWriter, r *http.Request) {
		articles, err := inventory.Articles(r.Context())
		if err != nil {
			fail(w, r, err)
			return
		}
		left := []Article{}
		for _, article := range articles {
			if article.Stock > 0 {
				left = append(left, article)
			}
		}
		reply(w, r, http.StatusOK, left)
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		var order Order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&order); err != nil || len(order.Lines) == 0 {
			http.Error(w, "an order needs lines", http.StatusBadRequest)
			return
		}
		order.Cents = 0
		for _, line := range order.Lines {
			article, err := inventory.Article(r.Context(), line.SKU)
			if err == nil {
				err = inventory.Reserve(r.Context(), line)
			}
			if err != nil {
				fail(w, r, err)
				return
			}
			order.Cents += article.Cents * line.Quantity
		}
		order.Number = orders.Add(1)
		slog.InfoContext(r.Context(), "ordered", "number", order.Number, "cents", order.Cents)
		reply(w, r, http.StatusCreated, order)
	})
	return mux
}

// fail passes on what the customer can do something about, and hides the rest.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	var refused *StatusError
	if errors.As(err, &refused) && refused.Status < 500 {
		http.Error(w, refused.Message, refused.Status)
		return
	}
	slog.ErrorContext(r.Context(), "inventory failed", "path", r.URL.Path, "error", err)
	http.Error(w, "the inventory does not answer", http.StatusBadGateway)
}

func reply(w http.ResponseWriter, r *http.Request, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.WarnContext(r.Context(), "reply not sent", "error", err)
	}
}
