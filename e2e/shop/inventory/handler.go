package inventory

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
)

// Handler serves a store:
//
//	GET  /items         all articles
//	GET  /items/{sku}   one article
//	POST /reservations  {"sku", "quantity"}: takes it out of the stock
func Handler(store *Store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) {
		items, err := store.Items(r.Context())
		reply(w, r, http.StatusOK, items, err)
	})
	mux.HandleFunc("GET /items/{sku}", func(w http.ResponseWriter, r *http.Request) {
		item, err := store.Item(r.Context(), r.PathValue("sku"))
		reply(w, r, http.StatusOK, item, err)
	})
	mux.HandleFunc("POST /reservations", func(w http.ResponseWriter, r *http.Request) {
		var wanted Reservation
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&wanted); err != nil {
			http.Error(w, "bad request: "+err.Error(), http.StatusBadRequest)
			return
		}
		reservation, err := store.Reserve(r.Context(), wanted.SKU, wanted.Quantity)
		if err == nil {
			slog.InfoContext(r.Context(), "reserved", "sku", reservation.SKU, "quantity", reservation.Quantity, "left", reservation.Left)
		}
		reply(w, r, http.StatusCreated, reservation, err)
	})
	return mux
}

func reply(w http.ResponseWriter, r *http.Request, status int, value any, err error) {
	switch {
	case errors.Is(err, ErrUnknownItem):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, ErrOutOfStock):
		http.Error(w, err.Error(), http.StatusConflict)
	case errors.Is(err, ErrQuantity):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil:
		slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(value); err != nil {
			slog.WarnContext(r.Context(), "reply not sent", "error", err)
		}
	}
}
