// Command server answers HTTP requests, one of them from a PostgreSQL database.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		slog.Error("cannot open the database", "error", err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		var sku string
		if err := db.QueryRowContext(r.Context(), "SELECT sku FROM orders WHERE id = $1", r.PathValue("id")).Scan(&sku); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"sku": sku})
	})
	slog.Error("stopped", "error", http.ListenAndServe(os.Getenv("ADDRESS"), mux))
}
